import MendflowCore

/// What the first records of a ledger add up to, as far as they were taken in: the rules' state, and the cells.
public struct LedgerFold: Sendable {
    /// The state, with the end of the records that were taken in.
    public private(set) var state: LedgerState
    /// The cells.
    public private(set) var cells: [LedgerCell.Key: LedgerCell]

    /// What no records add up to.
    public init() { (state, cells) = (LedgerState(), [:]) }

    /// What the records up to a sealed one add up to, as a store keeps it.
    ///
    /// - Throws: `corrupt` where the cells are none.
    public init(_ base: [LedgerCell], after segment: LedgerSegment) throws(LedgerFailure) {
        state = LedgerState(head: LedgerHead(segment.head, at: segment.until), names: nil)
        cells = Dictionary(base.map { ($0.key, $0) }) { first, _ in first }
        try state.load(base)
    }

    /// Takes the next record in.
    ///
    /// - Throws: `corrupt` or `refused`, as `LedgerState.follow`.
    public mutating func follow(_ record: SealedRecord) throws(LedgerFailure) { note(try state.follow(record)) }

    mutating func follow(_ record: AuditRecord, _ sealed: SealedRecord) throws(LedgerFailure) {
        note(try state.follow(record, sealed))
    }

    private mutating func note(_ changes: [LedgerCell.Change]) {
        for change in changes {
            switch change {
            case .set(let cell): cells[cell.key] = cell
            case .remove(let key): cells[key] = nil
            }
        }
    }

    /// Takes a cell out; nil where there is none.
    mutating func take(_ key: LedgerCell.Key) -> LedgerCell? { cells.removeValue(forKey: key) }

    /// SHA-256 over all cells in the order of their keys. Of each cell its columns count in turn, each as the number of its
    /// bytes, a colon and the bytes; a column without a value is a minus sign, numbers are in decimal digits.
    public var digest: [UInt8] {
        var stream = SHA256.Stream()
        for cell in cells.values.sorted(by: { $0.key < $1.key }) { stream.add(CellColumns(cell).told) }
        return stream.finish()
    }

    /// What has to be changed of older cells to make them these.
    func changes(from old: [LedgerCell]) -> [LedgerCell.Change] {
        let before = Dictionary(old.map { ($0.key, $0) }) { first, _ in first }
        let gone = before.keys.filter { cells[$0] == nil }.sorted()
        let set = cells.values.filter { cell in
            before[cell.key].map { !CellColumns($0).says(CellColumns(cell)) } ?? true
        }
        return gone.map { .remove($0) } + set.sorted { $0.key < $1.key }.map { .set($0) }
    }
}

extension CellColumns {
    /// All columns, so that no two rows have the same bytes.
    fileprivate var told: [UInt8] {
        let before = [table, instance, String(epoch), name].map { Optional($0) }
        let texts: [String?] = before + [subject, link, String(at), String(open), exclusive]
        var bytes: [UInt8] = []
        for text in texts.map({ $0.map { Array($0.utf8) } }) + [value] {
            guard let text else {
                bytes.append(UInt8(ascii: "-"))
                continue
            }
            bytes += Array("\(text.count):".utf8) + text
        }
        return bytes
    }
}
