import MendflowCore
import MendflowEnvironment
import MendflowLedger

/// A ledger with the files that records of it were sealed into, to be read as if they were there still.
struct SegmentedStore: LedgerStore {
    private let ledger: any LedgerStore
    private let segments: [LedgerSegment]
    private let folder: String, files: any FileSystem

    /// Opens a ledger with the segments in a folder; the ledger alone where no folder is given or nothing was sealed.
    static func open(
        _ store: any LedgerStore, segments folder: String?, _ files: any FileSystem
    ) async throws(LedgerFailure) -> any LedgerStore {
        guard let folder else { return store }
        let segments = try await store.load(LedgerScope(instances: [])).segments
        guard !segments.isEmpty else { return store }
        return SegmentedStore(ledger: store, segments: segments, folder: folder, files: files)
    }

    private init(ledger: any LedgerStore, segments: [LedgerSegment], folder: String, files: any FileSystem) {
        (self.ledger, self.segments, self.folder, self.files) = (ledger, segments, folder, files)
    }

    func records(after sequence: Int64, limit: Int) async throws(LedgerFailure) -> [SealedRecord] {
        var found: [SealedRecord] = []
        for segment in segments where segment.last > sequence && found.count < limit {
            try read(segment) { record in
                if record.sequence > sequence { found.append(record) }
                return found.count < limit
            }
        }
        guard found.count < limit else { return found }
        let last = max(sequence, segments.last?.last ?? 0)
        return found + (try await ledger.records(after: last, limit: limit - found.count))
    }

    func records(
        about executions: Set<ExecutionID>, instance: InstanceKey
    ) async throws(LedgerFailure) -> [SealedRecord] {
        var found: [SealedRecord] = []
        for segment in segments {
            try read(segment) { sealed in
                guard let record = try? CanonicalRecord(bytes: sealed.bytes).record, record.instance == instance,
                    [record.execution, record.root].contains(where: { $0.map(executions.contains) ?? false })
                else { return true }
                found.append(sealed)
                return true
            }
        }
        return found + (try await ledger.records(about: executions, instance: instance))
    }

    private func read(_ segment: LedgerSegment, _ use: (SealedRecord) -> Bool) throws(LedgerFailure) {
        try SegmentFile.read(segment, in: folder, files, use)
    }

    func load(_ scope: LedgerScope) async throws(LedgerFailure) -> LedgerState { try await ledger.load(scope) }

    func append(
        _ entries: [LedgerEntry], expecting head: LedgerHead, fence: FenceToken?
    ) async throws(LedgerFailure) -> LedgerHead {
        try await ledger.append(entries, expecting: head, fence: fence)
    }

    /// All records are there, so that nothing stands for any of them.
    func base() async throws(LedgerFailure) -> [LedgerCell] { [] }

    func verify(expecting expected: AuditHead?) async throws(LedgerFailure) -> AuditVerification {
        try await ledger.verify(expecting: expected)
    }
}
