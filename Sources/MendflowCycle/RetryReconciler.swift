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
            guard let child else { continue }
            claimed.insert(child.id)
            let isDoubtful = intent.state == .unresolved
            if isDoubtful { doubtful.insert(child.id) }
            settle(
                intent, Settlement(.applied, .child(child.id, child.status, isDoubtful: isDoubtful), child: child.id))
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

    private mutating func latch(_ latch: Latch) { events.append(.latched(instance, latch, shadow: false)) }
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
