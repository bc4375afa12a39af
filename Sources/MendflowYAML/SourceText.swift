/// The text of a file, for showing lines of it; what is not UTF-8 shows as U+FFFD.
public struct SourceText: Sendable {
    /// The file's bytes.
    public let bytes: [UInt8]
    private let lineStarts: [Int]

    /// Takes a file's bytes; a byte order mark is left out. Lines end with LF, CR or CRLF.
    public init(bytes: [UInt8]) {
        self.bytes = bytes
        var starts = [bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0]
        var previous: UInt8 = 0
        for (offset, byte) in bytes.enumerated() {
            if byte == 0x0A && previous == 0x0D {
                starts[starts.count - 1] = offset + 1
            } else if byte == 0x0A || byte == 0x0D {
                starts.append(offset + 1)
            }
            previous = byte
        }
        lineStarts = starts
    }

    /// How many lines there are, from 1; a last one may be empty.
    public var count: Int { lineStarts.count }

    /// The text of a line, counted from 1, without its line break; nil where the file has no such line.
    public func line(_ number: Int) -> String? {
        bytes(ofLine: number).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The text of a stretch, its lines joined by LF whatever they end with in the file.
    public func text(of range: SourceRange) -> String {
        var text: [UInt8] = []
        var number = range.start.line
        while number <= range.end.line, let line = bytes(ofLine: number) {
            if number > range.start.line { text.append(0x0A) }
            // Columns count characters, so only the lines at both ends are looked at character by character.
            if number == range.start.line || number == range.end.line {
                text += cut(line, number, to: range)
            } else {
                text += line
            }
            number += 1
        }
        return String(decoding: text, as: UTF8.self)
    }

    private func cut(_ line: ArraySlice<UInt8>, _ number: Int, to range: SourceRange) -> Substring.UTF8View {
        var scalars = String(decoding: line, as: UTF8.self).unicodeScalars[...]
        if number == range.end.line { scalars = scalars.prefix(max(0, range.end.column - 1)) }
        if number == range.start.line { scalars = scalars.dropFirst(max(0, range.start.column - 1)) }
        return Substring(scalars).utf8
    }

    private func bytes(ofLine number: Int) -> ArraySlice<UInt8>? {
        guard number >= 1, number <= lineStarts.count else { return nil }
        var end = number < lineStarts.count ? lineStarts[number] : bytes.count
        let start = lineStarts[number - 1]
        while end > start, bytes[end - 1] == 0x0A || bytes[end - 1] == 0x0D { end -= 1 }
        return bytes[start..<end]
    }
}
