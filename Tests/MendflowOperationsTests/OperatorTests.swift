import MendflowCore
import MendflowEnvironment
import MendflowHostKit
import MendflowLedger
import MendflowPolicy
import MendflowReview
import MendflowTestKit
import MendflowWorkspace
import Testing

@testable import MendflowOperations

@Suite("What operators ask and order")
struct OperatorTests {
    let folder: Folder
    let workspace: Workspace
    let clock = VirtualClock(.noon)
    let key = InstanceKey(name: "production", epoch: 1)

    init() async throws {
        folder = try Folder()
        try folder.write(
            "mendflow.yaml",
            Folder.configuration(
                instances: "  - {name: staging, url: 'http://127.0.0.1:2', api_key_env: STAGING_KEY}\n"))
        workspace = try await folder.workspace(clock: clock)
    }

    func unresolved(_ execution: ExecutionID, ago: Period) async throws {
        let draft = IntentDraft(
            instance: key, action: .retry, execution: execution, root: execution, workflow: "w", policy: "a",
            policyVersion: "v")
        let time = AgentTime.noon - ago
        let id = try #require(try await workspace.append([.reserve(draft)], at: time).first)
        let intent = IntentRef(IntentID(id), draft)
        try await workspace.append(
            [
                .sending(intent, watermark: execution, look: "complete"),
                .outcome(intent, Settlement(.unresolved, .unanswered(status: nil, message: "cut off"))),
            ], at: time)
    }

    @Test("the inbox shows a request after ten minutes without an answer, and counts the younger ones")
    func inbox() async throws {
        try await unresolved("1", ago: .minutes(10))
        try await unresolved("2", ago: .minutes(9))
        let inbox = try await Inbox.read(workspace)
        #expect(inbox.unresolved.map(\.intent.draft.execution) == ["1"])
        #expect(inbox.younger == 1)
        #expect(inbox.unresolved[0].link == "http://127.0.0.1:1/workflow/w/executions/1")
        #expect(inbox.unresolved[0].intent.sendingAt == .noon - .minutes(10))
    }

    @Test("the inbox counts held chains by reason, by their newest run, without those that healed or only wait")
    func held() async throws {
        func verdict(_ id: ExecutionID, _ reason: Reason?) -> LedgerEvent {
            let decision = Decision(
                execution: id, root: id, workflow: "w", status: .error, since: .noon, policy: nil,
                verdict: .held(reason ?? .noPolicy, ""))
            return .decided(
                DecidedExecution([decision], instance: key, isShadow: false, now: .noon, evidence: nil))
        }
        try await workspace.append([
            verdict("1", .mayRepeat), verdict("2", .mayRepeat), verdict("3", .exhausted), verdict("4", .backoff),
            verdict("5", nil), verdict("6", .mayRepeat), verdict("8", .mayRepeat),
            .latched(key, Latch(.child("7"), "6", at: .noon), shadow: false),
            .latched(key, Latch(.healed, "8", at: .noon), shadow: false),
        ])
        let held = try await Inbox.read(workspace).held
        #expect(held.map(\.reason) == [.mayRepeat, .exhausted])
        #expect(held.map(\.count) == [2, 1])
        #expect(held.map(\.example) == ["1", "3"])
    }

    @Test("status counts an instance's chains alike, alone and among others whose guards look further back")
    func horizon() async throws {
        let folder = try Folder()
        let limits = "limits: {max_actions: [{amount: 100, per: 30d}]}"
        try folder.write(
            "mendflow.yaml",
            Folder.configuration(
                instances: "  - {name: staging, url: 'http://127.0.0.1:2', api_key_env: STAGING_KEY, \(limits)}\n"))
        let workspace = try await folder.workspace()
        for name in ["production", "staging"] {
            let key = InstanceKey(name: name, epoch: 1)
            for (root, ago): (ExecutionID, Period) in [("1", .days(5)), ("2", .hours(1)), ("3", .days(40))] {
                let latch = Latch(.exhausted(policy: "a"), root, at: .noon - ago)
                try await workspace.append([.latched(key, latch, shadow: false)], at: .noon - ago)
            }
        }
        let all = try await StatusQuery.run(workspace, instance: nil)
        #expect(all.map { $0.record?.exhausted } == [1, 2])
        for status in all {
            let alone = try await StatusQuery.run(workspace, instance: status.instance)
            #expect(alone.map { $0.record?.exhausted } == [status.record?.exhausted])
        }
    }

    @Test("status names the retries that hold a place in flight, and why, as the last tick saw it")
    func placeHolders() async throws {
        func draft(_ execution: ExecutionID) -> IntentDraft {
            IntentDraft(
                instance: key, action: .retry, execution: execution, root: execution, workflow: "w", policy: "p",
                policyVersion: "v")
        }
        func shown() async throws -> [String] {
            try await StatusQuery.run(workspace, instance: "production").first?.record?.placeHolders.map(\.words) ?? []
        }
        try await workspace.append([.reserve(draft("7"))])
        #expect(try await shown().map { $0.hasPrefix("retry of 7 (intent ") && $0.hasSuffix(": reserved)") } == [true])
        try await workspace.append([.reserve(draft("8"))])
        let intents = try await workspace.everything().intents(in: [.reserved])
        let refs = intents.map { IntentRef($0) }
        try await workspace.append([
            .sending(refs[0], watermark: "9", look: "complete"), .sending(refs[1], watermark: "9", look: "complete"),
            .outcome(refs[0], Settlement(.applied, .answered(.running), child: "10")),
            .outcome(refs[1], Settlement(.unresolved, .unanswered(status: 502, message: "bad gateway"))),
        ])
        // No tick has seen run 10; the other one may be running for two minutes at least.
        #expect(try await shown().map { $0.contains("retry of 8") && $0.contains("no answer came") } == [true])
        clock.advance(by: .minutes(3))
        #expect(try await shown().isEmpty)
    }

    @Test("resume without an instance lifts every pause; with one, only its own, and says what still holds")
    func resume() async throws {
        _ = try await KillSwitch.pause(workspace, instance: "production", reason: "one")
        _ = try await KillSwitch.pause(workspace, instance: nil, reason: "all")
        let one = try await KillSwitch.resume(workspace, instance: "production")
        #expect(
            one.lifted.map(\.reason) == ["one"] && one.lifted[0].instance == "production" && one.stillPaused == "all")
        _ = try await KillSwitch.pause(workspace, instance: "staging", reason: "two")
        let all = try await KillSwitch.resume(workspace, instance: nil)
        #expect(
            all.lifted.map(\.instance) == [nil, "staging"] && all.lifted.map(\.reason) == ["all", "two"]
                && all.stillPaused == nil)
        #expect(try await workspace.everything().allPauses().isEmpty)
        #expect(try await KillSwitch.resume(workspace, instance: nil).lifted.isEmpty)
    }

    @Test("a pause for a time says until when, in `status` too, and is over then; a longer one stays")
    func pauseForATime() async throws {
        let short = try await KillSwitch.pause(workspace, instance: nil, reason: "lunch", for: .hours(2))
        let words = "lunch (until \((AgentTime.noon + .hours(2)).rfc3339))"
        #expect(short.stillPaused == words)
        #expect(try await StatusQuery.run(workspace, instance: "production").map { $0.record?.paused } == [words])
        clock.advance(by: .hours(2))
        #expect(try await StatusQuery.run(workspace, instance: "production").map { $0.record?.paused } == [nil])
        #expect(try await KillSwitch.resume(workspace, instance: nil).lifted.isEmpty)
        _ = try await KillSwitch.pause(workspace, instance: nil, reason: "for good")
        let other = try await KillSwitch.pause(workspace, instance: nil, reason: "x", for: .hours(1))
        #expect(other.stillPaused == "for good" && other.isOutlasted && !short.isOutlasted)
    }

    @Test("a pause says which other one holds longer: that of the instance beside that of all, and the other way round")
    func longerPauses() async throws {
        _ = try await KillSwitch.pause(workspace, instance: "production", reason: "repairs", for: .hours(2))
        let all = try await KillSwitch.pause(workspace, instance: nil, reason: "x", for: .minutes(1))
        #expect(all.longer.map(\.instance) == ["production"] && all.longer.map(\.reason) == ["repairs"])
        #expect(try await KillSwitch.pause(workspace, instance: nil, reason: "x", for: .hours(3)).longer.isEmpty)
        let one = try await KillSwitch.pause(workspace, instance: "staging", reason: "y", for: .minutes(1))
        #expect(one.longer.map(\.instance) == [nil])
    }

    @Test("a pause, a resume and status say when acting begins again: once the last pause is over, or never by itself")
    func endOfPauses() async throws {
        _ = try await KillSwitch.pause(workspace, instance: nil, reason: "lunch", for: .hours(1))
        let one = try await KillSwitch.pause(workspace, instance: "production", reason: "repairs", for: .hours(2))
        #expect(one.paused.map(\.until) == [.noon + .hours(2)] && one.longer.isEmpty)
        let all = try await KillSwitch.pause(workspace, instance: nil, reason: "lunch", for: .hours(1))
        #expect(all.paused.map(\.instance) == ["production", "staging"])
        #expect(all.paused.map(\.until) == [.noon + .hours(2), .noon + .hours(1)])
        let record = try #require(try await StatusQuery.run(workspace, instance: "production").first?.record)
        let words = "lunch (until \((AgentTime.noon + .hours(1)).rfc3339)); repairs (until "
        #expect(record.paused?.hasPrefix(words) ?? false && record.pausedUntil == .noon + .hours(2))
        _ = try await KillSwitch.pause(workspace, instance: "staging", reason: "for good")
        let resumed = try await KillSwitch.resume(workspace, instance: "production")
        #expect(resumed.paused.map(\.until) == [.noon + .hours(1)])
        let standing = try await KillSwitch.pause(workspace, instance: nil, reason: "lunch", for: .hours(1))
        #expect(standing.paused.map(\.until) == [.noon + .hours(1), nil])
    }

    @Test("what pauses or resumes nothing is not written down, so that nobody is told of it")
    func changesNothing() async throws {
        func head() async throws -> Int64 { try await workspace.everything().head.sequence }
        let start = try await head()
        _ = try await KillSwitch.resume(workspace, instance: nil)
        #expect(try await head() == start)
        _ = try await KillSwitch.pause(workspace, instance: nil, reason: "repairs", for: .hours(2))
        #expect(try await head() == start + 1)
        _ = try await KillSwitch.pause(workspace, instance: nil, reason: "x", for: .hours(1))
        _ = try await KillSwitch.pause(workspace, instance: nil, reason: "repairs", for: .hours(2))
        _ = try await KillSwitch.resume(workspace, instance: "production")
        #expect(try await head() == start + 1)
        _ = try await KillSwitch.pause(workspace, instance: nil, reason: "repairs", for: .hours(3))
        #expect(try await head() == start + 2)
        #expect(try await KillSwitch.resume(workspace, instance: nil).lifted.map(\.reason) == ["repairs"])
        #expect(try await head() == start + 3)
    }

    @Test("status says until when a server asked to be left alone, unless a tick was made since or the time is over")
    func silence() async throws {
        func shown() async throws -> [AgentTime?] {
            try await StatusQuery.run(workspace, instance: nil).map { $0.record?.silentUntil }
        }
        let end = AgentTime.noon + .minutes(15)
        try await workspace.append([.lifecycle(.silenced(instance: "production", until: end))])
        #expect(try await shown() == [end, nil])
        clock.advance(by: .minutes(15))
        #expect(try await shown() == [nil, nil])
        try await workspace.append([.lifecycle(.silenced(instance: "production", until: end + .days(1)))], at: end)
        #expect(try await shown() == [end + .days(1), nil])
        let tick = TickState(
            tick: 1, at: end, accounted: nil, sweptAt: nil, rows: 0, live: [], clockOffset: .zero)
        try await workspace.append([.tick(key, TickPatch(from: nil, to: tick))], at: end)
        #expect(try await shown() == [nil, nil])
    }

    @Test("a record of a time that has not come is found, though later ones are of now; five minutes are none")
    func ahead() async throws {
        func latest(_ now: AgentTime) async throws -> AgentTime? {
            let store = try await workspace.openLedger()
            return try await FutureRecords.latest(in: store, try await store.load(LedgerScope()).head, now: now)
        }
        func record(_ at: AgentTime) async throws {
            try await workspace.append([.resumed(instance: nil, by: "test")], at: at)
        }
        try await record(.noon + .minutes(4))
        #expect(try await latest(.noon) == nil)
        try await record(.noon + .days(3))
        try await record(.noon)
        #expect(try await latest(.noon) == .noon + .days(3))
        #expect(try await latest(.noon + .days(4)) == nil)
    }

    @Test("an exported log is checked without the ledger, and a changed one names the first bad record")
    func export() async throws {
        try await workspace.append(
            workspace.policies.map {
                .policy(PolicyText(version: $0.version, name: $0.name, text: $0.text, place: "here"))
            } + [.resumed(instance: nil, by: "test")])
        let before = workspace.instanceNames.count
        var lines: [String] = []
        try await Audit.entries(workspace) { lines.append(String(decoding: $0.line, as: UTF8.self)) }
        try folder.write("audit.jsonl", lines.joined(separator: "\n") + "\n")
        let good = try Audit.verify(file: folder.path + "/audit.jsonl", head: nil, MachineFiles())
        #expect(good.isIntact && good.count == Int64(before) + 3)
        let head = try await Audit.verify(workspace, head: good.head.description)
        #expect(head.isIntact && head.head == good.head)
        try folder.write("audit.jsonl", lines.joined(separator: "\n").replacing("Order*", with: "Other*"))
        let bad = try Audit.verify(file: folder.path + "/audit.jsonl", head: nil, MachineFiles())
        #expect(bad.fault?.sequence == Int64(before) + 1 && bad.count == Int64(before))
        try folder.write("audit.jsonl", lines.dropLast().joined(separator: "\n"))
        #expect(try Audit.verify(file: folder.path + "/audit.jsonl", head: nil, MachineFiles()).isIntact)
        let cut = try Audit.verify(
            file: folder.path + "/audit.jsonl", head: good.head.description, MachineFiles())
        #expect(cut.fault?.sequence == Int64(before) + 3)
        #expect(throws: MendflowFailure.self) {
            try Audit.verify(file: folder.path + "/none", head: nil, MachineFiles())
        }
        await #expect(throws: MendflowFailure.self) { try await Audit.verify(workspace, head: "3:xyz") }
    }
}
