public import MendflowCore
public import MendflowEnvironment
public import MendflowLedger
public import MendflowTestKit
private import Synchronization

/// A database that several simulated hosts share: what ledger and leases can see of PostgreSQL. It takes its time, refuses what
/// it could not put in line, loses connections after a commit, is cut off from single hosts, has a clock of its own, and fails over
/// to a copy that has everything, or lacks what was acknowledged last.
public final class SimulatedDatabase: Sendable {
    /// What goes wrong with single calls, each as one in so many; 0 for never.
    public struct Faults: Sendable {
        /// Refused before anything is done, as a serialization failure is; and the connection dies after the commit.
        public var refused = 0, diesAfterCommit = 0
        /// The longest that a call takes each way.
        public var latency = Period.milliseconds(5)
        /// Makes faults; none unless told otherwise.
        public init() {}
    }

    /// How a host is cut off.
    public enum Cut: Sendable {
        /// Nothing comes through.
        case whole
        /// What is asked on connections that stand comes through and is done, and no answer comes back; nobody connects anew.
        case answers
    }

    /// What was committed, by which process, and how the leases stood in that moment.
    public enum Commit: Sendable {
        /// A turn at the leases.
        case turn(before: LeaseBoard, after: LeaseBoard)
        /// Entries, and the end of the ledger behind them.
        case append([LedgerEntry], head: LedgerHead, LeaseBoard)
    }
    /// Sees every commit in the moment of it.
    public typealias Witness = @Sendable (_ process: Int, Commit) -> Void

    private struct State {
        var witness: Witness?
        var faults = Faults()
        var random: SplitMix64
        var store: MemoryLedgerStore
        /// How many copies are kept, and what it was before its last commits, newest last.
        var mostCopies: Int, copies: [MemoryLedgerStore] = []
        var isDown = false
        var cuts: [Int: Cut] = [:]
        /// Hosts whose connections have broken since they were cut off.
        var unanswered: Set<Int> = []
        /// Counts what breaks connections: a call that began before it hears no answer.
        var connections = 0
        /// Those who wait for leases that are given back.
        var listeners: [Int: AsyncStream<Void>.Continuation] = [:]
        var numbers = 0
    }
    private let state: Mutex<State>
    private let clock: VirtualClock
    private let ahead: DatabaseClock

    /// Makes one whose clock is `ahead` of the others'. Where it may lose something it keeps what it was before so many of its last
    /// commits.
    public init(_ clock: VirtualClock, seed: UInt64, ahead: Period = .zero, keeping copies: Int = 0) {
        let time = DatabaseClock(clock, ahead)
        self.clock = clock
        self.ahead = time
        let store = MemoryLedgerStore(now: { time.now })
        state = Mutex(State(random: SplitMix64(seed: seed ^ 0xDA7A_BA5E), store: store, mostCopies: copies))
    }

    /// The ledger and its leases as they stand.
    public var ledger: MemoryLedgerStore { state.withLock { $0.store } }

    /// Who holds what in this moment, by its own clock.
    public var board: LeaseBoard { ledger.boardNow }

    /// Lets somebody see every commit.
    public func watch(_ witness: @escaping Witness) { state.withLock { $0.witness = witness } }

    /// Whether a host's calls come through and are answered.
    public func answers(_ host: Int) -> Bool { state.withLock { !$0.isDown && $0.cuts[host] == nil } }

    /// Sets what goes wrong from now on.
    public func set(_ faults: Faults) { state.withLock { $0.faults = faults } }

    /// It answers nobody, or everybody again; whatever was under way hears nothing more.
    public func set(isDown: Bool) {
        state.withLock { state in
            state.isDown = isDown
            state.connections += 1
        }
    }

    /// A host is cut off, or not any more.
    public func cut(_ host: Int, _ cut: Cut?) {
        state.withLock { state in
            state.cuts[host] = cut
            state.unanswered.remove(host)
        }
    }

    /// Its clock jumps.
    public func jump(by period: Period) { ahead.jump(by: period) }

    /// A copy takes its place that lacks so many of the last commits. Answers the end of the ledger before, where it lacks
    /// some of it.
    @discardableResult
    public func failOver(losing commits: Int = 0) -> AuditHead? {
        state.withLock { state in
            state.connections += 1
            let before = state.store
            guard commits > 0, !state.copies.isEmpty else { return nil }
            state.copies.removeLast(min(commits, state.copies.count) - 1)
            state.store = state.copies.removeLast()
            return before.boardNow.head == state.store.boardNow.head ? nil : before.boardNow.head
        }
    }

    /// The database as a process on a host reaches it. Whatever path a ledger is opened by, it is this one.
    public func ledgers(host: Int, process: Int = 0) -> any LedgerLocker {
        View(database: self, host: host, process: process)
    }

    /// A time that only grows as it is told to, and that stands beside everybody's.
    private final class DatabaseClock: Sendable {
        private let clock: VirtualClock
        private let ahead: Mutex<Period>
        init(_ clock: VirtualClock, _ ahead: Period) {
            self.clock = clock
            self.ahead = Mutex(ahead)
        }
        /// By the time that has passed: the wall clock of the world is the hosts'.
        var now: AgentTime { AgentTime(milliseconds: 1_000_000_000_000) + clock.monotonic() + ahead.withLock { $0 } }
        func jump(by period: Period) { ahead.withLock { $0 = $0 + period } }
    }
}

// Calls.
extension SimulatedDatabase {
    private enum Kind {
        case reads, commits
    }

    private func call<T: Sendable>(
        _ host: Int, _ kind: Kind, _ body: (MemoryLedgerStore) async throws(LedgerFailure) -> T
    ) async throws(LedgerFailure) -> T {
        let (before, after, refuses, dies, connection) = state.withLock { state in
            let longest = Int(state.faults.latency.milliseconds) + 1
            func chance(_ oneIn: Int) -> Bool { kind == .commits && oneIn > 0 && state.random.below(oneIn) == 0 }
            return (
                state.random.below(longest), state.random.below(longest), chance(state.faults.refused),
                chance(state.faults.diesAfterCommit), state.connections
            )
        }
        try await pass(before, host, connection, isAnswer: false)
        if refuses { throw .unusable("could not serialize access due to concurrent update") }
        let store = state.withLock { state in
            if kind == .commits, state.mostCopies > 0 {
                state.copies.append(state.store.copy())
                if state.copies.count > state.mostCopies { state.copies.removeFirst() }
            }
            return state.store
        }
        let result: Result<T, LedgerFailure>
        do throws(LedgerFailure) { result = .success(try await body(store)) } catch { result = .failure(error) }
        if dies { throw .unusable("the connection to the database was lost") }
        try await pass(after, host, connection, isAnswer: true)
        return try result.get()
    }

    /// A call takes its time, and fails where nothing comes through.
    private func pass(
        _ milliseconds: Int, _ host: Int, _ connection: Int, isAnswer: Bool
    ) async throws(LedgerFailure) {
        try await wait(.milliseconds(Int64(milliseconds)))
        let (isBroken, isStopped) = state.withLock { state in
            let isStopped = state.cuts[host].map { $0 == .whole || isAnswer || state.unanswered.contains(host) }
            if isStopped == true, isAnswer { state.unanswered.insert(host) }
            return (state.isDown || state.connections != connection, isStopped ?? false)
        }
        if isBroken { throw .unusable("the connection to the database was lost") }
        guard isStopped else { return }
        // Whoever waits for a network that swallows everything waits until the deadline.
        try await wait(.seconds(5))
        throw .unusable("the database does not answer")
    }

    private func wait(_ period: Period) async throws(LedgerFailure) {
        do { try await clock.sleep(for: period) } catch { throw .unusable("nobody waits for the database any more") }
    }

    /// Tells those who listen, and whom it reaches, that something was given back.
    private func notify() {
        for listener in state.withLock({ $0.isDown ? [] : $0.listeners.sorted { $0.key < $1.key }.map(\.value) }) {
            listener.yield()
        }
    }

    private func listen() -> AsyncStream<Void> {
        let (stream, listener) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let number = state.withLock { state in
            state.numbers += 1
            state.listeners[state.numbers] = listener
            return state.numbers
        }
        listener.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.listeners.removeValue(forKey: number) }
        }
        return stream
    }

    private struct View: LedgerLocker {
        let database: SimulatedDatabase
        let host: Int, process: Int
        func open(_ path: String, _ access: LedgerAccess) async throws(LedgerFailure) -> any LedgerStore {
            RemoteStore(database: database, host: host, process: process)
        }
        func lock(_ path: String) throws(LedgerFailure) -> any LedgerHold { throw .locked("\(path): it is shared") }
        func agent(on path: String) -> AgentSigns { AgentSigns() }
        func leases(of path: String) throws(LedgerFailure) -> (any LeaseTable)? {
            RemoteStore(database: database, host: host, process: process)
        }
    }

    private struct RemoteStore: LedgerStore, LeaseTable {
        let database: SimulatedDatabase
        let host: Int, process: Int

        private func saw(_ commit: SimulatedDatabase.Commit) {
            database.state.withLock { $0.witness }?(process, commit)
        }

        func load(_ scope: LedgerScope) async throws(LedgerFailure) -> LedgerState {
            try await database.call(host, .reads) { (store) throws(LedgerFailure) in try await store.load(scope) }
        }
        func append(
            _ entries: [LedgerEntry], expecting head: LedgerHead, fence: FenceToken?
        ) async throws(LedgerFailure) -> LedgerHead {
            try await database.call(host, .commits) { (store) throws(LedgerFailure) in
                let end = try await store.append(entries, expecting: head, fence: fence)
                saw(.append(entries, head: end, store.boardNow))
                return end
            }
        }
        func seal(
            _ sealing: LedgerSealing, expecting head: LedgerHead, fence: FenceToken?
        ) async throws(LedgerFailure) -> LedgerHead {
            try await database.call(host, .commits) { (store) throws(LedgerFailure) in
                try await store.seal(sealing, expecting: head, fence: fence)
            }
        }
        func base() async throws(LedgerFailure) -> [LedgerCell] {
            try await database.call(host, .reads) { (store) throws(LedgerFailure) in
                try await store.base()
            }
        }
        func records(after sequence: Int64, limit: Int) async throws(LedgerFailure) -> [SealedRecord] {
            try await database.call(host, .reads) { (store) throws(LedgerFailure) in
                try await store.records(after: sequence, limit: limit)
            }
        }
        func records(
            about executions: Set<ExecutionID>, instance: InstanceKey
        ) async throws(LedgerFailure) -> [SealedRecord] {
            try await database.call(host, .reads) { (store) throws(LedgerFailure) in
                try await store.records(about: executions, instance: instance)
            }
        }
        func verify(expecting expected: AuditHead?) async throws(LedgerFailure) -> AuditVerification {
            try await database.call(host, .reads) { (store) throws(LedgerFailure) in
                try await store.verify(expecting: expected)
            }
        }
        func turn(_ wish: LeaseWish) async throws(LedgerFailure) -> LeaseTurn {
            try await database.call(host, .commits) { (store) throws(LedgerFailure) in
                let before = store.boardNow
                let turn = try await store.turn(wish)
                saw(.turn(before: before, after: turn.board))
                if turn.hasReturned { database.notify() }
                return turn
            }
        }
        func board() async throws(LedgerFailure) -> LeaseBoard {
            try await database.call(host, .reads) { (store) throws(LedgerFailure) in try await store.board() }
        }
        func settleDoubt() async throws(LedgerFailure) {}
        func returns() -> AsyncStream<Void> { database.listen() }
    }
}
