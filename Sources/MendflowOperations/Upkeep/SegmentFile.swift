import MendflowEnvironment
import MendflowGzip
import MendflowLedger

/// A file of sealed records: packed by gzip, and of nothing but the lines that `audit export` writes, so that all segments
/// one behind the other and an export of the rest are an export of the whole log.
enum SegmentFile {
    /// A line holds at most a policy's text, or the evidence about one execution.
    private static let longestLine = 16 << 20

    /// Hands over the records of a file until `use` answers false.
    ///
    /// - Returns: the SHA-256 of the file; of what was read, where `use` answered false.
    static func read(
        _ path: String, _ files: any FileSystem, _ use: (SealedRecord) -> Bool
    ) throws(FileFault) -> [UInt8] {
        let bytes = HashedReader(try files.reader(of: path))
        let unpacked: GzipReader
        do throws(GzipError) { unpacked = try GzipReader(bytes, name: nil) } catch { throw FileFault("\(error)") }
        var line: [UInt8] = []
        while true {
            var rest = try unpacked.next(256 << 10)[...]
            guard !rest.isEmpty else { break }
            while let end = rest.firstIndex(of: 0x0A) {
                guard use(try record(line + rest[..<end])) else { return bytes.digest }
                line = []
                rest = rest[(end + 1)...]
            }
            line += rest
            guard line.count <= longestLine else { throw FileFault("a line is larger than \(longestLine) bytes") }
        }
        guard line.isEmpty else { throw FileFault("its last line is cut off") }
        return bytes.digest
    }

    /// Hands over the records of a segment until `use` answers false.
    static func read(
        _ segment: LedgerSegment, in folder: String, _ files: any FileSystem, _ use: (SealedRecord) -> Bool
    ) throws(LedgerFailure) {
        let path = FilePath.of(segment.file, inFolder: folder)
        do throws(FileFault) { _ = try read(path, files, use) } catch {
            throw .unusable("\(path): \(error); `mendflow audit verify --segments` tells more")
        }
    }

    private static func record(_ line: [UInt8]) throws(FileFault) -> SealedRecord {
        do throws(CanonicalJSONError) { return try AuditExport.record(line) } catch {
            throw FileFault("a line is no record: \(error.description)")
        }
    }

    /// Whether a file holds just the records behind a head up to another one; its digest where it does.
    static func digest(
        _ path: String, _ files: any FileSystem, from start: AuditHead, to end: AuditHead
    ) throws(FileFault) -> [UInt8]? {
        var chain = AuditVerifier(after: start)
        var isWhole = true
        let digest = try read(path, files) { record in
            if case .failure = chain.check(record) { isWhole = false }
            return isWhole
        }
        return isWhole && chain.head == end ? digest : nil
    }
}

/// Packs records into a segment's file.
struct SegmentWriter {
    private let gzip: GzipWriter
    private var pieces: [[UInt8]] = []

    init() throws(LedgerFailure) {
        do throws(GzipError) { gzip = try GzipWriter() } catch { throw .unusable("\(error)") }
    }

    /// Packs the next records.
    mutating func add(_ records: [SealedRecord]) {
        let packed = gzip.pack(records.flatMap { AuditExport.line($0) + [0x0A] })
        if !packed.isEmpty { pieces.append(packed) }
    }

    /// Writes the file, flushed; nothing of it is there where that fails.
    mutating func write(_ path: String, _ files: any FileSystem) throws(FileFault) {
        pieces.append(gzip.finish())
        var rest = pieces[...]
        try files.replace(path) { rest.popFirst() }
        pieces = []
    }
}

/// Reads through, and remembers the digest of what was read.
private final class HashedReader: FileReader {
    private let base: any FileReader
    private var stream = SHA256.Stream()

    init(_ base: any FileReader) { self.base = base }

    func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(FileFault) -> Int {
        let count = try unsafe base.fill(buffer)
        unsafe stream.add(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        return count
    }

    /// The SHA-256 of all that was read; asked for once.
    var digest: [UInt8] { stream.finish() }
}
