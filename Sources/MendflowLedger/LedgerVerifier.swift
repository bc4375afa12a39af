internal import MendflowCore

/// Checks a ledger: every record, that each is allowed by the rules behind those before it, and that what a store keeps
/// beside them is what they add up to.
///
/// Shown are all records in their order, then everything that the store keeps in cells, in any order. Where the first records were
/// sealed, it begins with what they add up to as the store keeps it, and one of the records has to say that this is so.
public struct LedgerVerifier: Sendable {
    private var chain: AuditVerifier
    /// What the records add up to; of its cells those are taken out that the store was found to hold.
    private var fold = LedgerFold()
    /// Where it begins; nil at the first record.
    private var start: Start?
    private let expected: AuditHead?
    /// The first thing that is wrong with the records, and with the cells.
    private var fault: AuditFault?, cellFault: AuditFault.Problem?

    private struct Start {
        var segment: LedgerSegment, digest: [UInt8], isConfirmed = false
    }

    /// Starts at the first record that is there. `expected` is a head that was kept elsewhere, `base` and `segments` are what the
    /// store keeps of what was sealed: the base and the cells about segments.
    public init(expecting expected: AuditHead? = nil, base: [CellColumns] = [], segments: [CellColumns] = []) {
        self.expected = expected
        let newest = segments.compactMap { try? $0.cell() }.compactMap { LedgerSegment($0) }.max { $0.last < $1.last }
        chain = AuditVerifier(after: newest?.head ?? .start, expecting: expected)
        if let newest {
            begin(newest, base)
        } else if let left = base.first {
            cellFault = .unrecorded("base of \(left.table)", Self.shown(left.name, of: left.instance))
        }
    }

    private mutating func begin(_ segment: LedgerSegment, _ base: [CellColumns]) {
        do throws(LedgerFailure) {
            var cells: [LedgerCell] = []
            for columns in base { cells.append(try columns.cell()) }
            fold = try LedgerFold(cells, after: segment)
            start = Start(segment: segment, digest: fold.digest)
        } catch {
            fault = AuditFault(segment.last, .base("\(error)"))
        }
    }

    /// The number of the last good record.
    public var sequence: Int64 { chain.head.sequence }

    /// How many records were found good.
    public var count: Int64 { sequence - (start?.segment.last ?? 0) }

    /// Checks the next record, and the columns that it is found by; false where something is wrong, and nothing behind it
    /// is looked at.
    public mutating func check(_ sealed: SealedRecord, _ columns: RecordColumns? = nil) -> Bool {
        guard fault == nil else { return false }
        let record: AuditRecord
        switch chain.check(sealed) {
        case .failure(let found):
            fault = found
            return false
        case .success(let found): record = found
        }
        if let column = columns.flatMap(RecordColumns(record).difference) {
            fault = AuditFault(sealed.sequence, .column(column))
            return false
        }
        do throws(LedgerFailure) { try fold.follow(record, sealed) } catch {
            fault = AuditFault(sealed.sequence, .against("\(error)"))
            return false
        }
        if record.kind == .sealed { confirm(sealed.sequence) }
        return fault == nil
    }

    /// Compares what it began with to what the record about it says.
    private mutating func confirm(_ number: Int64) {
        guard let begun = start, let told = fold.state.segment(of: begun.segment.last),
            told.last == begun.segment.last
        else { return }
        guard told.base == begun.digest else {
            fault = AuditFault(told.last, .base("its digest is not the one of record \(number)"))
            return
        }
        // The rest of it is compared with the cells.
        guard told.hash == begun.segment.hash, told.until == begun.segment.until else {
            fault = AuditFault(number, .unlinked)
            return
        }
        start?.isConfirmed = true
    }

    /// Compares what the store keeps in one cell.
    public mutating func compare(_ stored: CellColumns) {
        guard cellFault == nil else { return }
        guard let key = stored.key, let told = fold.take(key) else {
            cellFault = .unrecorded(stored.table, LedgerVerifier.shown(stored.name, of: stored.instance))
            return
        }
        if !CellColumns(told).says(stored) {
            cellFault = .different(stored.table, LedgerVerifier.shown(stored.name, of: stored.instance))
        }
    }

    /// What else is wrong, as the store found out by itself.
    public mutating func note(_ problem: AuditFault.Problem) { fault = fault ?? AuditFault(sequence, problem) }

    /// The result, after all records and all cells.
    public func finish() -> AuditVerification {
        var found = result
        found.segments = fold.state.segments
        guard let expected, let last = start?.segment.last, expected.sequence <= last else { return found }
        let segment = found.segments.first { $0.holds(expected.sequence) }
        if segment?.last != expected.sequence {
            found.expectedIn = segment
        } else if segment?.hash != expected.hash, found.isIntact {
            found.fault = AuditFault(expected.sequence, .rewritten)
        }
        return found
    }

    private var result: AuditVerification {
        if let fault { return chain.verification(fault) }
        if let start, !start.isConfirmed {
            return chain.verification(AuditFault(start.segment.last, .unsealed(first: start.segment.first)))
        }
        let verification = chain.finish()
        guard verification.isIntact else { return verification }
        let lost = fold.cells.keys.min().map {
            AuditFault.Problem.lost($0.table.rawValue, Self.shown($0.name, of: $0.instance))
        }
        return chain.verification((cellFault ?? lost).map { AuditFault(sequence, $0) })
    }

    /// The name for people: parts apart by spaces.
    private static func shown(_ name: String, of instance: String) -> String {
        let name = name.split(separator: "\u{1F}").joined(separator: " ")
        return name.isEmpty ? instance : name
    }
}
