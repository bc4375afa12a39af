import MendflowCore
import MendflowHostKit
import MendflowLedger
import MendflowPolicy
import MendflowTestKit
import MendflowText
import MendflowWorkspace
import Testing

@testable import MendflowHost

// What of the configuration is taken while the agent runs, and what waits for a restart.
extension PolicyWatchTests {
    @Test("bring new protections with them; other settings need a restart, and log and record say so")
    func configuration() async throws {
        try folder.write(
            "mendflow.yaml", Folder.configuration() + "\npoll_interval: 7s\nprotect: [{workflow: \"Order*\"}]\n")
        #expect(decision(try await fresh()) == "a: protected")
        #expect(events.named("restart.needed").count == 1)
        let told = try #require(try await records(.lifecycle).last)
        #expect(told.fields["needs_restart"] == .list(["poll_interval"]))
        #expect(told.fields["same_policies"] == .flag(true))
        try folder.write("mendflow.yaml", Folder.configuration())
        _ = try await fresh()
        #expect(try await records(.lifecycle).last?.fields["needs_restart"] == nil)
    }

    @Test("send nothing any more once a mode is lowered; one that is raised again needs a restart")
    func lowered() async throws {
        #expect(decision(workspace.policySet(workspace.configuration.instances[0])) == "a: act")
        try folder.write("mendflow.yaml", Folder.configuration(mode: "dry_run"))
        let lowered = try #require(await watch.fresh(for: "production"))
        #expect(lowered.isLowered && lowered.policies.policies.allSatisfy { $0.mode == .dryRun })
        #expect(events.named("mode.changed").count == 1 && events.named("restart.needed").isEmpty)
        let told = try await records(.lifecycle).last?.fields["instances"]
        #expect(told == .object(["production": "dry_run"]))
        try folder.write("mendflow.yaml", Folder.configuration(mode: "enforce"))
        let still = try #require(await watch.fresh(for: "production"))
        #expect(still.isLowered && events.named("restart.needed").count == 1)
        #expect(try await records(.lifecycle).last?.fields["needs_restart"] == .list(["mode"]))
    }

    @Test("that name another ledger are no reason to restart: what was sent would be forgotten")
    func otherLedger() async throws {
        let text = Folder.configuration().replacing("ledger: mendflow.sqlite", with: "ledger: new.sqlite")
        try folder.write("mendflow.yaml", text)
        _ = try await fresh()
        let said = try #require(events.named("restart.needed").first).message
        #expect(
            said.contains("forgets what was sent: stop it and take its ledger over")
                && events.named("restart.needed").count == 1)
    }

    @Test("a lowered mode stands above `--enforce`, in the record too")
    func loweredBelowTheCommandLine() async throws {
        let watch = PolicyWatch(workspace, log: events, records: AgentRecords.reloads(workspace, asked: .enforce))
        try folder.write("mendflow.yaml", Folder.configuration(mode: "dry_run"))
        #expect(try #require(await watch.fresh(for: "production")).isLowered)
        #expect(try await records(.lifecycle).last?.fields["instances"] == .object(["production": "dry_run"]))
    }

    @Test(
        "that only a restart takes in are each named",
        arguments: [
            "incidents: {at_least: 5}", "sweep_interval: 1m", "settling: 1m", "request_grace: 20m", "gap_budget: 7",
            "look_back: 3d",
        ])
    func named(line: String) async throws {
        try folder.write("mendflow.yaml", Folder.configuration() + "\n\(line)\n")
        _ = try await fresh()
        let key = line.prefix { $0 != ":" }
        #expect(try await records(.lifecycle).last?.fields["needs_restart"] == .texts([String(key)]))
    }
}
