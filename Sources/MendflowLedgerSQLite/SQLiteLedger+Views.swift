public import MendflowCore

extension SQLiteLedger {
    /// The view of one instance, all of it from one state of the file.
    ///
    /// With `shadow`, dry-run's verdicts come before the real ones, for they are what dry-run recorded last; of two
    /// owners of a chain the later counts.
    public func view(
        of instance: InstanceKey, since: Timestamp, shadow: Bool
    ) throws(LedgerFailure) -> LedgerView {
        try database.snapshot { () throws(LedgerFailure) in
            var view = LedgerView(intents: try intents(of: instance, since: since, shadow: shadow))
            for isShadow in shadow ? [false, true] : [false] {
                for latch in try latches(of: instance, shadow: isShadow) { view.apply(latch) }
                for (leaf, verdict) in try verdicts(of: instance, shadow: isShadow) { view.verdicts[leaf] = verdict }
            }
            for (root, policy) in try owners(of: instance, shadow: shadow) { view.owners[root] = policy }
            view.suspended = try suspensions(of: instance)
            view.paused = try pauseReason(of: instance.name)
            view.alarm = try alarm(of: instance)
            view.learnedTags = try learnedTags(of: instance)
            return view
        }
    }

    private func latches(of key: InstanceKey, shadow: Bool) throws(LedgerFailure) -> [Latch] {
        try database.query(
            """
            SELECT kind, execution, policy, value, at FROM latch WHERE instance = ? AND epoch = ? AND shadow = ?
            """, .text(key.name), .integer(Int64(key.epoch)), .flag(shadow)
        ) { (row) throws(LedgerFailure) in
            let word = row.text()
            guard let kind = Latch.Kind(rawValue: word) else { throw .corrupt("latch of kind \(word)") }
            return Latch(kind, ExecutionID(row.text()), policy: row.text(), value: row.text(), at: row.time())
        }
    }

    private func verdicts(
        of key: InstanceKey, shadow: Bool
    ) throws(LedgerFailure) -> [(ExecutionID, LedgerView.RecordedVerdict)] {
        try database.query(
            "SELECT leaf, policy, key FROM verdict WHERE instance = ? AND epoch = ? AND shadow = ?", .text(key.name),
            .integer(Int64(key.epoch)), .flag(shadow)
        ) { (row) throws(LedgerFailure) in
            (ExecutionID(row.text()), LedgerView.RecordedVerdict(policy: row.text(), key: row.text()))
        }
    }

    private func owners(of key: InstanceKey, shadow: Bool) throws(LedgerFailure) -> [(ExecutionID, String)] {
        try database.query(
            """
            SELECT root, policy FROM owner WHERE instance = ? AND epoch = ? AND shadow <= ? ORDER BY at, shadow
            """, .text(key.name), .integer(Int64(key.epoch)), .flag(shadow)
        ) { (row) throws(LedgerFailure) in (ExecutionID(row.text()), row.text()) }
    }

    private func suspensions(of key: InstanceKey) throws(LedgerFailure) -> [ActionKind: String] {
        let rows = try database.query(
            "SELECT action, reason FROM suspension WHERE instance = ? AND epoch = ?", .text(key.name),
            .integer(Int64(key.epoch))
        ) { (row) throws(LedgerFailure) in
            let word = row.text()
            guard let action = ActionKind(rawValue: word) else { throw .corrupt("suspension of \(word)") }
            return (action, row.text())
        }
        return Dictionary(rows) { _, last in last }
    }

    private func learnedTags(of key: InstanceKey) throws(LedgerFailure) -> [String: String] {
        let rows = try database.query(
            "SELECT name, tag FROM learned_tag WHERE instance = ? AND epoch = ?", .text(key.name),
            .integer(Int64(key.epoch))
        ) { (row) throws(LedgerFailure) in (row.text(), row.text()) }
        return Dictionary(rows) { _, last in last }
    }

    /// The reason of all comes before that of the one.
    private func pauseReason(of name: String) throws(LedgerFailure) -> String? {
        try database.query(
            "SELECT reason FROM pause WHERE instance IN ('', ?) ORDER BY instance", .text(name)
        ) { (row) throws(LedgerFailure) in row.text() }.first
    }

    /// The baseline of the instance's newest epoch; nil before `init`.
    public func baseline(of name: String) throws(LedgerFailure) -> InstanceBaseline? {
        try database.snapshot { () throws(LedgerFailure) in
            let found = try database.query(
                """
                SELECT epoch, url, since, highest, at FROM baseline WHERE instance = ? ORDER BY epoch DESC LIMIT 1
                """, .text(name)
            ) { (row) throws(LedgerFailure) in
                InstanceBaseline(
                    instance: InstanceKey(name: name, epoch: Int(row.integer())), url: row.text(), since: row.time(),
                    highest: row.optionalID(), fingerprints: [], at: row.time())
            }
            guard var baseline = found.first else { return nil }
            baseline.fingerprints = try database.query(
                """
                SELECT execution, workflow, started_at FROM fingerprint WHERE instance = ? AND epoch = ?
                ORDER BY position
                """, .text(name), .integer(Int64(baseline.instance.epoch))
            ) { (row) throws(LedgerFailure) in
                InstanceBaseline.Fingerprint(
                    id: ExecutionID(row.text()), workflow: WorkflowID(row.text()), startedAt: row.optionalTime())
            }
            return baseline
        }
    }

    /// The state of the last tick; nil before the first.
    public func tickState(of instance: InstanceKey) throws(LedgerFailure) -> TickState? {
        let what = "the tick of \(instance.name)"
        return try database.query(
            """
            SELECT number, at, accounted, swept_at, row_count, live, clock_offset, missing, covered_from, sightings,
                fingerprints FROM tick
            WHERE instance = ? AND epoch = ?
            """, .text(instance.name), .integer(Int64(instance.epoch))
        ) { (row) throws(LedgerFailure) in
            var state = TickState(
                tick: row.integer(), at: row.time(), accounted: row.optionalID(), sweptAt: row.optionalTime(),
                rows: Int(row.integer()), live: try StoredLists.live(row.text(), of: what),
                clockOffset: Period(milliseconds: row.integer()))
            guard let missing = IDRanges(text: row.text()) else { throw .corrupt(what) }
            state.missing = missing
            state.coveredFrom = row.optionalID()
            state.sightings = try StoredLists.sightings(row.text(), of: what)
            state.fingerprints = try StoredLists.fingerprints(row.text(), of: what)
            return state
        }.first
    }

    /// A policy's name and text by its version; nil where it was never kept.
    public func policyText(version: String) throws(LedgerFailure) -> (name: String, text: String)? {
        try database.query(
            "SELECT name, text FROM policy_text WHERE version = ?", .text(version)
        ) { (row) throws(LedgerFailure) in (name: row.text(), text: row.text()) }.first
    }
}
