internal import Dispatch
public import MendflowLedger

// Records that go into files.
extension PostgresLedgerStore {
    /// Dropping many records takes as long as it takes; whoever appends waits meanwhile, and tries again.
    private static let longestSealing = DispatchTimeInterval.seconds(300)
    private static let first = PostgresStatement(
        "SELECT sequence, bytes, hash, previous FROM mendflow_entry ORDER BY sequence LIMIT 1")

    /// Appends the record of what is sealed, keeps what it adds up to, and drops it; all of it or nothing.
    public func seal(
        _ sealing: LedgerSealing, expecting head: LedgerHead, fence: FenceToken?
    ) async throws(LedgerFailure) -> LedgerHead {
        let (address, last, entries) = (pool.address, sealing.segment.last, [sealing.entry])
        let cut = PostgresStatement(
            "SELECT sequence, bytes, hash, previous FROM mendflow_entry WHERE sequence = $1", .integer(last))
        return try await shielded(Self.longestSealing) { (connection, deadline) throws(PostgresFailure) in
            let transaction = PostgresTransaction(connection: connection, deadline: deadline)
            let begin = PostgresTransaction.append + [Self.first, cut] + (fence.map { [$0.look] } ?? [])
            let done = try await transaction.begin(begin) { (answers) throws(PostgresFailure) in
                try PostgresSchema.check(answers[2], at: address)
                // Where the ledger has moved on that is said first.
                guard let end = answers.last, try PostgresTransaction.readHead(end).chain == head.chain else { return }
                let (first, cut) = (try answers[3].first(Self.read), try answers[4].first(Self.read))
                do throws(LedgerFailure) { try sealing.check(first: first, cut: cut) } catch { throw .ledger(error) }
                try fence?.judge(answers[5])
            } _: { (cells, found) throws(LedgerFailure) in
                try cells.append(entries, to: found, expecting: head)
            }
            let proof = fence.map { [$0.proof] } ?? []
            let drop = PostgresStatement("DELETE FROM mendflow_entry WHERE sequence <= $1", .integer(last))
            let end = PostgresStatement("COMMIT")
            do throws(PostgresFailure) {
                _ = try await transaction.run(
                    proof + done.statements + LedgerAppend.statements(sealing.changes, in: .base) + [drop, end])
            } catch  where !error.isConflict {
                if let fence, error.isOfLease { throw .ledger(fence.failure) }
                throw .ledger(error.failure(at: address))
            }
            return done.head
        }
    }

    /// The cells as they stood behind the last sealed record.
    public func base() async throws(LedgerFailure) -> [LedgerCell] {
        let rows = try await shielded(Self.longestSealing) { (connection, deadline) throws(PostgresFailure) in
            try await Self.columns(of: "mendflow_base", connection, by: deadline)
        }
        var cells: [LedgerCell] = []
        for row in rows { cells.append(try row.cell()) }
        return cells
    }

    /// All rows of a place of cells.
    static func columns(
        of place: String, _ connection: PostgresConnection, by deadline: DispatchTime
    ) async throws(PostgresFailure) -> [CellColumns] {
        let statement = PostgresStatement("SELECT \(PostgresQuestion.columns) FROM \(place)")
        return try await connection.run([statement], by: deadline)[0].map { CellColumns(&$0) }
    }
}

/// Where cells are kept: those that stand, and those that sealed records add up to.
enum CellPlace: String {
    case standing = "mendflow_cell"
    case base = "mendflow_base"
}
