private import Glibc
public import MendflowCore

/// The machine's clocks.
public struct SystemClock: AgentClock {
    private let start = ContinuousClock.now

    /// Makes a clock; its monotonic time starts now.
    public init() {}

    /// The wall clock's time, to the millisecond.
    public func now() -> Timestamp {
        var time = timespec()
        // Cannot fail: the clock exists and the pointer is good.
        _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
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

/// A clock that runs faster than the machine's, for the demo: scaled by 60, a minute is an hour (semantics 43).
public struct ScaledClock: AgentClock {
    /// How many times faster it runs.
    public let scale: Int64
    private let base: SystemClock
    private let origin: Timestamp
    private let shortestSleep: Period

    /// Makes a clock that shows the wall clock's time now and runs `scale` times faster from here on.
    public init(scale: Int) {
        precondition(scale >= 1, "a scaled clock runs at least as fast as the wall clock")
        self.scale = Int64(scale)
        base = SystemClock()
        origin = base.now()
        shortestSleep = .zero
    }

    private init(_ clock: ScaledClock, shortestSleep: Period) {
        scale = clock.scale
        base = clock.base
        origin = clock.origin
        self.shortestSleep = shortestSleep
    }

    /// The same time, but no wait is shorter than 5 real seconds: deadlines that shrink with the time would turn healthy
    /// calls of a busy machine into lost ones.
    public var forDeadlines: ScaledClock { ScaledClock(self, shortestSleep: .seconds(5)) }

    /// The scaled time.
    public func now() -> Timestamp { origin + monotonic() }
    /// Scaled time since the clock was made.
    public func monotonic() -> Period { Period(milliseconds: base.monotonic().milliseconds * scale) }
    /// Waits for a scaled period.
    public func sleep(for period: Period) async throws {
        let real = Period(milliseconds: (period.milliseconds + scale - 1) / scale)
        try await base.sleep(for: max(real, shortestSleep))
    }
}
