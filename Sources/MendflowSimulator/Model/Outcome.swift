typealias Outcome = Simulator.Outcome
typealias Status = Simulator.Status

extension Simulator {
    /// The status of an execution.
    public enum Status: String, Sendable, Hashable, CaseIterable {
        /// Queued: made, not begun.
        case new
        /// At work.
        case running
        /// Asleep in a Wait node.
        case waiting
        /// Ended well.
        case success
        /// Failed.
        case error
        /// Stopped by somebody, or timed out.
        case canceled
        /// The process died under it.
        case crashed
        /// n8n does not know.
        case unknown

        /// Whether `stop` takes it.
        var isStoppable: Bool { self == .new || self == .running || self == .waiting || self == .unknown }
    }

    /// What becomes of a run, decided before it begins: this model runs no nodes. Times are in milliseconds.
    public indirect enum Outcome: Sendable {
        /// Ends well after so long.
        case success(after: Int64)
        /// Fails after so long.
        case error(ErrorShape, after: Int64)
        /// Falls asleep after so long, until the time given has passed since; then goes on to the next outcome.
        case wait(for: Int64, after: Int64, then: Outcome)
        /// Falls asleep after so long, until `wake` is called; then goes on to the next outcome.
        case waitForEvent(after: Int64, then: Outcome)
        /// The process dies under it after so long; a held retry's connection is dropped.
        case crash(after: Int64)
        /// Runs until somebody stops it or the workflow's time-out does.
        case hang
        /// Fails before it starts (a credential is not allowed): an error row is made and the retry answers 500.
        case refused(ErrorShape)
    }

    /// The outcomes of a workflow's runs, first to last.
    public struct Script: Sendable {
        /// What the runs to come will come to, one after the other; each run takes one.
        public var next: [Outcome]
        /// What they come to when `next` is used up, over and over; an empty list means success after 50 ms.
        public var thenAlways: [Outcome]
        /// What retries come to, where they have a list of their own; each retry takes one.
        public var retries: [Outcome]
        /// What retries come to when theirs is used up; where this is empty they take from the runs' list.
        public var retriesThenAlways: [Outcome]
        private var turn = 0
        private var retryTurn = 0

        /// Makes a script.
        public init(
            next: [Outcome] = [], thenAlways: [Outcome] = [], retries: [Outcome] = [],
            retriesThenAlways: [Outcome] = []
        ) {
            self.next = next
            self.thenAlways = thenAlways
            self.retries = retries
            self.retriesThenAlways = retriesThenAlways
        }

        /// A script in which every run comes to the same.
        public static func always(_ outcome: Outcome) -> Script { Script(thenAlways: [outcome]) }

        mutating func nextOutcome(retry: Bool) -> Outcome {
            if retry, !retries.isEmpty { return retries.removeFirst() }
            if retry, !retriesThenAlways.isEmpty {
                defer { retryTurn += 1 }
                return retriesThenAlways[retryTurn % retriesThenAlways.count]
            }
            if !next.isEmpty { return next.removeFirst() }
            guard !thenAlways.isEmpty else { return .success(after: 50) }
            defer { turn += 1 }
            return thenAlways[turn % thenAlways.count]
        }
    }
}

extension Simulator.Outcome {
    /// How long until something happens; nil for never.
    var duration: Int64? {
        switch self {
        case .success(let after), .error(_, let after), .wait(_, let after, _), .waitForEvent(let after, _),
            .crash(let after):
            max(0, after)
        case .refused: 0
        case .hang: nil
        }
    }
}
