package import MendflowCore

/// The check just before a request is sent: what was decided from must hold still. Pure; the reading is done before it.
package struct PreFlight: Sendable {
    /// The intent, and the row that it was decided from.
    package var intent: Intent, judged: Execution?
    /// What it was decided from that may change without the row, and the same as it is now.
    package var facts: ChangeableFacts, present: ChangeableFacts
    /// The row as n8n shows it now; nil where it says that there is none.
    package var row: Execution?
    /// What is observed, this look included.
    package var observed: ObservedExecutions
    /// The ledger's view.
    package var view: LedgerView
    /// Ids that no list shows and that were not asked for in this look.
    package var gapsLeft: Int
    /// How many of the ids above the highest known could not be read.
    package var unreadAhead: Int
    /// For a deletion: whether the run that this one retries is there still.
    package var parentIsThere: Bool
    /// For a retry with `load_workflow`: what it would run.
    package var saved: SavedWorkflow?

    /// What a retry with `load_workflow` would run.
    package struct SavedWorkflow: Sendable {
        /// The workflow, asked for just now; nil where n8n says that there is none.
        package var workflow: WorkflowInfo?
        /// What is known of the run that would be retried; nil where that is not known any more.
        package var detail: ExecutionDetail?
        /// Whether the policy lets a draft run that is not published.
        package var allowsDraft: Bool

        package init(_ workflow: WorkflowInfo?, of detail: ExecutionDetail?, allowsDraft: Bool) {
            self.workflow = workflow
            self.detail = detail
            self.allowsDraft = allowsDraft
        }

        /// What was changed since the retry was decided; nil where nothing that matters.
        var change: String? {
            guard let workflow else { return "n8n has no such workflow any more" }
            guard let detail else { return "the data of the run that would be retried is not known any more" }
            return (allowsDraft ? nil : workflow.draftDifference) ?? workflow.change(since: detail)
        }
    }

    package init(
        intent: Intent, judged: Execution?, facts: ChangeableFacts, present: ChangeableFacts, row: Execution?,
        observed: ObservedExecutions, view: LedgerView, gapsLeft: Int, unreadAhead: Int = 0, parentIsThere: Bool,
        saved: SavedWorkflow? = nil
    ) {
        self.intent = intent
        self.judged = judged
        self.facts = facts
        self.present = present
        self.row = row
        self.observed = observed
        self.view = view
        self.gapsLeft = gapsLeft
        self.unreadAhead = unreadAhead
        self.parentIsThere = parentIsThere
        self.saved = saved
    }

    /// Why not to act; nil where nothing is against it.
    package var objection: String? {
        guard let row else { return "gone: n8n has no such execution any more" }
        let known = observed.executions[intent.draft.execution] ?? judged
        guard let before = known, before.status == row.status else {
            return "drifted: \(known?.status.rawValue ?? "unseen") -> \(row.status.rawValue)"
        }
        if let difference = [before, judged ?? before].lazy.compactMap({ row.difference(asRunFrom: $0) }).first {
            return "another database: its \(difference) differs"
        }
        if let change = facts.change(to: present) { return "facts_changed: \(change)" }
        return switch intent.draft.action {
        case .retry: objectionToRetry(row)
        case .bulkStop: objectionToBulkStop
        case .delete: objectionToDeletion(row)
        case .stop, .tag: nil
        }
    }

    private func chain(of id: ExecutionID) -> Chain {
        Chains(rows: observed.executions, view).chain(of: id)
    }

    /// Of a retry that is asked for again no run may be seen, and none may be hidden.
    private var objectionToAsking: String? {
        guard intent.state == .unresolved else { return nil }
        if gapsLeft > 0 { return "\(gapsLeft) ids are in no list and were not asked for" }
        let last = AskingAgain.accounted(intent, observed.executions, view.children, to: observed.highest)
        return last == nil ? "an id above its watermark may be its run" : nil
    }

    private func objectionToRetry(_ row: Execution) -> String? {
        // The highest id that is known is what the run of this request will be looked for from.
        if unreadAhead > 0 { return "unreadable: of \(unreadAhead) ids above the highest known nobody can tell" }
        if let objection = objectionToAsking { return objection }
        if row.retrySuccess != nil { return "healed: n8n names a successful retry" }
        let chain = chain(of: row.id)
        if chain.hasSuccess || view.healed.contains(chain.root) { return "healed: the chain has succeeded" }
        if let live = chain.live.first { return "live: \(live.id) is \(live.status.rawValue)" }
        if let newest = chain.newestLeaf, newest.id != row.id { return "retried meanwhile: \(newest.id)" }
        return saved?.change.map { "workflow_changed: \($0)" }
    }

    /// The call must stop exactly what was planned, or less: n8n stops whatever its body describes (semantics 35).
    private var objectionToBulkStop: String? {
        guard let bulk = intent.draft.bulk else { return nil }
        if gapsLeft > 0 { return "\(gapsLeft) ids are in no list and were not asked for" }
        let predicted = Set(bulk.predicted)
        let others = observed.executions.notable.values.filter { bulk.request.covers($0) && !predicted.contains($0.id) }
        return others.map(\.id).min().map { "drifted: it would stop \($0) too" }
    }

    /// No run that was retried may be left looking as if it was not.
    private func objectionToDeletion(_ row: Execution) -> String? {
        if parentIsThere, let parent = row.retryOf { return "older first: \(parent) is there still" }
        return chain(of: row.id).live.first.map { "live: \($0.id) is \($0.status.rawValue)" }
    }
}

extension Execution {
    /// What tells that two rows of one id are of two runs, as where a database was put back and gives ids again; nil where nothing
    /// does. None of it ever changes of a run; a start may be told only later.
    fileprivate func difference(asRunFrom other: Execution) -> String? {
        func differ(_ one: ServerTime?, _ other: ServerTime?) -> Bool {
            if let one, let other { one != other } else { false }
        }
        if workflow != other.workflow { return "workflow" }
        return differ(startedAt, other.startedAt) ? "start" : nil
    }
}
