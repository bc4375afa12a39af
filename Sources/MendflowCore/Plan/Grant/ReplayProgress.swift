/// What became of the retries of a replay since it began, or was let go on.
package struct ReplayProgress: Sendable, Hashable {
    /// Retries whose end is not seen yet, and those that succeeded.
    package private(set) var pending = 0, succeeded = 0
    /// What speaks against going on: retries whose run failed again, that n8n refused or that did nothing, and those of
    /// which nobody knows whether they ran.
    package private(set) var failed = 0, refused = 0, unanswered = 0

    /// Counts the retries that a view holds of a replay.
    package init(_ name: String, _ view: LedgerView, _ snapshot: Snapshot) {
        let start = view.replays[name]?.since
        for intent in view.intents where intent.draft.policy == name && intent.draft.action == .retry {
            let isOfBefore = start.map { intent.reservedAt < $0 } ?? false
            switch intent.outcome(view, snapshot) {
            // What was under way when it was paused still is.
            case .pending: pending += 1
            case .succeeded where !isOfBefore: succeeded += 1
            case .failed where !isOfBefore:
                switch intent.state {
                case .unresolved: unanswered += 1
                case .void, .ineffective: refused += 1
                default: failed += 1
                }
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
        let count = setbacks
        guard count > 0 else { return nil }
        if succeeded < pace.canary {
            return "the first \(pace.canary == 1 ? "" : "\(pace.canary) ")had to heal, and \(words)"
        }
        guard let most = pace.stopAfterFailures, count >= most else { return nil }
        return words
    }

    /// How much speaks against going on.
    package var setbacks: Int { failed + refused + unanswered }

    /// The same in words.
    private var words: String {
        var words: [String] = []
        if failed > 0 { words.append("\(failed) failed again") }
        if refused > 0 { words.append("\(refused) came to nothing") }
        if unanswered > 0 {
            words.append("nobody knows of \(unanswered) whether \(unanswered == 1 ? "it" : "they") ran")
        }
        return words.joined(separator: ", and ")
    }
}
