import MendflowCore
import MendflowEnvironment
import MendflowHostKit
import MendflowLedger
import MendflowTestKit
import MendflowText
import MendflowWorkspace
import Testing

@testable import MendflowOperations

@Suite("A replay that nobody stopped and that sends nothing")
struct ReplayWaitTests {
    private let key = InstanceKey(name: "production", epoch: 1)

    private func status(_ mode: Mode) throws -> InstanceStatus {
        let start = ReplayStart(
            name: "replay-1", version: "v", total: 2, earliest: .noon, by: "ana", reason: "outage", selection: "all")
        return InstanceStatus(
            instance: "production", url: try ServerURL("http://n8n"), mode: mode,
            record: .init(
                epoch: 1, since: .noon, replays: [Replay(start, at: .noon)], head: AuditHead(sequence: 1, hash: [])),
            now: .noon, life: .running)
    }

    @Test("waits for what stops most, and for nothing where nothing keeps it")
    func order() throws {
        var status = try status(.enforce)
        #expect(status.replaysWait == nil && status.needs.isEmpty)
        status.record?.refused = [.stop: "403"]
        #expect(status.replaysWait == nil)
        status.record?.refused = [.retry: "403"]
        #expect(status.replaysWait == .refused("403"))
        status.record?.paused = "lunch"
        #expect(status.replaysWait == .paused("lunch", isDoubt: false))
        status.mode = .dryRun
        #expect(status.replaysWait == .mode(.dryRun))
        #expect(status.needs.contains(.replayWaits("replay-1", .mode(.dryRun))))
        status.record?.alarm = "another"
        #expect(status.replaysWait == .alarm("another"))
    }

    @Test("is told by the mode that the agent has, where one runs, and by the files where none does")
    func mode() async throws {
        let folder = try Folder()
        defer { withExtendedLifetime(folder) {} }
        let workspace = try await folder.workspace(clock: VirtualClock(.noon))
        #expect(try await Replaying.wait(workspace, instance: nil) == nil)
        let lowered = Lifecycle(.reloaded, ["instances": .object(["production": "dry_run"])])
        try await workspace.append([.lifecycle(lowered)])
        #expect(try await Replaying.wait(workspace, instance: nil) == nil, "no agent runs")
        let hold = try workspace.environment.ledgers.lock(workspace.ledgerPath)
        #expect(try await Replaying.wait(workspace, instance: nil) == .mode(.dryRun))
        withExtendedLifetime(hold) {}
    }
}
