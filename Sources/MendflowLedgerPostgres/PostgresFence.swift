internal import MendflowCore
internal import MendflowLedger

extension FenceToken {
    /// The database's clock, and the lease that it names, as it stands.
    var look: PostgresStatement {
        PostgresStatement(
            """
            SELECT mendflow_now(), instance, epoch, holder, since, ends FROM (SELECT 1) AS one
            LEFT JOIN mendflow_lease ON instance = $1
            """, .bytes(of: instance))
    }

    /// Fails where the lease is over, or ends too soon: the last thing before what is written under it, so that nothing
    /// lies between.
    var proof: PostgresStatement {
        PostgresStatement(
            "SELECT mendflow_admit($1, $2, $3, $4[1])", .bytes(of: instance), .integer(epoch),
            .integer(margin.milliseconds), .bytes(of: [holder?.text]))
    }

    /// What the proof's failure means.
    var failure: LedgerFailure {
        .fenced("the lease \(epoch) of '\(instance)' ends before what is written could be sent")
    }

    /// Judges what was found.
    func judge(_ rows: PostgresRows) throws(PostgresFailure) {
        let board = try rows.first { (row) throws(PostgresFailure) in
            let now = row.time()
            let lease = Lease(&row)
            return LeaseBoard(now: now, leases: lease.instance.isEmpty ? [:] : [lease.instance: lease])
        }
        guard let board else { throw .unexpected("the server tells no time") }
        do throws(LedgerFailure) { try board.admit(self) } catch { throw .ledger(error) }
    }
}

extension Lease {
    /// Reads a row of leases.
    init(_ row: inout PostgresRow) {
        self.init(
            instance: row.text(), epoch: row.integer(), holder: AgentName(row.text()), since: row.time(),
            ends: row.time())
    }
}
