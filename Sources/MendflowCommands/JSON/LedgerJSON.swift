import MendflowCore
import MendflowLedger
import MendflowOperations
import MendflowText

/// How large the ledger is, for programs.
struct LedgerInfoJSON: Encodable {
    var path: String, head: String, first: String?, last: String?
    var bytes: Int64, freeBytes: Int64, logBytes: Int64, bytesPerDay: Int64?
    var records: Int64, recordBytes: Int64, cells: [String: Int], segments: [SegmentJSON]?

    init(_ info: LedgerUpkeep.Info) {
        (path, head) = (info.path, info.head.description)
        (first, last) = (info.first?.rfc3339, info.last?.rfc3339)
        (bytes, freeBytes, logBytes) = (info.measure.bytes, info.measure.freeBytes, info.measure.logBytes)
        bytesPerDay = info.bytesPerDay
        segments = info.segments.isEmpty ? nil : info.segments.map(SegmentJSON.init)
        (records, recordBytes, cells) = (info.measure.records, info.measure.recordBytes, info.measure.cells)
    }
}

/// What a copy is, for programs.
struct LedgerBackupJSON: Encodable {
    var copy: String, records: Int64, head: String, intact: Bool, fault: String?

    init(_ copy: String, _ found: AuditVerification) {
        self.copy = copy
        (records, head, intact) = (found.count, found.head.description, found.isIntact)
        fault = found.fault.map { "\($0)" }
    }
}

/// What compacting gave back, for programs.
struct LedgerCompactJSON: Encodable { var bytesBefore: Int64, bytes: Int64 }

/// What restoring did or would mean, for programs.
struct LedgerRestoreJSON: Encodable {
    struct Sent: Encodable { var instance: String, action: String, execution: String, policy: String }
    var copy: String, head: String, at: String, relation: String, lost: Int64?, sent: [Sent], setAside: String?
    var paused: String?

    init(_ it: LedgerRestore) {
        (copy, head, at) = (it.copy, it.head.description, it.at.rfc3339)
        (setAside, paused) = (it.setAside, it.paused)
        switch it.relation {
        case .same: (relation, lost, sent) = ("same", 0, [])
        case .alone: (relation, lost, sent) = ("alone", nil, [])
        case .earlier(let records, let intents):
            (relation, lost) = ("earlier", records)
            sent = intents.map {
                Sent(
                    instance: $0.instance.name, action: $0.action.rawValue, execution: $0.execution.text,
                    policy: $0.policy)
            }
        }
    }
}

/// Records that were sealed into a file, for programs.
struct SegmentJSON: Encodable {
    var first: Int64, last: Int64, file: String, sha256: String, since: String, until: String, sealedAt: String
    var by: String

    init(_ it: LedgerSegment) {
        (first, last, file, by) = (it.first, it.last, it.file, it.by)
        sha256 = Hex.text(it.digest)
        (since, until, sealedAt) = (it.since.rfc3339, it.until.rfc3339, it.sealedAt.rfc3339)
    }
}

/// What sealing did or would do, for programs.
struct LedgerSealJSON: Encodable {
    var first: Int64?, last: Int64?, until: String?, bytes: Int64, records: Int64, staysFor: String
    var segments: [SegmentJSON], leftOver: [String]

    init(_ it: LedgerSeal) {
        (first, last, until) = (it.range?.lowerBound, it.range?.upperBound, it.until?.rfc3339)
        (bytes, records, staysFor) = (it.bytes, it.records, it.why)
        (segments, leftOver) = (it.segments.map(SegmentJSON.init), it.leftOver)
    }
}
