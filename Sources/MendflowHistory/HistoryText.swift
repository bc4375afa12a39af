import MendflowEnvironment
import MendflowGzip
import MendflowN8N

/// The text of a file, some whole lines at a time, unpacked where it is packed. There is one buffer for all of it.
struct HistoryText {
    /// The bytes that were read last, of which the first are whole lines.
    private(set) var buffer = [UInt8](repeating: 0, count: bufferSize + RowLineReader.padding)
    /// Whether the lines are the file's first.
    private(set) var isFirst = true

    private let reader: any FileReader
    /// What unpacks the file, where it is packed.
    private let gzip: GzipReader?
    private let path: String
    private let mostBytes: Int
    /// Bytes in the buffer, and how many of them were given already.
    private var filled = 0, given = 0
    private var begins = true, isAtEnd = false

    private static let bufferSize = 1 << 20
    private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    /// The longest line, and the largest value over many lines.
    private static let longestLine = 64 << 20, largestValue = 2 << 30

    /// Opens a file. Packed data that ends early is a fault, unless it is taken: then its whole lines are given, and `endsEarly`
    /// tells of it.
    init(
        _ path: String, _ files: any FileSystem, mostBytes: Int = longestLine, takesEarlyEnd: Bool = false
    ) throws(HistoryFault) {
        self.path = path
        self.mostBytes = mostBytes
        do throws(FileFault) {
            let source = try files.reader(of: path)
            let first = try source.next(4)
            let whole = PrefixedReader(first, source)
            gzip = first.starts(with: Gzip.mark) ? try HistoryText.unpacked(whole, path, takesEarlyEnd) : nil
            reader = gzip ?? whole
        } catch { throw HistoryText.fault(error) }
    }

    private static func unpacked(
        _ source: any FileReader, _ path: String, _ takesEarlyEnd: Bool
    ) throws(FileFault) -> GzipReader {
        do throws(GzipError) { return try GzipReader(source, name: path, takesEarlyEnd: takesEarlyEnd) } catch {
            throw FileFault(error.description)
        }
    }

    private static func fault(_ fault: FileFault) -> HistoryFault {
        HistoryFault(description: fault.description)
    }

    /// Whether the file's packed data ended early, so that what stood behind the last line that was given is not known.
    var endsEarly: Bool { gzip?.endsEarly ?? false }

    /// Reads the next lines to the beginning of the buffer; answers how many bytes they take, nil behind the last.
    mutating func next() throws(HistoryFault) -> Int? {
        isFirst = begins
        dropGiven()
        while !isAtEnd {
            try fill()
            guard !isAtEnd, let end = lastLineEnd else { continue }
            given = end
            begins = false
            return given
        }
        // Half a line of what ends early may look like a whole one.
        guard let end = endsEarly ? lastLineEnd : filled > 0 ? filled : nil else { return nil }
        given = end
        begins = false
        return given
    }

    /// Moves what was not given yet to the beginning.
    private mutating func dropGiven() {
        let left = filled - given
        for place in 0..<left { buffer[place] = buffer[given + place] }
        (filled, given) = (left, 0)
    }

    private mutating func fill() throws(HistoryFault) {
        let room = buffer.count - RowLineReader.padding
        if filled == room {
            guard room < mostBytes else {
                throw HistoryFault(
                    description: "\(path) is one value of more than \(mostBytes) bytes: write one a line")
            }
            buffer += [UInt8](repeating: 0, count: room)
        }
        do throws(FileFault) {
            let wanted = buffer.count - RowLineReader.padding - filled
            let count = try reader.fill(&buffer, from: filled, count: wanted)
            isAtEnd = count < wanted
            filled += count
        } catch { throw HistoryText.fault(error) }
        if begins, buffer.starts(with: HistoryText.mark) {
            buffer.removeFirst(HistoryText.mark.count)
            buffer += HistoryText.mark
            filled -= HistoryText.mark.count
            begins = false
        }
    }

    private var lastLineEnd: Int? {
        var end = filled
        while end > 0, buffer[end - 1] != UInt8(ascii: "\n") { end -= 1 }
        return end > 0 ? end : nil
    }

    /// All of a file at once.
    static func whole(_ path: String, _ files: any FileSystem) throws(HistoryFault) -> [UInt8] {
        var text = try HistoryText(path, files, mostBytes: largestValue)
        while !text.isAtEnd { try text.fill() }
        return Array(text.buffer[..<text.filled])
    }
}

/// Gives some bytes that were read before, and then what follows them.
private final class PrefixedReader: FileReader {
    private var first: [UInt8]
    private let source: any FileReader

    init(_ first: [UInt8], _ source: any FileReader) {
        self.first = first
        self.source = source
    }

    func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(FileFault) -> Int {
        let count = min(first.count, buffer.count)
        guard count > 0 else { return unsafe try source.fill(buffer) }
        unsafe buffer.copyBytes(from: first[..<count])
        first.removeFirst(count)
        return unsafe count + (try source.fill(UnsafeMutableRawBufferPointer(rebasing: buffer[count...])))
    }
}
