/// Finds the few rules that can match an error, so that not all of them need be tried.
///
/// Each rule is filed under one of the parts that it names and can be looked up by; a rule that names none of them can
/// always match. A rule that is found may still not match; one that is not found cannot.
struct ErrorRuleIndex: Sendable {
    private var always: [Int] = []
    private var withoutError: [Int] = []
    private var causes: [String: [Int]] = [:]
    private var codes = WordIndex()
    private var names = WordIndex()
    private var texts = LiteralFinder()
    private let count: Int

    init(_ rules: [ErrorRule]) {
        count = rules.count
        for (place, rule) in rules.enumerated() { file(rule, at: place) }
    }

    private mutating func file(_ rule: ErrorRule, at place: Int) {
        if rule.withoutError {
            withoutError.append(place)
        } else if let cause = rule.cause {
            causes[cause, default: []].append(place)
        } else if let literals = rule.text?.requiredLiterals {
            for literal in literals { texts.add(literal, owner: place) }
        } else if codes.file(rule.httpCodes, at: place) || names.file(rule.names, at: place) {
            return
        } else {
            always.append(place)
        }
    }

    /// The places of the rules that can match, in order.
    func candidates(for failure: ClassifiedFailure) -> [Int] {
        guard let error = failure.detail.error else { return withoutError }
        var found = always
        if let cause = error.cause, let places = causes[cause] { found += places }
        for code in failure.codes { codes.find(code, into: &found) }
        if let name = error.name { names.find(name, into: &found) }
        // A text without names holds no words that the whole one does not, but may join some.
        for text in failure.texts + failure.spoken.filter({ !failure.texts.contains($0) }) {
            guard find(text, &found) else { return Array(0..<count) }
        }
        found.sort()
        return found
    }

    /// False where a letter in it is one of ASCII's in another case, by Unicode's rules: the long s and the Kelvin sign.
    private func find(_ text: String, _ found: inout [Int]) -> Bool {
        let bytes = text.utf8.span
        texts.owners(in: bytes, into: &found)
        for index in bytes.indices where bytes[index] >= 0x80 && index + 1 < bytes.count {
            if bytes[index] == 0xC5, bytes[index + 1] == 0xBF { return false }
            if bytes[index] == 0xE2, bytes[index + 1] == 0x84 { return false }
        }
        return true
    }
}

/// Patterns of whole words by their first bytes.
private struct WordIndex: Sendable {
    private var byFirst: [UInt8: [Int]] = [:]
    private var all: [Int] = []

    /// Files a rule under its patterns; false where one of them may begin with anything, or there are none.
    mutating func file(_ patterns: [TextMatch], at place: Int) -> Bool {
        var firsts: Set<UInt8> = []
        for pattern in patterns {
            guard let first = pattern.firstByte else { return false }
            firsts.insert(first)
        }
        guard !firsts.isEmpty else { return false }
        for first in firsts { byFirst[first, default: []].append(place) }
        all.append(place)
        return true
    }

    /// The rules whose patterns can match a word.
    func find(_ word: String, into found: inout [Int]) {
        // Texts that Unicode takes for equal may begin with different bytes.
        guard let first = word.utf8.first, word.utf8.allSatisfy({ $0 < 0x80 }) else {
            found += all
            return
        }
        if let places = byFirst[first] { found += places }
    }
}

extension TextMatch {
    /// The byte that every ASCII text begins with that matches; nil where there is none, or it is not told.
    fileprivate var firstByte: UInt8? {
        let bytes = source.utf8
        guard let first = bytes.first, bytes.allSatisfy({ $0 < 0x80 }) else { return nil }
        switch self {
        case .wildcard: return first == UInt8(ascii: "*") ? nil : first
        case .glob: return [UInt8](("*?[\\").utf8).contains(first) ? nil : first
        case .expression, .contains: return nil
        }
    }

    /// Literals of which one must stand in a text that matches; nil where none can be told.
    fileprivate var requiredLiterals: [[UInt8]]? {
        switch self {
        case .expression(let pattern): RequiredLiterals.of(pattern.source)
        case .contains(let part):
            part.utf8.count < RequiredLiterals.shortest ? nil : [part.utf8.map(RequiredLiterals.small)]
        case .wildcard, .glob: nil
        }
    }
}
