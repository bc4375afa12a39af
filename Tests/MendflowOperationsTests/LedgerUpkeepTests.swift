import MendflowCore
import MendflowEnvironment
import MendflowHost
import MendflowHostKit
import MendflowLedger
import MendflowTestKit
import MendflowText
import MendflowWorkspace
import Testing

@testable import MendflowOperations

@Suite("The ledger as a file")
struct LedgerUpkeepTests {
    let folder: Folder
    let workspace: Workspace
    let clock = VirtualClock(.noon)
    let key = InstanceKey(name: "production", epoch: 1)
    var copy: String { folder.path + "/copy.sqlite" }

    init() async throws {
        folder = try Folder()
        workspace = try await folder.workspace(clock: clock)
    }

    /// Sends a retry, and answers its intent.
    @discardableResult
    func send(_ execution: ExecutionID) async throws -> IntentRef {
        let draft = IntentDraft(
            instance: key, action: .retry, execution: execution, root: execution, workflow: "w", policy: "a",
            policyVersion: "v")
        let number = try #require(try await workspace.append([.reserve(draft)]).first)
        let ref = IntentRef(IntentID(number), draft)
        try await workspace.append([.sending(ref, watermark: execution, look: "complete")])
        return ref
    }

    func mayReserve(_ execution: ExecutionID) async -> Bool {
        do {
            try await send(execution)
            return true
        } catch { return false }
    }

    @Test("is copied while others write, into one file that is whole, checked, and only its owner's")
    func backup() async throws {
        try await send("1")
        let store = try await workspace.openLedger()
        let head = try await workspace.everything().head.chain
        let found = try await LedgerUpkeep.backup(workspace, to: copy)
        #expect(found.isIntact && found.head == head)
        #expect(MachineFiles().exposure(copy) == nil)
        // Nothing stands beside it, and nothing of a try is left.
        #expect(MachineFiles().names(inFolder: folder.path).filter { $0.hasPrefix("copy.") } == ["copy.sqlite"])
        try await send("2")
        #expect(try await store.load(LedgerScope()).head.sequence > head.sequence)
        let error = await #expect(throws: MendflowFailure.self) { try await LedgerUpkeep.backup(workspace, to: copy) }
        #expect(error?.message.contains("is there already; nothing is written over it") == true)
    }

    @Test("at an address with a password in it is told without the password, whatever is asked of it")
    func unkeepable() throws {
        for address in ["postgres://a:hunter2@127.0.0.1/m", "postgres://a@127.0.0.1/m?password=hunter2"] {
            let words = LedgerUpkeep.unkeepable(address).message
            #expect(!words.contains("hunter2") && words.contains("address"), "\(words)")
        }
        #expect(LedgerUpkeep.unkeepable("/a/b").message == "/a/b is no file on a disk")
    }

    @Test("is measured: its size, what it holds, and how fast it grows")
    func info() async throws {
        let young = try await LedgerUpkeep.info(workspace)
        #expect(young.measure.records == 1 && young.measure.cells["baseline"] == 1 && young.bytesPerDay == nil)
        try await send("1")
        let info = try await LedgerUpkeep.info(workspace)
        #expect(info.measure.records == 3 && info.measure.cells["intent"] == 1)
        #expect(info.last == .noon && info.first == .noon - .days(1))
        #expect(info.bytesPerDay == info.measure.bytes)
    }

    @Test("is made smaller only while nobody acts on it")
    func compact() async throws {
        let hold = try workspace.environment.ledgers.lock(workspace.ledgerPath)
        let error = await #expect(throws: MendflowFailure.self) { try await LedgerUpkeep.compact(workspace) }
        #expect(error?.kind == .held)
        withExtendedLifetime(hold) {}
    }

    @Test("is made smaller, and is what it was")
    func compacted() async throws {
        for number in 1...50 { try await send(ExecutionID("\(number)")) }
        let (before, after) = try await LedgerUpkeep.compact(workspace)
        #expect(after.bytes <= before.bytes && after.freeBytes == 0 && after.records == before.records)
        #expect(try await Audit.verify(workspace, head: nil).isIntact)
    }

    @Test("is restored from a copy that ends where it does, and goes on acting")
    func same() async throws {
        try await send("1")
        _ = try await LedgerUpkeep.backup(workspace, to: copy)
        #expect(try await LedgerRestore.check(workspace, from: copy).relation == .same)
        let done = try await LedgerRestore.run(workspace, from: copy, reason: nil)
        #expect(done.paused == nil)
        #expect(try await workspace.everything().allPauses().isEmpty)
        #expect(try await Audit.verify(workspace, head: nil).isIntact)
        #expect(await mayReserve("2"))
        #expect(await !mayReserve("1"))
    }

    @Test(
        "that is restored from an earlier copy names what was sent since, and sends nothing until a person has seen to it"
    )
    func earlier() async throws {
        try await send("1")
        _ = try await LedgerUpkeep.backup(workspace, to: copy)
        // The agent goes on: this is what the copy does not know.
        let lost = try await send("2")
        let looked = try await LedgerRestore.check(workspace, from: copy)
        #expect(looked.relation == .earlier(records: 2, sent: [lost]) && looked.paused == nil)
        let newest = try await workspace.everything().head.chain
        let done = try await LedgerRestore.run(workspace, from: copy, reason: "the disk died")
        let aside = try #require(done.setAside)
        // What was there is kept whole.
        let kept = try await workspace.environment.ledgers.open(aside, .read).verify(expecting: newest)
        #expect(kept.isIntact && kept.head == newest)
        // Execution 2 was retried; the copy does not know, and must not send it again by itself.
        #expect(await !mayReserve("2"))
        let pauses = try await workspace.everything().allPauses()
        #expect(pauses.count == 1 && pauses[0].reason.contains("does not know what was sent since"))
        var records: [AuditRecord] = []
        try await Audit.entries(workspace) { records.append($0.record) }
        let told = try #require(records.first { $0.fields["what"] == "ledger_restored" })
        #expect(told.fields["lost"] == .integer(2) && told.fields["sent"] == .texts(["retry 2"]))
        #expect(told.fields["reason"] == "the disk died" && told.fields["by"] == "test")
        #expect(try await Audit.verify(workspace, head: nil).isIntact)
        let refused = await #expect(throws: MendflowFailure.self) {
            _ = try await KillSwitch.resume(workspace, instance: nil)
        }
        #expect(refused?.message.hasSuffix("Once that is seen to: mendflow resume --force") ?? false)
        #expect(await !mayReserve("3"))
        #expect(try await KillSwitch.resume(workspace, instance: nil, force: true).lifted.map(\.isDoubt) == [true])
        #expect(await mayReserve("3"))
    }

    @Test("is not restored while somebody acts on it, from a copy of another one, or from one that was changed")
    func refused() async throws {
        try await send("1")
        _ = try await LedgerUpkeep.backup(workspace, to: copy)
        let other = try Folder()
        let stranger = try await other.workspace(clock: clock)
        try await stranger.append([.paused(instance: nil, reason: "x", by: "y")])
        let foreign = await #expect(throws: MendflowFailure.self) {
            try await LedgerRestore.run(stranger, from: copy, reason: nil)
        }
        #expect(foreign?.message.contains("is a copy of another ledger") == true)
        let hold = try workspace.environment.ledgers.lock(workspace.ledgerPath)
        let held = await #expect(throws: MendflowFailure.self) {
            try await LedgerRestore.run(workspace, from: copy, reason: nil)
        }
        #expect(held?.kind == .held)
        withExtendedLifetime(hold) {}
        try folder.write("text.sqlite", "no ledger")
        await #expect(throws: MendflowFailure.self) {
            try await LedgerRestore.check(workspace, from: folder.path + "/text.sqlite")
        }
    }

    @Test("is restored where the ledger is lost or damaged, and nobody can tell what was done since")
    func lost() async throws {
        try await send("1")
        _ = try await LedgerUpkeep.backup(workspace, to: copy)
        for name in ["mendflow.sqlite-wal", "mendflow.sqlite-shm"] { try? folder.remove(name) }
        try folder.write("mendflow.sqlite", "damaged")
        let done = try await LedgerRestore.run(workspace, from: copy, reason: nil)
        guard case .alone = done.relation else {
            Issue.record("\(done.relation)")
            return
        }
        #expect(done.paused != nil && done.setAside != nil)
        #expect(try await Audit.verify(workspace, head: nil).isIntact)
    }

    @Test("that was copied back by hand is noticed by the agent that starts, which then sends nothing")
    func byHand() async throws {
        try await send("1")
        _ = try await LedgerUpkeep.backup(workspace, to: copy)
        // An agent starts on the ledger, and marks where it began.
        try await workspace.append([
            .lifecycle(.started(AgentStarted(InForce(contents: ""), version: "1", mode: .enforce)))
        ])
        do {
            let hold = try workspace.environment.ledgers.lock(workspace.ledgerPath)
            try hold.beginMarks(at: try await workspace.everything().head.chain)
        }
        for name in ["mendflow.sqlite", "mendflow.sqlite-wal", "mendflow.sqlite-shm"] { try? folder.remove(name) }
        try folder.copy("copy.sqlite", to: "mendflow.sqlite")
        try? await MendflowHost(workspace, asked: nil).run(once: true)
        let pauses = try await workspace.everything().allPauses()
        #expect(pauses.count == 1 && pauses[0].reason.contains("an older copy?") && pauses[0].isDoubt)
    }

    func copied(to target: String) async throws -> LedgerCopy.Outcome {
        try await LedgerCopy.run(workspace.environment, from: workspace.ledgerPath, to: target) { _ in }
    }

    @Test("is taken over into another place, whole and checked, and nothing of a try is left there")
    func takenOver() async throws {
        try await send("1")
        let head = try await workspace.everything().head.chain
        let outcome = try await copied(to: copy)
        #expect(outcome.isCopied && outcome.found.head == head)
        #expect(try await workspace.environment.ledgers.open(copy, .read).verify(expecting: head).isIntact)
        #expect(MachineFiles().exposure(copy) == nil)
        #expect(MachineFiles().names(inFolder: folder.path).filter { $0.hasPrefix("copy.") } == ["copy.sqlite"])
        let error = await #expect(throws: MendflowFailure.self) { try await copied(to: copy) }
        #expect(error?.message.contains("copied to where there is none") == true)
    }

    @Test("is not taken over while an agent acts on it, nor to itself")
    func notTakenOver() async throws {
        try await send("1")
        let hold = try workspace.environment.ledgers.lock(workspace.ledgerPath)
        let error = await #expect(throws: MendflowFailure.self) { try await copied(to: copy) }
        #expect(error?.kind == .held)
        withExtendedLifetime(hold) {}
        await #expect(throws: MendflowFailure.self) { try await copied(to: workspace.ledgerPath) }
        #expect(!MachineFiles().exists(copy))
    }
}
