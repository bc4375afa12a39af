import MendflowCore

/// Checks files that records were sealed into, from the first record on: that each is as it was written, that they are one
/// chain which the rules allow, and that what the ledger keeps of them is what they add up to.
public struct SegmentsVerifier: Sendable {
    private var chain: AuditVerifier
    private var fold = LedgerFold()
    private var carried = CarriedRecords([])
    private var first: [UInt8] = []
    /// The first thing that is wrong.
    public private(set) var fault: AuditFault?

    /// Starts at the first record of the first segment; `expected` is a head that was kept elsewhere.
    public init(expecting expected: AuditHead? = nil) { chain = AuditVerifier(expecting: expected) }

    /// Checks the next record of a segment; false where something is wrong, and nothing behind it is looked at.
    public mutating func check(_ sealed: SealedRecord, of segment: LedgerSegment) -> Bool {
        guard fault == nil else { return false }
        switch chain.check(sealed) {
        case .failure(let found) where found.problem == .rewritten: fault = found
        case .failure(let found): note(found.sequence, segment, found.description)
        case .success(let record):
            if sealed.sequence == 1 { first = sealed.hash }
            do throws(LedgerFailure) {
                try fold.follow(record, sealed)
                try carried.note(sealed)
            } catch { fault = AuditFault(sealed.sequence, .against("\(error)")) }
        }
        return fault == nil
    }

    /// Checks that a segment ends as the ledger says; `digest` is the one of the bytes that were read.
    public mutating func end(of segment: LedgerSegment, digest: [UInt8]) {
        guard fault == nil else { return }
        guard chain.head == segment.head else {
            return note(segment.last, segment, "it ends with record \(chain.head.sequence)")
        }
        guard digest == segment.digest else {
            return note(segment.last, segment, "its bytes are not those that were written")
        }
        guard fold.digest == segment.base else {
            fault = AuditFault(segment.last, .base("its digest is not what the records of \(segment.file) add up to"))
            return
        }
        guard first == segment.origin, carried.all == segment.carried else {
            return note(segment.last, segment, "the record that it was sealed by repeats other records than it has")
        }
    }

    /// Notes that a segment's file cannot be read.
    public mutating func note(_ segment: LedgerSegment, unreadable why: String) {
        if fault == nil { note(segment.first, segment, why) }
    }

    private mutating func note(_ number: Int64, _ segment: LedgerSegment, _ why: String) {
        fault = AuditFault(number, .segment(segment.file, why))
    }

    /// How many records were found good.
    public var count: Int64 { chain.head.sequence }
}
