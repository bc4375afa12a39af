internal import MendflowLedger

extension LedgerAppend {
    /// The statements that keep what the rules answered.
    var statements: [PostgresStatement] {
        guard !records.isEmpty else { return [] }
        return [LedgerAppend.insert(records)] + LedgerAppend.statements(changes)
    }

    static func insert(_ records: [Record]) -> PostgresStatement {
        let (sealed, columns) = (records.map(\.sealed), records.map(\.columns))
        return PostgresStatement(
            """
            INSERT INTO mendflow_entry (sequence, bytes, hash, previous, at, instance, epoch, execution, root)
            SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bytea[], $4::bytea[], $5::bigint[], $6::bytea[],
            $7::bigint[], $8::bytea[], $9::bytea[])
            """, .integers(sealed.map(\.sequence)), .byteLists(sealed.map(\.bytes)), .byteLists(sealed.map(\.hash)),
            .byteLists(sealed.map(\.previous)), .integers(columns.map(\.at)), .bytes(of: columns.map(\.instance)),
            .integers(columns.map(\.epoch)), .bytes(of: columns.map(\.execution)), .bytes(of: columns.map(\.root)))
    }

    /// How many cells one statement changes at most.
    private static let most = 5000

    /// Changes of cells, in their order: one statement changes no cell twice.
    static func statements(
        _ changes: [LedgerCell.Change], in place: CellPlace = .standing
    ) -> [PostgresStatement] {
        var statements: [PostgresStatement] = []
        var (batch, keys): ([LedgerCell.Change], Set<LedgerCell.Key>) = ([], [])
        func close() {
            let removed = batch.compactMap { if case .remove(let key) = $0 { key } else { nil } }
            let set = batch.compactMap { if case .set(let cell) = $0 { cell } else { nil } }
            if !removed.isEmpty { statements.append(remove(removed, from: place)) }
            if !set.isEmpty { statements.append(upsert(set.map(CellColumns.init), in: place)) }
            (batch, keys) = ([], [])
        }
        for change in changes {
            if keys.contains(change.key) || batch.count >= most { close() }
            batch.append(change)
            keys.insert(change.key)
        }
        close()
        return statements
    }

    private static func remove(_ keys: [LedgerCell.Key], from place: CellPlace) -> PostgresStatement {
        PostgresStatement(
            "DELETE FROM \(place.rawValue) WHERE ctid = ANY(ARRAY(SELECT place "
                + PostgresQuestion.found("ctid AS place", in: place) + "))", values: PostgresQuestion.values(of: keys))
    }

    static func upsert(_ cells: [CellColumns], in place: CellPlace = .standing) -> PostgresStatement {
        PostgresStatement(
            """
            INSERT INTO \(place.rawValue) (\(PostgresQuestion.columns))
            SELECT kind, instance, epoch, name, subject, link, at, open::smallint, exclusive, value
            FROM unnest($1::text[], $2::bytea[], $3::bigint[], $4::bytea[], $5::bytea[], $6::bytea[], $7::bigint[],
            $8::bigint[], $9::bytea[], $10::bytea[]) AS new (\(PostgresQuestion.columns))
            ON CONFLICT (kind, instance, epoch, name) DO UPDATE SET
            subject = excluded.subject, link = excluded.link, at = excluded.at, open = excluded.open,
            exclusive = excluded.exclusive, value = excluded.value
            """, .texts(cells.map(\.table)), .bytes(of: cells.map(\.instance)), .integers(cells.map(\.epoch)),
            .bytes(of: cells.map(\.name)), .bytes(of: cells.map(\.subject)), .bytes(of: cells.map(\.link)),
            .integers(cells.map(\.at)), .integers(cells.map(\.open)), .bytes(of: cells.map(\.exclusive)),
            .byteLists(cells.map(\.value)))
    }
}

extension LedgerCell.Change {
    fileprivate var key: LedgerCell.Key {
        switch self {
        case .set(let cell): cell.key
        case .remove(let key): key
        }
    }
}
