import MendflowAgent
import MendflowCore
import MendflowLedger
import MendflowN8N
import MendflowSimulator
import MendflowTestKit
import Synchronization
import Testing

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
            let agent = try await world.agent(set, store: isFull.store(world.store))
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

    /// A ledger on it: no outcome can be written while it is full.
    func store(_ base: any LedgerStore) -> HookedStore {
        HookedStore(base) { [self] (entries, append) throws(LedgerFailure) in
            let settles = entries.contains { if case .outcome = $0.event { true } else { false } }
            if settles, value { throw .full("ledger") }
            return try await append()
        }
    }
}
