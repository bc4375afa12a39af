import MendflowCore
import MendflowLedger
import Testing

@testable import MendflowLedgerSQLite

@Suite("Intents in the ledger")
struct IntentTests {
    @Test("are kept whole, through all their steps")
    func roundTrip() throws {
        let ledger = try memoryLedger()
        let full = IntentDraft(
            instance: production, action: .tag, execution: "12", root: "9", workflow: "wf", policy: "p\u{0}q",
            policyVersion: "v9", contributors: ["a", "b\"c"], attempt: 3, loadWorkflow: true, tags: ["x", "ü"],
            nodeType: "n8n-nodes-base.stripe")
        let id = try ledger.reserve(full, at: 10)
        #expect(try ledger.intent(id) == Intent(id: id, draft: full, state: .reserved, reservedAt: at(10)))
        try ledger.commit([.sending(id, watermark: "99")], audit: [], at: at(11))
        let settlement = Settlement(.applied, child: "100", note: "ok", notBefore: at(50))
        try ledger.commit([.settle(id, settlement)], audit: [], at: at(12))
        let settled = Intent(
            id: id, draft: full, state: .applied, reservedAt: at(10), sendingAt: at(11), watermark: "99",
            settledAt: at(12), child: "100", note: "ok", notBefore: at(50))
        #expect(try ledger.intent(id) == settled)
        #expect(try ledger.intent(IntentID(99)) == nil)
    }

    @Test("keep what an earlier outcome told, and take a child that is learned later")
    func laterChild() throws {
        let ledger = try memoryLedger()
        let id = try ledger.intent(.sending, of: "1")
        try ledger.commit([.settle(id, Settlement(.unresolved, note: "no answer"))], audit: [], at: at(2))
        try ledger.commit([.settle(id, Settlement(.applied, child: "7"))], audit: [], at: at(3))
        try ledger.settle(id, .applied, at: 4)
        let intent = try #require(try ledger.intent(id))
        #expect(intent.child == "7" && intent.note == "no answer" && intent.settledAt == at(4))
    }

    @Test("change their state only along these ways", arguments: IntentState.allCases)
    func stateMachine(from: IntentState) throws {
        let allowed: [IntentState: Set<IntentState>] = [
            .reserved: [.void], .sending: [.applied, .void, .unresolved, .ineffective],
            .unresolved: [.applied, .void, .superseded, .ineffective], .applied: [.applied, .ineffective],
        ]
        for to in IntentState.allCases {
            let ledger = try memoryLedger()
            let id = try ledger.intent(from, of: "5")
            #expect(try ledger.intent(id)?.state == from)
            if allowed[from, default: []].contains(to) {
                try ledger.settle(id, to)
                #expect(try ledger.intent(id)?.state == to)
            } else {
                #expect(throws: LedgerFailure.wrongState(id, from.rawValue)) { try ledger.settle(id, to) }
                #expect(try ledger.intent(id)?.state == from)
            }
        }
        let ledger = try memoryLedger()
        let id = try ledger.intent(from, of: "5")
        if from == .reserved {
            try ledger.commit([.sending(id, watermark: nil)], audit: [], at: at(1))
        } else {
            #expect(throws: LedgerFailure.wrongState(id, from.rawValue)) {
                try ledger.commit([.sending(id, watermark: nil)], audit: [], at: at(1))
            }
        }
    }

    @Test("that are not there cannot be changed")
    func missing() throws {
        let ledger = try memoryLedger()
        #expect(throws: LedgerFailure.missing("intent 3")) { try ledger.settle(IntentID(3), .void) }
    }

    @Test("answer their ids in the order of the changes")
    func order() throws {
        let ledger = try memoryLedger()
        let ids = try ledger.commit(
            [.reserve(draft("3")), .pause(instance: "other", reason: "x"), .reserve(draft("2")), .reserve(draft("1"))],
            audit: [], at: at(1))
        let executions = try ids.map { id in try #require(try ledger.intent(id)).draft.execution }
        #expect(executions == ["3", "2", "1"])
    }

    @Test("are found by their states, oldest first, of one instance or all")
    func byState() throws {
        let ledger = try memoryLedger()
        let other = InstanceKey(name: "other", epoch: 1)
        let one = try ledger.intent(.sending, of: "1")
        let two = try ledger.reserve(draft("1", instance: other))
        let three = try ledger.intent(.unresolved, of: "2")
        _ = try ledger.intent(.applied, of: "3")
        let open: Set<IntentState> = [.reserved, .sending, .unresolved]
        #expect(try ledger.intents(in: open, instance: nil).map(\.id) == [one, two, three])
        #expect(try ledger.intents(in: open, instance: production).map(\.id) == [one, three])
        #expect(try ledger.intents(in: open, instance: InstanceKey(name: "production", epoch: 2)).isEmpty)
        #expect(try ledger.intents(in: [], instance: nil).isEmpty)
    }
}

@Suite("Never twice, in the ledger")
struct NeverTwiceTests {
    @Test(
        "a second retry of an execution is refused while the first is not proven void",
        arguments: [IntentState.reserved, .sending, .applied, .unresolved, .ineffective])
    func refused(state: IntentState) throws {
        let ledger = try memoryLedger()
        _ = try ledger.intent(state, of: "5")
        #expect(throws: LedgerFailure.alreadyIntended("5")) { try ledger.reserve(draft("5")) }
        #expect(throws: LedgerFailure.alreadyIntended("6")) {
            try ledger.commit([.reserve(draft("6")), .reserve(draft("6"))], audit: [], at: at(1))
        }
    }

    @Test("is the schema's rule: SQL that goes round the program breaks on it too")
    func index() throws {
        let ledger = try memoryLedger()
        let id = try ledger.reserve(draft("5"))
        try ledger.settle(id, .void)
        try ledger.reserve(draft("5"))
        #expect(throws: LedgerFailure.self) {
            try ledger.database.execute("UPDATE intent SET state = 'reserved' WHERE id = \(id)")
        }
    }

    @Test("a voided retry may be tried again, any number of times")
    func void() throws {
        let ledger = try memoryLedger()
        for _ in 0..<3 { _ = try ledger.intent(.void, of: "5") }
        _ = try ledger.intent(.applied, of: "5")
        #expect(throws: LedgerFailure.alreadyIntended("5")) { try ledger.reserve(draft("5")) }
    }

    @Test("an unresolved retry is replaced in one commit, once")
    func superseded() throws {
        let ledger = try memoryLedger()
        let first = try ledger.intent(.unresolved, of: "5")
        let ids = try ledger.commit(
            [.settle(first, Settlement(.superseded)), .reserve(draft("5"))], audit: [], at: at(1))
        let second = try #require(ids.first)
        try ledger.commit([.sending(second, watermark: nil)], audit: [], at: at(1))
        try ledger.settle(second, .unresolved)
        #expect(throws: LedgerFailure.alreadyIntended("5")) { try ledger.settle(second, .superseded) }
    }

    @Test("other executions, instances, epochs and actions are their own")
    func others() throws {
        let ledger = try memoryLedger()
        try ledger.reserve(draft("5"))
        try ledger.reserve(draft("6"))
        try ledger.reserve(draft("5", instance: InstanceKey(name: "production", epoch: 2)))
        try ledger.reserve(draft("5", instance: InstanceKey(name: "other", epoch: 1)))
        try ledger.reserve(draft("5", action: .stop))
        try ledger.reserve(draft("5", action: .stop))
        #expect(try ledger.intents(in: [.reserved], instance: nil).count == 6)
    }

    @Test("dry-run and enforce never stand in each other's way, and dry-run counts an execution once")
    func shadow() throws {
        let ledger = try memoryLedger()
        try ledger.reserve(draft("5", shadow: true))
        #expect(throws: LedgerFailure.alreadyIntended("5")) { try ledger.reserve(draft("5", shadow: true)) }
        try ledger.reserve(draft("5"))
        try ledger.reserve(draft("6"))
        try ledger.reserve(draft("6", shadow: true))
        #expect(throws: LedgerFailure.alreadyIntended("5")) { try ledger.reserve(draft("5")) }
    }
}
