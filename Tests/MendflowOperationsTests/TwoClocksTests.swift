import MendflowCore
import MendflowHost
import MendflowHostKit
import MendflowLedger
import MendflowRehearsal
import MendflowReview
import MendflowSimulator
import MendflowTestKit
import MendflowWorkspace
import Testing

@testable import MendflowOperations

@Suite("What operators are told where n8n's clock is another one")
struct TwoClocksTests {
    @Test("a record of a time that has not come is found by the agent's clock, whatever n8n's shows")
    func recordedAhead() async throws {
        let folder = try Folder()
        let (server, workspace) = try await EpochCommandTests.world(folder, clockAhead: .days(2))
        let now = workspace.clock.now()
        let tick = TickState(
            tick: 1, at: now, accounted: nil, sweptAt: nil, rows: 0, live: [],
            clockOffset: ClockOffset(ahead: .days(2)))
        try await workspace.append([.tick(EpochCommandTests.key, TickPatch(from: nil, to: tick))], at: now)
        func words() async throws -> [String] {
            try await Doctor.look(workspace, instance: nil).instances[0].checks
                .filter { $0.topic == .clock && $0.message.contains("the ledger has a record") }.map(\.message)
        }
        #expect(try await words().isEmpty)
        let late = now + .days(1)
        try await workspace.append([.resumed(instance: nil, by: "test")], at: late)
        #expect(try await words().count == 1)
        #expect(try await Preview.plan(workspace, instance: nil).header.recordedAhead == late)
        await server.stop()
    }

    @Test(
        "a new epoch begins now, whatever answers are dated with; where nobody can tell when now is, an operator has to"
    )
    func baseline() async throws {
        let folder = try Folder()
        let (server, workspace) = try await EpochCommandTests.world(folder, dateAhead: .days(2))
        func adopt(since: ServerTime? = nil) async throws -> Adopt.Outcome {
            try await Adopt.run(workspace, .init(instance: nil, reason: "restored", since: since, force: true))
        }
        let now = ClockOffset.zero.server(workspace.clock.now())
        #expect(try await (adopt().since - now).magnitude < .minutes(10))
        let (header, checks) = (
            try await Preview.plan(workspace, instance: nil).header,
            try await Doctor.look(workspace, instance: nil).instances[0].checks
        )
        #expect(header.clockOffset.ahead == .zero && header.clockOffset.trouble != nil)
        #expect(checks.contains { $0.topic == .clock && $0.level == .warning && $0.message.contains("not believed") })
        await server.stop()

        let quiet = try Folder()
        let (other, lost) = try await EpochCommandTests.world(quiet, dateAhead: .minutes(20), age: .minutes(90))
        let error = await #expect(throws: MendflowFailure.self) {
            try await Adopt.run(lost, .init(instance: nil, reason: "restored", since: nil, force: true))
        }
        #expect(error?.message.contains("--since") == true)
        let since = ClockOffset.zero.server(lost.clock.now()) - .hours(1)
        #expect(
            try await Adopt.run(lost, .init(instance: nil, reason: "restored", since: since, force: true)).since
                == since)
        let found = try await Doctor.look(lost, instance: nil).instances[0].checks
        #expect(found.contains { $0.topic == .clock && $0.level == .wrong && $0.message.contains("is held") })
        await other.stop()
    }

    @Test("without a ledger, plan looks at all of the look-back as n8n's clock has it")
    func memoryless() async throws {
        let folder = try Folder()
        let clock = SystemClock()
        var simulator = Simulator(now: clock.now().milliseconds)
        simulator.configuration.keys = [.init(key: "secret-of-the-test", name: "agent")]
        simulator.configuration.clockAhead = -Period.hours(3).milliseconds
        simulator.add(Simulator.Workflow(id: "Wf00000000000001", name: "Orders", nodes: [.webhook("orders")]))
        let serverNow = clock.now().milliseconds - Period.hours(3).milliseconds
        for age in [Period.hours(47), .hours(1)] {
            let at = serverNow - age.milliseconds
            simulator.addExecution(of: "Wf00000000000001", status: .error, startedAt: at, stoppedAt: at + 10)
        }
        let server = try SimulatorServer.start(simulator, now: { clock.now().milliseconds }) { _ in }
        try folder.write("mendflow.yaml", Folder.configuration().replacing("http://127.0.0.1:1", with: server.url))
        let workspace = try #require(try folder.load(clock: clock).workspace)
        let plan = try await Preview.plan(workspace, instance: nil)
        #expect(plan.header.ledgerHead == nil)
        #expect(plan.header.judged == 2)
        #expect(!plan.held.contains { $0.reason == .beforeBaseline })
        await server.stop()
    }
}
