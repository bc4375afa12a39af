import MendflowCore
import Testing

@Suite("Comparing texts")
struct TextMatchTests {
    @Test("a bare name is literal but for its star: brackets mean themselves")
    func wildcard() {
        let name = TextMatch.wildcard("[PROD] Sync")
        #expect(name.isLiteral && name.matches("[PROD] Sync"))
        #expect(!name.matches("P Sync") && !name.matches("[PROD] Sync 2"))
        let star = TextMatch.wildcard("[PROD] *sync?")
        #expect(!star.isLiteral && star.matches("[PROD] order sync?") && star.matches("[PROD] sync?"))
        #expect(!star.matches("[PROD] order syncs") && !star.matches("P order sync?"))
        #expect(TextMatch.wildcard("*").matches(""))
        #expect(!TextMatch.wildcard("").matches("a") && TextMatch.wildcard("").matches(""))
    }

    @Test(
        "globs know stars, question marks, sets and escapes, and match the whole text",
        arguments: [
            ("*.stripe", "n8n-nodes-base.stripe", true), ("*.stripe", "n8n-nodes-base.stripeTrigger", false),
            ("a?c", "abc", true), ("a?c", "ac", false), ("[a-c]x", "bx", true), ("[a-c]x", "dx", false),
            ("[!a-c]x", "dx", true), ("[!a-c]x", "ax", false), ("[]]x", "]x", true), ("\\[a\\]", "[a]", true),
            ("\\*", "*", true), ("\\*", "a", false), ("[a", "[a", true), ("a*b*c", "a1b2b3c", true),
            ("a*b*c", "a1c2b", false), ("**", "", true), ("", "", true), ("?", "é", true),
        ])
    func glob(pattern: String, text: String, matches: Bool) {
        #expect(TextMatch.glob(pattern).matches(text) == matches)
    }

    @Test("a part is found anywhere, by its bytes")
    func contains() {
        #expect(TextMatch.contains("429").matches("got 429 twice"))
        #expect(TextMatch.contains("").matches("") && TextMatch.contains("b").matches("ab"))
        #expect(!TextMatch.contains("abc").matches("ab"))
        #expect(TextMatch.contains("aab").matches("aaab"))
    }

    @Test("many stars do not make matching slow")
    func linear() {
        let pattern = String(repeating: "a*", count: 40) + "b"
        #expect(!TextMatch.wildcard(pattern).matches(String(repeating: "a", count: 20_000)))
    }
}

@Suite("Three values, and facts that are missing")
struct TernaryTests {
    private static let values: [Ternary] = [.yes, .no, .unknown]

    @Test("AND, OR and NOT are Kleene's")
    func kleene() {
        func rank(_ value: Ternary) -> Int { value == .no ? 0 : value == .unknown ? 1 : 2 }
        for one in Self.values {
            #expect(rank(one.negated) == 2 - rank(one))
            for other in Self.values {
                #expect(rank(one.and(other)) == min(rank(one), rank(other)))
                #expect(rank(one.or(other)) == max(rank(one), rank(other)))
            }
        }
    }

    @Test("a fact that was not fetched stays `needs` unless it cannot matter")
    func needs() {
        #expect(Ternary.needs.negated == .needs)
        #expect(Ternary.needs.and(.no) == .no && Ternary.no.and(.needs) == .no)
        #expect(Ternary.needs.or(.yes) == .yes && Ternary.yes.or(.needs) == .yes)
        for other in [Ternary.yes, .unknown, .needs] { #expect(Ternary.needs.and(other) == .needs) }
        for other in [Ternary.no, .unknown, .needs] { #expect(Ternary.needs.or(other) == .needs) }
    }
}

@Suite("Operators")
struct OperatorTests {
    static let every: [FieldOperator] = [
        .anyOf([.wildcard("*")]), .anyOf([.glob("*")]), .anyOf([.contains("")]), .noneOf([.wildcard("a")]),
        .noneOf([]), .number(.gt, -1), .number(.gte, 0), .number(.lt, .max), .number(.lte, .max), .numberIn([0]),
        .numberNotIn([]), .period(.gt, Period(milliseconds: .min)), .period(.lt, Period(milliseconds: .max)),
        .between(nil, nil), .flag(true), .flag(false), .exists(true), .exists(false),
    ]

    @Test("nothing holds for what is unknown, and only `exists: false` for what is known to be absent")
    func missing() {
        for operation in Self.every {
            #expect(operation.verdict(on: .unknown) == .unknown)
            #expect(operation.verdict(on: .needs(.detail("1"))) == .needs)
            #expect(operation.verdict(on: .absent) == (operation == .exists(false) ? .yes : .no))
        }
    }

    @Test("kinds do not convert into each other")
    func kinds() {
        let values: [FieldValue] = [
            .text("0"), .set(["0"]), .number(0), .period(.zero), .time(noon), .flag(true),
        ]
        for operation in Self.every {
            if case .exists = operation { continue }
            let held = values.filter { FieldOperator.holds(operation, $0) }
            #expect(Set(held.map(kind)).isSubset(of: kinds(of: operation)), "\(operation.text)")
        }
    }

    private func kind(_ value: FieldValue) -> FieldKind {
        switch value {
        case .text: .text
        case .set, .shared: .set
        case .number: .number
        case .period: .period
        case .time: .time
        case .flag: .flag
        }
    }

    private func kinds(of operation: FieldOperator) -> Set<FieldKind> {
        switch operation {
        case .anyOf, .noneOf: [.text, .set]
        case .number, .numberIn, .numberNotIn: [.number]
        case .period: [.period]
        case .between: [.time]
        case .flag: [.flag]
        case .exists: []
        }
    }

    @Test("of a chain's texts a test holds where it holds of the run's own and of all; else nobody can tell")
    func sharedTexts() {
        let hold = FieldOperator.anyOf([.wildcard("hold")]), noHold = FieldOperator.noneOf([.wildcard("hold")])
        func verdicts(_ own: [String], _ all: [String]) -> [Ternary] {
            [hold, noHold, .exists(true)].map { $0.verdict(on: .known(.shared(own: own, all: all))) }
        }
        #expect(verdicts([], ["hold"]) == [.unknown, .unknown, .unknown])
        #expect(verdicts([], ["seen"]) == [.no, .yes, .unknown])
        #expect(verdicts(["hold"], ["hold", "seen"]) == [.yes, .no, .yes])
    }

    @Test("on sets `in` means some element, `not_in` no element, and an empty set has no value")
    func sets() {
        let some = FieldOperator.anyOf([.wildcard("a"), .wildcard("b")])
        let none = FieldOperator.noneOf([.wildcard("a"), .wildcard("b")])
        #expect(FieldOperator.holds(some, .set(["x", "b"])) && !FieldOperator.holds(some, .set(["x"])))
        #expect(FieldOperator.holds(none, .set(["x"])) && !FieldOperator.holds(none, .set(["x", "a"])))
        #expect(FieldOperator.holds(none, .set([])) && !FieldOperator.holds(some, .set([])))
        #expect(FieldOperator.holds(.exists(false), .set([])) && !FieldOperator.holds(.exists(true), .set([])))
        #expect(FieldOperator.holds(.exists(true), .set(["a"])) && !FieldOperator.holds(.exists(false), .set(["a"])))
    }

    @Test("comparisons and ranges: the start of a range belongs to it, its end does not")
    func comparisons() {
        for (comparison, below, same, above) in [
            (Comparison.gt, false, false, true), (.gte, false, true, true), (.lt, true, false, false),
            (.lte, true, true, false),
        ] {
            #expect(FieldOperator.holds(.number(comparison, 5), .number(4)) == below)
            #expect(FieldOperator.holds(.number(comparison, 5), .number(5)) == same)
            #expect(FieldOperator.holds(.period(comparison, .seconds(5)), .period(.seconds(6))) == above)
        }
        let range = FieldOperator.between(noon, noon + .hours(1))
        #expect(FieldOperator.holds(range, .time(noon)) && !FieldOperator.holds(range, .time(noon + .hours(1))))
        #expect(FieldOperator.holds(.between(nil, noon), .time(noon - .days(9))))
    }
}
