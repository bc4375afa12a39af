import MendflowCore
import MendflowEnvironment
import MendflowHostKit
import MendflowLedger
import MendflowOperations
import MendflowPolicy
import MendflowTestKit
import MendflowWorkspace
import Testing

@testable import MendflowHost

@Suite("Files that an agent read last")
struct LastReadingTests {
    let folder: Folder
    let workspace: Workspace
    let watch: PolicyWatch

    init() async throws {
        folder = try Folder()
        workspace = try await folder.workspace(clock: VirtualClock(.noon))
        watch = PolicyWatch(workspace, log: Events(), records: AgentRecords.reloads(workspace))
    }

    /// Has the agent that runs read the files.
    func read() async throws { _ = try #require(await watch.fresh(for: "production")) }

    /// Starts an agent with the files as they are, for one tick, and answers what it said that it let go.
    func start() async throws -> [String] {
        var environment = workspace.environment
        let started = Events()
        environment.log = { _, _ in started }
        let next = try #require(try Workspace.load(path: workspace.path, environment: environment).workspace)
        // That no server is there is not what this is about.
        do throws(MendflowFailure) { try await MendflowHost(next, asked: nil).run(once: true) } catch {
            #expect(error.kind == .unreachable)
        }
        return started.named("reload.unconfirmed").map(\.message)
    }

    @Test("losses that nobody has let go are said by a start though the files changed once more since")
    func touchedOnceMore() async throws {
        try folder.write("policies/a.yaml", Folder.policy("a", "Order*", priority: 10, retries: 5))
        try folder.remove("policies/b.yaml")
        try await read()
        try folder.write("policies/a.yaml", "# a comment\n" + Folder.policy("a", "Order*", priority: 10, retries: 5))
        let said = try await start()
        #expect(said.count == 2)
        #expect(said.contains { $0.hasSuffix("policy 'a': max_retries was 3") })
        #expect(said.contains { $0.contains("policy 'b': its file ") })
        #expect(try await start().isEmpty)
    }

    @Test("losses that a person has let go are no news at a start")
    func confirmedBeforeStart() async throws {
        try folder.remove("policies/b.yaml")
        try await read()
        _ = try await PendingReload.confirm(workspace, reason: nil)
        #expect(try await start().isEmpty)
    }

    @Test("a policy that goes, or holds itself back less, while no agent runs is said by the next start")
    func whileStopped() async throws {
        #expect(try await start().isEmpty)
        try folder.remove("policies/b.yaml")
        try folder.write("policies/a.yaml", Folder.policy("a", "Order*", priority: 10, retries: 5))
        let said = try await start()
        #expect(said.count == 2 && said.contains { $0.contains("policy 'b': its file ") })
        #expect(try await start().isEmpty)
    }

    @Test("status goes by what the agent that runs has in force, whatever the files say")
    func inStatus() async throws {
        try await AgentRecords.started(workspace, nil, .noon)
        try folder.remove("policies/b.yaml")
        try folder.write("policies/a.yaml", Folder.policy("a", "Order*", priority: 10, retries: 5))
        try await read()
        let hold = try workspace.environment.ledgers.lock(workspace.ledgerPath)
        try folder.remove("policies")
        let loaded = try Workspace.load(
            path: workspace.path, environment: workspace.environment, needs: .configuration)
        let broken = try #require(loaded.workspace)
        let status = try #require(try await StatusQuery.run(broken, instance: nil).first)
        #expect(status.acting == ["a"] && status.dryRun.isEmpty && status.held == ["b"])
        #expect(status.fileErrors == 1 && !status.isUnread)
        withExtendedLifetime(hold) {}
    }

    @Test("are told apart from those that it has not read, and from those with errors")
    func filesStanding() async throws {
        try folder.write("policies/b.yaml", Folder.policy("b", "*", retries: 2))
        try await read()
        let hold = try workspace.environment.ledgers.lock(workspace.ledgerPath)
        var wanted = FilesStanding(pending: nil, isRunning: true)
        wanted.looksWithin = workspace.configuration.pollInterval
        func standing() async throws -> FilesStanding {
            let loaded = try Workspace.load(path: workspace.path, environment: workspace.environment)
            return try await FilesStanding.read(try #require(loaded.workspace))
        }
        #expect(try await standing() == wanted)
        try folder.write("policies/b.yaml", Folder.policy("b", "*", retries: 5))
        #expect(try await standing().isUnread)
        try await read()
        let after = try await standing()
        #expect(!after.isUnread && after.pending?.losses.map(\.words) == ["policy 'b': max_retries was 2"])
        try folder.write("policies/b.yaml", "policies: [")
        let broken = try Workspace.load(path: workspace.path, environment: workspace.environment, needs: .ledger)
        let found = try await FilesStanding.read(try #require(broken.workspace))
        #expect(found.errors == 1 && !found.isUnread)
        withExtendedLifetime(hold) {}
    }
}
