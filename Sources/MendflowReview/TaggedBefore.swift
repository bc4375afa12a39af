public import MendflowCore

/// Tags that were given before: whoever has nothing but tags to give is done with what has them, and no decision names it any more.
struct TaggedBefore {
    private let writes: [ExecutionID: [Intent]]
    private let clockOffset: ClockOffset
    private let former: FormerTexts

    init(_ intents: [Intent], _ clockOffset: ClockOffset, _ policies: [Policy]) {
        former = FormerTexts(policies)
        let done = intents.lazy.filter { $0.draft.action == .tag && $0.state == .applied }
        writes = Dictionary(grouping: done, by: \.draft.execution)
        self.clockOffset = clockOffset
    }

    /// Who tagged an execution last, with what and when: `mark tagged it with seen at ...`; nil where nobody did.
    func words(_ execution: ExecutionID) -> String? {
        writes[execution]?.last.map { "\(TaggedBefore.who($0).joined(separator: ", ")) tagged it \(how($0))" }
    }

    /// With what and when a policy tagged an execution last; nil where it did not.
    func words(_ execution: ExecutionID, by policy: String) -> String? {
        writes[execution]?.last { TaggedBefore.who($0).contains(policy) }.map { "tagged \(how($0))" }
    }

    private static func who(_ intent: Intent) -> [String] {
        intent.draft.contributors.isEmpty ? [intent.draft.policy] : intent.draft.contributors
    }

    private func how(_ intent: Intent) -> String {
        let isFormer = former.isFormer(intent.draft.policyVersion, of: intent.draft.policy)
        return
            "with \(intent.draft.tags.joined(separator: ", ")) at \(clockOffset.server(intent.settledAt ?? intent.reservedAt))"
            + (isFormer ? " under its former text" : "")
    }
}

extension PlanReport {
    /// Says of executions that nobody owns who has tagged them.
    public mutating func tellTagged(_ view: LedgerView, _ clockOffset: ClockOffset, _ policies: [Policy]) {
        let before = TaggedBefore(view.intents, clockOffset, policies)
        for index in held.indices where held[index].isNobodys {
            guard let words = before.words(held[index].execution) else { continue }
            held[index].isTagged = true
            held[index].why = "\(words), and nothing is left to do"
        }
    }
}

extension PlanReport.Held {
    fileprivate var isNobodys: Bool { policy == nil && reason == .noPolicy && why.isEmpty }
}
