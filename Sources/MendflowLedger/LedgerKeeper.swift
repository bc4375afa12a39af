/// What is done to a ledger as the thing that it is on a disk: measured, copied, made smaller.
public protocol LedgerKeeper: Sendable {
    /// How large it is.
    func measure() async throws(LedgerFailure) -> LedgerMeasure
    /// Copies it as it stands at one moment to a file that is not there yet, and that only its owner can read; others may write
    /// meanwhile.
    ///
    /// - Throws: `unusable` where something stands at the path, or it cannot be written; nothing is left there then.
    func copy(to path: String) async throws(LedgerFailure)
    /// Makes the ledger of another one's records, all of them or nothing, and checks it. There must be none yet, or one without
    /// records. `pages` answers the records behind a number, and none behind the last; `base` is what stands for those that were
    /// sealed, behind which they begin.
    ///
    /// - Throws: `unusable` where there are records already, or why it cannot be made; nothing is left of it then.
    func fill(
        behind base: SealedBase?,
        from pages: @Sendable (_ after: Int64) async throws(LedgerFailure) -> [SealedRecord]
    ) async throws(LedgerFailure) -> AuditVerification
    /// Gives back what is free in it; nobody may act on it meanwhile.
    func compact() async throws(LedgerFailure)
    /// Puts a copy in its place, whole or not at all, and what was there, if anything was, under another name; nobody may act on it
    /// meanwhile.
    func replace(with copy: String, settingAside name: String) async throws(LedgerFailure)
    /// Why what is written may be lost by where it is kept, as that is set now, and what to change; nil where nothing
    /// speaks for it.
    func weakness() async throws(LedgerFailure) -> String?
}

extension LedgerKeeper {
    /// Nothing, unless a kind of keeper knows better.
    public func weakness() async throws(LedgerFailure) -> String? { nil }
}

/// What stands for the records of a ledger that were sealed.
public struct SealedBase: Sendable, Hashable {
    /// What they add up to, and the last segment of them.
    public var cells: [LedgerCell], segment: LedgerSegment

    /// Takes what a store keeps.
    public init(_ cells: [LedgerCell], _ segment: LedgerSegment) { (self.cells, self.segment) = (cells, segment) }
}

/// How large a ledger is.
public struct LedgerMeasure: Sendable, Hashable {
    /// Bytes of the file, of them free, and bytes of what is not carried over into it yet.
    public var bytes: Int64, freeBytes: Int64, logBytes: Int64
    /// Records, and their bytes.
    public var records: Int64, recordBytes: Int64
    /// What it keeps beside the records, and how many pieces of each kind.
    public var cells: [String: Int]
    /// Where it ended when it was measured.
    public var head: LedgerHead

    /// Makes a measure.
    public init(
        bytes: Int64, freeBytes: Int64, logBytes: Int64, records: Int64, recordBytes: Int64, cells: [String: Int],
        head: LedgerHead
    ) {
        self.head = head
        self.bytes = bytes
        self.freeBytes = freeBytes
        self.logBytes = logBytes
        self.records = records
        self.recordBytes = recordBytes
        self.cells = cells
    }
}
