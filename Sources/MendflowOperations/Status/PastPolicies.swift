import MendflowCore
import MendflowLedger
import MendflowWorkspace

/// The texts of policies that came into force, as the ledger has them.
enum PastPolicies {
    /// How many records are looked at together.
    private static let page = 2000

    /// Reads them behind a record, oldest first; no other record is read whole.
    static func read(
        _ workspace: Workspace, _ store: any LedgerStore, after record: Int64
    ) async throws(LedgerFailure) -> [PastPolicy] {
        var (last, found) = (record, [PastPolicy]())
        while true {
            let records = try await store.records(after: last, limit: page)
            for sealed in records where sealed.mayBePolicy {
                guard case .policy(let text) = try sealed.entry().event else { continue }
                found.append(
                    PastPolicy(version: text.version, name: text.name, renamedFrom: workspace.formerName(in: text)))
            }
            guard let end = records.last else { return found }
            last = end.sequence
        }
    }
}
