public import MendflowCore

/// Records that were written to a file and dropped from the ledger, as the record about it tells.
public struct LedgerSegment: Sendable, Hashable {
    /// The numbers of its first and its last record.
    public var first: Int64, last: Int64
    /// The hash of the last one, 32 bytes: the record behind it is sealed to that.
    public var hash: [UInt8]
    /// When its first and its last record were written.
    public var since: AgentTime, until: AgentTime
    /// The file's name, without a folder, and the SHA-256 of its bytes.
    public var file: String, digest: [UInt8]
    /// What all records up to its last one add up to: `LedgerFold.digest`.
    public var base: [UInt8]
    /// The hash of the ledger's first record, which names the ledger.
    public var origin: [UInt8]
    /// Who sealed it, and when.
    public var by: String, sealedAt: AgentTime
    /// Records up to its last one that are looked for however old they are.
    public var carried: [SealedRecord]

    /// Makes one of its parts.
    public init(
        first: Int64, last: Int64, hash: [UInt8], since: AgentTime, until: AgentTime, file: String, digest: [UInt8],
        base: [UInt8], origin: [UInt8], by: String, sealedAt: AgentTime, carried: [SealedRecord]
    ) {
        (self.first, self.last, self.hash, self.since, self.until) = (first, last, hash, since, until)
        (self.file, self.digest, self.base, self.origin) = (file, digest, base, origin)
        (self.by, self.sealedAt, self.carried) = (by, sealedAt, carried)
    }

    /// The last record as an end of the chain.
    public var head: AuditHead { AuditHead(sequence: last, hash: hash) }

    /// Whether a record lies in it.
    public func holds(_ number: Int64) -> Bool { (first...last).contains(number) }

    /// Where the records are, in words.
    public var words: String { "records \(first) to \(last) were sealed on \(sealedAt.rfc3339Seconds) into \(file)" }

    /// The name of the file for some records.
    public static func file(_ first: Int64, _ last: Int64) -> String {
        func digits(_ number: Int64) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, 12 - text.count)) + text
        }
        return "mendflow-\(digits(first))-\(digits(last)).jsonl.gz"
    }
}

extension LedgerState {
    /// What was sealed, the oldest first.
    public var segments: [LedgerSegment] { sealed.values.sorted { $0.last < $1.last } }

    /// The newest of them; nil where all records are there.
    public var newestSegment: LedgerSegment? { sealed.values.max { $0.last < $1.last } }

    /// The number of the last record that was sealed; 0 where none was.
    public var floor: Int64 { newestSegment?.last ?? 0 }

    /// The one in which a record lies; nil where it is in the ledger.
    public func segment(of number: Int64) -> LedgerSegment? { sealed.values.first { $0.holds(number) } }
}

// What sealing does, and when it is refused.
extension LedgerState {
    mutating func seal(_ segment: LedgerSegment, number: Int64) throws(LedgerRefusal) -> [LedgerCell.Change] {
        guard segment.first == floor + 1, segment.first <= segment.last, segment.last < number else {
            throw .sealing("records \(segment.first) to \(segment.last) do not follow record \(floor), the last sealed")
        }
        if let open = openIntent(upTo: segment.last) {
            throw .sealing("intent \(open) is \(intent(open)?.state.rawValue ?? "open"); it has to be settled first")
        }
        if let ask = approvals().first(where: { $0.state == .open && $0.id.number <= segment.last }) {
            throw .sealing("ask \(ask.id) waits for an answer")
        }
        sealed[segment.last] = segment
        var changes: [LedgerCell.Change] = []
        for key in instances.keys.sorted(by: { ($0.name, $0.epoch) < ($1.name, $1.epoch) }) {
            changes += instances[key]?.dropEvidence(upTo: segment.last) ?? []
        }
        return changes + [.set(.of(segment))]
    }

    /// The first intent among some records of which an outcome is still to come, or never came.
    private func openIntent(upTo last: Int64) -> IntentID? {
        intents(in: [.reserved, .sending, .unresolved]).map(\.id).first { $0.number <= last }
    }
}
