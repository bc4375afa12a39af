public import MendflowCore

extension SQLiteLedger {
    /// The view of one instance, all of it from one state of the file.
    ///
    /// With `shadow`, dry-run's verdicts come before the real ones, for they are what dry-run recorded last; of two
    /// owners of a chain the later counts.
    public func view(
        of instance: InstanceKey, since: Timestamp, shadow: Bool, chains: Set<ExecutionID>
    ) throws(LedgerFailure) -> LedgerView {
        try database.snapshot { () throws(LedgerFailure) in
            var view = LedgerView(intents: try intents(of: instance, since: since, shadow: shadow))
            var known = chains
            for intent in view.intents {
                known.formUnion([intent.draft.execution, intent.draft.root, intent.child ?? intent.draft.root])
            }
            let members = try members(of: instance, since: since, shadow: shadow, known: known)
            view.intents = try intents(of: instance, members, shadow: shadow, beside: view.intents)
            for isShadow in shadow ? [false, true] : [false] {
                for latch in try latches(of: instance, shadow: isShadow, members) { view.apply(latch) }
                for (leaf, verdict) in try verdicts(of: instance, shadow: isShadow, members) {
                    view.verdicts[leaf] = verdict
                }
            }
            for (root, policy, isShadow) in try owners(of: instance, shadow: shadow, members) {
                view.owners[root] = policy
                if isShadow { view.shadowOwned.insert(root) } else { view.shadowOwned.remove(root) }
            }
            view.suspended = try suspensions(of: instance)
            view.paused = try pauseReason(of: instance.name)
            view.alarm = try alarm(of: instance)
            view.learnedTags = try learnedTags(of: instance)
            return view
        }
    }

    /// Every execution of a chain that was touched since a time or holds a known execution. What is kept of a chain is
    /// never dropped from the file, but of the many that are long over nothing is read.
    static let membersQuery = """
        WITH RECURSIVE member (id) AS (
            SELECT value FROM json_each(?1)
            UNION SELECT execution FROM latch WHERE instance = ?2 AND epoch = ?3 AND at >= ?4 AND shadow <= ?5
            UNION SELECT root FROM owner WHERE instance = ?2 AND epoch = ?3 AND at >= ?4 AND shadow <= ?5
            UNION SELECT leaf FROM verdict WHERE instance = ?2 AND epoch = ?3 AND at >= ?4 AND shadow <= ?5
            UNION SELECT latch.value FROM member CROSS JOIN latch
                ON latch.instance = ?2 AND latch.epoch = ?3 AND latch.execution = member.id AND latch.value <> ''
            UNION SELECT latch.execution FROM member CROSS JOIN latch
                ON latch.instance = ?2 AND latch.epoch = ?3 AND latch.value = member.id AND latch.value <> ''
        )
        SELECT id FROM member
        """
    static let latchesQuery = """
        SELECT kind, execution, policy, latch.value, at FROM json_each(?1) AS member CROSS JOIN latch
        ON instance = ?2 AND epoch = ?3 AND execution = member.value AND shadow = ?4
        """
    static let verdictsQuery = """
        SELECT leaf, policy, verdict.key FROM json_each(?1) AS member CROSS JOIN verdict
        ON instance = ?2 AND epoch = ?3 AND shadow = ?4 AND leaf = member.value
        """
    static let ownersQuery = """
        SELECT owner.root, policy, shadow FROM json_each(?1) AS member CROSS JOIN owner
        ON instance = ?2 AND epoch = ?3 AND shadow IN (0, ?4) AND owner.root = member.value ORDER BY at, shadow
        """

    private func members(
        of key: InstanceKey, since: Timestamp, shadow: Bool, known: Set<ExecutionID>
    ) throws(LedgerFailure) -> SQLiteValue {
        let ids = try database.query(
            SQLiteLedger.membersQuery, StoredLists.encode(known.map(\.text)), .text(key.name),
            .integer(Int64(key.epoch)), .time(since), .flag(shadow)
        ) { (row) throws(LedgerFailure) in row.text() }
        return StoredLists.encode(ids)
    }

    private func latches(
        of key: InstanceKey, shadow: Bool, _ members: SQLiteValue
    ) throws(LedgerFailure) -> [Latch] {
        try database.query(
            SQLiteLedger.latchesQuery, members, .text(key.name), .integer(Int64(key.epoch)), .flag(shadow)
        ) { (row) throws(LedgerFailure) in
            let word = row.text()
            guard let kind = Latch.Kind(rawValue: word) else { throw .corrupt("latch of kind \(word)") }
            return Latch(kind, ExecutionID(row.text()), policy: row.text(), value: row.text(), at: row.time())
        }
    }

    private func verdicts(
        of key: InstanceKey, shadow: Bool, _ members: SQLiteValue
    ) throws(LedgerFailure) -> [(ExecutionID, LedgerView.RecordedVerdict)] {
        try database.query(
            SQLiteLedger.verdictsQuery, members, .text(key.name), .integer(Int64(key.epoch)), .flag(shadow)
        ) { (row) throws(LedgerFailure) in
            (ExecutionID(row.text()), LedgerView.RecordedVerdict(policy: row.text(), key: row.text()))
        }
    }

    private func owners(
        of key: InstanceKey, shadow: Bool, _ members: SQLiteValue
    ) throws(LedgerFailure) -> [(ExecutionID, String, Bool)] {
        try database.query(
            SQLiteLedger.ownersQuery, members, .text(key.name), .integer(Int64(key.epoch)), .flag(shadow)
        ) { (row) throws(LedgerFailure) in (ExecutionID(row.text()), row.text(), row.flag()) }
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

    /// What is paused, and why: single instances by name, all of them by the empty name.
    public func pauses() throws(LedgerFailure) -> [(instance: String, reason: String)] {
        try database.query("SELECT instance, reason FROM pause ORDER BY instance") {
            (row) throws(LedgerFailure) in (instance: row.text(), reason: row.text())
        }
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
                fingerprints, covered_since FROM tick
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
            state.coveredSince = row.optionalTime()
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
