import MendflowCore
import MendflowLedger
import MendflowPolicy
import MendflowReview
import MendflowWorkspace

/// What was done to a chain, and why: read back from the evidence that the ledger keeps of each decision.
enum DoneBefore {
    /// How many of the newest are told.
    private static let most = 5

    /// Adds what was decided and done about the runs of a chain; the whole ledger is read for what was done, so only where a
    /// request of ours is known.
    static func tell(
        _ it: inout Explanation, _ workspace: Workspace, _ instance: Configuration.Instance, _ view: LedgerView
    ) async throws(MendflowFailure) {
        guard let store = try await workspace.openLedgerReading() else { return }
        let executions = Set(it.timeline.map(\.execution))
        let isDone = it.timeline.contains { $0.kind == .request && $0.status != IntentState.shadow.rawValue }
        do throws(LedgerFailure) {
            let state = try await store.load(LedgerScope(instances: [instance.name]))
            guard let key = state.baseline(of: instance.name)?.instance else { return }
            let offset = state.tick(of: key)?.clockOffset ?? .zero
            it.tell(try await RecordedDecisions.read(about: executions, store, key, offset))
            guard isDone else { return }
            let replay = try await DecisionReplay.read(store)
            it.done = try read(executions, replay, workspace, instance, key, view)
        } catch { throw MendflowFailure(ledger: error) }
    }

    /// What was done to some executions, up to a moment where one is given.
    static func read(
        _ executions: Set<ExecutionID>, _ replay: DecisionReplay, _ workspace: Workspace,
        _ instance: Configuration.Instance, _ key: InstanceKey, _ view: LedgerView, until time: ServerTime? = nil
    ) throws(LedgerFailure) -> [Explanation.Done] {
        let texts = replay.policyTexts
        var sets: [EvidenceHash: PolicySet] = [:]
        let made = try replay.acted(on: executions, of: key, last: most, until: time) { list in
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
    }
}
