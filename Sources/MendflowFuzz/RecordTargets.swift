import MendflowCore
import MendflowLedger
import MendflowSimulator
import MendflowText

extension FuzzTarget {
    /// Records of the ledger.
    static let record = FuzzTarget("record", seeds: ["Tests/Fixtures/fuzz/record"]) { bytes throws(BrokenPromise) in
        if let value = try? CanonicalJSON.decode(bytes) {
            try promise(CanonicalJSON.encode(value) == bytes, "canonical JSON is written as it was read")
            try promise(
                (try? Simulator.JSON(parsing: bytes)) != nil, "what is canonical is JSON to another parser, too")
        }
        guard let canonical = try? CanonicalRecord(bytes: bytes) else { return }
        try promise(canonical.bytes == bytes, "a record is written as it was read")
        guard let entry = try? LedgerEntry(canonical.record) else { return }
        let again = CanonicalRecord(sequence: canonical.sequence, record: entry.record(after: canonical.record.at))
        try promise(again.bytes == bytes, "an entry is written as it was read")
        try exported(SealedRecord(sequence: canonical.sequence, bytes: bytes, hash: hash, previous: hash))
        try taken(entry)
    }

    /// Lines of an exported audit log.
    static let export = FuzzTarget("export", seeds: ["Tests/Fixtures/fuzz/export"]) { bytes throws(BrokenPromise) in
        if let head = AuditHead(bytes.text) {
            try promise(AuditHead(head.description) == head, "a head reads back the same")
        }
        guard let record = try? AuditExport.record(bytes) else { return }
        try exported(record)
    }

    private static let hash = [UInt8](0..<32)

    private static func exported(_ record: SealedRecord) throws(BrokenPromise) {
        let line = AuditExport.line(record)
        try promise((try? AuditExport.record(line)) == record, "an exported record reads back the same: \(line.text)")
        try promise(!line.contains(0x0A), "a record is one line")
        let hidden = line.text.unicodeScalars.contains { VisibleText.isHidden($0, behind: nil) }
        try promise(!hidden, "a line shows every character: \(line.text)")
    }

    /// An entry is refused, or taken as another process takes it that reads it from the file.
    private static func taken(_ entry: LedgerEntry) throws(BrokenPromise) {
        var state = LedgerState()
        guard (try? state.append([LedgerEntry(.began(baseline, .initialised(by: "a")), at: start)])) != nil else {
            throw BrokenPromise(description: "a ledger begins")
        }
        var other = state
        guard let appended = try? state.append([entry]) else { return }
        for record in appended.records {
            try promise((try? other.follow(record.sealed)) != nil, "what was written can be followed")
        }
        try promise(other.head == state.head, "writer and reader stand at the same head")
        for shadow in [false, true] {
            _ = state.view(of: baseline.instance, shadow: shadow)
        }
    }

    private static let start = AgentTime(milliseconds: 1_780_000_000_000)
    private static let baseline = InstanceBaseline(
        instance: InstanceKey(name: "production", epoch: 1), url: "http://n8n.example",
        since: ServerTime(milliseconds: start.milliseconds), highest: "7", fingerprints: [],
        at: ServerTime(milliseconds: start.milliseconds))
}
