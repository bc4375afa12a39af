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
        #expect(status.replaysWait?.remedy == "it goes on after `mendflow resume`")
        status.record?.pausedUntil = .noon + .hours(1)
        let end = (AgentTime.noon + .hours(1)).rfc3339
        #expect(status.replaysWait?.remedy == "it goes on by itself at \(end), or after `mendflow resume`")
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
        let lowered = FilesReloaded(
            InForce(contents: "read before", modes: ["production": .dryRun]), why: .changed)
        try await workspace.append([.lifecycle(.reloaded(lowered))])
        #expect(try await Replaying.wait(workspace, instance: nil) == nil, "no agent runs")
        let hold = try workspace.environment.ledgers.lock(workspace.ledgerPath)
        #expect(try await Replaying.wait(workspace, instance: nil) == .mode(.dryRun))
        withExtendedLifetime(hold) {}
    }

    @Test("waits for an agent without --dry-run, where the command line says so; a start is refused beside that one")
    func commandLine() async throws {
        let folder = try Folder()
        let workspace = try await folder.workspace(clock: VirtualClock(.noon))
        let inForce = InForce(contents: Hex.text(workspace.meaning), modes: ["production": .dryRun])
        let started = AgentStarted(inForce, version: "1", mode: .dryRun)
        try await workspace.append([.lifecycle(.started(started))])
        let hold = try workspace.environment.ledgers.lock(workspace.ledgerPath)
        let wait = try #require(try await Replaying.wait(workspace, instance: nil))
        #expect(wait == .commandLine && wait.remedy.contains("without --dry-run"))
        let item = ReplayPreview.Item(
            execution: "7", workflow: "Orders", status: .error, endedAt: .noon, workflowID: "w")
        let preview = ReplayPreview(
            request: ReplayRequest(), instance: key, name: "replay-1", mode: .enforce, now: .noon, items: [item],
            leftOut: [], limits: [], unseen: [])
        let failure = await #expect(throws: MendflowFailure.self) { try await Replaying.begin(preview, workspace) }
        #expect(failure?.message.hasSuffix("start it anew without --dry-run first") == true, "\(failure as Any)")
        #expect(try await Replaying.all(workspace, instance: nil).isEmpty)
        // Nor does anything act again that `resume` lets go.
        _ = try await KillSwitch.pause(workspace, instance: nil, reason: "lunch")
        let resumed = try await KillSwitch.resume(workspace, instance: nil)
        #expect(resumed.acts && resumed.isOverruled)
        _ = consume hold
        let alone = try await KillSwitch.resume(workspace, instance: nil)
        #expect(alone.acts && !alone.isOverruled)
    }

    @Test("counts for nothing among what waits for room, and among what is due")
    func counts() throws {
        var status = try status(.enforce)
        var recent = RecentActivity()
        (recent.capped, recent.cappedByReplays) = (1, ["replay-1": 2, "replay-0": 4])
        recent.due = [.init(execution: "7", policy: "replay-1", at: .noon + .hours(1), isDryRun: false)]
        status.recent = recent
        #expect(status.capped == 3 && status.due.count == 1)
        status.record?.paused = "lunch"
        #expect(status.capped == 1 && status.due.isEmpty)
    }
}
