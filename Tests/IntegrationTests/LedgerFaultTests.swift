import CSQLite
import FoundationEssentials
import Glibc
import MendflowRehearsal
import MendflowSimulator
import Testing

/// A ledger that cannot be used stops everything that would need it, and stays as it is.
@Suite("A ledger", .timeLimit(.minutes(30)))
struct LedgerFaultTests {
    @Test("that is missing stops `run`, not `plan`, and nothing is sent")
    func missing() async throws {
        let world = try World()
        let failed = world.failure()
        for mode in ["--enforce", "--dry-run"] {
            let end = try await world.run("run", "--once", mode)
            #expect(end.code == 1 && end.err.contains("mendflow init"), "\(end.err)")
        }
        let plan = try await world.run("plan")
        #expect(plan.code == 2 && plan.out.contains("memory: none"), "\(plan.out)\(plan.err)")
        #expect(world.retries(failed).isEmpty)
        #expect(!FileManager.default.fileExists(atPath: world.ledger))
        try await world.remove()
    }

    @Test("that the files name while an agent works on another one does not know what that sent, and sends nothing")
    func another() async throws {
        let world = try World()
        let failed = world.failure()
        try await world.initialise()
        let agent = try world.start("run")
        defer { agent.signal(SIGKILL) }
        try await world.until { !$0.retries(of: failed).isEmpty }
        let changed = World.configuration(url: world.server.url).replacing("mendflow.sqlite", with: "other.sqlite")
        try world.write("mendflow.yaml", changed)
        // The agent says in its own ledger that it has seen that.
        for _ in 0..<100 {
            let status = try await world.run("status")
            if status.out.contains("OTHER LEDGER") { break }
        }
        let end = try await world.run("run", "--once")
        #expect(end.code == 75 && end.err.contains("nothing is sent: an agent runs on another ledger"), "\(end.err)")
        let shown = try await world.run("run", "--once", "--dry-run")
        #expect(shown.code == 1 && shown.err.contains("mendflow init"), "\(shown.err)")
        let resumed = try await world.run("resume")
        #expect(resumed.err.contains("an agent runs on another ledger"), "\(resumed.err)")
        agent.signal(SIGTERM)
        _ = await agent.end()
        #expect(try await world.run("run", "--once").err.contains("mendflow init"))
        try await world.remove()
    }

    @Test("is not called broken where its decisions were made by other protections than the file has now")
    func otherTerms() async throws {
        let world = try World()
        let failed = world.failure()
        try await world.initialise()
        #expect(try await world.run("run", "--once").code == 0 && world.retries(failed).count == 1)
        let before = try await world.run("audit", "replay")
        #expect(before.code == 0 && before.out.contains("as it was recorded"), "\(before.out)")
        let configuration = World.configuration(url: world.server.url)
        try world.write("mendflow.yaml", configuration + "protect: [{workflow: {name: \"Order sync\"}}]\n")
        let after = try await world.run("audit", "replay")
        #expect(after.code == 0 && after.out.contains("by another mendflow.yaml"), "\(after.out)\(after.err)")
        try world.write("mendflow.yaml", configuration)
        #expect(try await world.run("audit", "replay").out == before.out)
        try await world.remove()
    }

    @Test("that a newer version wrote is left alone", arguments: ["run", "plan", "status", "inbox"])
    func newer(command: String) async throws {
        let world = try World()
        let failed = world.failure()
        try await world.initialise()
        // `user_version` stands at offset 60 of the file's header, big-endian.
        try world.patch(at: 60, [0, 0, 3, 0xE7])
        let before = try world.bytes()
        let end = try await world.run(command)
        #expect(end.code == 1 && end.err.contains("newer mendflow") && end.err.contains("999"), "\(end.err)")
        #expect(try world.bytes() == before)
        #expect(world.retries(failed).isEmpty)
        try await world.remove()
    }

    @Test("that is damaged, or no ledger at all, is called that", arguments: [(0, "status"), (4096, "run")])
    func corrupt(offset: Int, command: String) async throws {
        let world = try World()
        let failed = world.failure()
        try await world.initialise()
        try world.patch(at: offset, Array(repeating: 0x5A, count: 8192))
        for command in [command, "run"] {
            let end = try await world.run(command)
            #expect(end.code == 1 && end.err.contains("damaged or no ledger"), "\(command): \(end.out)\(end.err)")
        }
        #expect(world.retries(failed).isEmpty)
        try await world.remove()
    }

    @Test("that cannot grow keeps the agent from acting, and loses nothing", arguments: [1, 80])
    func full(blocks: Int) async throws {
        let world = try World()
        let failed = world.failure()
        try await world.initialise()
        // Blocks of 512 bytes; beyond them a write fails, as on a full disk.
        let end = try await world.run("run", "--once", shell: "trap '' XFSZ; ulimit -f \(blocks)")
        #expect(end.code == 1 && end.err.contains("mendflow.sqlite"), "\(end.err)")
        #expect(world.retries(failed).isEmpty)
        #expect(try await world.run("run", "--once").code == 0)
        #expect(world.retries(failed).count == 1)
        #expect(try await world.run("audit", "verify").code == 0)
        try await world.remove()
    }

    @Test("whose records were changed fails the check, and the doctor says so")
    func tampered() async throws {
        let world = try World()
        try await world.initialise()
        try world.sql(
            """
            DROP TRIGGER entry_keeps;
            UPDATE entry SET bytes = CAST(replace(CAST(bytes AS TEXT), '"what":"init"', '"what":"Init"') AS BLOB)
            WHERE instr(bytes, CAST('"what":"init"' AS BLOB));
            """)
        let end = try await world.run("audit", "verify")
        #expect(end.code == 3 && end.out.contains("BROKEN: record 1 was changed"), "\(end.out)\(end.err)")
        let doctor = try await world.run("doctor")
        #expect(doctor.code == 1 && doctor.out.contains("record 1 was changed"), "\(doctor.out)\(doctor.err)")
        try world.sql("UPDATE entry SET bytes = CAST('{}' AS BLOB) WHERE sequence = 1;")
        let replay = try await world.run("audit", "replay")
        #expect(replay.code == 3 && replay.err.contains("`mendflow audit verify` says where"), "\(replay.err)")
        try await world.remove()
    }

    @Test(
        "that was changed beside its records is refused by `run`, which sends nothing",
        arguments: [
            "DELETE FROM cell WHERE kind = 'intent'", "DELETE FROM cell WHERE kind = 'pause'",
            "DROP INDEX cell_exclusive",
            "UPDATE cell SET epoch = 9 WHERE kind = 'owner'",
        ])
    func changedBeside(change: String) async throws {
        let world = try World()
        let failed = world.failure()
        try await world.initialise()
        #expect(try await world.run("run", "--once").code == 0)
        #expect(world.retries(failed).count == 1)
        #expect(try await world.run("pause", "--reason", "the examiner").code == 0)
        try world.sql(change)
        let other = world.failure()
        for words in [["run", "--once"], ["run"]] {
            let end = try await world.run(words)
            #expect(end.code == 3 && end.err.contains(world.ledger), "\(change): \(end.out)\(end.err)")
            #expect(end.err.contains("docs/operating.md"), "\(end.err)")
        }
        #expect(world.retries(failed).count == 1 && world.retries(other).isEmpty)
        try await world.remove()
    }

    @Test(
        "whose file goes away under a running agent ends it, loudly and at once",
        arguments: ["moved", "replaced", "linked", "moved while n8n is down"])
    func displaced(how: String) async throws {
        let world = try World()
        try await world.initialise()
        let agent = try world.start("run")
        try await agent.wrote("event=tick ")
        let files = FileManager.default
        switch how {
        case "moved while n8n is down":
            await world.server.stop()
            try await agent.wrote("event=read.failed ")
            fallthrough
        case "moved": try files.moveItem(atPath: world.ledger, toPath: world.ledger + ".away")
        case "linked": try files.linkItem(atPath: world.ledger, toPath: world.ledger + ".second")
        default:
            try files.copyItem(atPath: world.ledger, toPath: world.ledger + ".copy")
            #expect(rename(world.ledger + ".copy", world.ledger) == 0)
        }
        let failed = world.failure()
        let end = await agent.end()
        #expect(end.code == 74 && end.err.contains("event=ledger.displaced"), "\(end.code) \(end.err)")
        #expect(end.err.contains("\(world.ledger) was") && end.err.contains("start mendflow again"), "\(end.err)")
        #expect(world.retries(failed).isEmpty)
        try await world.remove()
    }
}

extension World {
    struct SQLFailure: Error { var code: Int32 }

    /// Runs SQL on the ledger's file that the program never would.
    func sql(_ script: String) throws {
        var database: OpaquePointer?
        defer { sqlite3_close(database) }
        var code = sqlite3_open_v2(ledger, &database, SQLITE_OPEN_READWRITE, nil)
        if code == SQLITE_OK { code = sqlite3_exec(database, script, nil, nil, nil) }
        guard code == SQLITE_OK else { throw SQLFailure(code: code) }
    }

    func bytes() throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: ledger))) }

    /// Writes bytes over the ledger's, once the file holds all that was written.
    func patch(at offset: Int, _ bytes: [UInt8]) throws {
        try sql("PRAGMA wal_checkpoint(TRUNCATE)")
        var all = try self.bytes()
        all.replaceSubrange(offset..<min(all.count, offset + bytes.count), with: bytes)
        try Data(all).write(to: URL(filePath: ledger))
    }
}
