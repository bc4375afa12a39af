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
        do throws(LedgerFailure) {
            let state = try await store.load(LedgerScope(instances: [instance.name]))
            guard let key = state.baseline(of: instance.name)?.instance else { return [] }
            let replay = try DecisionReplay(try await store.records(after: 0, limit: Int(state.head.sequence)))
            let texts = replay.policyTexts
            var sets: [EvidenceHash: PolicySet] = [:]
            let made = try replay.acted(on: Set(timeline.map(\.execution)), of: key, last: most) { list in
                let set = sets[list.hash] ?? workspace.policySet(instance, recordedAs: list, texts: texts)
                sets[list.hash] = set
                return set
            }
            return made.map { made in
                let part = made.recorded.parts.first { $0.label == "act" }
                var done = Explanation.Done(
                    record: made.number, execution: made.recorded.execution, at: made.recorded.now,
                    policy: part?.verdict.policy, request: part?.request)
                done.trace(made.again, in: made.slices, view, tables: workspace.judgementTables)
                return done
            }
        } catch { throw MendflowFailure(ledger: error) }
    }
}
