public import MendflowHTTP
private import Synchronization

/// One simulator shared by many tasks: each change is made under a lock, held calls wait as continuations.
///
/// The time comes from a closure. Whoever drives the time calls `advance` when `nextEvent` is reached.
public final class SimulatorBox: Sendable {
    private struct State: Sendable {
        var simulator: Simulator
        var waiting: [Simulator.CallID: CheckedContinuation<Simulator.Reply?, Never>] = [:]
        /// Replies that were there before their caller began to wait for them.
        var early: [Simulator.CallID: Simulator.Reply] = [:]
        /// Calls whose caller has given up; the server goes on with them.
        var abandoned: Set<Simulator.CallID> = []
    }

    private let state: Mutex<State>
    private let now: @Sendable () -> Int64
    private let changed: @Sendable (Int64?) -> Void

    /// Shares a simulator.
    ///
    /// `now` is the server's time in milliseconds since 1970; `changed` is told, after each change and outside the
    /// lock, when `advance` is due next (nil: nothing is under way).
    public init(
        _ simulator: Simulator, now: @escaping @Sendable () -> Int64,
        changed: @escaping @Sendable (Int64?) -> Void = { _ in }
    ) {
        state = Mutex(State(simulator: simulator))
        self.now = now
        self.changed = changed
    }

    /// Reads or changes the simulator; calls that fall due by it are answered.
    public func withSimulator<Value: Sendable>(_ body: (inout Simulator) -> Value) -> Value {
        change { simulator, _ in body(&simulator) }
    }

    /// Lets the time go on to now and answers the calls that fell due.
    public func advance() { change { _, _ in } }

    /// When `advance` is due next, in milliseconds since 1970; nil while nothing is under way.
    public var nextEvent: Int64? { state.withLock { $0.simulator.nextEvent } }

    /// Hands a request in and waits for what becomes of it; nil where the calling task was cancelled meanwhile, which
    /// stops nothing in the server.
    public func send(_ request: HTTPRequest) async -> Simulator.Reply? {
        let reply = change { simulator, now in simulator.receive(request, now: now) }
        guard case .held(let call) = reply else { return reply }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let early = state.withLock { state -> Simulator.Reply?? in
                    if let reply = state.early.removeValue(forKey: call) { return reply }
                    if state.abandoned.contains(call) { return .some(nil) }
                    state.waiting[call] = continuation
                    return nil
                }
                if let early { continuation.resume(returning: early) }
            }
        } onCancel: {
            let waiting = state.withLock { state in
                if state.early[call] == nil { state.abandoned.insert(call) }
                return state.waiting.removeValue(forKey: call)
            }
            waiting?.resume(returning: nil)
        }
    }

    private func change<Value: Sendable>(_ body: (inout Simulator, Int64) -> Value) -> Value {
        let now = self.now()
        let (value, due, next) = state.withLock { state in
            let value = body(&state.simulator, now)
            var due: [(CheckedContinuation<Simulator.Reply?, Never>, Simulator.Reply)] = []
            for (call, reply) in state.simulator.advance(to: now) {
                if let waiting = state.waiting.removeValue(forKey: call) {
                    due.append((waiting, reply))
                } else if state.abandoned.remove(call) == nil {
                    state.early[call] = reply
                }
            }
            return (value, due, state.simulator.nextEvent)
        }
        for (waiting, reply) in due { waiting.resume(returning: reply) }
        changed(next)
        return value
    }
}
