import MendflowCore
import MendflowCycle
import MendflowLedger
import MendflowN8N
import MendflowSimulator
import MendflowTestKit
import MendflowText
import Synchronization
import Testing

@testable import MendflowAgent

@Suite("n8n's clock and the agent's, hours apart")
struct TwoClocksTests {
    private static func world(
        ahead: Period, _ set: (inout Simulator) -> Void = { _ in }
    ) throws -> World {
        try World { simulator in
            simulator.configuration.clockAhead = ahead.milliseconds
            simulator.add(
                .orderSync(
                    .init(next: [.error(.http(503, method: "POST"), after: 100)], retries: [.success(after: 2000)])))
            set(&simulator)
        }
    }

    @Test("what an answer latches is dated by n8n's clock, as everything that is latched")
    func latches() throws {
        let world = try Self.world(ahead: .hours(2))
        let set = try World.set([.retryOrders()])
        try world.simulation.run {
            world.box.withSimulator { _ = $0.trigger(World.workflow, now: world.clock.now().milliseconds) }
            try await world.run(try await world.agent(set), for: .minutes(10))
        }
        let latches = try world.simulation.run {
            try await world.store.records(after: 0, limit: 1000).compactMap { sealed -> Latch? in
                let entry = try LedgerEntry(try CanonicalRecord(bytes: sealed.bytes).record)
                guard case .latched(_, let latch, _) = entry.event else { return nil }
                return latch
            }
        }
        #expect(latches.contains { $0.fact == .healed })
        #expect(latches.contains { if case .child = $0.fact { true } else { false } })
        for latch in latches {
            let age = latch.at - (World.serverStart + .hours(2))
            #expect(age >= .zero && age < .minutes(10), "\(latch)")
        }
    }

    @Test("the ledger is asked about each run that began, by the agent's clock, before what is read anyway")
    func chains() throws {
        let lookBack = Period.hours(48)
        let world = try Self.world(ahead: .hours(3)) { simulator in
            let now = World.start.milliseconds + Period.hours(3).milliseconds
            // It waited for two days, and what was done about it then was done long ago.
            simulator.addExecution(
                of: World.workflow, status: .error, startedAt: now - (lookBack + .hours(2)).milliseconds,
                stoppedAt: now - Period.hours(1).milliseconds)
            simulator.addExecution(
                of: World.workflow, status: .error, startedAt: now - Period.hours(2).milliseconds,
                stoppedAt: now - Period.minutes(1).milliseconds)
        }
        let asked = try world.simulation.run {
            let ledger = AskedLedger(try world.store.everything())
            let connection = try N8NConnection(url: try ServerURL("http://n8n:5678")) { "test-key" }
            let surveyor = Surveyor(
                configuration: AgentConfiguration(instance: "main", mode: .dryRun, lookBack: lookBack),
                reader: N8NReader(
                    connection: connection, transport: SimulatedTransport(world.box), clock: world.clock
                ) { $0 },
                clock: world.clock, policies: try World.set([.retryOrders()]),
                baseline: try #require(ledger.state.baseline(of: "main")), tick: nil)
            _ = try await surveyor.survey(ledger)
            return ledger.asked.withLock { $0 }
        }
        #expect(asked.last == ["1"])
    }

    @Test("an idle tick decides nothing anew because n8n tells its time in whole seconds")
    func idle() throws {
        let world = try Self.world(ahead: .hours(2) + .milliseconds(300))
        let set = try World.set([.retryOrders()])
        let taken = try world.simulation.run {
            let agent = try await world.agent(set)
            world.box.withSimulator { _ = $0.trigger(World.workflow, now: world.clock.now().milliseconds) }
            try await world.run(agent, for: .minutes(10))
            var taken: [Bool?] = []
            for _ in 0..<4 {
                try await world.clock.sleep(for: .milliseconds(30_400))
                taken.append(await agent.tick().metrics?.isTakenOver)
            }
            return taken
        }
        #expect(taken.suffix(3) == [true, true, true])
    }

    /// A ledger that keeps which chains it was asked for.
    private final class AskedLedger: LedgerSource {
        let state: LedgerState
        let asked = Mutex<[Set<ExecutionID>]>([])

        init(_ state: LedgerState) { self.state = state }

        func state(since: AgentTime, chains: Set<ExecutionID>) async throws(LedgerFailure) -> LedgerState {
            asked.withLock { $0.append(chains) }
            return state
        }
    }
}
