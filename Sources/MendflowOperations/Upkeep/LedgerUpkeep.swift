public import MendflowCore
import MendflowEnvironment
public import MendflowLedger
import MendflowText
public import MendflowWorkspace

/// `ledger info`, `backup` and `compact`: what is done to the memory as a file.
public enum LedgerUpkeep {
    /// What somebody wants to know who looks after it.
    public struct Info: Sendable, Hashable {
        /// Where it is, how large it is, and where it ends.
        public var path: String, measure: LedgerMeasure, head: AuditHead
        /// What was sealed before its records, the oldest first.
        public var segments: [LedgerSegment]
        /// When its first and its last record were written; nil where it has none.
        public var first: AgentTime?, last: AgentTime?

        /// By how many bytes it grew a day, in the middle; nil where it is younger than a day.
        public var bytesPerDay: Int64? {
            guard let first, let last, last - first >= .days(1) else { return nil }
            return measure.bytes / ((last - first).milliseconds / Period.days(1).milliseconds)
        }
    }

    /// Measures the ledger.
    public static func info(_ workspace: Workspace) async throws(MendflowFailure) -> Info {
        let keeper = try keeper(workspace, workspace.ledgerPath)
        let path = workspace.ledgerPath
        return try await workspace.ledger { () throws(LedgerFailure) in
            let store = try await workspace.environment.ledgers.open(path, .read)
            let state = try await store.load(LedgerScope(instances: []))
            let first = try await store.records(after: 0, limit: 1).first
            // What is told of its end is of the moment in which it was measured: others write meanwhile.
            let measure = try await keeper.measure()
            let head = measure.head
            return Info(
                path: path, measure: measure, head: head.chain, segments: state.segments,
                first: try first?.record().at,
                last: first == nil ? nil : head.at)
        }
    }

    /// Copies the ledger to a file that is not there yet, while an agent may run, and checks the copy: every record and all that
    /// is kept beside them.
    public static func backup(
        _ workspace: Workspace, to target: String
    ) async throws(MendflowFailure) -> AuditVerification {
        let keeper = try keeper(workspace, workspace.ledgerPath)
        return try await workspace.ledger { () throws(LedgerFailure) in
            try await keeper.copy(to: target)
            return try await workspace.environment.ledgers.open(target, .read).verify(expecting: nil)
        }
    }

    /// Gives back what is free in the file. No agent may run.
    ///
    /// - Returns: how large it was, and how large it is.
    public static func compact(
        _ workspace: Workspace
    ) async throws(MendflowFailure) -> (before: LedgerMeasure, after: LedgerMeasure) {
        let keeper = try keeper(workspace, workspace.ledgerPath)
        return try await workspace.ledger { () throws(LedgerFailure) in
            let hold = try workspace.environment.ledgers.lock(workspace.ledgerPath)
            defer { withExtendedLifetime(hold) {} }
            let before = try await keeper.measure()
            try await keeper.compact()
            return (before, try await keeper.measure())
        }
    }

    static func keeper(_ workspace: Workspace, _ path: String) throws(MendflowFailure) -> any LedgerKeeper {
        guard let keeper = workspace.environment.ledgers.keeper(of: path) else {
            throw unkeepable(path)
        }
        return keeper
    }

    /// Why nothing can be done with what should be a ledger's place. An address is never shown as it was written: a password may
    /// stand in it.
    static func unkeepable(_ path: String) -> MendflowFailure {
        guard PostgresAddress.isMeant(by: path) else { return MendflowFailure(.failed, "\(path) is no file on a disk") }
        do throws(PostgresAddress.Fault) {
            return MendflowFailure(.failed, "nothing keeps a ledger at \(try PostgresAddress(path).description)")
        } catch {
            return MendflowFailure(.failed, "the ledger's address cannot be used: \(error)")
        }
    }
}
