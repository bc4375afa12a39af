internal import MendflowCore
internal import MendflowLedger

/// What the ledger's rules ask of the cells, as a value.
enum PostgresQuestion: Sendable, Hashable {
    case tables(Set<LedgerCell.Table>, instance: String?)
    case keys(Set<LedgerCell.Key>)
    case holding(Set<String>)
    case since(InstanceKey, AgentTime)
    case about(InstanceKey, Set<ExecutionID>)
    case open(instance: String?)
    case places(Set<Int64>)

    enum Answer: Sendable {
        case cells([LedgerCell])
        case places([Int64: InstanceKey])
    }

    static let columns = "kind, instance, epoch, name, subject, link, at, open, exclusive, value"

    private static func cells(_ condition: String, _ values: PostgresValue...) -> PostgresStatement {
        PostgresStatement("SELECT \(columns) FROM mendflow_cell WHERE " + condition, values: values)
    }

    /// The statement that asks it.
    var statement: PostgresStatement {
        switch self {
        case .tables(let tables, nil):
            Self.cells("kind = ANY($1)", .texts(tables.map(\.rawValue).sorted()))
        case .tables(let tables, let instance?):
            Self.cells(
                "kind = ANY($1) AND instance = $2", .texts(tables.map(\.rawValue).sorted()), .bytes(of: instance))
        case .keys(let keys): Self.ofKeys(keys.sorted())
        case .holding(let texts):
            Self.cells("exclusive = ANY($1)", .bytes(of: texts.sorted()))
        case .since(let key, let time):
            Self.cells(
                "instance = $1 AND epoch = $2 AND at >= $3 AND subject IS NOT NULL", .bytes(of: key.name),
                .integer(Int64(key.epoch)), .time(time))
        case .about(let key, let ids): Self.about(key, ids.map(\.text).sorted())
        case .open(nil): Self.cells("open = 1")
        case .open(let instance?): Self.cells("open = 1 AND instance = $1", .bytes(of: instance))
        case .places(let numbers):
            PostgresStatement(
                "SELECT sequence, instance, epoch FROM mendflow_entry WHERE sequence = ANY($1) AND instance IS NOT NULL",
                .integers(numbers.sorted()))
        }
    }

    private static func ofKeys(_ keys: [LedgerCell.Key]) -> PostgresStatement {
        PostgresStatement("SELECT \(columns) " + found(columns), values: values(of: keys))
    }

    /// Cells by keys, each looked up by itself: joined in one go, a planner that knows nothing of how many there are would
    /// rather read the whole table.
    static func found(_ columns: String, in place: CellPlace = .standing) -> String {
        """
        FROM unnest($1::text[], $2::bytea[], $3::bigint[], $4::bytea[]) AS wanted (k, i, e, n) CROSS JOIN LATERAL
        (SELECT \(columns) FROM \(place.rawValue) WHERE kind = k AND instance = i AND epoch = e AND name = n OFFSET 0) AS found
        """
    }

    static func values(of keys: [LedgerCell.Key]) -> [PostgresValue] {
        [
            .texts(keys.map(\.table.rawValue)), .bytes(of: keys.map(\.instance)),
            .integers(keys.map { Int64($0.epoch) }), .bytes(of: keys.map(\.name)),
        ]
    }

    /// By the execution that a cell is about, and by the one that it links to.
    private static func about(_ key: InstanceKey, _ ids: [String]) -> PostgresStatement {
        let selects = ["subject", "link"].map { column in
            "SELECT \(columns) FROM mendflow_cell WHERE instance = $1 AND epoch = $2 AND \(column) = ANY($3)"
        }
        return PostgresStatement(
            selects[0] + " UNION ALL " + selects[1] + " AND (subject IS NULL OR subject <> ALL($3))",
            .bytes(of: key.name), .integer(Int64(key.epoch)), .bytes(of: ids))
    }

    /// Reads what the statement answered.
    func answer(_ rows: PostgresRows) throws(PostgresFailure) -> Answer {
        if case .places = self {
            var places: [Int64: InstanceKey] = [:]
            _ = try rows.map { (row) throws(PostgresFailure) in
                let number = row.integer()
                places[number] = InstanceKey(name: row.text(), epoch: Int(row.integer()))
            }
            return .places(places)
        }
        return .cells(
            try rows.map { (row) throws(PostgresFailure) in
                do throws(LedgerFailure) { return try CellColumns(&row).cell() } catch { throw .ledger(error) }
            })
    }
}

extension CellColumns {
    /// Reads a row of cells.
    init(_ row: inout PostgresRow) {
        self.init(
            table: row.text(), instance: row.text(), epoch: row.integer(), name: row.text(),
            subject: row.optionalText(), link: row.optionalText(), at: row.integer(), open: row.integer(),
            exclusive: row.optionalText(), value: row.bytes())
    }
}
