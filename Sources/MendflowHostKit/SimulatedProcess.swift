import MendflowCore
public import MendflowEnvironment
import MendflowHTTP
import MendflowLedger
private import Synchronization

/// A process that can be killed between any two effects: after its death nothing of it is ever heard again.
///
/// Every port of its environment goes through here. A dead process's call never returns; what it had sent goes on in the
/// world, and what it had not written down is lost.
public final class SimulatedProcess: Sendable {
    private struct State {
        var isDead = false
        /// Effects until it dies by itself; nil where it does not.
        var effectsLeft: Int?
    }
    private let state: Mutex<State>

    /// Makes a process; it dies by itself after so many effects.
    public init(diesAfter effects: Int? = nil) { state = Mutex(State(effectsLeft: effects)) }

    /// Whether it is dead.
    public var isDead: Bool { state.withLock { $0.isDead } }

    /// `kill -9`.
    public func kill() { state.withLock { $0.isDead = true } }

    /// Called before and after each effect: a dead process goes no further.
    func live() async {
        let isDead = state.withLock { state in
            if let left = state.effectsLeft {
                state.effectsLeft = left - 1
                if left <= 0 { state.isDead = true }
            }
            return state.isDead
        }
        guard isDead else { return }
        // Nothing ever resumes it.
        await unsafe withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
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
        try await base.sleep(for: period)
        await process.live()
    }
}

private struct MortalTransport: Transport {
    let process: SimulatedProcess
    let base: any Transport
    func send(
        _ request: HTTPRequest, observer: @escaping @Sendable (TransferEvent) -> TransferDemand
    ) async throws(TransportFailure) -> TransferSummary {
        await process.live()
        do throws(TransportFailure) {
            let summary = try await base.send(request, observer: observer)
            await process.live()
            return summary
        } catch {
            await process.live()
            throw error
        }
    }
}

private struct MortalLedgers: LedgerLocker {
    let process: SimulatedProcess
    let base: any LedgerLocker
    func open(_ path: String, _ access: LedgerAccess) throws(LedgerFailure) -> any LedgerStore {
        MortalStore(process: process, base: try base.open(path, access))
    }
    func lock(_ path: String) throws(LedgerFailure) -> any LedgerHold { try base.lock(path) }
}

private struct MortalStore: LedgerStore {
    let process: SimulatedProcess
    let base: any LedgerStore
    func load(_ scope: LedgerScope) async throws(LedgerFailure) -> LedgerState {
        await process.live()
        return try await base.load(scope)
    }
    func append(
        _ entries: [LedgerEntry], expecting head: LedgerHead, fence: FenceToken?
    ) async throws(LedgerFailure) -> LedgerHead {
        await process.live()
        let head = try await base.append(entries, expecting: head, fence: fence)
        await process.live()
        return head
    }
    func records(after sequence: Int64, limit: Int) async throws(LedgerFailure) -> [SealedRecord] {
        await process.live()
        return try await base.records(after: sequence, limit: limit)
    }
    func records(
        about executions: Set<ExecutionID>, instance: InstanceKey
    ) async throws(LedgerFailure) -> [SealedRecord] {
        try await base.records(about: executions, instance: instance)
    }
    func verify(expecting expected: AuditHead?) async throws(LedgerFailure) -> AuditVerification {
        try await base.verify(expecting: expected)
    }
}
