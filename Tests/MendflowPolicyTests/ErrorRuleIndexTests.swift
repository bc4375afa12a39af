import MendflowCore
import MendflowPolicy
import MendflowTestKit
import Testing

@testable import struct MendflowCore.RequiredLiterals

/// Makes errors, and texts, of the words that the rules look for.
private struct ErrorMaker {
    private static let texts: [String] = ErrorRuleTable.builtIn.compactMap(\.text).flatMap { source in
        // What is left of a pattern without its signs, and its branches one by one.
        source.replacing("(?i:", with: "").replacing("(?:", with: "").replacing("\\b", with: "")
            .replacing("\\.", with: ".").replacing("\\d", with: "5").replacing(".*", with: " x ")
            .split { "()|^$?*+[]".contains($0) }.map(String.init)
    }
    private static let codes = ErrorRuleTable.builtIn.flatMap(\.codes).map {
        $0.replacing("[0-9]", with: "7").replacing("[0-7]", with: "3").replacing("*", with: "X")
    }
    private static let names = ErrorRuleTable.builtIn.flatMap(\.names).map { $0.replacing("*", with: "My") }
    private static let causes = ErrorRuleTable.builtIn.compactMap(\.cause)

    private var random: SplitMix64

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &random) }
    private mutating func pick(_ items: [String]) -> String { items[below(items.count)] }
    private mutating func maybe(_ items: [String], oneIn: Int) -> String? { below(oneIn) == 0 ? pick(items) : nil }

    mutating func text() -> String {
        var text = (0..<below(3) + 1).map { _ in
            pick(below(4) == 0 ? ["of", "größer", "503", "task", "x - "] : Self.texts)
        }
        .joined(separator: pick(["", " ", " "]))
        // Cases of letters that only Unicode knows, and those that everybody does.
        switch below(12) {
        case 0: text = text.replacing("s", with: "ſ")
        case 1: text = text.replacing("k", with: "\u{212A}")
        case 2: text = text.uppercased()
        case 3: text = text.lowercased()
        default: break
        }
        return text
    }

    mutating func error() -> ErrorEvidence {
        ErrorEvidence(
            name: maybe(Self.names, oneIn: 4), message: below(4) == 0 ? nil : text(),
            description: below(3) == 0 ? text() : nil, httpCode: maybe(Self.codes + ["", "\u{212A}", "999"], oneIn: 3),
            cause: maybe(Self.causes, oneIn: 12), messages: (0..<below(3)).map { _ in text() })
    }
}

@Suite("The index of error rules")
struct ErrorRuleIndexTests {
    private static let user = [
        ErrorRule(id: "user-contains", .quota, text: .contains("PerDay")),
        ErrorRule(id: "user-word", .data, text: .wildcard("*offline*")),
        ErrorRule(id: "user-code", .auth, httpCodes: [.glob("?0[19]"), .wildcard("K*")]),
        ErrorRule(id: "user-node", .configuration, nodeTypes: [.wildcard("*.erp")]),
        ErrorRule(id: "user-two", .conflict, httpCodes: [.wildcard("409")], text: .contains("exists")),
    ]

    private func inOrder(_ rules: [ErrorRule], _ detail: ExecutionDetail) -> Fact<Classification> {
        for rule in rules
        where rule.matches(detail) {
            return .known(Classification(rule.errorClass, ruleID: rule.id))
        }
        return detail.error != nil ? .known(.unmatched) : .unknown
    }

    @Test("finds the rule that trying all of them in order finds, of errors made of the rules' own words")
    func sameRule() throws {
        let patterns = [
            "(?i)tasK", "x{2,3}y|per day", "[[:alpha:]]+ gateway", "(?P<a>one|aborted) ", "\\Qa.b\\E", "größe",
        ]
        let written = try patterns.enumerated().map { number, source in
            ErrorRule(id: "user-\(number)", .transient, text: .expression(try RegularExpression(source)))
        }
        let builtIn = try BuiltInRules.classifier().rules
        for rules in [builtIn, Self.user + builtIn, written + builtIn] {
            let classifier = ErrorClassifier(rules: rules)
            var found: Set<String> = []
            for seed in 0..<(TestScale.isFull ? 6000 : 300) {
                var maker = ErrorMaker(seed: UInt64(seed))
                let type = maker.below(20) == 0 ? "n8n-nodes-base.stopAndError" : "n8n-nodes-base.erp"
                let detail = ExecutionDetail(
                    status: maker.below(5) == 0 ? .crashed : .error, error: maker.below(50) == 0 ? nil : maker.error(),
                    lastNode: maker.below(3) == 0 ? NodeEvidence(name: "Node", type: type) : nil)
                let result = classifier.classify(status: detail.status, detail: detail)
                #expect(result == inOrder(rules, detail), "seed \(seed): \(detail)")
                if case .known(let classification) = result { found.insert(classification.ruleID) }
            }
            #expect(found.count > 80, "\(found.count) rules were found")
        }
    }

    @Test("every built-in rule that looks for words is looked up by them")
    func lookedUp() {
        for rule in ErrorRuleTable.builtIn {
            guard let text = rule.text, rule.codes.isEmpty else { continue }
            #expect(RequiredLiterals.of(text) != nil, "\(rule.id)")
        }
    }

    @Test("leaves out no rule whose expression matches: a literal that is required stands in all that RE2 matches")
    func literals() throws {
        let atoms = [
            "a", "b", "c", "A", "abc", "bca", "[ab]", "[^a]", ".", "\\b", "\\.", "^", "$", "\\w", "(?:abc|b)",
            "(a|bcb)",
        ]
        let repeats = ["", "", "", "", "*", "+", "?", "+?"]
        var matches = 0
        for seed in 0..<(TestScale.isFull ? 50_000 : 10_000) {
            var random = SplitMix64(seed: UInt64(seed))
            func pick(_ items: [String]) -> String { items[Int.random(in: 0..<items.count, using: &random)] }
            func sequence() -> String {
                (0..<Int.random(in: 1...4, using: &random)).map { _ in pick(atoms) + pick(repeats) }.joined()
            }
            let source = (0..<Int.random(in: 1...2, using: &random)).map { _ in sequence() }.joined(separator: "|")
            let text = (0..<Int.random(in: 0...14, using: &random)).map { _ in pick(["a", "b", "c", ".", "abc", "bca"])
            }.joined()
            guard let pattern = try? RegularExpression(source, caseSensitive: false), pattern.matches(text),
                let literals = RequiredLiterals.of(source)
            else { continue }
            matches += 1
            let isThere = literals.contains { text.contains(String(decoding: $0, as: UTF8.self)) }
            #expect(isThere, "seed \(seed): \(source) matches \(text) without \(literals)")
        }
        #expect(matches > 300)
    }
}
