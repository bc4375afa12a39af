public import MendflowCore
private import Synchronization

/// Where hints about one instance wait until its agent looks. It is bounded: where more come than are looked at, the oldest go
/// first and are counted, and a later poll finds what they told of.
public final class HintInbox: Sendable {
    /// What came so far.
    public struct Counts: Sendable, Hashable {
        /// All hints that came, and how many of them were a reason to look and went because too many waited.
        public var received = 0, dropped = 0
        /// When the last one came.
        public var lastAt: AgentTime?
        /// n8n's version, as its tracing says.
        public var release: String?
        /// What became of them, and of what was refused.
        public var tally = HintTally()
    }

    private struct State {
        var waiting: [Hint] = []
        var counts = Counts()
        var arrival: AsyncStream<Void>.Continuation?
    }

    private let state = Mutex(State())
    private let limit: Int

    /// Makes an empty one with room for so many.
    public init(limit: Int = 2_000) { self.limit = limit }

    /// What came so far.
    public var counts: Counts { state.withLock { $0.counts } }

    /// Takes in what came at a time, and wakes the agent where that is a reason to look.
    public func put(_ hints: [Hint], release: String?, at now: AgentTime) {
        let reasons = hints.filter(\.isReasonToLook)
        let arrival = state.withLock { state -> AsyncStream<Void>.Continuation? in
            state.counts.received += hints.count
            state.counts.tally.came(hints.count, at: now)
            for hint in hints where !hint.isReasonToLook { state.counts.tally.note(.idle, hint.source) }
            state.counts.lastAt = now
            state.counts.release = release ?? state.counts.release
            state.waiting += reasons
            let excess = state.waiting.count - limit
            if excess > 0 {
                for hint in state.waiting.prefix(excess) { state.counts.tally.note(.dropped, hint.source) }
                state.waiting.removeFirst(excess)
                state.counts.dropped += excess
            }
            guard !state.waiting.isEmpty else { return nil }
            defer { state.arrival = nil }
            return state.arrival
        }
        arrival?.finish()
    }

    /// Counts what became of one, or of a request that brought none.
    public func note(_ result: HintTally.Result, _ source: Hint.Source) {
        state.withLock { $0.counts.tally.note(result, source) }
    }

    /// Hands over what waits.
    func drain() -> [Hint] {
        state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
    }

    /// Whether any hint came within some time; then n8n is set up to send them, and they get here.
    func hasHeard(within period: Period, at now: AgentTime) -> Bool {
        counts.lastAt.map { $0 + period > now } ?? false
    }

    /// Waits until a hint is a reason to look, or the task is cancelled.
    func arrival() async {
        let (stream, end) = AsyncStream<Void>.makeStream()
        let isThere = state.withLock { state in
            state.arrival = end
            return !state.waiting.isEmpty
        }
        if isThere { return }
        for await _ in stream {}
    }
}
