public import MendflowCore
internal import MendflowLedger

/// The ledger in a SQLite file (semantics 36, 37): one connection, synchronous, owned by one actor at a time.
///
/// - The head of the chain, the pause and the states of intents are read inside each transaction, never kept: commands
///   write to the same file while the agent runs.
/// - **Ids of intents in records.** A record of the same commit that speaks of an intent which the commit reserves says
///   `fields["intent"] = "$0"` (the first reserved), `"$1"` (the second) ...; the ledger puts the id there, as a text.
/// - **Time never goes back.** A time before the last audit record's is replaced by that one.
/// - Changes are made in their order, so that `settle(old, superseded)` before `reserve` frees the execution.
public final class SQLiteLedger: Ledger {
    let database: SQLiteDatabase

    private init(database: sending SQLiteDatabase) { self.database = database }

    /// The file's path.
    public var path: String { database.path }

    /// Opens a ledger to read and write; makes it where `create` is true, and brings older tables up to date.
    ///
    /// Throws `missing` where there is none, `corrupt` where the file is none, `newerSchema`, or `unusable`.
    /// `vfs` names the file system below SQLite; nil is the platform's.
    public static func open(
        path: String, vfs: String? = nil, create: Bool
    ) throws(LedgerFailure) -> sending SQLiteLedger {
        try open(path: path, vfs: vfs, mode: create ? .create : .write)
    }

    /// Opens a ledger that is only read: nothing is made or brought up to date, and `commit` fails.
    public static func openReading(path: String, vfs: String? = nil) throws(LedgerFailure) -> sending SQLiteLedger {
        try open(path: path, vfs: vfs, mode: .read)
    }

    private static func open(
        path: String, vfs: String?, mode: SQLiteDatabase.Mode
    ) throws(LedgerFailure) -> sending SQLiteLedger {
        let database = try SQLiteDatabase.open(path: path, vfs: vfs, mode: mode)
        try Schema.prepare(database, mode: mode)
        return SQLiteLedger(database: database)
    }

    /// Reads the whole file and throws `corrupt` where its pages do not fit together; takes about a second per GB.
    public func quickCheck() throws(LedgerFailure) {
        let words = try database.query("PRAGMA quick_check(1)") { (row) throws(LedgerFailure) in row.text() }
        guard words == ["ok"] else { throw .corrupt("\(path): \(words.first ?? "quick_check says nothing")") }
    }

    /// Makes all changes and appends all records in one transaction, or nothing.
    @discardableResult
    public func commit(
        _ changes: [LedgerChange], audit: [AuditRecord], at time: Timestamp
    ) throws(LedgerFailure) -> [IntentID] {
        try database.transaction { () throws(LedgerFailure) in
            // Records never go back in time; caps are counted by the clock as it is, or one wrong clock would hold them for
            // years.
            var end = try logEnd()
            var reserved: [IntentID] = []
            for change in changes {
                if let id = try apply(change, at: time) { reserved.append(id) }
            }
            for record in audit { try append(record, reserved: reserved, end: &end) }
            return reserved
        }
    }

    private func apply(_ change: LedgerChange, at time: Timestamp) throws(LedgerFailure) -> IntentID? {
        switch change {
        case .reserve(let draft):
            if !draft.isShadow { try refuseWhilePaused(draft.instance) }
            return try reserve(draft, at: time)
        case .sending(let id, let watermark):
            if let intent = try intent(id) { try refuseWhilePaused(intent.draft.instance) }
            try markSending(id, watermark: watermark, at: time)
        case .settle(let id, let settlement): try settle(id, settlement, at: time)
        case .latch(let key, let latch, let shadow): try write(latch, of: key, shadow: shadow)
        case .own(let key, let root, let policy, let shadow):
            try database.run(
                """
                INSERT INTO owner (instance, epoch, shadow, root, policy, at) VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (instance, epoch, shadow, root) DO UPDATE SET policy = excluded.policy, at = excluded.at
                """, .text(key.name), .integer(Int64(key.epoch)), .flag(shadow), .text(root.text), .text(policy),
                .time(time))
        case .verdict(let key, let leaf, let verdict, let shadow):
            try database.run(
                """
                INSERT INTO verdict (instance, epoch, shadow, leaf, policy, key, at) VALUES (?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (instance, epoch, shadow, leaf)
                DO UPDATE SET policy = excluded.policy, key = excluded.key, at = excluded.at
                """, .text(key.name), .integer(Int64(key.epoch)), .flag(shadow), .text(leaf.text),
                .text(verdict.policy), .text(verdict.key), .time(time))
        case .tick(let key, let state): try write(state, of: key)
        case .suspend(let key, let action, let reason): try suspend(action, on: key, reason: reason, at: time)
        case .pause(let instance, let reason): try pause(instance, reason: reason, at: time)
        case .alarm(let key, let reason):
            try database.run(
                "INSERT INTO alarm (instance, epoch, reason, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                .text(key.name), .integer(Int64(key.epoch)), .text(reason), .time(time))
        case .learnTag(let key, let name, let tag):
            try database.run(
                """
                INSERT INTO learned_tag (instance, epoch, name, tag, at) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (instance, epoch, name) DO UPDATE SET tag = excluded.tag, at = excluded.at
                """, .text(key.name), .integer(Int64(key.epoch)), .text(name), .text(tag), .time(time))
        case .baseline(let baseline): try write(baseline)
        case .policyText(let version, let name, let text):
            try database.run(
                """
                INSERT INTO policy_text (version, name, text, at) VALUES (?, ?, ?, ?)
                ON CONFLICT (version) DO NOTHING
                """, .text(version), .text(name), .text(text), .time(time))
        }
        return nil
    }
}
