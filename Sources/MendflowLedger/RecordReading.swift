private import Dispatch
private import Synchronization

/// What can be told of a record without those before it: whether its hash fits its bytes, and what these say.
struct RecordReading: Sendable {
    /// Why a record says nothing.
    struct Unreadable: Error { var problem: AuditFault.Problem }
    let result: Result<CanonicalRecord, Unreadable>

    init(_ record: SealedRecord) {
        guard SHA256.digest(record.previous, record.bytes) == record.hash else {
            result = .failure(Unreadable(problem: .changed))
            return
        }
        do { result = .success(try CanonicalRecord(bytes: record.bytes)) } catch {
            result = .failure(Unreadable(problem: .unreadable(error.description)))
        }
    }

    /// Records for which another thread costs less than it saves.
    private static let share = 100

    /// Reads records on as many cores as there are, for nearly all that verifying takes is this.
    static func all(of records: [SealedRecord]) -> [RecordReading] {
        let parts = stride(from: 0, to: records.count, by: share).map { records[$0..<min($0 + share, records.count)] }
        let found = Mutex([Int: [RecordReading]]())
        DispatchQueue.concurrentPerform(iterations: parts.count) { number in
            let readings = parts[number].map(RecordReading.init)
            found.withLock { $0[number] = readings }
        }
        return found.withLock { found in parts.indices.flatMap { found[$0] ?? [] } }
    }
}
