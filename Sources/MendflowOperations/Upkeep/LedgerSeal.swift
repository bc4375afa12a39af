public import MendflowCore
import MendflowEnvironment
public import MendflowLedger
public import MendflowWorkspace

/// `ledger seal`: old records go into files, and what they add up to stays.
///
/// The file is written, flushed, read back and checked first; then one transaction of the ledger drops the records. Whoever dies in
/// between leaves a file that nobody speaks of, and the ledger as it was.
public struct LedgerSeal: Sendable {
    /// The first and the last record that are, or would be, sealed; nil where none are.
    public var range: ClosedRange<Int64>?
    /// When the last of them was written.
    public var until: AgentTime?
    /// Why the records behind them stay.
    public var why: String
    /// The records that the ledger has now, and how many bytes those to be sealed are.
    public var records: Int64, bytes: Int64
    /// What was sealed; empty where it was only looked at.
    public var segments: [LedgerSegment] = []
    /// Files in the folder that look like segments and that no record speaks of.
    public var leftOver: [String] = []

    /// How many records go into one file at most, and how many are read at a time.
    private static let (mostInFile, page): (Int64, Int) = (200_000, 1_000)
    /// How often an agent may have written meanwhile.
    private static let mostTries = 1_000

    /// Looks what sealing would do, and changes nothing.
    ///
    /// - Throws: `usage` where too young records are meant.
    public static func look(
        _ workspace: Workspace, olderThan age: Period, into folder: String, keeping kept: Int64? = nil
    ) async throws(MendflowFailure) -> LedgerSeal {
        guard let store = try await workspace.openLedgerReading() else {
            throw await workspace.noLedger()
        }
        return try await plan(workspace, store, olderThan: age, into: folder, keeping: kept)
    }

    /// Seals. An agent may run: it writes on between one file and the next, and for a moment waits.
    public static func run(
        _ workspace: Workspace, olderThan age: Period, into folder: String, keeping kept: Int64? = nil,
        mostInFile: Int64? = nil
    ) async throws(MendflowFailure) -> LedgerSeal {
        let store = try await workspace.openLedger()
        let found = try await workspace.ledger { () throws(LedgerFailure) in try await store.verify(expecting: nil) }
        if let fault = found.fault {
            throw MendflowFailure(.broken, "\(fault). Nothing of a broken ledger is sealed")
        }
        var it = try await plan(workspace, store, olderThan: age, into: folder, keeping: kept)
        guard let range = it.range else { return it }
        let files = workspace.environment.files
        do throws(FileFault) { try files.makeFolder(folder) } catch {
            throw MendflowFailure(.failed, error.description)
        }
        let most = mostInFile ?? LedgerSeal.mostInFile
        try await workspace.ledger { () throws(LedgerFailure) in
            var done = range.lowerBound - 1
            while done < range.upperBound {
                let segment = try await seal(
                    store, upTo: min(range.upperBound, done + most), into: folder, workspace)
                it.segments.append(segment)
                done = segment.last
            }
        }
        it.leftOver = leftOver(in: folder, files, known: (found.segments + it.segments).map(\.file))
        return it
    }

    private static func plan(
        _ workspace: Workspace, _ store: any LedgerStore, olderThan age: Period, into folder: String,
        keeping kept: Int64?
    ) async throws(MendflowFailure) -> LedgerSeal {
        guard age >= SealLimits.least else {
            throw MendflowFailure(.usage, "--before \(age): the last \(SealLimits.least) stay in the ledger")
        }
        let files = workspace.environment.files
        if files.exists(folder), !files.isFolder(folder) {
            throw MendflowFailure(.failed, "\(folder) is no folder")
        }
        return try await workspace.ledger { () throws(LedgerFailure) in
            let state = try await store.load(LedgerScope())
            let limits = try await SealLimits(
                workspace, store, state, before: workspace.clock.now() - age, keeping: kept ?? SealLimits.keptRecords)
            let limit = limits.tightest
            var it = LedgerSeal(why: limit.why, records: state.head.sequence - state.floor, bytes: 0)
            it.leftOver = leftOver(in: folder, files, known: state.segments.map(\.file))
            guard limit.last > state.floor else { return it }
            it.range = state.floor + 1...limit.last
            try await eachPage(of: store, state.floor + 1...limit.last) { (records) throws(LedgerFailure) in
                it.bytes += Int64(records.reduce(0) { $0 + $1.bytes.count })
                it.until = try records.last?.record().at
            }
            return it
        }
    }

    private static func leftOver(in folder: String, _ files: any FileSystem, known: [String]) -> [String] {
        files.names(inFolder: folder).filter {
            $0.hasPrefix("mendflow-") && $0.hasSuffix(".jsonl.gz") && !known.contains($0)
        }
    }

    private static func eachPage(
        of store: any LedgerStore, _ range: ClosedRange<Int64>, _ use: ([SealedRecord]) throws(LedgerFailure) -> Void
    ) async throws(LedgerFailure) {
        var last = range.lowerBound - 1
        while last < range.upperBound {
            let records = try await store.records(
                after: last, limit: min(page, Int(range.upperBound - last)))
            guard let end = records.last, records.first?.sequence == last + 1 else {
                throw .corrupt("record \(last + 1), which is not there")
            }
            try use(records)
            last = end.sequence
        }
    }
}

// One segment.
extension LedgerSeal {
    private static func seal(
        _ store: any LedgerStore, upTo last: Int64, into folder: String, _ workspace: Workspace
    ) async throws(LedgerFailure) -> LedgerSegment {
        let before = try await store.load(LedgerScope(instances: [])).newestSegment
        var sealer = try LedgerSealer(try await store.base(), after: before)
        var (writer, end) = (try SegmentWriter(), before?.head ?? .start)
        let start = end
        try await eachPage(of: store, start.sequence + 1...last) { (records) throws(LedgerFailure) in
            for record in records { try sealer.take(record) }
            writer.add(records)
            if let newest = records.last { end = AuditHead(sequence: newest.sequence, hash: newest.hash) }
        }
        let path = FilePath.of(sealer.file, inFolder: folder)
        let digest = try write(&writer, path, workspace.environment.files, from: start, to: end)
        return try await drop(
            sealer.sealing(digest: digest, by: workspace.user, at: workspace.clock.now()), of: store)
    }

    /// Writes the file, and reads it back; one that an earlier try left there is taken where it is the same.
    private static func write(
        _ writer: inout SegmentWriter, _ path: String, _ files: any FileSystem, from start: AuditHead, to end: AuditHead
    ) throws(LedgerFailure) -> [UInt8] {
        do throws(FileFault) {
            let isThere = files.exists(path)
            if !isThere { try writer.write(path, files) }
            if let digest = try SegmentFile.digest(path, files, from: start, to: end) { return digest }
            throw FileFault(
                isThere
                    ? "it is there already, and holds something else; move it away" : "it is not as it was written")
        } catch {
            throw .unusable("\(path): \(error.description). The ledger is as it was")
        }
    }

    /// Drops what a file has; while an agent writes, behind what it has written.
    private static func drop(
        _ sealing: LedgerSealing, of store: any LedgerStore
    ) async throws(LedgerFailure) -> LedgerSegment {
        for _ in 0..<mostTries {
            let head = try await store.load(LedgerScope(instances: [])).head
            do throws(LedgerFailure) {
                _ = try await store.seal(sealing, expecting: head, fence: nil)
                return sealing.segment
            } catch .moved {
                continue
            } catch .refused(let refusal) {
                throw .refused(refusal)
            } catch {
                // It may have been done all the same.
                let found = try? await store.load(LedgerScope(instances: [])).newestSegment
                guard found == sealing.segment else { throw error }
                return sealing.segment
            }
        }
        throw .unusable("the agent writes without a pause; try again")
    }
}
