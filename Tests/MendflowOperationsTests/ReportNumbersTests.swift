import MendflowCore
import MendflowHostKit
import MendflowLedger
import MendflowTestKit
import MendflowWorkspace
import Testing

@testable import MendflowOperations

@Suite("The numbers of a report say what they count, and count nothing twice")
struct ReportNumbersTests {
    private static let key = InstanceKey(name: "production", epoch: 1)

    private func draft(_ execution: ExecutionID, _ policy: String = "a", shadow: Bool = false) -> IntentDraft {
        var draft = IntentDraft(
            instance: Self.key, action: .retry, execution: execution, root: execution, workflow: "w", policy: policy,
            policyVersion: "v")
        draft.isShadow = shadow
        return draft
    }

    private func retry(_ workspace: Workspace, _ draft: IntentDraft, child: ExecutionID) async throws {
        let id = try #require(try await workspace.append([.reserve(draft)]).first)
        let ref = IntentRef(IntentID(id), draft)
        try await workspace.append([
            .sending(ref, watermark: draft.execution, look: ""), .outcome(ref, Settlement(.applied, child: child)),
            .latched(Self.key, Latch(.child(child), draft.execution, at: .noon), shadow: false),
        ])
    }

    private func people(_ execution: ExecutionID, child: ExecutionID) -> [LedgerEvent] {
        [Latch.Fact.child(child), .personRetried(child)].map {
            .latched(Self.key, Latch($0, execution, at: .noon), shadow: false)
        }
    }

    private func held(
        _ execution: ExecutionID, _ reason: Reason, by policy: String = "a", version: String = "v"
    ) -> LedgerEvent {
        let part = DecidedExecution.Part(
            verdict: .init(policy: policy, version: version, status: .error, phase: .held(reason)),
            label: reason.rawValue, request: nil, until: nil, why: nil, takenFrom: nil, bulkHeld: nil)
        return .decided(
            DecidedExecution(
                instance: Self.key, execution: execution, root: execution, isShadow: false, now: .noon, parts: [part],
                evidence: nil))
    }

    private func withheld(_ execution: ExecutionID, by policy: String = "a") -> LedgerEvent {
        held(execution, .awaitingApproval, by: policy)
    }

    private func report(_ workspace: Workspace) async throws -> ActivityReport {
        try await ActivityReport.read(workspace, instance: nil, since: .noon - .hours(1))
    }

    @Test("a policy that was renamed has one row under its name, and one that did nothing has one too")
    func renamed() async throws {
        let folder = try Folder()
        let text = Folder.policy("c", "*").replacing("mode: enforce", with: "mode: dry_run\n    renamed_from: b")
        try folder.write("policies/b.yaml", text)
        let workspace = try await folder.workspace(clock: VirtualClock(.noon))
        try await workspace.append([.reserve(draft("5", "b", shadow: true)), .reserve(draft("6", "c", shadow: true))])
        let report = try await report(workspace)
        #expect(report.policies.map(\.name) == ["a", "c"] && report.policies.map(\.wouldHave) == [0, 2])
        #expect(report.policies.map(\.formerly) == [[], ["b"]])
        #expect(report.agreement.policies == [.init(name: "c", more: 2)])
    }

    @Test("a policy that was renamed twice has one row, with both of its former names, and counts nothing twice")
    func renamedTwice() async throws {
        let folder = try Folder()
        func name(_ name: String, from former: String) throws {
            let mode = "mode: dry_run\n    renamed_from: \(former)"
            try folder.write("policies/b.yaml", Folder.policy(name, "*").replacing("mode: enforce", with: mode))
        }
        try name("b", from: "z")
        let before = try await folder.workspace(clock: VirtualClock(.noon))
        let between = try #require(before.policies.first { $0.name == "b" })
        try name("c", from: "b")
        let workspace = try #require(try folder.load(clock: VirtualClock(.noon)).workspace)
        try await workspace.append([
            .reserve(draft("5", "z", shadow: true)),
            .policy(
                PolicyText(
                    version: between.version, name: "b", text: between.text, place: between.place.description)),
            .reserve(draft("6", "b", shadow: true)), .reserve(draft("7", "c", shadow: true)),
            .latched(Self.key, Latch(.exhausted(policy: "z"), "5", at: .noon), shadow: false),
            .latched(Self.key, Latch(.exhausted(policy: "b"), "5", at: .noon), shadow: false),
        ])
        let report = try await report(workspace)
        #expect(report.policies.map(\.name) == ["a", "c"] && report.policies.map(\.wouldHave) == [0, 3])
        #expect(report.policies.map(\.formerly) == [[], ["b", "z"]] && report.policies.map(\.exhausted) == [0, 1])
        let shown = try await Observatory(LastLooks()) { workspace }.policies()
        #expect(shown.former.isEmpty && shown.policies.map(\.week.wouldHaveActed) == [0, 3])
    }

    @Test("a retry is healed, running, not healed, or of n8n's database before: in one word each")
    func outcomes() async throws {
        let folder = try Folder()
        defer { withExtendedLifetime(folder) {} }
        let workspace = try await folder.workspace(clock: VirtualClock(.noon))
        try await retry(workspace, draft("1"), child: "11")
        try await retry(workspace, draft("2"), child: "12")
        try await retry(workspace, draft("3"), child: "13")
        try await workspace.append([.latched(Self.key, Latch(.healed, "1", at: .noon), shadow: false)])
        #expect(try await report(workspace).deeds.map(\.outcome) == [.healed, .running, .running])
        let row = Execution(id: "13", workflow: "w", status: .running, mode: .retry, retryOf: "3", startedAt: .noon)
        var tick = TickState(
            tick: 1, at: .noon + .minutes(2), accounted: "13", sweptAt: nil, rows: 1, live: [], clockOffset: .zero)
        tick.live = [.init(execution: row, firstSeen: .noon)]
        try await workspace.append([.tick(Self.key, TickPatch(from: nil, to: tick))], at: .noon + .minutes(2))
        let seen = try await report(workspace)
        #expect(seen.deeds.map(\.outcome) == [.healed, .notHealed, .running])
        // Nobody looks at what ran on the database before.
        let after = InstanceBaseline(
            instance: InstanceKey(name: "production", epoch: 2), url: "http://n8n", since: .noon, highest: "20",
            fingerprints: [], at: .noon)
        try await workspace.append(
            [.began(after, .adopted(by: "me", reason: "restored", from: 1, alarm: nil))], at: .noon + .minutes(3))
        #expect(try await report(workspace).deeds.map(\.outcome) == [.healed, .notHealed, .unknown])
    }

    @Test("what was withheld and then done by a replay, by another policy or by hand does not wait any more")
    func withheld() async throws {
        let folder = try Folder()
        defer { withExtendedLifetime(folder) {} }
        let workspace = try await folder.workspace(clock: VirtualClock(.noon))
        try await workspace.append(["1", "2", "3", "4"].map { withheld($0) })
        try await retry(workspace, draft("1", "b"), child: "5")
        try await workspace.append(
            people("2", child: "6") + [.latched(Self.key, Latch(.healed, "3", at: .noon), shadow: false)])
        let report = try await report(workspace)
        #expect(report.withheld == ["a": [.awaitingApproval: 1]] && report.withheldDone == ["a": 3])
        #expect(report.held == [.awaitingApproval: 4] && report.heldNow == [.awaitingApproval: 1])
    }

    @Test("what was said of an execution for a replay that is over does not hold it any more")
    func ofReplay() async throws {
        let folder = try Folder()
        defer { withExtendedLifetime(folder) {} }
        let workspace = try await folder.workspace(clock: VirtualClock(.noon))
        let start = ReplayStart(
            name: "replay-1", version: "v", total: 1, earliest: .noon, by: "me", reason: "up again", selection: "all")
        try await workspace.append([
            .policy(PolicyText(version: "v", name: "replay-1", text: "", place: "replay-1")),
            .replayBegan(Self.key, start), withheld("1", by: "replay-1"), withheld("2"),
        ])
        #expect(try await report(workspace).heldNow == [.awaitingApproval: 2])
        try await workspace.append([.replayMoved(Self.key, ReplayMove("replay-1", .aborted, by: "me", why: "enough"))])
        #expect(try await report(workspace).heldNow == [.awaitingApproval: 1])
    }

    @Test("what a policy held by a text that it has no more is told as that, in the report and in the inbox")
    func formerText() async throws {
        let folder = try Folder()
        defer { withExtendedLifetime(folder) {} }
        let workspace = try await folder.workspace(clock: VirtualClock(.noon))
        let present = try #require(workspace.policies.first { $0.name == "a" }).version
        try await workspace.append([
            held("1", .mayRepeat), held("2", .mayRepeat, version: present), held("3", .mayRepeat, by: "gone"),
        ])
        let report = try await report(workspace)
        #expect(report.heldNow == [.mayRepeat: 3] && report.heldFormerly == [.mayRepeat: 1])
        let inbox = try await Inbox.read(workspace)
        #expect(inbox.held.map(\.count) == [3] && inbox.held.map(\.underFormerText) == [1])
    }

    @Test("what was given up and tagged is held still: a tag takes nothing of a failure away")
    func tagged() async throws {
        let folder = try Folder()
        defer { withExtendedLifetime(folder) {} }
        let workspace = try await folder.workspace(clock: VirtualClock(.noon))
        try await workspace.append([held("1", .exhausted), held("2", .exhausted)])
        var tag = draft("1")
        (tag.action, tag.tags) = (.tag, ["needs-human"])
        let id = try #require(try await workspace.append([.reserve(tag)]).first)
        let ref = IntentRef(IntentID(id), tag)
        try await workspace.append([
            .sending(ref, watermark: "1", look: ""), .outcome(ref, Settlement(.applied)),
        ])
        #expect(try await report(workspace).heldNow == [.exhausted: 2])
    }

    @Test("what somebody said yes to waits for no yes any more")
    func approved() async throws {
        let folder = try Folder()
        defer { withExtendedLifetime(folder) {} }
        let workspace = try await folder.workspace(clock: VirtualClock(.noon))
        try await workspace.append([withheld("1"), withheld("2")])
        let ask = ApprovalAsk(draft: draft("1"), request: "", attempts: 1, expiresAt: .noon + .days(1))
        let id = try #require(try await workspace.append([.approvalAsked(ask)]).first)
        let ref = ApprovalRef(id: ApprovalID(id), instance: Self.key, topic: ask.topic, root: "1")
        #expect(try await report(workspace).heldNow == [.awaitingApproval: 2])
        try await workspace.append([.approvalAnswered(ref, ApprovalAnswer(isYes: true, by: "ana", note: ""))])
        let report = try await report(workspace)
        #expect(report.heldNow == [.awaitingApproval: 1] && report.withheld == ["a": [.awaitingApproval: 1]])
    }

    @Test("a retry that the ledger knows as its own is nobody else's, also where an epoch began anew since")
    func formerEpoch() async throws {
        let folder = try Folder()
        defer { withExtendedLifetime(folder) {} }
        let workspace = try await folder.workspace(clock: VirtualClock(.noon))
        try await retry(workspace, draft("1"), child: "5")
        let doubt = LedgerEvent.paused(instance: nil, reason: "older", by: "ana", isDoubt: true)
        try await workspace.append([doubt], at: .noon + .minutes(1))
        let key = InstanceKey(name: "production", epoch: 2)
        let baseline = InstanceBaseline(
            instance: key, url: "http://n8n", since: .noon - .days(1), highest: "9", fingerprints: [], at: .noon)
        try await workspace.append([.began(baseline, .adopted(by: "ana", reason: "older", from: 1, alarm: nil))])
        for (execution, child) in [("1", "5"), ("2", "6")] as [(ExecutionID, ExecutionID)] {
            let latch = Latch(.personRetried(child), execution, at: .noon)
            try await workspace.append([.latched(key, latch, shadow: false)])
        }
        let it = try await report(workspace).agreement
        #expect(it.untold == 1 && it.byPeople == 0)
    }

    @Test("a chain that the agent and a person both retried is one of both, and none that was missed")
    func both() async throws {
        let folder = try Folder()
        defer { withExtendedLifetime(folder) {} }
        let workspace = try await folder.workspace(clock: VirtualClock(.noon))
        try await retry(workspace, draft("1"), child: "5")
        try await workspace.append(people("5", child: "6") + people("7", child: "8"))
        // Dry-run would have retried what the agent did: that is no chain more.
        try await workspace.append([.reserve(draft("1", "b", shadow: true)), .reserve(draft("7", "b", shadow: true))])
        let it = try await report(workspace).agreement
        #expect(it.byPeople == 2 && it.both == 1 && it.agreed + it.later == 1 && it.missed.isEmpty && it.more == 0)
        #expect(it.policies.map { $0.agreed + $0.later + $0.more } == [1])
    }
}
