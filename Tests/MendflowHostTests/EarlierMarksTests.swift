import MendflowCore
import MendflowLedger
import MendflowText
import Testing

@testable import MendflowHost

@Suite("Marks of an earlier process")
struct EarlierMarksTests {
    private static let key = InstanceKey(name: "main", epoch: 1)
    private static let at = AgentTime(milliseconds: 1_793_606_400_000)
    private static let started = LedgerEvent.lifecycle(
        .started(AgentStarted(InForce(contents: ""), version: "1", mode: .enforce)))
    /// An agent starts and is killed with a request about to leave.
    private static let killed: [LedgerEvent] = [
        started, reserved,
        .sending(
            IntentRef(Intent(id: IntentID(3), draft: draft, state: .reserved, reservedAt: at)), watermark: nil,
            look: "complete"),
    ]
    private static let draft = IntentDraft(
        instance: key, action: .retry, execution: "7", root: "7", workflow: "w", policy: "p", policyVersion: "v")
    private static let reserved = LedgerEvent.reserved(
        Reservation(ProposedAction(draft: draft, due: ServerTime(milliseconds: 0)), isShadow: false))

    /// A ledger with a baseline and these entries, and its heads behind each of all.
    private static func ledger(_ events: [LedgerEvent]) async throws -> (MemoryLedgerStore, [AuditHead]) {
        let baseline = InstanceBaseline(
            instance: key, url: "http://n8n", since: ServerTime(milliseconds: 0), highest: nil, fingerprints: [],
            at: ServerTime(milliseconds: 0))
        let store = try MemoryLedgerStore([LedgerEntry(.began(baseline, .initialised(by: "test")), at: at)])
        var heads = [try await store.load(LedgerScope()).head.chain]
        for event in events {
            let head = try await store.load(LedgerScope()).head
            heads.append(try await store.append([LedgerEntry(event, at: at)], expecting: head, fence: nil).chain)
        }
        return (store, heads)
    }

    private static func believed(_ events: [LedgerEvent], from index: Int) async throws -> Bool {
        let (store, heads) = try await ledger(events)
        let marks = SendMarks(start: heads[index])
        return try await EarlierMarks.believed(marks, in: store) == marks
    }

    @Test("are believed where the process that made them was the last to start")
    func last() async throws {
        #expect(try await Self.believed(Self.killed, from: 1))
    }

    @Test("are not where another agent has started since, which may have marked nothing")
    func later() async throws {
        #expect(try await !Self.believed(Self.killed + [Self.started], from: 1))
        // Nor where they began before the agent that was killed had started.
        #expect(try await !Self.believed(Self.killed, from: 0))
    }

    @Test("are not where they are about another ledger, or where nothing was about to be sent")
    func other() async throws {
        let (store, heads) = try await Self.ledger(Self.killed)
        let (other, _) = try await Self.ledger([Self.reserved] + Self.killed.dropFirst(3) + [Self.started])
        let marks = SendMarks(start: heads[1])
        #expect(try await EarlierMarks.believed(marks, in: other) == nil)
        #expect(try await EarlierMarks.believed(nil, in: store) == nil)
        #expect(
            try await EarlierMarks.believed(
                SendMarks(start: AuditHead(sequence: 99, hash: marks.start.hash)), in: store) == nil)
        let (quiet, quietHeads) = try await Self.ledger([Self.started])
        #expect(try await EarlierMarks.believed(SendMarks(start: quietHeads[1]), in: quiet) == nil)
    }

    /// Seals the first records.
    private static func seal(_ store: MemoryLedgerStore, upTo last: Int64) async throws {
        var sealer = try LedgerSealer([], after: nil)
        for record in try await store.records(after: 0, limit: Int(last)) { try sealer.take(record) }
        let sealing = sealer.sealing(digest: [UInt8](repeating: 0, count: 32), by: "test", at: at)
        _ = try await store.seal(sealing, expecting: try await store.load(LedgerScope()).head, fence: nil)
    }

    @Test("are believed also where the record with which they begin was sealed, and then no start since")
    func sealed() async throws {
        // What was sent is younger than what is sealed.
        let (store, heads) = try await Self.ledger(Self.killed)
        try await Self.seal(store, upTo: 2)
        let marks = SendMarks(start: heads[1])
        #expect(try await EarlierMarks.believed(marks, in: store) == marks)
        #expect(try await !EarlierMarks.areUnknown(marks, in: store))
        let other = SendMarks(start: AuditHead(sequence: 2, hash: heads[0].hash))
        #expect(try await EarlierMarks.believed(other, in: store) == nil)
        #expect(try await EarlierMarks.areUnknown(other, in: store))
        let (later, laterHeads) = try await Self.ledger(Self.killed + [Self.started])
        try await Self.seal(later, upTo: 2)
        #expect(try await EarlierMarks.believed(SendMarks(start: laterHeads[1]), in: later) == nil)
    }
}
