import MendflowCore
import MendflowLedger
import MendflowPolicy
import MendflowReview
import MendflowWorkspace

/// What was done to a chain, and why: read back from the evidence that the ledger keeps of each decision.
enum DoneBefore {
    /// How many of the newest are told.
    private static let most = 5

    /// Reads what was done to the runs of a chain; the whole ledger is read for it, so only where a request of ours is known.
    static func read(
        _ timeline: [TimelineEntry], _ workspace: Workspace, _ instance: Configuration.Instance, _ view: LedgerView
    ) async throws(MendflowFailure) -> [Explanation.Done] {
        guard timeline.contains(where: { $0.kind == .request && $0.status != IntentState.shadow.rawValue }),
            let store = try workspace.openLedgerReading()
        else { return [] }
        let set = workspace.policySet(instance)
        let list = set.evidence
        do throws(LedgerFailure) {
            let state = try await store.load(LedgerScope(instances: [instance.name]))
            guard let key = state.baseline(of: instance.name)?.instance else { return [] }
            let records = try await store.records(after: 0, limit: Int(state.head.sequence))
            return try DecisionReplay(records).acted(
                on: Set(timeline.map(\.execution)), of: key, last: most, policies: { $0 == list ? set : nil }
            ).map { made in
                let part = made.recorded.parts.first { $0.label == "act" }
                var done = Explanation.Done(
                    record: made.number, execution: made.recorded.execution, at: made.recorded.now,
                    policy: part?.verdict.policy, request: part?.request)
                done.trace(made.again, in: made.slices, view, policies: set)
                return done
            }
        } catch { throw MendflowFailure(ledger: error) }
    }
}
