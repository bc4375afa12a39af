import MendflowCore
import MendflowEnvironment
import MendflowHostKit
import MendflowLedger
import MendflowTestKit
import MendflowText
import MendflowWorkspace
import Testing

@testable import MendflowOperations

@Suite("Agents that share a ledger, as they are shown")
struct FleetTests {
    /// Whatever path a ledger is opened by, it is this one, which agents share.
    private struct Shared: LedgerLocker {
        let store: MemoryLedgerStore
        func open(_ path: String, _ access: LedgerAccess) async throws(LedgerFailure) -> any LedgerStore { store }
        func lock(_ path: String) throws(LedgerFailure) -> any LedgerHold { throw .locked("\(path): it is shared") }
        func agent(on path: String) -> AgentSigns { AgentSigns() }
        func leases(of path: String) throws(LedgerFailure) -> (any LeaseTable)? { store }
    }

    let folder: Folder
    let workspace: Workspace
    let store: MemoryLedgerStore
    let clock = VirtualClock(.noon)

    init() async throws {
        folder = try Folder()
        // The ledger's own clock is ten seconds ahead.
        store = MemoryLedgerStore(now: { [clock] in clock.now() + .seconds(10) })
        var environment = Environment.test(clock)
        environment.ledgers = Shared(store: store)
        let loaded = try Workspace.load(path: folder.path + "/mendflow.yaml", environment: environment)
        workspace = try #require(loaded.workspace, "\(loaded.report.text())")
        let since = ClockOffset.zero.server(.noon - .days(1))
        let baseline = InstanceBaseline(
            instance: InstanceKey(name: "production", epoch: 1), url: "http://n8n", since: since, highest: nil,
            fingerprints: [], at: since)
        try await workspace.append([.began(baseline, .initialised(by: "test"))], at: .noon - .days(1))
    }

    func turn(_ name: String, holds: [String: Int64] = [:], leads: Set<String> = ["production"]) async throws {
        _ = try await store.turn(
            LeaseWish(
                agent: AgentName(name), place: "\(name).example", instances: leads, holds: holds, period: .seconds(6)))
    }

    func status() async throws -> InstanceStatus {
        try #require(try await StatusQuery.run(workspace, instance: "production").first)
    }

    @Test("nobody is there: no agent runs, from whatever machine that is asked")
    func nobody() async throws {
        let status = try await status()
        #expect(status.life == .never && status.standing == .notRunning && status.lead?.leader == nil)
        #expect(status.needs.contains(.start(.never)) && !status.needs.contains(.lead))
    }

    @Test("an agent is told as running by the lease that it prolongs, and who leads what since when")
    func leader() async throws {
        try await turn("a", leads: ["production", LeaseBoard.desk])
        clock.advance(by: .seconds(2))
        try await turn("b")
        let status = try await status()
        #expect(status.life == .running && status.lead?.leader == AgentName("a"))
        #expect(status.lead?.last?.epoch == 1 && status.lead?.last?.since == .noon + .seconds(10))
        // Nobody answers at the address of the test's configuration, which is not the agents' fault.
        #expect(status.standing == .blind && !status.needs.contains(.lead))
        let fleet = try #require(try await Fleet.read(workspace))
        #expect(fleet.agents.map(\.name.text) == ["a", "b"] && fleet.agents.allSatisfy(\.isPresent))
        #expect(fleet.agents.map(\.leads) == [["production"], []] && fleet.teller == AgentName("a"))
        let files = try await FilesStanding.read(workspace)
        #expect(files.isRunning)
    }

    @Test("an instance that agents which are there do not lead needs somebody, and a watchdog hears of it")
    func unled() async throws {
        try await turn("a", holds: [:])
        clock.advance(by: .seconds(7))
        try await turn("b", leads: ["elsewhere"])
        let status = try await status()
        #expect(status.standing == .unled && !status.standing.isWell && status.needs.contains(.lead))
        #expect(status.lead?.leader == nil && status.lead?.last?.holder == AgentName("a"))
        let agents = try #require(try await Fleet.read(workspace)).agents
        #expect(agents.map(\.name.text) == ["b", "a"] && agents.map(\.isPresent) == [true, false])
        #expect(agents[1].ends == .noon + .seconds(16))
    }

    @Test("the doctor says who is there, what nobody leads, and that clocks are apart")
    func doctor() async throws {
        try await turn("a", leads: ["elsewhere"])
        let checks = try await Doctor.look(workspace, instance: nil).agent.filter { $0.topic == .agents }
        func check(_ words: String) -> Doctor.Level? { checks.first { $0.message.contains(words) }?.level }
        #expect(check("one agent is there (a)") == .ok)
        #expect(check("no agent leads production") == .wrong)
        #expect(check("the ledger's clock is 10s ahead of this machine's") == .warning)
        #expect(check("the ledger answers within 0s") == .ok)
    }

    @Test("the doctor says that agents go by different files, and that a lease is short for a slow ledger")
    func disagreement() async throws {
        try await turn("a")
        try await turn("b")
        func started(_ name: String, _ contents: String, _ version: String) async throws {
            try await workspace.append([
                .lifecycle(
                    .started(
                        AgentStarted(
                            InForce(contents: contents, agent: AgentName(name)), version: version, mode: .enforce)))
            ])
        }
        func messages() async throws -> [String] {
            let finding = try #require(try await FleetFinding.read(workspace))
            return DoctorChecks.fleet(finding, leading: ["production"], lease: .seconds(6)).map(\.message)
        }
        try await started("a", "one", "1.0")
        try await started("b", "one", "1.0")
        #expect(try await !messages().contains { $0.contains("different") })
        try await workspace.append([
            .lifecycle(.reloaded(FilesReloaded(InForce(contents: "two", agent: AgentName("b")), why: .changed)))
        ])
        #expect(try await messages().contains { $0.hasPrefix("agents go by different files (a | b)") })
        try await started("a", "two", "1.1")
        let told = try await messages()
        #expect(!told.contains { $0.contains("different files") })
        #expect(told.contains { $0.hasPrefix("agents of different versions are there (a | b)") })
        var slow = try #require(try await FleetFinding.read(workspace))
        slow.took = .milliseconds(900)
        let checks = DoctorChecks.fleet(slow, leading: ["production"], lease: .seconds(6))
        #expect(checks.contains { $0.level == .warning && $0.message.contains("cluster: {lease: 18s}") })
    }

    @Test("where one agent has the ledger to itself there is nothing to tell")
    func alone() async throws {
        let workspace = try await folder.workspace(clock: clock)
        #expect(try await Fleet.read(workspace) == nil)
        #expect(try await StatusQuery.run(workspace, instance: nil).allSatisfy { $0.lead == nil })
        #expect(try await !Doctor.look(workspace, instance: nil).agent.contains { $0.topic == .agents })
    }
}
