import MendflowAgent
import MendflowCore
import MendflowLedgerSQLite
import MendflowN8N
import MendflowSimulator
import MendflowTestKit
import Synchronization
import Testing

/// A ledger on a disk that is full while outcomes are to be written.
private final class FullLedger: Ledger {
    private let base: SQLiteLedger
    private let isFull: @Sendable () -> Bool

    init(_ base: SQLiteLedger, isFull: @escaping @Sendable () -> Bool) {
        self.base = base
        self.isFull = isFull
    }

    func commit(
        _ changes: [LedgerChange], audit: [AuditRecord], at time: Timestamp
    ) throws(LedgerFailure) -> [IntentID] {
        let settles = changes.contains { if case .settle = $0 { true } else { false } }
        if settles, isFull() { throw .full("ledger") }
        return try base.commit(changes, audit: audit, at: time)
    }
    func view(
        of instance: InstanceKey, since: Timestamp, shadow: Bool, chains: Set<ExecutionID>
    ) throws(LedgerFailure) -> LedgerView {
        try base.view(of: instance, since: since, shadow: shadow, chains: chains)
    }
    func baseline(of name: String) throws(LedgerFailure) -> InstanceBaseline? { try base.baseline(of: name) }
    func tickState(of instance: InstanceKey) throws(LedgerFailure) -> TickState? {
        try base.tickState(of: instance)
    }
    func intent(_ id: IntentID) throws(LedgerFailure) -> Intent? { try base.intent(id) }
    func intents(in states: Set<IntentState>, instance: InstanceKey?) throws(LedgerFailure) -> [Intent] {
        try base.intents(in: states, instance: instance)
    }
    func head() throws(LedgerFailure) -> (sequence: Int64, hash: [UInt8]) { try base.head() }
    func records(from sequence: Int64, limit: Int) throws(LedgerFailure) -> [SealedRecord] {
        try base.records(from: sequence, limit: limit)
    }
    func records(about executions: Set<ExecutionID>, instance: InstanceKey) throws(LedgerFailure) -> [SealedRecord] {
        try base.records(about: executions, instance: instance)
    }
}

@Suite("An outcome that cannot be written down")
struct FullDiskTests {
    @Test("is not reported as written, makes a single tick fail, and is written as soon as there is room")
    func outcome() throws {
        let isFull = FullDisk()
        // No row tells what became of the retry: only our outcome does.
        let world = try World { simulator in
            simulator.add(
                .orderSync(
                    .init(next: [.error(.http(503, method: "POST"), after: 100)], retries: [.success(after: 1000)]),
                    settings: ["saveDataSuccessExecution": "none"]))
        }
        let set = try World.set([.retryOrders()])
        let failed = try world.simulation.run {
            world.box.withSimulator { _ = $0.trigger(World.workflow, now: world.clock.now().milliseconds) }
            try await world.clock.sleep(for: .minutes(5))
            let agent = try world.agent(set, ledger: { FullLedger($0) { isFull.value } })
            let report = await agent.runOnce()
            let failed = report.ledgerFailed
            isFull.set(false)
            _ = await agent.tick()
            return failed
        }
        #expect(failed)
        #expect(world.events.named("outcome.unwritten").count == 1)
        #expect(world.events.named("action.applied").isEmpty)
        #expect(try world.intents().map(\.state) == [.applied])
        #expect(world.requests(.retry) == 1)
    }
}

/// Whether there is no room.
private final class FullDisk: Sendable {
    private let state = Mutex(true)
    var value: Bool { state.withLock { $0 } }
    func set(_ value: Bool) { state.withLock { $0 = value } }
}
