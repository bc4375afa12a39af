public import MendflowCore
public import MendflowSimulator
private import Synchronization

/// One simulated world: a seed, a clock that jumps to the next event, and an n8n.
public struct Simulation: Sendable {
    /// The clock of everybody.
    public let clock: VirtualClock
    /// The n8n, the first of several where there are more.
    public let box: SimulatorBox
    /// All of them.
    public let boxes: [SimulatorBox]
    /// Decides the order of everything.
    public let executor: SeededExecutor

    /// Makes a world at a time.
    public init(seed: UInt64, start: AgentTime, _ simulator: Simulator, _ others: [Simulator] = []) {
        let clock = VirtualClock(start)
        self.clock = clock
        box = SimulatorBox(simulator) { clock.now().milliseconds }
        boxes = [box] + others.map { other in SimulatorBox(other) { clock.now().milliseconds } }
        executor = SeededExecutor(seed: seed)
    }

    /// Nothing is runnable and nothing is due, though the work is not done.
    public struct Deadlock: Error {}

    /// Something goes on and on without waiting: time would never move again.
    public struct Standstill: Error {
        /// When it was seen, in the world's time.
        public var at: AgentTime
    }

    /// Far more than anything real does in a moment.
    private static let mostJobsInAMoment = 200_000

    /// Runs work to its end in this thread; time jumps to the next event whenever nothing is runnable.
    ///
    /// - Throws: What the work throws, `Deadlock`, or `Standstill`.
    public func run<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) throws -> Value {
        let shared = Shared<Value>()
        let task = Task(executorPreference: executor) {
            do { shared.set(.success(try await work())) } catch { shared.set(.failure(error)) }
        }
        defer { task.cancel() }
        var jobs = 0
        while true {
            if shared.isSet, let result = shared.get() { return try result.get() }
            if executor.runOne() {
                jobs += 1
                guard jobs <= Simulation.mostJobsInAMoment else { throw Standstill(at: clock.now()) }
                continue
            }
            let due = boxes.compactMap(\.nextEvent).min()
            let events = [clock.nextWake, due.map { AgentTime(milliseconds: $0) - clock.now() }]
            guard let next = events.compactMap({ $0 }).min() else { throw Deadlock() }
            if next > .zero { jobs = 0 }
            clock.advance(by: max(next, .zero))
            for box in boxes { box.advance() }
        }
    }

    /// Runs what is still runnable, without letting time pass: what was cancelled ends.
    public func drain() {
        var jobs = 0
        while jobs < Simulation.mostJobsInAMoment, executor.runOne() { jobs += 1 }
    }

    /// Holds the result across tasks.
    private final class Shared<Value: Sendable>: Sendable {
        private let hasValue = Atomic(false)
        private let value = Mutex<Result<Value, any Error>?>(nil)
        /// Asked after every job, and cheaper than what is there.
        var isSet: Bool { hasValue.load(ordering: .acquiring) }
        func set(_ result: Result<Value, any Error>) {
            value.withLock { $0 = result }
            hasValue.store(true, ordering: .releasing)
        }
        func get() -> Result<Value, any Error>? { value.withLock { $0 } }
    }
}
