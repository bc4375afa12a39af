private import MendflowText

/// What the name before a value says of the value: `password=`, `Authorization:`, `Bearer`.
enum SecretName: Equatable {
    /// Nothing that is known.
    case none
    /// The value behind it is a secret.
    case value
    /// The value behind it is one where it has so many bytes, with letters and digits.
    case weak(least: Int)
    /// The value behind it is one where it looks like no word and no error's code.
    case code
    /// The value behind it is one where letters and digits stand in it in a long row.
    case dense
    /// The rest of the line is one: headers have blanks and semicolons inside.
    case header
    /// The next word is one.
    case scheme
    /// A command that takes secrets behind options of its own: its place among those that are known.
    case command(Int)
}

/// Recognises telling names in one pass over a word: a finite automaton over its letters (Aho and Corasick), made once.
///
/// Letters of either case are one, and `_` and `-` are not there: `X-Api_Key` reads as `xapikey`.
struct SecretNames: Sendable {
    /// The automaton of the names that are known.
    static let known = SecretNames()

    /// What has been seen where a word, or the whole word, ends in a state.
    private struct Sight: OptionSet {
        let rawValue: UInt8
        static let part = Sight(rawValue: 1)
        static let header = Sight(rawValue: 2)
        static let token = Sight(rawValue: 4)
        static let weak = Sight(rawValue: 8)
    }

    /// 26 letters, and everything else.
    private static let classes = 27
    /// The next state by state and class.
    private var next: [UInt16] = Array(repeating: 0, count: classes)
    /// What ends in a state.
    private var ends: [Sight] = [[]]
    /// The name that a state is the whole of: how many letters it has, and what it says.
    private var names: [(count: Int, says: Whole)] = [(0, .nothing)]

    /// What a word says that is one of the names and nothing more.
    private enum Whole: Equatable { case nothing, value, scheme, key, auth, code, weak(Int), command(Int) }

    private init() {
        for name in SecretWords.schemes { add(name, .scheme) }
        for name in SecretWords.whole { add(name, .value) }
        add("key", .key)
        add("passe", .key)
        add("auth", .auth)
        add(SecretWords.code, .code)
        for (name, least) in SecretWords.weak { add(name, .weak(least)) }
        for (index, command) in SecretWords.commands.enumerated() { add(command.name, .command(index)) }
        for name in SecretWords.headers { ends[add(name)].insert(.header) }
        for name in SecretWords.parts { ends[add(name)].insert(.part) }
        for name in SecretWords.lastParts { ends[add(name)].insert(.token) }
        ends[add(SecretWords.weakLast.name)].insert(.weak)
        connect()
    }

    @discardableResult
    private mutating func add(_ name: String, _ says: Whole = .nothing) -> Int {
        var state = 0
        for letter in name.utf8 {
            let place = state * SecretNames.classes + SecretNames.class(of: letter)
            if next[place] == 0 {
                next[place] = UInt16(ends.count)
                next += Array(repeating: 0, count: SecretNames.classes)
                ends.append([])
                names.append((0, .nothing))
            }
            state = Int(next[place])
        }
        if says != .nothing { names[state] = (name.utf8.count, says) }
        return state
    }

    /// Where a state knows no way on, it goes on as the longest end of what was read that is a beginning of a name.
    private mutating func connect() {
        var fallback = Array(repeating: 0, count: ends.count)
        var queue = (0..<SecretNames.classes).map { Int(next[$0]) }.filter { $0 != 0 }
        var place = 0
        while place < queue.count {
            let state = queue[place]
            place += 1
            ends[state].formUnion(ends[fallback[state]])
            for letter in 0..<SecretNames.classes {
                let onward = Int(next[fallback[state] * SecretNames.classes + letter])
                let child = Int(next[state * SecretNames.classes + letter])
                if child == 0 {
                    next[state * SecretNames.classes + letter] = UInt16(onward)
                } else {
                    fallback[child] = onward
                    queue.append(child)
                }
            }
        }
    }

    private static func `class`(of byte: UInt8) -> Int {
        let letter = (byte | 0x20) &- UInt8(ascii: "a")
        return letter < 26 ? Int(letter) : 26
    }

    /// What a word says; `isInQuery` where it stands behind `?` or `&`, `isQualified` asks whether a word like `api` stands
    /// before it.
    func kind(of word: ArraySlice<UInt8>, isInQuery: Bool, isQualified: () -> Bool) -> SecretName {
        guard (2...64).contains(word.count) else { return .none }
        var state = 0
        var count = 0
        var sight: Sight = []
        for byte in word where byte != UInt8(ascii: "_") && byte != UInt8(ascii: "-") {
            count += 1
            state = Int(next[state * SecretNames.classes + SecretNames.class(of: byte)])
            sight.formUnion(ends[state])
        }
        let says = names[state].count == count ? names[state].says : .nothing
        if says == .scheme { return .scheme }
        if case .command(let index) = says { return .command(index) }
        if ends[state].contains(.header) { return .header }
        if sight.contains(.part) || ends[state].contains(.token) || says == .value { return .value }
        switch says {
        // `key` and `auth` are ordinary words but in a query.
        case .key: return isInQuery || isQualified() ? .value : .none
        case .auth: return isInQuery ? .value : .weak(least: 16)
        case .weak(let least): return .weak(least: least)
        case .code: return .code
        default: return ends[state].contains(.weak) ? .weak(least: SecretWords.weakLast.least) : .none
        }
    }
}
