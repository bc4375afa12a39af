import MendflowCore
import MendflowEnvironment
import MendflowLedger
import MendflowReview
import MendflowWorkspace

extension Explanation {
    /// Takes runs that count as people's for nobody's in particular where the ledger cannot know whose they are: those that
    /// were there when a person adopted the database, and those of a time that is missing, as after an older copy was put
    /// back.
    mutating func tellDoubts(
        _ store: any LedgerStore, _ state: LedgerState, _ instance: String
    ) async throws(LedgerFailure) {
        let runs = timeline.filter { $0.kind == .run && $0.actor == .person }
        guard let first = runs.compactMap({ $0.at ?? $0.endedAt }).min() else { return }
        let baseline = state.baseline(of: instance)
        let offset = baseline.flatMap { state.tick(of: $0.instance) }?.clockOffset ?? .zero
        let doubts = try await RetriesInDoubt.read(store, state.head.chain, since: offset.agent(first) - .hours(1))
        doubt { run in
            baseline?.wasThere(run.execution) ?? false || doubts.covers(from: run.at, to: run.endedAt)
        }
    }

    /// The same by the ledger of a workspace, where there is one.
    mutating func tellDoubts(_ workspace: Workspace, _ instance: String) async throws(MendflowFailure) {
        guard let store = try await workspace.openLedgerReading() else { return }
        var told = self
        told = try await workspace.ledger { [told] () throws(LedgerFailure) in
            var told = told
            try await told.tellDoubts(store, try await store.load(LedgerScope(instances: [instance])), instance)
            return told
        }
        self = told
    }
}
