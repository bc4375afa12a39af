public import MendflowCore

/// What a store does when records are sealed: in one transaction it appends `entry`, makes `changes` to what it keeps of
/// the cells as they stood behind the last sealed record, and drops the records up to that one.
public struct LedgerSealing: Sendable, Hashable {
    /// What is sealed; its file is written, flushed and checked already.
    public var segment: LedgerSegment
    /// What has to be changed of the base that was kept before to make it the one behind the segment.
    public var changes: [LedgerCell.Change]

    /// The record of it.
    public var entry: LedgerEntry { LedgerEntry(.sealed(segment), at: segment.sealedAt) }

    /// Makes sure, inside the transaction, that what is dropped is what the file has.
    ///
    /// - Parameter first: The first record that the store has.
    /// - Parameter cut: The record that is the segment's last one, as the store has it.
    /// - Throws: `refused` where the records are others.
    public func check(first: SealedRecord?, cut: SealedRecord?) throws(LedgerFailure) {
        guard first?.sequence == segment.first, cut?.sequence == segment.last, cut?.hash == segment.hash else {
            throw .refused(
                .sealing("records \(segment.first) to \(segment.last) of the ledger are not those of \(segment.file)"))
        }
    }
}

/// Makes a segment of a ledger's first records, one record after the other.
public struct LedgerSealer: Sendable {
    private let base: [LedgerCell], before: LedgerSegment?
    private var fold: LedgerFold
    private var origin: [UInt8], since: AgentTime?
    private var carried: CarriedRecords

    /// Begins behind what was sealed last; `base` is what the store keeps of it.
    ///
    /// - Throws: `corrupt` where the base is none.
    public init(_ base: [LedgerCell], after before: LedgerSegment?) throws(LedgerFailure) {
        (self.base, self.before) = (base, before)
        fold = LedgerFold()
        if let before { fold = try LedgerFold(base, after: before) }
        origin = before?.origin ?? []
        carried = CarriedRecords(before?.carried ?? [])
    }

    /// Takes the next record in.
    ///
    /// - Throws: `corrupt` or `refused` where it does not follow.
    public mutating func take(_ record: SealedRecord) throws(LedgerFailure) {
        try fold.follow(record)
        if record.sequence == 1 { origin = record.hash }
        since = since ?? fold.state.head.at
        try carried.note(record)
    }

    /// How many records were taken in.
    public var count: Int64 { fold.state.head.sequence - (before?.last ?? 0) }

    /// The name of the file for them.
    public var file: String { LedgerSegment.file((before?.last ?? 0) + 1, fold.state.head.sequence) }

    /// What is to be done once their file is written.
    public func sealing(digest: [UInt8], by user: String, at now: AgentTime) -> LedgerSealing {
        let head = fold.state.head
        return LedgerSealing(
            segment: LedgerSegment(
                first: (before?.last ?? 0) + 1, last: head.sequence, hash: head.chain.hash, since: since ?? head.at,
                until: head.at, file: file, digest: digest, base: fold.digest, origin: origin, by: user, sealedAt: now,
                carried: carried.all),
            changes: fold.changes(from: base))
    }
}
