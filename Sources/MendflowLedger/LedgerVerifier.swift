internal import MendflowCore

/// Checks a ledger: every record, that each is allowed by the rules behind those before it, and that what a store keeps
/// beside them is what they add up to.
///
/// Shown are all records in their order, then everything that the store keeps in cells, in any order.
public struct LedgerVerifier: Sendable {
    private var chain: AuditVerifier
    private var state = LedgerState()
    /// What the records add up to, without what the store was found to hold.
    private var cells: [LedgerCell.Key: LedgerCell] = [:]
    /// The first thing that is wrong with the records, and with the cells.
    private var fault: AuditFault?, cellFault: AuditFault.Problem?

    /// Starts at the first record; `expected` is a head that was kept elsewhere.
    public init(expecting expected: AuditHead? = nil) { chain = AuditVerifier(expecting: expected) }

    /// The number of the last good record.
    public var sequence: Int64 { chain.head.sequence }

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
        do throws(LedgerFailure) {
            for change in try state.follow(record, sealed) {
                switch change {
                case .set(let cell): cells[cell.key] = cell
                case .remove(let key): cells[key] = nil
                }
            }
            return true
        } catch {
            fault = AuditFault(sealed.sequence, .against("\(error)"))
            return false
        }
    }

    /// Compares what the store keeps in one cell.
    public mutating func compare(_ stored: CellColumns) {
        guard cellFault == nil else { return }
        guard let key = stored.key, let told = cells.removeValue(forKey: key) else {
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
        if let fault { return chain.verification(fault) }
        let verification = chain.finish()
        guard verification.isIntact else { return verification }
        let lost = cells.keys.min().map {
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
