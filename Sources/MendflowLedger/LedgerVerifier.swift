internal import MendflowCore

/// Checks a ledger: every record, that each is allowed by the rules behind those before it, and that what a store keeps
/// beside them is what they add up to.
public struct LedgerVerifier: Sendable {
    private var chain: AuditVerifier
    private var state = LedgerState()
    private var cells: [LedgerCell.Key: LedgerCell] = [:]
    private var fault: AuditFault?

    /// Starts at the first record; `expected` is a head that was kept elsewhere.
    public init(expecting expected: AuditHead? = nil) { chain = AuditVerifier(expecting: expected) }

    /// The number of the last good record.
    public var sequence: Int64 { chain.head.sequence }

    /// Checks the next record; false where something is wrong, and nothing behind it is looked at.
    public mutating func check(_ record: SealedRecord) -> Bool {
        guard fault == nil else { return false }
        if case .failure(let found) = chain.check(record) {
            fault = found
            return false
        }
        do throws(LedgerFailure) {
            for change in try state.take(record) {
                switch change {
                case .set(let cell): cells[cell.key] = cell
                case .remove(let key): cells[key] = nil
                }
            }
            return true
        } catch {
            fault = AuditFault(record.sequence, .against("\(error)"))
            return false
        }
    }

    /// What else is wrong with a record, as the store that keeps it found out.
    public mutating func note(_ problem: AuditFault.Problem, at sequence: Int64) {
        fault = fault ?? AuditFault(sequence, problem)
    }

    /// The result, with all cells of the store in the order of their keys.
    public func finish(comparing stored: [LedgerCell]) -> AuditVerification {
        if let fault { return chain.verification(fault) }
        let verification = chain.finish()
        guard verification.isIntact else { return verification }
        if let problem = difference(from: stored) { return chain.verification(AuditFault(sequence, problem)) }
        return verification
    }

    private func difference(from stored: [LedgerCell]) -> AuditFault.Problem? {
        var left = cells
        for cell in stored {
            guard let told = left.removeValue(forKey: cell.key) else {
                return .unrecorded(cell.key.table.rawValue, cell.key.shownName)
            }
            if told != cell { return .different(cell.key.table.rawValue, cell.key.shownName) }
        }
        return left.keys.min().map { .lost($0.table.rawValue, $0.shownName) }
    }
}

extension LedgerCell.Key {
    /// The name for people: parts apart by spaces.
    fileprivate var shownName: String {
        let name = name.split(separator: "\u{1F}").joined(separator: " ")
        return name.isEmpty ? instance : name
    }
}
