import MendflowCore
import MendflowLedger

// The outcomes of retries in the rows: the child row is the authority, the answer a hint (semantics 29).
extension Reconciler {
    /// Settles retries whose child is seen, and latches every child, so that chains outlive their rows.
    mutating func reconcileRetries() {
        var claimed = Set(view.intents.compactMap(\.child))
        // The child of a request that was never answered may be a person's just as well. It settles the intent all the same,
        // and counts as a person's retry too, so that people are yielded to.
        var doubtful = Set(view.intents.filter(\.isSettledByDoubtfulChild).compactMap(\.child))
        let children = observed.retries.compactMap { observed.executions[$0] }
        for intent in view.intents where intent.awaitsChild {
            let child = children.first {
                $0.retryOf == intent.draft.execution && !claimed.contains($0.id)
                    && $0.id > (intent.watermark ?? intent.draft.execution)
            }
            guard let (id, status) = child.map({ ($0.id, $0.status) }) ?? namedSuccess(intent, claimed) else {
                continue
            }
            claimed.insert(id)
            let isDoubtful = intent.state == .unresolved
            if isDoubtful { doubtful.insert(id) }
            settle(intent, Settlement(.applied, .child(id, status, isDoubtful: isDoubtful), child: id))
        }
        for child in children {
            guard let parent = child.retryOf else { continue }
            if view.children[parent]?.contains(child.id) != true {
                latch(Latch(.child, parent, value: child.id.text, at: now))
            }
            if !claimed.contains(child.id) || doubtful.contains(child.id), !child.status.isLive,
                let end = child.stoppedAt, view.personRetried[parent].map({ $0 < end }) ?? true
            {
                latch(Latch(.personRetried, parent, value: child.id.text, at: end))
            }
        }
    }

    /// A success that the retried run's row names although no row of its own is seen: n8n may list it nowhere.
    private func namedSuccess(
        _ intent: Intent, _ claimed: Set<ExecutionID>
    ) -> (ExecutionID, ExecutionStatus)? {
        guard let named = observed.executions[intent.draft.execution]?.retrySuccess, !claimed.contains(named),
            named > (intent.watermark ?? intent.draft.execution), observed.executions[named] == nil
        else { return nil }
        return (named, .success)
    }

    private mutating func latch(_ latch: Latch) { events.append(.latched(instance, latch, shadow: false)) }
}

extension Reconciler {
    /// How long a retry's call is left to answer by itself, and how long a call may be open.
    private static let patience = Period.seconds(20), longestCall = Period.hours(6)

    /// Retries whose calls are open or were lost, and of whose runs nothing is seen: in queue mode n8n may never answer for a
    /// run that ended at once, nor list it, while the row of the retried run names it (n8n facts 3.1).
    static func retriesToVerify(_ view: LedgerView, at now: AgentTime) -> [Intent] {
        view.intents.filter { intent in
            guard intent.awaitsChild, let sent = intent.sendingAt else { return false }
            return now - sent >= patience && now - sent <= longestCall
        }
    }
}

extension Intent {
    /// Whether a child of its execution would be its outcome.
    fileprivate var awaitsChild: Bool {
        draft.action == .retry && child == nil && (state == .sending || state == .unresolved)
    }
    /// Whether a child settled it that nobody can tell to be ours.
    fileprivate var isSettledByDoubtfulChild: Bool {
        if case .child(_, _, isDoubtful: true)? = evidence { true } else { false }
    }
}
