import MendflowCore
public import MendflowEnvironment
import MendflowHTTP
import MendflowLedger
private import Synchronization

/// A process that can be killed or frozen between any two effects: after its death nothing of it is ever heard again.
///
/// Every port of its environment goes through here. A dead process's call does not return; what it had sent goes on in the
/// world, and what it had not written down is lost.
public final class SimulatedProcess: Sendable {
    /// What a process does outside itself.
    public enum Effect: String, Sendable, Hashable, CaseIterable {
        /// Waits, or has waited.
        case sleep
        /// Reads from n8n.
        case read
        /// Sends what changes something in n8n.
        case send
        /// Reads the ledger.
        case load
        /// Appends to the ledger.
        case append
        /// Takes a turn at the leases, or has taken one.
        case lease
    }

    private struct State {
        var isDead = false
        var isFrozen = false
        var isBuried = false
        /// Effects until it dies by itself; nil where it does not.
        var effectsLeft: Int?
        /// Effects until it freezes by itself.
        var effectsUntilFrozen: Int?
        var last: Effect?
        /// Calls that wait for the process to be thawed or buried.
        var waiting: [CheckedContinuation<Void, Never>] = []
    }
    private let state: Mutex<State>

    /// Makes a process; it dies by itself after so many effects.
    public init(diesAfter effects: Int? = nil) { state = Mutex(State(effectsLeft: effects)) }

    /// Whether it is dead.
    public var isDead: Bool { state.withLock { $0.isDead } }
    /// What it did last.
    public var lastEffect: Effect? { state.withLock { $0.last } }

    /// Lets it die by itself after so many more effects.
    public func die(after effects: Int) { state.withLock { $0.effectsLeft = effects } }

    /// Freezes it by itself after so many more effects.
    public func freeze(after effects: Int) { state.withLock { $0.effectsUntilFrozen = effects } }

    /// Whether it is frozen.
    public var isFrozen: Bool { state.withLock { $0.isFrozen } }

    /// `kill -9`.
    public func kill() { state.withLock { $0.isDead = true } }

    /// `kill -STOP`: it does nothing more until it is thawed, and does not notice.
    public func freeze() { state.withLock { $0.isFrozen = true } }

    /// `kill -CONT`.
    public func thaw() {
        resume {
            $0.isFrozen = false
            $0.effectsUntilFrozen = nil
        }
    }

    /// Lets the tasks of a dead process end, so that what they hold is freed. Nothing that they still do reaches the world.
    public func bury() {
        resume {
            $0.isDead = true
            $0.isBuried = true
        }
    }

    private func resume(_ change: (inout sending State) -> Void) {
        let waiting = state.withLock { state in
            change(&state)
            defer { state.waiting = [] }
            return state.waiting
        }
        for call in waiting { call.resume() }
    }

    /// Thrown into the tasks of a buried process.
    struct Death: Error {}

    /// Called before and after each effect: a dead process goes no further, a frozen one waits.
    func live(_ effect: Effect) async throws(Death) {
        var isFirst = true
        while true {
            let (isBuried, waits) = state.withLock { state in
                if isFirst, let left = state.effectsLeft {
                    state.effectsLeft = left - 1
                    if left <= 0 { state.isDead = true }
                }
                if isFirst, let left = state.effectsUntilFrozen {
                    state.effectsUntilFrozen = left > 0 ? left - 1 : nil
                    if left <= 0 { state.isFrozen = true }
                }
                if isFirst, !state.isDead { state.last = effect }
                return (state.isBuried, state.isDead || state.isFrozen)
            }
            isFirst = false
            if isBuried { throw Death() }
            guard waits else { return }
            await withCheckedContinuation { call in
                let isOver = state.withLock { state in
                    let isOver = state.isBuried || !(state.isDead || state.isFrozen)
                    if !isOver { state.waiting.append(call) }
                    return isOver
                }
                if isOver { call.resume() }
            }
        }
    }

    /// An environment as this process sees it.
    public func environment(_ base: Environment) -> Environment {
        var environment = base
        environment.clock = MortalClock(process: self, base: base.clock)
        environment.connect = { MortalTransport(process: self, base: base.connect($0)) }
        environment.ledgers = MortalLedgers(process: self, base: base.ledgers)
        return environment
    }
}

private struct MortalClock: AgentClock {
    let process: SimulatedProcess
    let base: any AgentClock
    func now() -> AgentTime { base.now() }
    func monotonic() -> Period { base.monotonic() }
    func sleep(for period: Period) async throws {
        try await process.live(.sleep)
        try await base.sleep(for: period)
        try await process.live(.sleep)
    }
}

private struct MortalTransport: Transport {
    let process: SimulatedProcess
    let base: any Transport
    func send(
        _ request: HTTPRequest, observer: @escaping @Sendable (TransferEvent) -> TransferDemand
    ) async throws(TransportFailure) -> TransferSummary {
        let effect: SimulatedProcess.Effect = request.method == .get || request.method == .head ? .read : .send
        try await live(effect)
        let answer: Result<TransferSummary, TransportFailure>
        do throws(TransportFailure) { answer = .success(try await base.send(request, observer: observer)) } catch {
            answer = .failure(error)
        }
        try await live(effect)
        return try answer.get()
    }

    private func live(_ effect: SimulatedProcess.Effect) async throws(TransportFailure) {
        do throws(SimulatedProcess.Death) { try await process.live(effect) } catch {
            throw TransportFailure(.cancelled, bytesSent: 0, message: "the process is dead")
        }
    }
}

private struct MortalLedgers: LedgerLocker {
    let process: SimulatedProcess
    let base: any LedgerLocker
    func open(_ path: String, _ access: LedgerAccess) async throws(LedgerFailure) -> any LedgerStore {
        MortalStore(process: process, ledger: try await base.open(path, access))
    }
    func lock(_ path: String) throws(LedgerFailure) -> any LedgerHold {
        // One that was killed before it had begun would hold it for ever.
        if process.isDead { throw .unusable("the process is dead") }
        return MortalHold(process: process, base: try base.lock(path))
    }
    func agent(on path: String) -> AgentSigns { base.agent(on: path) }
    func leases(of path: String) throws(LedgerFailure) -> (any LeaseTable)? {
        try base.leases(of: path).map { MortalLeases(process: process, base: $0) }
    }
}

private struct MortalLeases: LeaseTable {
    let process: SimulatedProcess
    let base: any LeaseTable
    private func live() async throws(LedgerFailure) {
        do throws(SimulatedProcess.Death) { try await process.live(.lease) } catch {
            throw .unusable("the process is dead")
        }
    }
    func turn(_ wish: LeaseWish) async throws(LedgerFailure) -> LeaseTurn {
        try await live()
        let done: Result<LeaseTurn, LedgerFailure>
        do throws(LedgerFailure) { done = .success(try await base.turn(wish)) } catch { done = .failure(error) }
        try await live()
        return try done.get()
    }
    func board() async throws(LedgerFailure) -> LeaseBoard {
        try await live()
        return try await base.board()
    }
    func settleDoubt() async throws(LedgerFailure) {
        try await live()
        try await base.settleDoubt()
    }
    func returns() -> AsyncStream<Void> { base.returns() }
}

private struct MortalHold: LedgerHold {
    let process: SimulatedProcess
    let base: any LedgerHold
    var marks: SendMarks? { base.marks }
    func beginMarks(at head: AuditHead) throws(LedgerFailure) {
        try live()
        try base.beginMarks(at: head)
    }
    func mark(_ intent: IntentID) throws(LedgerFailure) {
        try live()
        try base.mark(intent)
    }
    private func live() throws(LedgerFailure) {
        if process.isDead { throw .unusable("the process is dead") }
    }
}

private struct MortalStore: LedgerStore {
    let process: SimulatedProcess
    let ledger: any LedgerStore
    private func live(_ effect: SimulatedProcess.Effect) async throws(LedgerFailure) {
        do throws(SimulatedProcess.Death) { try await process.live(effect) } catch {
            throw .unusable("the process is dead")
        }
    }
    func load(_ scope: LedgerScope) async throws(LedgerFailure) -> LedgerState {
        try await live(.load)
        return try await ledger.load(scope)
    }
    func append(
        _ entries: [LedgerEntry], expecting head: LedgerHead, fence: FenceToken?
    ) async throws(LedgerFailure) -> LedgerHead {
        try await live(.append)
        let done: Result<LedgerHead, LedgerFailure>
        do throws(LedgerFailure) {
            done = .success(try await ledger.append(entries, expecting: head, fence: fence))
        } catch {
            done = .failure(error)
        }
        // It may have died in it, and then hears nothing of what came of it.
        try await live(.append)
        return try done.get()
    }
    func seal(
        _ sealing: LedgerSealing, expecting head: LedgerHead, fence: FenceToken?
    ) async throws(LedgerFailure) -> LedgerHead {
        try await live(.append)
        return try await ledger.seal(sealing, expecting: head, fence: fence)
    }
    func base() async throws(LedgerFailure) -> [LedgerCell] {
        try await live(.load)
        return try await ledger.base()
    }
    func records(after sequence: Int64, limit: Int) async throws(LedgerFailure) -> [SealedRecord] {
        try await live(.load)
        return try await ledger.records(after: sequence, limit: limit)
    }
    func records(
        about executions: Set<ExecutionID>, instance: InstanceKey
    ) async throws(LedgerFailure) -> [SealedRecord] {
        try await live(.load)
        return try await ledger.records(about: executions, instance: instance)
    }
    func verify(expecting expected: AuditHead?) async throws(LedgerFailure) -> AuditVerification {
        try await live(.load)
        return try await ledger.verify(expecting: expected)
    }
}
