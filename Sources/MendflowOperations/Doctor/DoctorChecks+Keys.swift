import MendflowCore
import MendflowLedger

/// What the server made of keys of requests when an agent asked it last: the doctor itself sends nothing that could change
/// something, and asks the ledger.
struct KeyFinding: Sendable {
    private var answer: KeyAnswer
    private var body: KeyProbe.Body
    private var at: AgentTime

    /// So many records are looked at: an agent that may act asks when it starts, and again while it acts.
    private static let records: Int64 = 5000

    /// The newest, as far back as is worth looking; nil where none is on record.
    static func newest(
        in store: any LedgerStore, _ head: AuditHead, of key: InstanceKey
    ) async throws(LedgerFailure) -> KeyFinding? {
        let found = try await store.records(after: max(0, head.sequence - records), limit: Int(records))
        for record in found.reversed() {
            let entry = try record.entry()
            guard case .probed(let instance, let probe, let answer) = entry.event, instance == key else { continue }
            return KeyFinding(answer: answer, body: probe.body, at: entry.at)
        }
        return nil
    }

    /// In words for people, and whether a lost answer can be asked for again.
    var check: Doctor.Check {
        let seen = "(Idempotency-Key), as the agent saw at \(at.rfc3339)"
        return switch (body, answer) {
        case (.other, .refused):
            .init(.server, .ok, "n8n honours keys of requests \(seen): a lost answer can be asked for again")
        case (.other, .taken):
            .init(.server, .note, "n8n ignores keys of requests \(seen): its rows alone tell what a lost request did")
        default:
            .init(.server, .note, "whether n8n honours keys of requests is not known \(seen): its answer was unclear")
        }
    }
}

extension DoctorChecks {
    /// Whether n8n honours keys of requests. Releases of which nobody heard that they do are not asked.
    static func keys(_ finding: KeyFinding?, _ capabilities: ServerCapabilities) -> [Doctor.Check] {
        if let finding { return [finding.check] }
        guard capabilities.era == .c else { return [] }
        let words = "whether n8n honours keys of requests (Idempotency-Key) is not known yet"
        return [.init(.server, .note, words + ": an agent that may act asks when it starts")]
    }
}
