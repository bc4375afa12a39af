/// Where a ledger was made, so that a dump of it which somebody restored shows: the server's own number, and the number of the
/// table of entries. A standby that took over has the same.
enum PostgresIdentity {
    static let look = PostgresStatement(
        "SELECT system, mendflow_system(), entries, 'mendflow_entry'::regclass::oid::bigint FROM mendflow_ledger")

    /// Remembers what is there now.
    static let stamp = PostgresStatement(
        "UPDATE mendflow_ledger SET system = mendflow_system(), entries = 'mendflow_entry'::regclass::oid::bigint")

    /// In which way what is there differs from what was remembered; nil where it does not.
    static func moved(_ rows: PostgresRows) throws(PostgresFailure) -> String? {
        let found = try rows.first { row in
            (row.optionalInteger(), row.optionalInteger(), row.integer(), row.integer())
        }
        guard let (system, systemNow, entries, entriesNow) = found else {
            throw .unexpected("the table mendflow_ledger is empty")
        }
        if let system, let systemNow, system != systemNow {
            return
                "it was made in the server \(UInt64(bitPattern: system)), and this is \(UInt64(bitPattern: systemNow))"
        }
        return entries == entriesNow ? nil : "its table was number \(entries), and is \(entriesNow) now"
    }
}
