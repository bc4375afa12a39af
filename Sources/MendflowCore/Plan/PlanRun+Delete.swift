extension PlanRun {
    /// How long after its last end a chain may still be retried by some policy, one in dry-run too: it may be enforced
    /// tomorrow.
    private var horizon: Period { max(scene.snapshot.lookBack, set.longestGiveUp) }

    /// Lets the first matching policy delete a row, where it is one that deletes; the rest of planning has no say in
    /// rows that do not speak for their chain.
    mutating func judgeDeletion(_ subject: Subject, _ matches: Matches) {
        guard let position = matches.positions.first(where: { set.owns[$0] }),
            case .delete? = set.shared[position].policy.remediation, matches.pending.isEmpty
        else { return }
        decide(subject, set.shared[position], deleteVerdict(subject, set.shared[position].policy))
    }

    /// Whether a policy that deletes may take a chain from its owner, which matches no more or is gone: in the walk over
    /// old rows only deleting policies are judged, whoever owned what they find.
    func isLeftToDeletion(_ subject: Subject, _ matches: Matches) -> Bool {
        isPastHorizon(subject) && matches.positions.first { set.owns[$0] }.map { set.deletes[$0] } ?? false
    }

    /// Whether a chain's owner has no more say: nothing of it can be retried any more.
    func isPastHorizon(_ subject: Subject) -> Bool {
        guard subject.chain.live.isEmpty, let end = subject.chain.nodes.compactMap({ $0.row?.stoppedAt }).max() else {
            return false
        }
        return end + horizon < scene.snapshot.now
    }

    /// Decides about one ended row: its chain has to be settled and out of every retry's reach.
    mutating func deleteVerdict(_ subject: Subject, _ policy: Policy) -> Verdict {
        let row = subject.row
        guard Remediation.delete.fittingStatuses.contains(row.status) else { return .held(.noPolicy, "") }
        if let live = subject.chain.live.first { return .held(.live, "\(live.id) is \(live.status.rawValue)") }
        let retries = scene.intents.retries(subject.chain)
        if let open = retries.first(where: \.state.isOpen) { return .held(.inFlight, "intent \(open.id)") }
        if let lost = retries.first(where: { $0.state == .unresolved }) {
            return .held(.unresolved, "intent \(lost.id): \(lost.note ?? "no answer")")
        }
        if let from = scene.snapshot.coveredFrom, !subject.isWhole {
            return .held(.incompletePoll, "executions below \(from) may have retries that are not read yet")
        }
        guard isPastHorizon(subject) else { return .held(.retryHorizon, "its chain ended within \(horizon)") }
        if let unseen = unseenRun(subject.chain) {
            return .held(.leafGone, "nobody knows how \(unseen), a run of its chain, ended")
        }
        // Oldest first, so that no run that was retried is ever left looking as if it was not.
        if let parent = row.retryOf, scene.snapshot.executions[parent] != nil {
            return .held(.olderFirst, "\(parent), which it retries, is deleted first")
        }
        if let held = commonHold(subject, policy, .delete) { return held }
        let earlier = scene.intents.all(.delete, row.id).filter { $0.state != .void }
        if earlier.contains(where: { $0.state == .shadow }) { return .held(.shadowed, "") }
        if let open = earlier.first(where: \.state.isOpen) { return .held(.inFlight, "intent \(open.id)") }
        if !earlier.isEmpty { return .held(.ineffective, "n8n took the deletion and the row is there") }
        if let held = refusalHold(.delete, subject) { return held }
        let action = ProposedAction(
            draft: IntentDraft(
                instance: scene.snapshot.instance, action: .delete, execution: row.id, root: subject.chain.root,
                workflow: row.workflow, policy: policy.name, policyVersion: policy.version),
            due: scene.snapshot.now)
        if let until = scene.intents.refusedUntil(.delete, row.id, Backoff()), until > scene.snapshot.now {
            return .wait(action, until: until, .refusedRecently)
        }
        if let (reason, until) = outsideWindow(policy.guards) { return .wait(action, until: until, reason) }
        return .act(action)
    }

    /// A run that nobody retried and of which it is not known that it ended; nil where there is none.
    private func unseenRun(_ chain: Chain) -> ExecutionID? {
        let unseen = chain.nodes.filter { $0.row == nil }.map(\.id)
        // The success that was once seen is no row any more, so it is the only run that is none.
        if unseen.count == 1, scene.view.healed.contains(chain.root), !chain.hasSuccess { return nil }
        return chain.nodes.first { $0.row == nil && !$0.hasChildren && mayGoOn($0.id) }?.id
    }

    /// Whether a run that is known and is no row may go on: neither gone nor older than all that is seen, nor one that this
    /// server may hide.
    private func mayGoOn(_ id: ExecutionID) -> Bool {
        let snapshot = scene.snapshot
        let isDeleted = scene.intents.all(.delete, id).contains { $0.state == .applied }
        if isDeleted || scene.view.gone.contains(id) { return false }
        if snapshot.hidesWaiting, snapshot.accountedFrom.map({ id < $0 }) ?? true { return true }
        return scene.oldestSeen.map { id >= $0 } ?? true
    }
}
