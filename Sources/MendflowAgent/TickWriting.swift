import MendflowCore

/// What a tick writes down about the past before it decides: one transaction.
struct TickWriting: Sendable {
    private(set) var changes: [LedgerChange] = []
    private(set) var audit: [AuditRecord] = []
    /// Intents that are settled in it.
    private(set) var settled: Set<IntentID> = []

    /// Writes an outcome. What is found first counts: an intent is settled once at most in a tick.
    mutating func settle(_ intent: Intent, _ settlement: Settlement, at now: Timestamp) {
        guard settled.insert(intent.id).inserted else { return }
        changes.append(.settle(intent.id, settlement))
        audit.append(.outcome(intent, settlement, at: now))
    }

    /// Writes a change that no record of its own belongs to.
    mutating func add(_ change: LedgerChange) { changes.append(change) }

    /// Writes a record.
    mutating func add(_ record: AuditRecord) { audit.append(record) }
}
