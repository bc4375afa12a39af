import MendflowHTTP

/// Builds the head of the final answer from the lines that libcurl hands over one by one. Before it there may be heads
/// of interim answers (1xx), which are forgotten; after it trailers of a chunked body, which are ignored. All of them are
/// counted: libcurl keeps every line as long as the transfer lasts.
struct ResponseHeadParser {
    enum Step {
        case more
        case complete(HTTPResponseHead)
        case malformed
        /// More than is read.
        case tooLarge
    }

    /// The code of the last status line; nil while only interim answers came.
    private(set) var status: Int?
    /// The head, once the empty line after the last status line has come.
    private(set) var final: HTTPResponseHead?

    private var interim = false
    private var inFields = false
    private var fields: [HTTPHeaders.Field] = []
    private var bytes = 0, lines = 0

    /// The most bytes and lines that all heads and trailers of one answer may have together, interim ones included.
    static let byteLimit = 256 * 1024, lineLimit = 2000

    mutating func feed(_ raw: [UInt8]) -> Step {
        bytes += raw.count
        lines += 1
        guard bytes <= ResponseHeadParser.byteLimit, lines <= ResponseHeadParser.lineLimit else { return .tooLarge }
        // What comes after the head are the trailers of a chunked body.
        guard final == nil else { return .more }
        var line = raw[...]
        if line.last == UInt8(ascii: "\n") { line.removeLast() }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        guard inFields else { return startHead(line) }
        return line.isEmpty ? endHead() : addField(line)
    }

    private mutating func startHead(_ line: ArraySlice<UInt8>) -> Step {
        guard let code = ResponseHeadParser.statusCode(line) else { return .malformed }
        interim = code < 200
        status = interim ? nil : code
        fields = []
        inFields = true
        return .more
    }

    private mutating func endHead() -> Step {
        inFields = false
        guard let status else { return .more }
        let head = HTTPResponseHead(status: status, headers: HTTPHeaders(fields))
        final = head
        return .complete(head)
    }

    private mutating func addField(_ line: ArraySlice<UInt8>) -> Step {
        if ResponseHeadParser.isSpace(line[line.startIndex]) {
            guard !fields.isEmpty else { return .malformed }
            fields[fields.count - 1].value += " " + ResponseHeadParser.trimmed(line)
            return .more
        }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex else { return .malformed }
        let name = String(decoding: line[..<colon], as: UTF8.self)
        fields.append(.init(name, ResponseHeadParser.trimmed(line[(colon + 1)...])))
        return .more
    }

    /// `HTTP/1.1 200 OK`: a version, a space, three digits.
    private static func statusCode(_ line: ArraySlice<UInt8>) -> Int? {
        guard line.starts(with: Array("HTTP/".utf8)), let space = line.firstIndex(of: UInt8(ascii: " ")) else {
            return nil
        }
        let digits = line[(space + 1)...].prefix { $0 != UInt8(ascii: " ") }
        guard digits.count == 3, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        let code = digits.reduce(0) { $0 * 10 + Int($1) - 0x30 }
        return (100...599).contains(code) ? code : nil
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> String {
        var rest = bytes.drop(while: isSpace)
        while let last = rest.last, isSpace(last) { rest.removeLast() }
        return String(decoding: rest, as: UTF8.self)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}

extension HTTPResponseHead {
    /// Whether the body's end is marked by a last chunk.
    var isChunked: Bool {
        headers.fields.contains { field in
            field.name.lowercased() == "transfer-encoding"
                && field.value.lowercased().split(whereSeparator: { $0 == "," || $0 == " " }).contains("chunked")
        }
    }
}
