public import MendflowCore
public import MendflowEnvironment
public import MendflowLedger
public import MendflowTestKit
private import Synchronization

/// A database that several simulated hosts share: what ledger and leases can see of PostgreSQL. It takes its time, refuses what
/// it could not put in line, loses connections after a commit, is cut off from single hosts, has a clock of its own, and fails over to
/// a copy that has everything, or lacks what was acknowledged last.
public final class SimulatedDatabase: Sendable {
    /// What goes wrong with single calls, each as one in so many; 0 for never.
    public struct Faults: Sendable {
        /// Refused before anything is done, as a serialization failure is; and the connection dies after the commit.
        public var refused = 0, diesAfterCommit = 0
        /// The longest that a call takes.
        public var latency = Period.milliseconds(5)
        /// Makes faults; none unless told otherwise.
        public init() {}
    }

    private struct State {
        var faults = Faults()
        var random: SplitMix64
        var store: MemoryLedgerStore
        /// What it was after the commits before, newest last.
        var copies: [MemoryLedgerStore] = []
        var isDown = false
        var cutOff: Set<Int> = []
    }
    private let state: Mutex<State>
    private let clock: VirtualClock

    /// Makes one; its clock is `ahead` of the hosts'.
    public init(_ clock: VirtualClock, seed: UInt64, ahead: Period = .zero) {
        self.clock = clock
        state = Mutex(
            State(
                random: SplitMix64(seed: seed ^ 0xDA7A_BA5E), store: MemoryLedgerStore(now: { clock.now() + ahead })))
    }

    /// The ledger as it stands.
    public var ledger: MemoryLedgerStore { state.withLock { $0.store } }

    /// Sets what goes wrong from now on.
    public func set(_ faults: Faults) { state.withLock { $0.faults = faults } }
    /// It answers nobody, or everybody again.
    public func set(isDown: Bool) { state.withLock { $0.isDown = isDown } }
    /// A host reaches it no more, or again.
    public func cutOff(_ process: Int, _ isCutOff: Bool = true) {
        state.withLock { state in
            if isCutOff { state.cutOff.insert(process) } else { state.cutOff.remove(process) }
        }
    }
    /// A copy takes its place that lacks so many of the last commits.
    public func failOver(losing commits: Int = 0) {
        state.withLock { state in
            guard commits > 0, !state.copies.isEmpty else { return }
            state.copies.removeLast(min(commits, state.copies.count) - 1)
            state.store = state.copies.removeLast()
        }
    }

    /// The database as a process of a number reaches it. Whatever path a ledger is opened by, it is this one.
    public func ledgers(process: Int) -> any LedgerLocker { View(database: self, process: process) }

    private func call<T: Sendable>(
        _ process: Int, commits: Bool, _ body: (MemoryLedgerStore) async throws(LedgerFailure) -> T
    ) async throws(LedgerFailure) -> T {
        let (before, after, refuses, dies) = state.withLock { state in
            let faults = state.faults
            let longest = Int(faults.latency.milliseconds) + 1
            return (
                state.random.below(longest), state.random.below(longest),
                faults.refused > 0 && state.random.below(faults.refused) == 0,
                faults.diesAfterCommit > 0 && state.random.below(faults.diesAfterCommit) == 0
            )
        }
        try await pass(before, process)
        if refuses && commits { throw .unusable("could not serialize access") }
        let store = state.withLock { state in
            if commits {
                state.copies.append(state.store.copy())
                if state.copies.count > 50 { state.copies.removeFirst() }
            }
            return state.store
        }
        let result: Result<T, LedgerFailure>
        do throws(LedgerFailure) { result = .success(try await body(store)) } catch { result = .failure(error) }
        if dies && commits { throw .unusable("the connection was lost") }
        try await pass(after, process)
        return try result.get()
    }

    /// A call takes its time, and fails where nothing comes through.
    private func pass(_ milliseconds: Int, _ process: Int) async throws(LedgerFailure) {
        do { try await clock.sleep(for: .milliseconds(Int64(milliseconds))) } catch { throw .unusable("cancelled") }
        let isReached = state.withLock { !$0.isDown && !$0.cutOff.contains(process) }
        guard !isReached else { return }
        // Whoever waits for a network that swallows everything waits until the deadline.
        do { try await clock.sleep(for: .seconds(1)) } catch { throw .unusable("cancelled") }
        throw .unusable("the database does not answer")
    }

    private struct View: LedgerLocker {
        let database: SimulatedDatabase
        let process: Int
        func open(_ path: String, _ access: LedgerAccess) async throws(LedgerFailure) -> any LedgerStore {
            RemoteStore(database: database, process: process)
        }
        func lock(_ path: String) throws(LedgerFailure) -> any LedgerHold { throw .locked("\(path): it is shared") }
        func agent(on path: String) -> AgentSigns { AgentSigns() }
        func leases(of path: String) throws(LedgerFailure) -> (any LeaseTable)? {
            RemoteStore(database: database, process: process)
        }
    }

    private struct RemoteStore: LedgerStore, LeaseTable {
        let database: SimulatedDatabase
        let process: Int

        func load(_ scope: LedgerScope) async throws(LedgerFailure) -> LedgerState {
            try await database.call(process, commits: false) { (store) throws(LedgerFailure) in
                try await store.load(scope)
            }
        }
        func append(
            _ entries: [LedgerEntry], expecting head: LedgerHead, fence: FenceToken?
        ) async throws(LedgerFailure) -> LedgerHead {
            try await database.call(process, commits: true) { (store) throws(LedgerFailure) in
                try await store.append(entries, expecting: head, fence: fence)
            }
        }
        func records(after sequence: Int64, limit: Int) async throws(LedgerFailure) -> [SealedRecord] {
            try await database.call(process, commits: false) { (store) throws(LedgerFailure) in
                try await store.records(after: sequence, limit: limit)
            }
        }
        func records(
            about executions: Set<ExecutionID>, instance: InstanceKey
        ) async throws(LedgerFailure) -> [SealedRecord] {
            try await database.call(process, commits: false) { (store) throws(LedgerFailure) in
                try await store.records(about: executions, instance: instance)
            }
        }
        func verify(expecting expected: AuditHead?) async throws(LedgerFailure) -> AuditVerification {
            try await database.call(process, commits: false) { (store) throws(LedgerFailure) in
                try await store.verify(expecting: expected)
            }
        }
        func turn(_ wish: LeaseWish) async throws(LedgerFailure) -> LeaseTurn {
            try await database.call(process, commits: true) { (store) throws(LedgerFailure) in
                try await store.turn(wish)
            }
        }
        func board() async throws(LedgerFailure) -> LeaseBoard {
            try await database.call(process, commits: false) { (store) throws(LedgerFailure) in try await store.board()
            }
        }
        func settleDoubt() async throws(LedgerFailure) {}
        func returns() -> AsyncStream<Void> { AsyncStream { $0.finish() } }
    }
}
