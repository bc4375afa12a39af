/// What became of the retries of a replay since it began, or was let go on.
package struct ReplayProgress: Sendable, Hashable {
    /// Retries whose end is not seen yet, those that succeeded, and those that failed again.
    package private(set) var pending = 0, succeeded = 0, failed = 0

    /// Counts the retries that a view holds of a replay.
    package init(_ name: String, _ view: LedgerView, _ snapshot: Snapshot) {
        let start = view.replays[name]?.since
        for intent in view.intents where intent.draft.policy == name && intent.draft.action == .retry {
            let isOfBefore = start.map { intent.reservedAt < $0 } ?? false
            switch intent.outcome(view, snapshot) {
            // What was under way when it was paused still is.
            case .pending: pending += 1
            case .succeeded where !isOfBefore: succeeded += 1
            case .failed where !isOfBefore: failed += 1
            case .succeeded, .failed, .none: break
            }
        }
    }

    /// Counts a retry that is granted now.
    mutating func granted() { pending += 1 }

    /// Whether another one may be sent where so many have to succeed first.
    func leavesRoom(canary: Int) -> Bool { succeeded >= canary || succeeded + pending < canary }

    /// Why a replay of that pace stops by itself; nil where it goes on.
    package func objection(_ pace: ReplayPace) -> String? {
        guard failed > 0 else { return nil }
        if succeeded < pace.canary { return "the first \(pace.canary) had to heal, and \(failed) failed again" }
        guard let most = pace.stopAfterFailures, failed >= most else { return nil }
        return "\(failed) retries failed again"
    }
}
