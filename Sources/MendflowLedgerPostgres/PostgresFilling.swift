internal import Dispatch
internal import MendflowLedger

/// Fills an empty ledger with another one's records, in one transaction: whoever looks meanwhile sees nothing of it, and nothing is
/// left where it fails.
struct PostgresFilling {
    let connection: PostgresConnection
    let address: String

    private static let page = 500

    func fill(
        behind base: SealedBase?,
        from pages: (_ after: Int64) async throws(LedgerFailure) -> [SealedRecord]
    ) async throws(PostgresFailure) -> AuditVerification {
        let begun = try await run(PostgresTransaction.filling)
        guard try begun[3].first({ $0.integer() }) == 0 else {
            throw .ledger(.unusable("\(address) has records already; a ledger is copied to where there is none"))
        }
        var retelling: LedgerRetelling
        do throws(LedgerFailure) { retelling = try LedgerRetelling(behind: base) } catch { throw .ledger(error) }
        try await keep(base?.cells ?? [], in: .base)
        while true {
            let records: [LedgerAppend.Record]
            do throws(LedgerFailure) { records = try retelling.take(try await pages(retelling.head.sequence)) } catch {
                throw .ledger(error)
            }
            if records.isEmpty { break }
            _ = try await run([LedgerAppend.insert(records)])
        }
        try await keep(retelling.cells, in: .standing)
        let found = try await PostgresLedgerStore.verify(connection, expecting: retelling.head.chain)
        guard found.isIntact else { return found }
        do throws(PostgresFailure) { _ = try await run([PostgresStatement("COMMIT")]) } catch {
            // Nobody knows whether it is there; a second try would tell.
            throw .ledger(error.failure(at: address))
        }
        return found
    }

    private func keep(_ cells: [LedgerCell], in place: CellPlace) async throws(PostgresFailure) {
        var cells = cells.map(CellColumns.init)[...]
        while !cells.isEmpty {
            _ = try await run([LedgerAppend.upsert(Array(cells.prefix(PostgresFilling.page)), in: place)])
            cells = cells.dropFirst(PostgresFilling.page)
        }
    }

    private func run(_ statements: [PostgresStatement]) async throws(PostgresFailure) -> [PostgresRows] {
        try await connection.run(statements, by: PostgresLedgerStore.deadline)
    }
}
