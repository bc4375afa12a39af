import MendflowCore
import MendflowLedger
import MendflowLedgerSQLite
import MendflowPolicy
import MendflowTestKit
import MendflowWorkspace
import Testing

@testable import MendflowOperations

@Suite("What operators ask and order")
struct OperatorTests {
    let folder: Folder
    let workspace: Workspace
    let key = InstanceKey(name: "production", epoch: 1)

    init() throws {
        folder = try Folder()
        try folder.write(
            "mendflow.yaml",
            Folder.configuration(
                instances: "  - {name: staging, url: 'http://127.0.0.1:2', api_key_env: STAGING_KEY}\n"))
        workspace = try folder.workspace()
    }

    func unresolved(_ execution: ExecutionID, ago: Period) throws {
        let ledger = try workspace.openLedger()
        let draft = IntentDraft(
            instance: key, action: .retry, execution: execution, root: execution, workflow: "w", policy: "a",
            policyVersion: "v")
        let time = Timestamp.noon - ago
        let id = try #require(try ledger.commit([.reserve(draft)], audit: [], at: time).first)
        try ledger.commit([.sending(id, watermark: execution)], audit: [], at: time)
        try ledger.commit([.settle(id, Settlement(.unresolved, note: "cut off"))], audit: [], at: time)
    }

    @Test("the inbox shows a request after ten minutes without an answer, and counts the younger ones")
    func inbox() throws {
        try unresolved("1", ago: .minutes(10))
        try unresolved("2", ago: .minutes(9))
        let inbox = try Inbox.read(workspace)
        #expect(inbox.unresolved.map(\.execution) == ["1"])
        #expect(inbox.younger == 1)
        #expect(inbox.unresolved[0].link == "http://127.0.0.1:1/workflow/w/executions/1")
        #expect(inbox.unresolved[0].sentAt == "2026-05-04T11:50:00.000Z")
    }

    @Test("the inbox counts held chains by reason, by their newest run, without those that healed or only wait")
    func held() throws {
        func verdict(_ id: ExecutionID, _ label: String) -> LedgerChange {
            .verdict(key, id, LedgerView.RecordedVerdict(policy: "a", key: "v|error|\(label)"), shadow: false)
        }
        let ledger = try workspace.openLedger()
        try ledger.commit(
            [
                verdict("1", "may_repeat"), verdict("2", "may_repeat"), verdict("3", "exhausted"),
                verdict("4", "backoff"), verdict("5", "act"), verdict("6", "may_repeat"), verdict("8", "may_repeat"),
                .latch(key, Latch(.child, "6", value: "7", at: .noon), shadow: false),
                .latch(key, Latch(.healed, "8", at: .noon), shadow: false),
            ], audit: [], at: .noon)
        let held = try Inbox.read(workspace).held
        #expect(held.map(\.reason) == ["may_repeat", "exhausted"])
        #expect(held.map(\.count) == [2, 1])
        #expect(held.map(\.example) == ["1", "3"])
    }

    @Test("resume without an instance lifts every pause; with one, only its own, and says what still holds")
    func resume() throws {
        _ = try KillSwitch.pause(workspace, instance: "production", reason: "one")
        _ = try KillSwitch.pause(workspace, instance: nil, reason: "all")
        let one = try KillSwitch.resume(workspace, instance: "production")
        #expect(one.lifted == ["production: one"] && one.stillPaused == "all")
        _ = try KillSwitch.pause(workspace, instance: "staging", reason: "two")
        let all = try KillSwitch.resume(workspace, instance: nil)
        #expect(all.lifted == ["all instances: all", "staging: two"] && all.stillPaused == nil)
        #expect(try workspace.openLedger().pauses().isEmpty)
        #expect(try KillSwitch.resume(workspace, instance: nil).lifted.isEmpty)
    }

    @Test("a record of a time that has not come is found, though later ones are of now; five minutes are none")
    func ahead() throws {
        let ledger = try workspace.openLedger()
        func record(_ at: Timestamp) throws {
            try ledger.commit([], audit: [workspace.command("test", reason: "x", at: at)], at: at)
        }
        try record(.noon + .minutes(4))
        #expect(try FutureRecords.latest(in: ledger, now: .noon) == nil)
        try record(.noon + .days(3))
        try record(.noon)
        #expect(try FutureRecords.latest(in: ledger, now: .noon) == .noon + .days(3))
        #expect(try FutureRecords.latest(in: ledger, now: .noon + .days(4)) == nil)
    }

    @Test("an exported log is checked without the ledger, and a changed one names the first bad record")
    func export() throws {
        let ledger = try workspace.openLedger()
        for policy in workspace.policies {
            let fields: [String: AuditValue] = ["text": .text(policy.text)]
            let record = AuditRecord(.policy, instance: nil, at: .noon, policy: policy.name, fields: fields)
            try ledger.commit([], audit: [record], at: .noon)
        }
        try ledger.commit([], audit: [workspace.command("test", reason: "x", at: .noon)], at: .noon)
        var lines: [String] = []
        try Audit.entries(workspace) { lines.append(String(decoding: $0.line, as: UTF8.self)) }
        try folder.write("audit.jsonl", lines.joined(separator: "\n") + "\n")
        let good = try Audit.verify(file: folder.path + "/audit.jsonl", head: nil)
        #expect(good.intact && good.records == 3)
        let head = try Audit.verify(workspace, head: good.head)
        #expect(head.intact && head.head == good.head)
        try folder.write("audit.jsonl", lines.joined(separator: "\n").replacing("Order*", with: "Other*"))
        let bad = try Audit.verify(file: folder.path + "/audit.jsonl", head: nil)
        #expect(!bad.intact && bad.firstBad == 1 && bad.records == 0)
        try folder.write("audit.jsonl", lines.dropLast().joined(separator: "\n"))
        #expect(try Audit.verify(file: folder.path + "/audit.jsonl", head: nil).intact)
        #expect(try Audit.verify(file: folder.path + "/audit.jsonl", head: good.head).firstBad == 3)
        #expect(throws: MendflowFailure.self) { try Audit.verify(file: folder.path + "/none", head: nil) }
        #expect(throws: MendflowFailure.self) { try Audit.verify(workspace, head: "3:xyz") }
    }
}
