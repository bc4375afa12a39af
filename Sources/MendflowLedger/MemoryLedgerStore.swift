public import MendflowCore
private import Synchronization

/// A ledger in memory, for tests, simulation and backtests. Of what was appended only that is kept over a crash which was
/// synced; `sync` is on unless a test says otherwise.
public final class MemoryLedgerStore: LedgerStore {
    private let contents: Mutex<Contents>

    /// Makes an empty ledger.
    public init() { contents = Mutex(Contents()) }

    /// Makes a ledger of entries.
    public init(_ entries: [LedgerEntry]) throws(LedgerFailure) {
        var start = Contents()
        _ = try start.append(entries, expecting: .start)
        contents = Mutex(start)
    }

    private init(_ copy: Contents) { contents = Mutex(copy) }

    /// The same ledger in another store, as a copy of a file would be.
    public func copy() -> MemoryLedgerStore { MemoryLedgerStore(contents.withLock { $0 }) }

    /// The state of all of it, at once.
    public func everything() throws(LedgerFailure) -> LedgerState {
        let contents = contents.withLock { $0 }
        return try contents.state(LedgerScope(since: Timestamp(milliseconds: .min)), head: contents.head)
    }

    /// The state of a part of the ledger, all of one moment.
    public func load(_ scope: LedgerScope) async throws(LedgerFailure) -> LedgerState {
        let contents = contents.withLock { $0 }
        return try contents.state(scope, head: contents.head)
    }

    /// Appends entries, all or none; see `LedgerStore`.
    public func append(
        _ entries: [LedgerEntry], expecting head: LedgerHead, fence: FenceToken?
    ) async throws(LedgerFailure) -> LedgerHead {
        let result = contents.withLock { (contents) -> Result<LedgerHead, LedgerFailure> in
            do throws(LedgerFailure) { return .success(try contents.append(entries, expecting: head)) } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// Records behind a number, oldest first.
    public func records(after sequence: Int64, limit: Int) async throws(LedgerFailure) -> [SealedRecord] {
        contents.withLock { Array($0.records.dropFirst(Int(max(0, sequence))).prefix(max(0, limit))) }
    }

    /// Records about some executions or chains, oldest first.
    public func records(
        about executions: Set<ExecutionID>, instance: InstanceKey
    ) async throws(LedgerFailure) -> [SealedRecord] {
        contents.withLock { contents in
            contents.records.filter { sealed in
                guard let record = try? CanonicalRecord(bytes: sealed.bytes).record, record.instance == instance else {
                    return false
                }
                return [record.execution, record.root].contains { $0.map(executions.contains) ?? false }
            }
        }
    }

    /// Checks every record, and all cells against what the records add up to.
    public func verify(expecting expected: AuditHead?) async throws(LedgerFailure) -> AuditVerification {
        let contents = contents.withLock { $0 }
        var verifier = LedgerVerifier(expecting: expected)
        for record in contents.records where !verifier.check(record) { break }
        return verifier.finish(comparing: contents.cells.values.sorted { $0.key < $1.key })
    }

    /// Changes a cell behind the ledger's back, as a person with an editor would. Only tests do.
    public func tamper(_ key: LedgerCell.Key, with cell: LedgerCell?) { contents.withLock { $0.cells[key] = cell } }

    /// All cells, in order.
    public var cells: [LedgerCell] { contents.withLock { $0.cells.values.sorted { $0.key < $1.key } } }
}

private struct Contents: Sendable, LedgerCells {
    var records: [SealedRecord] = []
    var cells: [LedgerCell.Key: LedgerCell] = [:]
    var head = LedgerHead.start

    mutating func append(
        _ entries: [LedgerEntry], expecting expected: LedgerHead
    ) throws(LedgerFailure) -> LedgerHead {
        guard head.chain == expected.chain else { throw .moved(head) }
        var state = try state(judging: entries, head: head)
        let done: LedgerAppend
        do throws(LedgerRefusal) { done = try state.append(entries) } catch { throw .refused(error) }
        records += done.records
        for change in done.changes {
            switch change {
            case .set(let cell): cells[cell.key] = cell
            case .remove(let key): cells[key] = nil
            }
        }
        head = done.head
        return head
    }

    private func found(_ isWanted: (LedgerCell) -> Bool) -> [LedgerCell] {
        cells.values.filter(isWanted).sorted { $0.key < $1.key }
    }

    func cells(of tables: Set<LedgerCell.Table>, instance: String?) throws(LedgerFailure) -> [LedgerCell] {
        found { tables.contains($0.key.table) && (instance == nil || $0.key.instance == instance) }
    }

    func cells(of instance: InstanceKey, since: Timestamp) throws(LedgerFailure) -> [LedgerCell] {
        found { $0.key.table.isOfExecution && $0.key.instanceKey == instance && $0.at >= since }
    }

    func cells(of instance: InstanceKey, about ids: Set<ExecutionID>) throws(LedgerFailure) -> [LedgerCell] {
        found { cell in
            cell.key.table.isOfExecution && cell.key.instanceKey == instance
                && [cell.subject, cell.link].contains { $0.map(ids.contains) ?? false }
        }
    }

    func openIntents(instance: String?) throws(LedgerFailure) -> [LedgerCell] {
        found { $0.key.table == .intent && $0.isOpen && (instance == nil || $0.key.instance == instance) }
    }

    func cells(of table: LedgerCell.Table, named names: Set<String>) throws(LedgerFailure) -> [LedgerCell] {
        found { $0.key.table == table && names.contains($0.key.name) }
    }
}
