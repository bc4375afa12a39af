internal import MendflowCore
internal import MendflowLedger

/// What the records say the tables must hold: the log proves nothing about tables that it is not compared with.
struct AuditFold {
    /// The state of every intent that was written down.
    private(set) var states: [Int64: String] = [:]
    /// Since when ended executions are eligible, by instance and epoch.
    private(set) var baselines: [InstanceKey: Int64] = [:]

    /// Takes the next record in.
    mutating func take(_ record: AuditRecord) {
        if let instance = record.instance, case .integer(let since)? = record.fields["since"] {
            baselines[instance] = since
        }
        guard let id = record.intentNumber else { return }
        switch record.kind {
        case .reserved:
            states[id] = record.fields["shadow"] == .flag(true) ? "shadow" : "reserved"
            if case .integer(let replaced)? = record.fields["supersedes"], states[id] != "shadow" {
                states[replaced] = "superseded"
            }
        case .sending: states[id] = "sending"
        case .outcome: if case .text(let state)? = record.fields["state"] { states[id] = state }
        default: break
        }
    }
}

extension AuditRecord {
    /// The number of the intent that it speaks of.
    var intentNumber: Int64? {
        switch fields["intent"] {
        case .text(let text): Int64(text)
        case .integer(let number): number
        default: nil
        }
    }
}

extension SQLiteLedger {
    /// The first thing in the tables that the records do not bear out.
    func difference(from fold: AuditFold, count: Int64) throws(LedgerFailure) -> AuditFault.Problem? {
        let stored = try database.query("SELECT count(*) FROM audit") { (row) throws(LedgerFailure) in row.integer() }
        if stored.first != count { return .extra((stored.first ?? 0) - count) }
        let intents = try database.query("SELECT id, state FROM intent ORDER BY id") {
            (row) throws(LedgerFailure) in (row.integer(), row.text())
        }
        for (id, state) in intents {
            guard let told = fold.states[id] else { return .unrecorded(id) }
            if told != state { return .state(id, told: told, stored: state) }
        }
        let texts = try database.query("SELECT version, text FROM policy_text ORDER BY version") {
            (row) throws(LedgerFailure) in (row.text(), row.text())
        }
        for (version, text) in texts where version.utf8.count == 64 && SHA256.hex(of: text) != version {
            return .policyText(version)
        }
        let baselines = try database.query("SELECT instance, epoch, since FROM baseline ORDER BY instance, epoch") {
            (row) throws(LedgerFailure) in
            (InstanceKey(name: row.text(), epoch: Int(row.integer())), row.integer())
        }
        for (instance, since) in baselines {
            if let told = fold.baselines[instance], told != since { return .baseline(instance.name) }
        }
        return nil
    }
}
