/// A ledger made of another one's records: what a store keeps of them. Every record is judged by the rules behind those before it.
///
/// What it holds at once is what stands, as in a check of the whole, and not the records.
public struct LedgerRetelling: Sendable {
    private var state = LedgerState()
    private var kept: [LedgerCell.Key: LedgerCell] = [:]

    /// Begins with no record, or behind those that were sealed.
    ///
    /// - Throws: `corrupt` where the base is none.
    public init(behind base: SealedBase? = nil) throws(LedgerFailure) {
        guard let base else { return }
        let fold = try LedgerFold(base.cells, after: base.segment)
        (state, kept) = (fold.state, fold.cells)
    }

    /// The end of what was taken in.
    public var head: LedgerHead { state.head }

    /// Takes in the next records, and answers them with what they are found by.
    ///
    /// - Throws: `corrupt` where one is no record or does not follow, `refused` where one is against the rules.
    public mutating func take(_ records: [SealedRecord]) throws(LedgerFailure) -> [LedgerAppend.Record] {
        var taken: [LedgerAppend.Record] = []
        for sealed in records {
            let record: AuditRecord
            do throws(CanonicalJSONError) { record = try CanonicalRecord(bytes: sealed.bytes).record } catch {
                throw .corrupt("record \(sealed.sequence): \(error.description)")
            }
            for change in try state.follow(record, sealed) {
                switch change {
                case .set(let cell): kept[cell.key] = cell
                case .remove(let key): kept[key] = nil
                }
            }
            taken.append(LedgerAppend.Record(sealed: sealed, columns: RecordColumns(record)))
        }
        return taken
    }

    /// What all of it adds up to, in order.
    public var cells: [LedgerCell] { kept.values.sorted { $0.key < $1.key } }
}
