public import MendflowCore

extension IntentState {
    /// The states that a settlement may lead to from here. A proof is final; so is a verified stop's failure.
    var settlements: Set<IntentState> {
        switch self {
        case .reserved: [.void]
        case .sending: [.applied, .void, .unresolved, .ineffective]
        case .unresolved: [.applied, .void, .superseded, .ineffective]
        // Its child may be learned later, and a stop that was taken may turn out not to have been carried out.
        case .applied: [.applied, .ineffective]
        case .void, .superseded, .ineffective, .shadow: []
        }
    }
}

extension SQLiteLedger {
    private static let intentColumns = """
        id, instance, epoch, shadow, action, execution, root, workflow, policy, policy_version, contributors, attempt, \
        load_workflow, tags, node_type, state, reserved_at, sending_at, watermark, settled_at, child, note, not_before, \
        answered_at, bulk
        """

    /// One intent; nil where there is none.
    public func intent(_ id: IntentID) throws(LedgerFailure) -> Intent? {
        try database.query(
            "SELECT \(SQLiteLedger.intentColumns) FROM intent WHERE id = ?", .integer(id.number),
            read: SQLiteLedger.readIntent
        ).first
    }

    /// Intents in some states, oldest first; of all instances and epochs where `instance` is nil.
    public func intents(
        in states: Set<IntentState>, instance: InstanceKey?
    ) throws(LedgerFailure) -> [Intent] {
        let select = "SELECT \(SQLiteLedger.intentColumns) FROM intent WHERE state = ?"
        var found: [Intent] = []
        for state in states {
            if let instance {
                found += try database.query(
                    select + " AND instance = ? AND epoch = ?", .text(state.rawValue), .text(instance.name),
                    .integer(Int64(instance.epoch)), read: SQLiteLedger.readIntent)
            } else {
                found += try database.query(select, .text(state.rawValue), read: SQLiteLedger.readIntent)
            }
        }
        return found.sorted { $0.id < $1.id }
    }

    /// Those of a view: reserved since a time, open, or unresolved.
    func intents(
        of key: InstanceKey, since: Timestamp, shadow: Bool
    ) throws(LedgerFailure) -> [Intent] {
        let open = try intents(in: [.reserved, .sending, .unresolved], instance: key)
        var found = try intents(of: key, shadow: false, since: since)
        if shadow { found += try intents(of: key, shadow: true, since: since) }
        let known = Set(found.map(\.id))
        found += open.filter { !known.contains($0.id) }
        return found.sorted { $0.id < $1.id }
    }

    /// With those of chains that are read, however old they are: a run may wait for weeks.
    func intents(
        of key: InstanceKey, _ members: SQLiteValue, shadow: Bool, beside known: [Intent]
    ) throws(LedgerFailure) -> [Intent] {
        let ids = Set(known.map(\.id))
        let found = try database.query(
            """
            SELECT \(SQLiteLedger.intentColumns) FROM intent WHERE intent.id IN (
                SELECT intent.id FROM json_each(?1) AS member CROSS JOIN intent
                ON instance = ?2 AND epoch = ?3 AND execution = member.value AND shadow <= ?4)
            """, members, .text(key.name), .integer(Int64(key.epoch)), .flag(shadow), read: SQLiteLedger.readIntent)
        return (known + found.filter { !ids.contains($0.id) }).sorted { $0.id < $1.id }
    }

    private func intents(
        of key: InstanceKey, shadow: Bool, since: Timestamp
    ) throws(LedgerFailure) -> [Intent] {
        try database.query(
            """
            SELECT \(SQLiteLedger.intentColumns) FROM intent
            WHERE instance = ? AND epoch = ? AND shadow = ? AND reserved_at >= ?
            """, .text(key.name), .integer(Int64(key.epoch)), .flag(shadow), .time(since),
            read: SQLiteLedger.readIntent)
    }

    private static func readIntent(_ row: inout SQLiteRow) throws(LedgerFailure) -> Intent {
        let id = IntentID(row.integer())
        let instance = InstanceKey(name: row.text(), epoch: Int(row.integer()))
        let isShadow = row.flag()
        guard let action = ActionKind(rawValue: row.text()) else { throw .corrupt("intent \(id): action") }
        var draft = IntentDraft(
            instance: instance, action: action, execution: ExecutionID(row.text()), root: ExecutionID(row.text()),
            workflow: WorkflowID(row.text()), policy: row.text(), policyVersion: row.text(),
            contributors: try StoredLists.texts(row.text(), of: "intent \(id): contributors"),
            attempt: Int(row.integer()), loadWorkflow: row.flag(),
            tags: try StoredLists.texts(row.text(), of: "intent \(id): tags"), nodeType: row.optionalText(),
            isShadow: isShadow)
        guard let state = IntentState(rawValue: row.text()) else { throw .corrupt("intent \(id): state") }
        var intent = Intent(
            id: id, draft: draft, state: state, reservedAt: row.time(), sendingAt: row.optionalTime(),
            watermark: row.optionalID(), settledAt: row.optionalTime(), child: row.optionalID(),
            note: row.optionalText(), notBefore: row.optionalTime(), answeredAt: row.optionalTime())
        draft.bulk = try row.optionalText().map { (stored) throws(LedgerFailure) in
            try StoredLists.bulk(stored, of: "intent \(id): bulk")
        }
        intent.draft = draft
        return intent
    }

    func reserve(_ draft: IntentDraft, at time: Timestamp) throws(LedgerFailure) -> IntentID {
        let state = draft.isShadow ? IntentState.shadow : .reserved
        let ids = try database.query(
            """
            INSERT INTO intent (instance, epoch, shadow, action, execution, root, workflow, policy, policy_version,
                contributors, attempt, load_workflow, tags, node_type, state, reserved_at, bulk)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id
            """, .text(draft.instance.name), .integer(Int64(draft.instance.epoch)), .flag(draft.isShadow),
            .text(draft.action.rawValue), .text(draft.execution.text), .text(draft.root.text),
            .text(draft.workflow.text), .text(draft.policy), .text(draft.policyVersion),
            StoredLists.encode(draft.contributors), .integer(Int64(draft.attempt)), .flag(draft.loadWorkflow),
            StoredLists.encode(draft.tags), .optional(draft.nodeType), .text(state.rawValue), .time(time),
            draft.bulk.map { StoredLists.encode($0) } ?? .null
        ) { (row) throws(LedgerFailure) in IntentID(row.integer()) }
        guard let id = ids.first else { throw .alreadyIntended(draft.execution) }
        return id
    }

    func markSending(_ id: IntentID, watermark: ExecutionID?, at time: Timestamp) throws(LedgerFailure) {
        let intent = try present(id)
        guard intent.state == .reserved else { throw .wrongState(id, intent.state.rawValue) }
        try database.run(
            "UPDATE intent SET state = 'sending', sending_at = ?, watermark = ? WHERE id = ?", .time(time),
            .optional(watermark), .integer(id.number))
    }

    func settle(_ id: IntentID, _ settlement: Settlement, at time: Timestamp) throws(LedgerFailure) {
        let intent = try present(id)
        guard intent.state.settlements.contains(settlement.state) else {
            throw .wrongState(id, intent.state.rawValue)
        }
        if settlement.state == .superseded, try isResent(intent.draft) {
            throw .alreadyIntended(intent.draft.execution)
        }
        // What an earlier outcome told stays, where the later one does not tell.
        try database.run(
            """
            UPDATE intent SET state = ?, settled_at = ?, child = COALESCE(?, child), note = COALESCE(?, note),
                not_before = COALESCE(?, not_before), answered_at = ? WHERE id = ?
            """, .text(settlement.state.rawValue), .time(time), .optional(settlement.child),
            .optional(settlement.note), .optional(settlement.notBefore), .optional(settlement.answeredAt),
            .integer(id.number))
    }

    private func present(_ id: IntentID) throws(LedgerFailure) -> Intent {
        guard let intent = try intent(id) else { throw .missing("intent \(id)") }
        return intent
    }

    private func isResent(_ draft: IntentDraft) throws(LedgerFailure) -> Bool {
        guard draft.action == .retry else { return false }
        return try !database.query(
            """
            SELECT 1 FROM intent WHERE instance = ? AND epoch = ? AND execution = ?
            AND action = 'retry' AND state = 'superseded'
            """, .text(draft.instance.name), .integer(Int64(draft.instance.epoch)), .text(draft.execution.text)
        ) { (row) throws(LedgerFailure) in row.integer() }.isEmpty
    }
}
