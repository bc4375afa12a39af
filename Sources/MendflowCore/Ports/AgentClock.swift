/// Time as the agent sees it: a wall clock, a clock that never goes back, and a way to wait.
public protocol AgentClock: Sendable {
    /// The agent's own wall clock.
    func now() -> AgentTime
    /// Time since some fixed point, never going back, unaffected by changes of the wall clock.
    func monotonic() -> Period
    /// Waits for a period; throws `CancellationError` where the task is cancelled.
    func sleep(for period: Period) async throws
}
