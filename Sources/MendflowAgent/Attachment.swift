import MendflowCore

/// Finds the outcomes of retries in the rows: the child row is the authority, the answer a hint (semantics 18).
struct Attachment {
    let executions: [ExecutionID: Execution]
    let view: LedgerView

    /// Settles retries whose child is seen, and latches every child, so that chains outlive their rows.
    func write(into writing: inout TickWriting, instance: InstanceKey, now: Timestamp) {
        var claimed = Set(view.intents.compactMap(\.child))
        // Nobody can tell whose the child of an unanswered request is: it settles the intent, and people are yielded to.
        var doubtful = Set(view.intents.filter(\.isSettledBySight).compactMap(\.child))
        let children = executions.values.filter { $0.retryOf != nil }.sorted { $0.id < $1.id }
        for intent in view.intents where isWaiting(intent) {
            let child = children.first {
                $0.retryOf == intent.draft.execution && !claimed.contains($0.id)
                    && $0.id > (intent.watermark ?? intent.draft.execution)
            }
            guard let child else { continue }
            claimed.insert(child.id)
            if intent.state == .unresolved { doubtful.insert(child.id) }
            let sight = intent.state == .unresolved ? Intent.sightedLater : "child"
            let settlement = Settlement(
                .applied, child: child.id, note: "\(sight) \(child.id) seen \(child.status.rawValue)")
            writing.settle(intent, settlement, at: now)
        }
        for child in children {
            guard let parent = child.retryOf else { continue }
            if view.children[parent]?.contains(child.id) != true {
                writing.add(.latch(instance, Latch(.child, parent, value: child.id.text, at: now), shadow: false))
            }
            if !claimed.contains(child.id) || doubtful.contains(child.id), !child.status.isLive,
                let end = child.stoppedAt,
                view.personRetried[parent].map({ $0 < end }) ?? true
            {
                writing.add(
                    .latch(instance, Latch(.personRetried, parent, value: child.id.text, at: end), shadow: false))
            }
        }
    }

    private func isWaiting(_ intent: Intent) -> Bool {
        guard intent.draft.action == .retry, intent.child == nil else { return false }
        return intent.state == .sending || intent.state == .unresolved
    }
}

extension Intent {
    /// What the note of an unresolved intent begins with once a child was seen.
    fileprivate static let sightedLater = "unanswered, then child"
    /// Whether a child settled it that nobody can tell to be ours.
    fileprivate var isSettledBySight: Bool { note?.hasPrefix(Intent.sightedLater) == true }
}
