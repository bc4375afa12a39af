import MendflowCore
import MendflowLedger
import Testing

@testable import MendflowLedgerSQLite

@Suite("The audit log in the ledger")
struct AuditLogTests {
    func ledgerOfFive() throws -> SQLiteLedger {
        let ledger = try memoryLedger()
        for number in 1...4 {
            try ledger.commit(
                [], audit: [note("n\(number)", at: Int64(number), execution: ExecutionID("\(number)"))],
                at: at(Int64(number)))
        }
        let record = AuditRecord(
            .reserved, instance: production, at: at(5), execution: "7", root: "7", policy: "p", fields: ["intent": "$0"]
        )
        try ledger.commit([.reserve(draft("7"))], audit: [record], at: at(5))
        return ledger
    }

    func tamper(_ ledger: SQLiteLedger, _ sql: String) throws -> AuditFault? {
        try ledger.database.execute("DROP TRIGGER IF EXISTS audit_keeps; DROP TRIGGER IF EXISTS audit_stays; " + sql)
        return try ledger.verify().fault
    }

    @Test("grows by what is committed, and verifies")
    func intact() throws {
        let ledger = try memoryLedger()
        #expect(try ledger.head() == (0, [UInt8](repeating: 0, count: 32)))
        #expect(try ledger.verify().isIntact)
        let full = try ledgerOfFive()
        let result = try full.verify()
        #expect(result.isIntact && result.count == 5)
        let head = try full.head()
        #expect(AuditHead(sequence: head.sequence, hash: head.hash) == result.head)
        #expect(try full.verify(expecting: result.head).isIntact)
    }

    @Test("only grows: nothing can be changed or removed, not even by SQL, while its triggers stand")
    func appendOnly() throws {
        let ledger = try ledgerOfFive()
        #expect(throws: LedgerFailure.self) { try ledger.database.execute("UPDATE audit SET at = 0") }
        #expect(throws: LedgerFailure.self) { try ledger.database.execute("DELETE FROM audit WHERE sequence = 5") }
        #expect(try ledger.verify().count == 5)
    }

    @Test(
        "shows whatever was edited in the file",
        arguments: [
            ("UPDATE audit SET bytes = CAST(replace(CAST(bytes AS TEXT), 'n2', 'n9') AS BLOB)", 2, .changed),
            ("UPDATE audit SET hash = zeroblob(32) WHERE sequence = 3", 3, .changed),
            ("UPDATE audit SET hash = x'00' WHERE sequence = 3", 3, .changed),
            ("DELETE FROM audit WHERE sequence = 1", 1, .removed),
            ("DELETE FROM audit WHERE sequence = 3", 3, .removed),
            (
                """
                DELETE FROM audit WHERE sequence = 3; UPDATE audit SET sequence = 3 WHERE sequence = 4;
                UPDATE audit SET sequence = 4 WHERE sequence = 5
                """, 3, .reordered
            ),
            (
                """
                UPDATE audit SET sequence = 99 WHERE sequence = 2; UPDATE audit SET sequence = 2 WHERE sequence = 3;
                UPDATE audit SET sequence = 3 WHERE sequence = 99
                """, 2, .reordered
            ),
            ("UPDATE audit SET kind = 'outcome' WHERE sequence = 2", 2, .column("kind")),
            ("UPDATE audit SET instance = 'x' WHERE sequence = 2", 2, .column("instance")),
            ("UPDATE audit SET instance = NULL WHERE sequence = 2", 2, .column("instance")),
            ("UPDATE audit SET epoch = 2 WHERE sequence = 2", 2, .column("epoch")),
            ("UPDATE audit SET at = at + 1 WHERE sequence = 4", 4, .column("at")),
            ("UPDATE audit SET execution = '99' WHERE sequence = 4", 4, .column("execution")),
            ("UPDATE audit SET root = NULL WHERE sequence = 4", 4, .column("root")),
            ("UPDATE audit SET policy = 'q' WHERE sequence = 4", 4, .column("policy")),
            ("DELETE FROM intent", 5, .intent(1)),
            ("UPDATE intent SET execution = '8'", 5, .intent(1)),
            ("UPDATE intent SET epoch = 2", 5, .intent(1)),
            ("UPDATE intent SET state = 'void'", 5, .state(1, told: "reserved", stored: "void")),
            (
                """
                INSERT INTO intent (instance, epoch, shadow, action, execution, root, workflow, policy, policy_version,
                    contributors, attempt, load_workflow, tags, state, reserved_at)
                SELECT instance, epoch, shadow, action, '77', root, workflow, policy, policy_version,
                    contributors, attempt, load_workflow, tags, state, reserved_at FROM intent
                """, 5, .unrecorded(2)
            ),
            (
                """
                INSERT INTO audit SELECT 0, hash, previous, bytes, kind, instance, epoch, at, execution, root, policy
                FROM audit WHERE sequence = 2
                """, 5, .extra(1)
            ),
        ] as [(String, Int64, AuditFault.Problem)])
    func tampered(sql: String, sequence: Int64, problem: AuditFault.Problem) throws {
        #expect(try tamper(try ledgerOfFive(), sql) == AuditFault(sequence, problem))
    }

    @Test("shows a cut tail against a head that was kept")
    func cut() throws {
        let ledger = try ledgerOfFive()
        let head = try ledger.verify().head
        // What is cut off with an intent shows by that intent; a head that was kept shows every cut.
        #expect(try tamper(ledger, "DELETE FROM audit WHERE sequence > 3") == AuditFault(3, .unrecorded(1)))
        #expect(try ledger.verify(expecting: head).fault == AuditFault(4, .cut(expected: 5)))
    }

    @Test("names the intents that its own commit reserved")
    func intentReferences() throws {
        let ledger = try memoryLedger()
        let records = ["$1", "$0", "other"].map { text in
            AuditRecord(.reserved, instance: production, at: at(1), fields: ["intent": .text(text)])
        }
        let ids = try ledger.commit([.reserve(draft("5")), .reserve(draft("6"))], audit: records, at: at(1))
        let named = try ledger.records(from: 1, limit: 9).map { try CanonicalRecord(bytes: $0.bytes).record.fields }
        #expect(
            named == [
                ["intent": .text(ids[1].description)], ["intent": .text(ids[0].description)], ["intent": "other"],
            ])
        #expect(throws: LedgerFailure.missing("intent $0 of this commit")) {
            try ledger.commit([], audit: [records[1]], at: at(1))
        }
    }

    @Test("never goes back in time; intents are dated by the clock as it is, so that one wrong clock holds no cap")
    func time() throws {
        let ledger = try memoryLedger()
        try ledger.commit([], audit: [note("a", at: 100), note("b", at: 90)], at: at(100))
        let id = try ledger.reserve(draft("5"), at: 50)
        #expect(try ledger.intent(id)?.reservedAt == at(50))
        try ledger.commit([], audit: [note("c", at: 110)], at: at(110))
        let times = try ledger.records(from: 1, limit: 9).map { try CanonicalRecord(bytes: $0.bytes).record.at }
        #expect(times == [at(100), at(100), at(110)])
    }

    @Test("is read by number, by execution and by chain")
    func reading() throws {
        let ledger = try ledgerOfFive()
        #expect(try ledger.records(from: 2, limit: 2).map(\.sequence) == [2, 3])
        #expect(try ledger.records(from: 6, limit: 2).isEmpty)
        #expect(try ledger.records(about: ["3"], instance: production).map(\.sequence) == [3])
        #expect(try ledger.records(about: ["7", "2"], instance: production).map(\.sequence) == [2, 5])
        #expect(try ledger.records(about: ["1"], instance: production).map(\.sequence) == [1, 2, 3, 4])
        #expect(try ledger.records(about: ["1"], instance: InstanceKey(name: "production", epoch: 2)).isEmpty)
    }
}
