private import Glibc
public import MendflowCore

/// The machine's clocks.
public struct SystemClock: AgentClock {
    private let start = ContinuousClock.now

    /// Makes a clock; its monotonic time starts now.
    public init() {}

    /// The wall clock's time, to the millisecond.
    public func now() -> AgentTime {
        var time = timespec()
        // Cannot fail: the clock exists and the pointer is good.
        _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
        return AgentTime(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    /// Time since this clock was made; goes on while the machine sleeps.
    public func monotonic() -> Period {
        let (seconds, attoseconds) = (ContinuousClock.now - start).components
        return Period(milliseconds: seconds * 1000 + attoseconds / 1_000_000_000_000_000)
    }

    /// Waits; throws `CancellationError` where the task is cancelled.
    public func sleep(for period: Period) async throws {
        try await Task.sleep(for: period.duration, clock: .continuous)
    }
}
