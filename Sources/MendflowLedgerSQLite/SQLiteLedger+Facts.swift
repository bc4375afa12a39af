internal import MendflowCore

// Writing of everything but intents and records.
extension SQLiteLedger {
    func write(_ latch: Latch, of key: InstanceKey, shadow: Bool) throws(LedgerFailure) {
        // The first time counts; of a person's retry the newest end does, for others yield until then.
        try database.run(
            """
            INSERT INTO latch (instance, epoch, shadow, kind, execution, policy, value, at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (instance, epoch, shadow, kind, execution, policy, value)
            DO UPDATE SET at = excluded.at WHERE latch.kind = 'person_retried' AND excluded.at > latch.at
            """, .text(key.name), .integer(Int64(key.epoch)), .flag(shadow), .text(latch.kind.rawValue),
            .text(latch.execution.text), .text(latch.policy), .text(latch.value), .time(latch.at))
    }

    func write(_ state: TickState, of key: InstanceKey) throws(LedgerFailure) {
        try database.run(
            """
            INSERT INTO tick
            (instance, epoch, number, at, accounted, swept_at, row_count, live, clock_offset, missing, covered_from,
                sightings, fingerprints, covered_since)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (instance, epoch) DO UPDATE SET
            number = excluded.number, at = excluded.at, accounted = excluded.accounted,
            swept_at = excluded.swept_at, row_count = excluded.row_count, live = excluded.live,
            clock_offset = excluded.clock_offset, missing = excluded.missing, covered_from = excluded.covered_from,
            sightings = excluded.sightings, fingerprints = excluded.fingerprints,
            covered_since = excluded.covered_since
            """, .text(key.name), .integer(Int64(key.epoch)), .integer(state.tick), .time(state.at),
            .optional(state.accounted), .optional(state.sweptAt), .integer(Int64(state.rows)),
            StoredLists.encode(state.live), .integer(state.clockOffset.milliseconds),
            .text(state.missing.description), .optional(state.coveredFrom), StoredLists.encode(state.sightings),
            StoredLists.encode(state.fingerprints), .optional(state.coveredSince))
    }

    func suspend(
        _ action: ActionKind, on key: InstanceKey, reason: String?, at time: Timestamp
    ) throws(LedgerFailure) {
        guard let reason else {
            try database.run(
                "DELETE FROM suspension WHERE instance = ? AND epoch = ? AND action = ?", .text(key.name),
                .integer(Int64(key.epoch)), .text(action.rawValue))
            return
        }
        try database.run(
            """
            INSERT INTO suspension (instance, epoch, action, reason, at) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (instance, epoch, action) DO UPDATE SET reason = excluded.reason, at = excluded.at
            """, .text(key.name), .integer(Int64(key.epoch)), .text(action.rawValue), .text(reason), .time(time))
    }

    /// Lifting the pause of all leaves those of single instances, each of which somebody set for a reason of its own.
    func pause(_ instance: String?, reason: String?, at time: Timestamp) throws(LedgerFailure) {
        guard let reason else {
            try database.run("DELETE FROM pause WHERE instance = ?", .text(instance ?? ""))
            return
        }
        try database.run(
            """
            INSERT INTO pause (instance, reason, at) VALUES (?, ?, ?)
            ON CONFLICT (instance) DO UPDATE SET reason = excluded.reason, at = excluded.at
            """, .text(instance ?? ""), .text(reason), .time(time))
    }

    /// The kill switch is looked at inside the transaction that would let something be sent.
    func refuseWhilePaused(_ instance: InstanceKey) throws(LedgerFailure) {
        let reasons = try database.query(
            "SELECT reason FROM pause WHERE instance IN ('', ?) ORDER BY instance DESC", .text(instance.name)
        ) { (row) throws(LedgerFailure) in row.text() }
        if let reason = try alarm(of: instance) ?? reasons.first { throw .paused(reason) }
        let newest = try database.query(
            "SELECT max(epoch) FROM baseline WHERE instance = ?", .text(instance.name)
        ) { (row) throws(LedgerFailure) in row.integer() }.first
        if let newest, newest > Int64(instance.epoch) {
            throw .paused("epoch \(newest) began; this agent still works in epoch \(instance.epoch)")
        }
    }

    /// Why an instance's database seems to be another one.
    func alarm(of instance: InstanceKey) throws(LedgerFailure) -> String? {
        try database.query(
            "SELECT reason FROM alarm WHERE instance = ? AND epoch = ?", .text(instance.name),
            .integer(Int64(instance.epoch))
        ) { (row) throws(LedgerFailure) in row.text() }.first
    }

    func write(_ baseline: InstanceBaseline) throws(LedgerFailure) {
        let name = SQLiteValue.text(baseline.instance.name)
        let epoch = SQLiteValue.integer(Int64(baseline.instance.epoch))
        try database.run(
            """
            INSERT INTO baseline (instance, epoch, url, since, highest, at) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (instance, epoch) DO UPDATE SET url = excluded.url, since = excluded.since,
            highest = excluded.highest, at = excluded.at
            """, name, epoch, .text(baseline.url), .time(baseline.since), .optional(baseline.highest),
            .time(baseline.at))
        try database.run("DELETE FROM fingerprint WHERE instance = ? AND epoch = ?", name, epoch)
        for (position, fingerprint) in baseline.fingerprints.enumerated() {
            try database.run(
                """
                INSERT INTO fingerprint (instance, epoch, position, execution, workflow, started_at)
                VALUES (?, ?, ?, ?, ?, ?)
                """, name, epoch, .integer(Int64(position)), .text(fingerprint.id.text),
                .text(fingerprint.workflow.text), .optional(fingerprint.startedAt))
        }
    }
}
