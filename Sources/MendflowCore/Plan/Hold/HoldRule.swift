/// One thing that can hold an action, with the reason that is told.
///
/// Each action has an ordered list of rules; the first that holds gives the reason. docs/holds.md is made from the lists.
struct HoldRule: Sendable {
    /// The reason that decisions tell.
    let reason: Reason
    /// When the rule holds an action, in one sentence for docs/holds.md.
    let sentence: String
    /// Whether it holds a proposal.
    let ask: @Sendable (Proposal) -> HoldAnswer

    init(_ reason: Reason, _ sentence: String, _ ask: @escaping @Sendable (Proposal) -> HoldAnswer) {
        self.reason = reason
        self.sentence = sentence
        self.ask = ask
    }

    /// The same rule, asked only where something is so; `words` say of docs/holds.md what that is.
    func only(_ words: String, where applies: @escaping @Sendable (Proposal) -> Bool) -> HoldRule {
        HoldRule(reason, words + sentence) { applies($0) ? ask($0) : .clear }
    }
}

/// What a rule says of a proposal.
enum HoldAnswer {
    /// It does not hold it.
    case clear
    /// It holds it; the words are the evidence, and may be empty where the reason says all.
    case held(String)
    /// Nobody can tell before these facts are fetched.
    case pending([Need])

    /// Held where something is so.
    static func held(if isHeld: Bool) -> HoldAnswer { isHeld ? .held("") : .clear }

    /// Held where there is evidence to tell.
    static func held(by words: String?) -> HoldAnswer { words.map(HoldAnswer.held) ?? .clear }

    /// Held where a condition is true of a subject, or where nobody can tell: exceptions and protections read unknown as
    /// yes, so that nothing is laid bare by what cannot be read.
    static func held(where condition: Condition, isTrueOf subject: Subject, _ words: String) -> HoldAnswer {
        var evaluator = Evaluator(tracer: NoTrace())
        return switch evaluator.evaluate(condition, subject) {
        case .yes, .unknown: .held(words)
        case .no: .clear
        case .needs: .pending(evaluator.needs)
        }
    }

    var isClear: Bool { if case .clear = self { true } else { false } }
}

/// Why an action is held.
struct Hold {
    var reason: Reason
    /// The evidence, in words.
    var why = ""
    /// The facts that are missing, where the reason is `factPending`.
    var needs: [Need] = []

    var verdict: Verdict { .held(reason, why) }
}

extension [HoldRule] {
    /// What the first rule that holds a proposal says; nil where none does.
    func firstHold(of proposal: Proposal) -> Hold? {
        for index in indices {
            switch self[index].ask(proposal) {
            case .clear: continue
            case .held(let words): return Hold(reason: self[index].reason, why: words)
            case .pending(let needs): return Hold(reason: .factPending, needs: needs)
            }
        }
        return nil
    }
}
