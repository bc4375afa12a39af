import MendflowAgent
import MendflowCore
import MendflowLedger
import MendflowN8N
import MendflowSimulator
import MendflowTestKit
import Synchronization
import Testing

/// A ledger on a disk that is full while outcomes are to be written.
private struct FullLedger: LedgerStore {
    let base: any LedgerStore
    let isFull: @Sendable () -> Bool

    func append(
        _ entries: [LedgerEntry], expecting head: LedgerHead, fence: FenceToken?
    ) async throws(LedgerFailure) -> LedgerHead {
        let settles = entries.contains { if case .outcome = $0.event { true } else { false } }
        if settles, isFull() { throw .full("ledger") }
        return try await base.append(entries, expecting: head, fence: fence)
    }
    func load(_ scope: LedgerScope) async throws(LedgerFailure) -> LedgerState { try await base.load(scope) }
    func records(after sequence: Int64, limit: Int) async throws(LedgerFailure) -> [SealedRecord] {
        try await base.records(after: sequence, limit: limit)
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
            let agent = try await world.agent(set, store: FullLedger(base: world.store) { isFull.value })
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
