import MendflowAgent
import MendflowCore
import MendflowCycle
import MendflowLedger
import MendflowN8N
import MendflowSimulator
import MendflowTestKit
import MendflowText
import Synchronization
import Testing

/// One look has room for some nine thousand rows and a hundred details.
@Suite("What plan and run --once see")
struct WholeLookBackTests {
    /// Far more runs than one look has room for, every hundredth failed.
    static func world() throws -> World {
        try World { simulator in
            simulator.add(.orderSync(.always(.success(after: 100))))
            for index in 0..<25_000 {
                let at = World.start.milliseconds - Int64(25_000 - index) * 1000
                simulator.addExecution(
                    of: World.workflow, status: index % 100 == 0 ? .error : .success, startedAt: at, stoppedAt: at + 100
                )
            }
        }
    }

    @Test("run --once goes on until the whole look-back is read and every failure is decided")
    func once() throws {
        let world = try Self.world()
        let report = try world.simulation.run {
            await (try await world.agent(try World.set([.retryOrders()]), mode: .dryRun)).runOnce()
        }
        #expect(report.snapshot?.executions.count == 25_000)
        #expect(report.snapshot?.coverage.rowsKnownFrom == nil)
        #expect(report.details == 250)
        #expect(report.plan.needs.isEmpty)
        #expect(Set(report.plan.decisions.map(\.execution)).count == 250)
    }

    @Test("plan does so too, and tells how far it is")
    func review() throws {
        let (survey, told) = try look(within: .minutes(2))
        #expect(survey.step?.snapshot.executions.count == 25_000)
        #expect(survey.step?.snapshot.coverage.rowsKnownFrom == nil)
        #expect(survey.step?.questions.isEmpty == true)
        #expect(survey.details == 250)
        #expect(told >= 2)
    }

    @Test("where it has to stop before, the snapshot says from where on the list was read")
    func short() throws {
        let (survey, told) = try look(within: .zero)
        #expect(survey.step?.snapshot.coverage.rowsKnownFrom.map { $0 > "10000" } == true)
        #expect(told == 0)
    }

    @Test("what is asked about one execution reads the data of no other, and says of how many")
    func one() throws {
        let world = try Self.world()
        let (survey, _) = try look(within: .minutes(2), about: "24901", in: world)
        #expect(survey.details == 1 && survey.passedOver == 249)
        #expect(survey.step?.snapshot.executions.count == 25_000)
        #expect(
            survey.step?.plan.decisions.contains { $0.execution == "24901" && $0.verdict.label != "fact_pending" }
                == true)
    }

    @Test(
        "run --once goes through what is older as well, behind everything else, up to the cap", arguments: [20, 1000])
    func deletes(cap: Int) throws {
        let world = try World(since: .days(90)) { simulator in
            simulator.add(.orderSync(.always(.success(after: 100))))
            for index in 0..<600 {
                let at = World.start.milliseconds - Period.days(60).milliseconds + Int64(index) * 1000
                simulator.addExecution(of: World.workflow, status: .error, startedAt: at, stoppedAt: at + 100)
            }
            let at = World.start.milliseconds - Period.hours(1).milliseconds
            simulator.addExecution(of: World.workflow, status: .error, startedAt: at, stoppedAt: at + 100)
        }
        var delete = Policy(
            name: "delete-old", mode: .enforce,
            match: .all([
                .test(FieldTest(.status, [.anyOf([.wildcard("error")])])),
                .test(FieldTest(.age, [.period(.gte, .days(30))])),
            ]), remediation: .delete)
        delete.guards.maxActions = [ActionCap(amount: cap, per: .window(.hours(1)))]
        let set = try World.set(
            [.retryOrders(), delete],
            limits: InstanceLimits(maxInFlight: 1000, maxActions: []))
        try world.simulation.run {
            _ = await (try await world.agent(set)).runOnce()
        }
        #expect(world.requests(.retry) == 1)
        #expect(world.requests(.delete) == min(cap, 600))
    }

    @Test("old rows of which something speaks against a deletion are shown, and written down nowhere")
    func heldDeletions() throws {
        let world = try World(since: .days(90)) { simulator in
            simulator.add(.orderSync(.always(.success(after: 100))))
            for days in [60, 61] {
                let at = World.start.milliseconds - Period.days(Int64(days)).milliseconds
                simulator.addExecution(of: World.workflow, status: .error, startedAt: at, stoppedAt: at + 100)
            }
        }
        var delete = Policy(
            name: "delete-old", mode: .enforce, match: .test(FieldTest(.status, [.anyOf([.wildcard("error")])])),
            remediation: .delete)
        delete.exceptions = [
            PolicyException(match: .test(FieldTest(.workflowName, [.anyOf([.wildcard("Order*")])])), reason: "audit")
        ]
        let (survey, _) = try look(within: .minutes(2), in: world, [delete])
        let held = survey.step?.plan.decisions.filter { $0.verdict.label == "excepted" } ?? []
        #expect(held.map(\.execution).sorted() == ["1", "2"] && survey.oldRowsRead == 2)
        let set = try World.set([delete])
        try world.simulation.run { _ = await (try await world.agent(set)).runOnce() }
        #expect(world.requests(.delete) == 0)
        let main = InstanceKey(name: "main", epoch: 1)
        #expect(try world.store.everything().view(of: main, shadow: false).verdicts.isEmpty)
    }

    private func look(
        within time: Period, about execution: ExecutionID? = nil, in world: World? = nil,
        _ policies: [Policy] = [.retryOrders()]
    ) throws -> (Survey, told: Int) {
        let world = try world ?? Self.world()
        return try world.simulation.run {
            let state = try world.store.everything()
            let connection = try N8NConnection(url: try ServerURL("http://n8n:5678")) { "test-key" }
            let surveyor = Surveyor(
                configuration: AgentConfiguration(instance: "main", mode: .dryRun),
                reader: N8NReader(
                    connection: connection, transport: SimulatedTransport(world.box), clock: world.clock
                ) { $0 },
                clock: world.clock, policies: try World.set(policies),
                baseline: try #require(state.baseline(of: "main")), tick: nil)
            let told = Mutex(0)
            let survey = try await surveyor.review(Kept(state: state), about: execution, within: time) { _ in
                told.withLock { $0 += 1 }
            }
            return (survey, told.withLock { $0 })
        }
    }

    /// A ledger that nobody writes to.
    private struct Kept: LedgerSource {
        let state: LedgerState
        func state(since: AgentTime, chains: Set<ExecutionID>) async throws(LedgerFailure) -> LedgerState { state }
    }
}
