import MendflowCore
import MendflowLedgerConformance
import MendflowText
import Testing

@testable import MendflowLedger

@Suite("An entry and its record")
struct EntryCodecTests {
    /// Entry, record, bytes, and the same way back.
    func expectRoundTrip(_ entry: LedgerEntry, after last: AgentTime) throws {
        let record = entry.record(after: last)
        let bytes = CanonicalRecord(sequence: 7, record: record).bytes
        let back = try CanonicalRecord(bytes: bytes)
        #expect(back.sequence == 7 && back.record == record)
        let again = try LedgerEntry(back.record)
        #expect(again == entry)
        #expect(CanonicalRecord(sequence: 7, record: again.record(after: last)).bytes == bytes)
        #expect(record.at == max(entry.at, last) && (record.clock == nil) == (entry.at >= last))
    }

    @Test("tell the same of every kind of event, whatever it holds", arguments: EventKind.allCases)
    func events(kind: EventKind) throws {
        var random = RandomEvents(seed: 1)
        for _ in 0..<120 {
            let event = random.event(kind)
            #expect(EventKind(event) == kind)
            let entry = LedgerEntry(event, at: AgentTime(milliseconds: Int64(random.below(9))))
            try expectRoundTrip(entry, after: AgentTime(milliseconds: 4))
        }
    }

    @Test("tell the same of every kind of evidence, whatever it holds", arguments: EvidenceKind.allCases)
    func evidence(kind: EvidenceKind) throws {
        var random = RandomEvents(seed: 2)
        let intent = IntentRef(IntentID(3), random.draft())
        for _ in 0..<60 {
            let evidence = random.evidence(kind)
            #expect(EvidenceKind(evidence) == kind)
            let entry = LedgerEntry(.outcome(intent, Settlement(.applied, evidence)), at: AgentTime(milliseconds: 1))
            try expectRoundTrip(entry, after: entry.at)
        }
    }

    @Test("tell the same of everything that pieces of evidence can hold")
    func pieces() throws {
        var random = RandomEvents(seed: 3)
        for _ in 0..<200 {
            let (detail, workflow) = (random.detail(), random.workflow())
            #expect(try ExecutionDetail(detail.stored) == detail)
            #expect(try WorkflowInfo(workflow.stored) == workflow)
            // A property more is one that has to be stored, and made at random here. Those of a detail are in one place.
            func count(_ value: Any) -> Int {
                let children = Mirror(reflecting: value).children
                return children.count == 1 ? children.reduce(0) { count($1.value) + $0 } : children.count
            }
            #expect(count(detail) == 19 && count(workflow) == 15)
            if let node = detail.lastNode { #expect(count(node) == 7) }
            if let error = detail.error { #expect(count(error) == 14) }
        }
    }

    @Test("known defect: what a row does not tell of its parent, and a status word that is not known, are kept")
    func hiddenParent() throws {
        for hides in [true, false] {
            for word in ["paused", nil] {
                let row = Execution(
                    id: "12", workflow: "w", status: word == nil ? .error : .unrecognised, hidesRetryOf: hides,
                    unrecognisedWord: word)
                let state = TickState(
                    tick: 1, at: AgentTime(milliseconds: 1), accounted: nil, sweptAt: nil, rows: 1,
                    live: [.init(execution: row, firstSeen: ServerTime(milliseconds: 1))], clockOffset: .zero)
                let key = InstanceKey(name: "production", epoch: 1)
                let entry = LedgerEntry(.tick(key, TickPatch(from: nil, to: state)), at: state.at)
                try expectRoundTrip(entry, after: entry.at)
                guard case .tick(_, let patch) = try LedgerEntry(entry.record(after: entry.at)).event else {
                    Issue.record("no tick")
                    continue
                }
                #expect(patch.live.first?.execution.hidesRetryOf == hides)
                #expect(patch.live.first?.execution.unrecognisedWord == word)
            }
        }
    }

    @Test("are another entry or none where anything of the record is changed", arguments: EventKind.allCases)
    func changed(kind: EventKind) {
        var random = RandomEvents(seed: 3)
        for _ in 0..<20 {
            let entry = LedgerEntry(random.event(kind), at: AgentTime(milliseconds: 5))
            let record = entry.record(after: entry.at)
            for wrong in changes(of: record) {
                let read = try? LedgerEntry(wrong)
                // What is read is written in one way, so that two records are two entries.
                let isAnother = read.map { $0 != entry && $0.record(after: wrong.at) == wrong } ?? true
                #expect(isAnother, "\(wrong.fields.keys)")
            }
        }
    }

    private func changes(of record: AuditRecord) -> [AuditRecord] {
        var all: [AuditRecord] = []
        func add(_ change: (inout AuditRecord) -> Void) {
            var changed = record
            change(&changed)
            if changed != record { all.append(changed) }
        }
        for key in record.fields.keys {
            let values: [JSONValue?] = [nil, .null, false, true, 7, "", .list([]), .list([.list([])]), .object([:])]
            for value in values { add { $0.fields[key] = value } }
        }
        for key in ["shadow", "parts", "clock", "missing"] {
            for value: JSONValue in [false, .null, .list([]), ""] { add { $0.fields[key] = value } }
        }
        for kind in AuditKind.allCases { add { $0.kind = kind } }
        add { $0.instance = nil }
        add { $0.instance = InstanceKey(name: "another", epoch: 1) }
        add { $0.at = AgentTime(milliseconds: 6) }
        for clock: Int64 in [4, 5, 6] { add { $0.clock = AgentTime(milliseconds: clock) } }
        for id: ExecutionID? in [nil, "1000"] {
            add { $0.execution = id }
            add { $0.root = id }
        }
        for policy in [nil, "another"] { add { $0.policy = policy } }
        return all
    }

    @Test("are refused with a field that no event of the kind has", arguments: EventKind.allCases)
    func unknown(kind: EventKind) {
        var random = RandomEvents(seed: 4)
        for _ in 0..<20 {
            var record = LedgerEntry(random.event(kind), at: AgentTime(milliseconds: 5)).record(
                after: AgentTime(milliseconds: 5))
            record.fields["more"] = 1
            #expect(throws: CanonicalJSONError.self) { try LedgerEntry(record) }
        }
    }
}
