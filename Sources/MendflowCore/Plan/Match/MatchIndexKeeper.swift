import Synchronization

/// Keeps what matching worked out of a policy set, so that the next plan does not work it out again.
///
/// It changes no result: an index says the same whoever made it.
final class MatchIndexKeeper: Sendable {
    private let kept = Mutex<[Planner.Pass: MatchIndex]>([:])

    /// Lends the index of a pass to one plan; a new one where another plan has it, or where the workflows have changed.
    func lend(_ pass: Planner.Pass, workflows: [WorkflowID: WorkflowInfo]?) -> MatchIndex {
        let index = kept.withLock { $0.removeValue(forKey: pass) }
        guard let index, index.workflows == workflows else { return MatchIndex(workflows: workflows) }
        return index
    }

    /// Keeps an index for the next plan.
    func keep(_ index: MatchIndex, _ pass: Planner.Pass) { kept.withLock { $0[pass] = index } }
}
