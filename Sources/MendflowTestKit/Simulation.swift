public import MendflowCore
public import MendflowSimulator
private import Synchronization

/// One simulated world: a seed, a clock that jumps to the next event, and an n8n.
public struct Simulation: Sendable {
    /// The clock of everybody.
    public let clock: VirtualClock
    /// The n8n.
    public let box: SimulatorBox
    /// Decides the order of everything.
    public let executor: SeededExecutor

    /// Makes a world at a time.
    public init(seed: UInt64, start: Timestamp, _ simulator: Simulator) {
        let clock = VirtualClock(start)
        self.clock = clock
        box = SimulatorBox(simulator) { clock.now().milliseconds }
        executor = SeededExecutor(seed: seed)
    }

    /// Nothing is runnable and nothing is due, though the work is not done.
    public struct Deadlock: Error {}

    /// Runs work to its end in this thread; time jumps to the next event whenever nothing is runnable.
    public func run<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) throws -> Value {
        let shared = Shared<Value>()
        let task = Task(executorPreference: executor) {
            do { shared.set(.success(try await work())) } catch { shared.set(.failure(error)) }
        }
        defer { task.cancel() }
        while true {
            if let result = shared.get() { return try result.get() }
            if executor.runOne() { continue }
            let events = [clock.nextWake, box.nextEvent.map { Timestamp(milliseconds: $0) - clock.now() }]
            guard let next = events.compactMap({ $0 }).min() else { throw Deadlock() }
            clock.advance(by: max(next, .zero))
            box.advance()
        }
    }

    /// Holds the result across tasks.
    private final class Shared<Value: Sendable>: Sendable {
        private let value = Mutex<Result<Value, any Error>?>(nil)
        func set(_ result: Result<Value, any Error>) { value.withLock { $0 = result } }
        func get() -> Result<Value, any Error>? { value.withLock { $0 } }
    }
}
