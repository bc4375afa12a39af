import MendflowCore
import MendflowEnvironment
import MendflowLedger
import MendflowText

/// How the columns stood that are kept beside a history's files.
public enum KeptColumns: String, Sendable, Hashable {
    /// They were read instead of the files.
    case read
    /// There were none, so that the files were read.
    case absent
    /// They were of other files, of files that have changed since, or of another version.
    case stale
    /// They were not as they were written.
    case damaged
}

/// The columns of a history, kept beside the files that they were read from: later runs read them in a hundredth of the time.
///
/// They count only while the files are as they were (their sizes and when they were written), for the version that wrote them, and
/// only whole: the last bytes are the digest of all others. Where anything is different, the files are read again. A folder that
/// cannot be written gets none, and nobody needs to know.
struct ColumnFile {
    /// Version of the format, and of what is read off n8n's answers: columns of another one are not read.
    private static let version = 3
    /// What is smaller is read as fast as columns of it would be.
    private static let leastSize = 1 << 18

    let path: String
    private let files: any FileSystem
    /// The files that they were read from.
    private let names: [String]
    private let stamp: [UInt8]

    /// The columns of some files, beside one of them or in a folder; nil where they are not to be kept, or nobody could tell
    /// whether they are still true.
    init?(besides path: String?, _ names: [String], _ files: any FileSystem) {
        guard let path else { return nil }
        var sources: [JSONValue] = []
        var size = 0
        for name in names {
            guard let bytes = files.size(of: name), let written = files.writtenAt(name) else { return nil }
            size += bytes
            let last = String(name[(name.lastIndex(of: "/").map(name.index(after:)) ?? name.startIndex)...])
            sources.append(.list([.text(last), .integer(Int64(bytes)), .integer(written.milliseconds)]))
        }
        guard size >= ColumnFile.leastSize else { return nil }
        self.path = files.isFolder(path) ? FilePath.of("history.columns", inFolder: path) : path + ".columns"
        self.files = files
        self.names = names
        stamp = CanonicalJSON.encode(.object(["sources": .list(sources), "version": .integer(Int64(Self.version))]))
    }

    /// The history that is kept, and how it stands; nil where there is none, or it is not true any more.
    func read() -> (history: History?, columns: KeptColumns) {
        guard files.exists(path) else { return (nil, .absent) }
        do {
            var reader = ColumnReader(try files.reader(of: path), size: files.size(of: path) ?? 0)
            guard try reader.bytes(ColumnFile.mark.count) == ColumnFile.mark else { return (nil, .damaged) }
            guard try reader.section() == stamp else { return (nil, .stale) }
            let columns = try HistoryColumns(&reader)
            let details = try HistoryDetails(&reader)
            var workflows: [WorkflowID: WorkflowInfo] = [:]
            for blob in try reader.blobs() {
                let workflow = try WorkflowInfo(try CanonicalJSON.decode(blob))
                workflows[workflow.id] = workflow
            }
            let agent = try AgentRuns.read(try CanonicalJSON.decode(try reader.section()))
            let findings = try HistoryFindings(try CanonicalJSON.decode(try reader.section()), names)
            guard try reader.isWhole() else { return (nil, .damaged) }
            let history = History(
                columns: columns, details: details, workflows: workflows, agent: agent, findings: findings)
            return (history, .read)
        } catch { return (nil, .damaged) }
    }

    /// Keeps a history whose rows are in order.
    func write(_ history: History) {
        var writer = ColumnWriter()
        writer.add { ColumnFile.mark }
        writer.section { [stamp] in stamp }
        history.columns.write(into: &writer)
        history.details.write(into: &writer)
        let workflows = history.workflows.values.sorted { $0.id < $1.id }
        writer.blobs(workflows.count) { CanonicalJSON.encode(workflows[$0].stored) }
        writer.section { CanonicalJSON.encode(AgentRuns.stored(history.agent)) }
        writer.section { [names] in CanonicalJSON.encode(history.findings.stored(names)) }
        // They are a convenience: without them the next run takes longer.
        try? files.replace(path, pieces: writer.next)
    }

    private static let mark = Array("mendflow columns\n".utf8)
}

/// What is no whole file of columns.
struct ColumnFault: Error {}

/// Reads a file of columns from its beginning to its end.
struct ColumnReader {
    private let source: any FileReader
    private var digest = SHA256.Stream()

    private static let pieceSize = 128 << 10
    /// How large the file is, so that no part of it is.
    private let mostBytes: Int

    init(_ source: any FileReader, size: Int) {
        self.source = source
        mostBytes = size
    }

    /// So many bytes.
    mutating func bytes(_ count: Int) throws -> [UInt8] {
        guard count > 0 else { return [] }
        let bytes = try source.next(count)
        guard bytes.count == count else { throw ColumnFault() }
        digest.add(bytes)
        return bytes
    }

    private mutating func size() throws -> Int {
        let size = try bytes(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard size <= UInt64(mostBytes) else { throw ColumnFault() }
        return Int(size)
    }

    /// The bytes of a section, which are few.
    mutating func section() throws -> [UInt8] {
        return try bytes(try size())
    }

    /// A column of numbers.
    mutating func column<Number: FixedWidthInteger & BitwiseCopyable>(_ type: Number.Type) throws -> [Number] {
        let width = Number.bitWidth / 8
        let size = try size()
        guard size % width == 0 else { throw ColumnFault() }
        // The standard library would write its count into the empty array that all threads share.
        guard size > 0 else { return [] }
        var fault: (any Error)?
        let column = unsafe [Number](unsafeUninitializedCapacity: size / width) { buffer, count in
            do {
                try unsafe fill(UnsafeMutableRawBufferPointer(buffer), size)
                count = size / width
            } catch let error { fault = error }
        }
        if let fault { throw fault }
        return column.first?.littleEndian == column.first ? column : column.map { Number(littleEndian: $0) }
    }

    /// Fills a buffer, and takes into the digest what still lies close.
    private mutating func fill(_ buffer: UnsafeMutableRawBufferPointer, _ size: Int) throws {
        var place = 0
        while place < size {
            let piece = unsafe UnsafeMutableRawBufferPointer(
                rebasing: buffer[place..<min(size, place + ColumnReader.pieceSize)])
            guard try unsafe source.fill(piece) == piece.count else { throw ColumnFault() }
            unsafe digest.add(UnsafeRawBufferPointer(piece))
            place += piece.count
        }
    }

    /// Texts of any length.
    mutating func blobs() throws -> [[UInt8]] {
        var blobs: [[UInt8]] = []
        for length in try column(UInt32.self) {
            guard length <= mostBytes else { throw ColumnFault() }
            blobs.append(try bytes(Int(length)))
        }
        return blobs
    }

    /// Whether the digest of everything stands here, and nothing behind it.
    mutating func isWhole() throws -> Bool {
        let found = digest.finish()
        return try source.next(found.count + 1) == found
    }
}

/// Writes a file of columns piece by piece.
struct ColumnWriter {
    private var steps: [() -> [UInt8]] = []

    private static let rowsAPiece = 1 << 17

    mutating func add(_ step: @escaping () -> [UInt8]) { steps.append(step) }

    private static func size(_ count: Int) -> [UInt8] { bytes(of: [UInt64(count)][...]) }

    private static func bytes<Number: FixedWidthInteger>(of numbers: ArraySlice<Number>) -> [UInt8] {
        let written = numbers.map(\.littleEndian)
        return unsafe written.withUnsafeBytes { unsafe Array($0) }
    }

    /// Some bytes with their number.
    mutating func section(_ bytes: @escaping () -> [UInt8]) {
        add {
            let bytes = bytes()
            return ColumnWriter.size(bytes.count) + bytes
        }
    }

    /// A column of numbers.
    mutating func column<Number: FixedWidthInteger>(_ numbers: [Number]) {
        add { ColumnWriter.size(numbers.count * Number.bitWidth / 8) }
        for start in stride(from: 0, to: numbers.count, by: ColumnWriter.rowsAPiece) {
            add { ColumnWriter.bytes(of: numbers[start..<min(start + ColumnWriter.rowsAPiece, numbers.count)]) }
        }
    }

    /// Texts of any length: their lengths, and then all of them.
    mutating func blobs(_ count: Int, _ blob: @escaping (Int) -> [UInt8]) {
        column((0..<count).map { UInt32(blob($0).count) })
        for place in 0..<count { add { blob(place) } }
    }

    /// Gives the pieces one after the other, and at last the digest of all.
    var next: () -> [UInt8]? {
        var digest = SHA256.Stream()
        var place = 0
        return { [steps] in
            defer { place += 1 }
            guard place < steps.count else { return place == steps.count ? digest.finish() : nil }
            let piece = steps[place]()
            digest.add(piece)
            return piece
        }
    }
}
