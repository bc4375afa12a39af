public import MendflowCore
private import Synchronization

/// A clock that stands still until somebody moves it.
public final class VirtualClock: AgentClock {
    private struct Sleeper {
        var id: Int
        var until: Int64
        var continuation: CheckedContinuation<Bool, Never>
    }
    private struct State {
        var wall: Int64
        var monotonic: Int64 = 0
        var sleepers: [Sleeper] = []
        var cancelled: Set<Int> = []
        var counter = 0
    }
    private let state: Mutex<State>

    /// Makes a clock that shows a time.
    public init(_ start: AgentTime) { state = Mutex(State(wall: start.milliseconds)) }

    /// The wall clock's time.
    public func now() -> AgentTime { AgentTime(milliseconds: state.withLock { $0.wall }) }
    /// Time since the clock was made.
    public func monotonic() -> Period { Period(milliseconds: state.withLock { $0.monotonic }) }

    /// Waits until the clock was moved that far.
    public func sleep(for period: Period) async throws {
        try Task.checkCancellation()
        guard period > .zero else { return }
        let id = state.withLock { state in
            state.counter += 1
            return state.counter
        }
        let slept = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isCancelled = state.withLock { state in
                    if state.cancelled.remove(id) != nil { return true }
                    let until = state.monotonic + period.milliseconds
                    state.sleepers.append(Sleeper(id: id, until: until, continuation: continuation))
                    return false
                }
                if isCancelled { continuation.resume(returning: false) }
            }
        } onCancel: {
            let sleeper = state.withLock { state -> Sleeper? in
                guard let index = state.sleepers.firstIndex(where: { $0.id == id }) else {
                    state.cancelled.insert(id)
                    return nil
                }
                return state.sleepers.remove(at: index)
            }
            sleeper?.continuation.resume(returning: false)
        }
        if !slept { throw CancellationError() }
    }

    /// How far away the next sleeper's end is; nil where nobody sleeps.
    public var nextWake: Period? {
        state.withLock { state in
            state.sleepers.map(\.until).min().map { Period(milliseconds: max(0, $0 - state.monotonic)) }
        }
    }

    /// Lets time pass, on both clocks, and wakes whom it woke.
    public func advance(by period: Period) {
        let woken = state.withLock { state -> [Sleeper] in
            state.wall += period.milliseconds
            state.monotonic += period.milliseconds
            let now = state.monotonic
            let due = state.sleepers.filter { $0.until <= now }.sorted { ($0.until, $0.id) < ($1.until, $1.id) }
            state.sleepers.removeAll { $0.until <= now }
            return due
        }
        for sleeper in woken { sleeper.continuation.resume(returning: true) }
    }

    /// Sets the wall clock alone, as an administrator or NTP does.
    public func jump(by period: Period) { state.withLock { $0.wall += period.milliseconds } }
}
