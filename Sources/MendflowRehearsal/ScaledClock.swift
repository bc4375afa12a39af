public import MendflowCore
import MendflowHost

/// A clock that runs faster than the machine's, for the demo: scaled by 60, a minute is an hour (semantics 43).
public struct ScaledClock: AgentClock {
    /// How many times faster it runs.
    public let scale: Int64
    private let base: SystemClock
    private let origin: AgentTime
    private let shortestSleep: Period

    /// Makes a clock that shows the wall clock's time now, or a time so long before, and runs `scale` times faster from
    /// here on.
    public init(scale: Int, behind: Period = .zero) {
        precondition(scale >= 1, "a scaled clock runs at least as fast as the wall clock")
        self.scale = Int64(scale)
        base = SystemClock()
        origin = base.now() - behind
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
    public func now() -> AgentTime { origin + monotonic() }
    /// The same for a simulated n8n, which runs on this very clock.
    var simulatedNow: ServerTime { ClockOffset.zero.server(now()) }
    /// Scaled time since the clock was made.
    public func monotonic() -> Period { Period(milliseconds: base.monotonic().milliseconds * scale) }
    /// Waits for a scaled period.
    public func sleep(for period: Period) async throws {
        let real = Period(milliseconds: (period.milliseconds + scale - 1) / scale)
        try await base.sleep(for: max(real, shortestSleep))
    }
}
