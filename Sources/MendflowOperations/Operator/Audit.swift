import MendflowCore
public import MendflowEnvironment
public import MendflowLedger
import MendflowText
public import MendflowWorkspace

/// The audit log: read, checked, exported.
public enum Audit {
    /// One record for people.
    public struct Entry: Sendable {
        /// The record's number.
        public var sequence: Int64
        /// What it says.
        public var record: AuditRecord
        /// Its line as `export` writes it.
        public var line: [UInt8]
    }

    /// Checks every record of the ledger, and that columns and bytes agree; `head` is one that was kept elsewhere. With a
    /// folder the records as well that were sealed into files there.
    public static func verify(
        _ workspace: Workspace, head: String?, segments folder: String? = nil
    ) async throws(MendflowFailure) -> AuditVerification {
        let head = try head.map(Audit.head)
        var found = try await workspace.ledger { () throws(LedgerFailure) in
            try await workspace.environment.ledgers.open(workspace.ledgerPath, .read).verify(expecting: head)
        }
        guard let folder, found.isIntact else { return found }
        found.read(folder, workspace.environment.files, expecting: head)
        return found
    }

    /// The same of a ledger that no configuration names.
    package static func verify(
        _ ledgers: any LedgerLocker, path: String, expecting head: AuditHead? = nil
    ) async throws(MendflowFailure) -> AuditVerification {
        do throws(LedgerFailure) {
            return try await ledgers.open(path, .read).verify(expecting: head)
        } catch { throw MendflowFailure(ledger: error) }
    }

    /// Checks an exported file, without any ledger or configuration.
    public static func verify(
        file path: String, head: String?, _ files: any FileSystem
    ) throws(MendflowFailure) -> AuditVerification {
        var verifier = AuditExportVerifier(expecting: try head.map(Audit.head))
        do throws(FileFault) {
            // A record holds at most a policy's text, or the evidence about one execution.
            try files.eachLine(of: path, limit: 16 << 20) { line in
                verifier.check(line)
                return verifier.fault == nil
            }
        } catch { throw NamedFile.failure(error.description, of: path, files) }
        return verifier.finish()
    }

    private static func head(_ text: String) throws(MendflowFailure) -> AuditHead {
        guard let head = AuditHead(text) else {
            throw MendflowFailure(.usage, "'\(text)' is no head: it is NUMBER:HASH, as `mendflow ledger info` shows it")
        }
        return head
    }

    /// The last `count` records, oldest first; all where none is given, with a folder also those that were sealed into files there.
    ///
    /// - Returns: the newest segment that was not read; nil where none was left out.
    @discardableResult
    public static func entries(
        _ workspace: Workspace, last count: Int? = nil, segments folder: String? = nil, _ use: (Entry) -> Void
    ) async throws(MendflowFailure) -> LedgerSegment? {
        do throws(LedgerFailure) {
            let store = try await workspace.environment.ledgers.open(workspace.ledgerPath, .read)
            let state = try await store.load(LedgerScope(instances: []))
            var last: Int64 = 0
            if let count { last = max(0, state.head.sequence - Int64(count)) }
            if let folder {
                for segment in state.segments {
                    try SegmentFile.read(segment, in: folder, workspace.environment.files) {
                        use(Entry($0) ?? .unreadable($0))
                        return true
                    }
                }
                last = max(last, state.floor)
            }
            while true {
                let records = try await store.records(after: last, limit: 500)
                for sealed in records { use(Entry(sealed) ?? .unreadable(sealed)) }
                guard let end = records.last else {
                    return count == nil && folder == nil ? state.newestSegment : nil
                }
                last = end.sequence
            }
        } catch { throw await workspace.failure(error) }
    }
}

extension AuditVerification {
    /// Checks the segments in a folder, too.
    fileprivate mutating func read(_ folder: String, _ files: any FileSystem, expecting head: AuditHead?) {
        var verifier = SegmentsVerifier(expecting: head)
        for segment in segments where verifier.fault == nil {
            do throws(FileFault) {
                let path = FilePath.of(segment.file, inFolder: folder)
                let digest = try SegmentFile.read(path, files) { verifier.check($0, of: segment) }
                verifier.end(of: segment, digest: digest)
            } catch { verifier.note(segment, unreadable: error.description) }
        }
        areSegmentsRead = true
        (count, fault) = (count + verifier.count, verifier.fault)
        if fault == nil { expectedIn = nil }
    }
}

extension Audit.Entry {
    /// A sealed record for people; nil where its bytes are no record.
    init?(_ sealed: SealedRecord) {
        guard let record = try? CanonicalRecord(bytes: sealed.bytes).record else { return nil }
        self.init(sequence: sealed.sequence, record: record, line: AuditExport.line(sealed))
    }

    /// What stands for a record whose bytes are none.
    fileprivate static func unreadable(_ sealed: SealedRecord) -> Audit.Entry {
        let record = AuditRecord(
            .command, instance: nil, at: AgentTime(milliseconds: 0),
            fields: ["unreadable": "run mendflow audit verify"])
        return Audit.Entry(sequence: sealed.sequence, record: record, line: AuditExport.line(sealed))
    }
}
