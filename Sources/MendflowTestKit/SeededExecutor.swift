private import Synchronization

/// Runs ordinary async code in one thread, in an order that a seed decides and repeats.
///
/// Jobs wait in a queue; whoever drives the simulation runs one at a time. Dropping the queue is what kill -9 does to a
/// process.
public final class SeededExecutor: TaskExecutor {
    private struct State {
        var jobs: [UnownedJob] = []
        var random: SplitMix64
        var isDead = false
    }
    private let state: Mutex<State>

    /// Makes an executor whose order follows from a seed.
    public init(seed: UInt64) { state = Mutex(State(random: SplitMix64(seed: seed))) }

    /// Takes a job; after `kill` it is forgotten.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { if !$0.isDead { $0.jobs.append(job) } }
    }

    /// Runs one waiting job; false where there is none.
    public func runOne() -> Bool {
        let next = state.withLock { state -> UnownedJob? in
            guard !state.jobs.isEmpty else { return nil }
            let index = Int(state.random.next() % UInt64(state.jobs.count))
            state.jobs.swapAt(index, state.jobs.count - 1)
            return state.jobs.removeLast()
        }
        guard let next else { return false }
        unsafe next.runSynchronously(on: asUnownedTaskExecutor())
        return true
    }

    /// Forgets all jobs, now and from now on.
    public func kill() {
        state.withLock {
            $0.isDead = true
            $0.jobs = []
        }
    }
}
