private import Synchronization

/// What a person rings who wants the agents to look at once: it ends what they wait for between two ticks. A ring is missed
/// by nobody: it counts for each of them until it is heeded.
public final class Bell: Sendable {
    private struct State {
        var rung = 0, counter = 0
        /// Those who wait for the next ring, in the order in which they came.
        var waiting: [(number: Int, end: AsyncStream<Never>.Continuation)] = []
    }
    private let state = Mutex(State())

    /// Makes one that has not rung yet.
    public init() {}

    /// How often it rang so far.
    var rung: Int { state.withLock { $0.rung } }

    /// Rings, for everybody.
    public func ring() {
        let waiting = state.withLock { state in
            state.rung += 1
            defer { state.waiting = [] }
            return state.waiting
        }
        for one in waiting { one.end.finish() }
    }

    /// Waits until it has rung more often than so many times, or the task is cancelled.
    func isRung(beyond heeded: Int) async {
        let (stream, end) = AsyncStream<Never>.makeStream()
        let number = state.withLock { state -> Int? in
            guard state.rung <= heeded else { return nil }
            state.counter += 1
            state.waiting.append((state.counter, end))
            return state.counter
        }
        guard let number else { return }
        for await _ in stream {}
        state.withLock { state in state.waiting.removeAll { $0.number == number } }
    }
}
