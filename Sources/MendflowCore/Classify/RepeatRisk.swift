import MendflowText

/// Whether a retry may do again what was done already (semantics 44).
public enum RepeatRisk: String, Sendable, Hashable, CaseIterable {
    /// The data prove that nothing is done twice.
    case none
    /// The call was refused; only something that leaves no trace can have happened before.
    case unlikely
    /// Something may have been done.
    case possible
    /// Everything from the trigger on is done again.
    case restart
    /// It cannot be told where a retry begins; treated as `restart`.
    case unknown
}

/// Whether a retry may do again what was done already, and why.
public struct RepeatRiskVerdict: Sendable, Hashable {
    /// Where a retry begins.
    public enum Start: Sendable, Hashable {
        /// At the node on the stack, with that many input items again; nil where their number is not known.
        case node(String, items: Int?)
        /// At the trigger.
        case trigger
        /// Nowhere: the stored stack is empty, so that n8n runs nothing.
        case nowhere
        /// Not known.
        case unknown
    }
    /// The risk.
    public var risk: RepeatRisk
    /// The id of what decided: a rule of the table, or the judge's own word for the case.
    public var ruleID: String
    /// Where a retry begins.
    public var start: Start
    /// The most items for which the deed may have been done already; nil where no number bounds it.
    public var mayHaveBeenDone: Int?
    /// One sentence for people, without a full stop.
    public var why: String

    /// Makes a verdict.
    public init(_ risk: RepeatRisk, ruleID: String, start: Start, mayHaveBeenDone: Int? = nil, why: String) {
        self.risk = risk
        self.ruleID = ruleID
        self.start = start
        self.mayHaveBeenDone = mayHaveBeenDone
        self.why = why
    }
}

extension RepeatRiskVerdict.Start {
    /// Where a retry would start, in words.
    public var summary: String {
        switch self {
        case .node(let name, let items?):
            "at node '\(name)', with its \(items.words("input item", "input items"))"
        case .node(let name, nil): "at node '\(name)'"
        case .trigger: "at the trigger: everything runs again"
        case .nowhere: "nowhere: n8n has nothing left to run and would call that a success"
        case .unknown: "at a place that the run's data does not tell"
        }
    }
}
