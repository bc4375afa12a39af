private import Dispatch
public import MendflowCore
public import MendflowLedger
private import Synchronization

/// A ledger in a SQLite file: write-ahead log, every append synced. Commands write to the same file while the agent runs.
public final class SQLiteLedgerStore: LedgerStore {
    /// Where the work is done.
    public enum Placement: Sendable {
        /// On a thread of the store's own, so that a slow disk holds up nobody who does not wait for it.
        case ownThread
        /// Where it is asked for: in a simulation the order of everything is decided by a seed.
        case inline
    }

    /// The file's path.
    public let path: String
    private let file: Mutex<SQLiteLedgerFile>
    private let queue: DispatchQueue?

    private init(_ file: sending SQLiteLedgerFile, _ placement: Placement) {
        path = file.path
        self.file = Mutex(file)
        queue = placement == .ownThread ? DispatchQueue(label: "mendflow.ledger") : nil
    }

    /// Opens a ledger to read and write; makes it where `create` is true. `vfs` names the file system below SQLite; nil is
    /// the platform's.
    ///
    /// - Throws: `missing` where there is none, `corrupt` where the file is none, `otherSchema`, or `unusable`.
    public static func open(
        path: String, vfs: String? = nil, create: Bool, placement: Placement = .ownThread
    ) throws(LedgerFailure) -> SQLiteLedgerStore {
        let file = try SQLiteLedgerFile.open(path: path, vfs: vfs, mode: create ? .create : .write)
        return SQLiteLedgerStore(file, placement)
    }

    /// Opens a ledger that is only read: nothing is made or changed, and appending fails.
    public static func openReading(
        path: String, vfs: String? = nil, placement: Placement = .ownThread
    ) throws(LedgerFailure) -> SQLiteLedgerStore {
        SQLiteLedgerStore(try SQLiteLedgerFile.open(path: path, vfs: vfs, mode: .read), placement)
    }

    /// The state of a part of the ledger, and its head.
    public func load(_ scope: LedgerScope) async throws(LedgerFailure) -> LedgerState {
        try await work { (file) throws(LedgerFailure) in try file.load(scope) }
    }

    /// Appends entries, all or none, and answers the new head; a lock keeps other agents off, and no
    /// fence is needed.
    public func append(
        _ entries: [LedgerEntry], expecting head: LedgerHead, fence: FenceToken?
    ) async throws(LedgerFailure) -> LedgerHead {
        try await work { (file) throws(LedgerFailure) in try file.append(entries, expecting: head) }
    }

    /// Appends the record of what is sealed and drops it.
    public func seal(
        _ sealing: LedgerSealing, expecting head: LedgerHead, fence: FenceToken?
    ) async throws(LedgerFailure) -> LedgerHead {
        try await work { (file) throws(LedgerFailure) in try file.seal(sealing, expecting: head) }
    }

    /// The cells as they stood behind the last sealed record.
    public func base() async throws(LedgerFailure) -> [LedgerCell] {
        try await work { (file) throws(LedgerFailure) in try file.base() }
    }

    /// Records behind a number, oldest first.
    public func records(after sequence: Int64, limit: Int) async throws(LedgerFailure) -> [SealedRecord] {
        try await work { (file) throws(LedgerFailure) in try file.records(after: sequence, limit: limit) }
    }

    /// Records about some executions or their chains, oldest first.
    public func records(
        about executions: Set<ExecutionID>, instance: InstanceKey
    ) async throws(LedgerFailure) -> [SealedRecord] {
        try await work { (file) throws(LedgerFailure) in try file.records(about: executions, instance: instance) }
    }

    /// Checks every record and everything that is kept beside them.
    public func verify(expecting expected: AuditHead?) async throws(LedgerFailure) -> AuditVerification {
        try await work { (file) throws(LedgerFailure) in try file.verify(expecting: expected) }
    }

    func work<T: Sendable>(
        _ body: @escaping @Sendable (SQLiteLedgerFile) throws(LedgerFailure) -> T
    ) async throws(LedgerFailure) -> T {
        @Sendable func run() -> Result<T, LedgerFailure> {
            file.withLock { file in
                do throws(LedgerFailure) { return .success(try body(file)) } catch { return .failure(error) }
            }
        }
        guard let queue else { return try run().get() }
        return try await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: run()) }
        }.get()
    }
}
