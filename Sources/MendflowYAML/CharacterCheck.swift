/// Checks every character before libyaml sees the text, because libyaml reports bad characters without line and column.
struct CharacterCheck {
    /// The text without byte order mark, each fault replaced by U+FFFD so that reading can go on and columns stay.
    private(set) var text: [UInt8] = []
    private var position = SourcePosition.start
    private var endedWithCarriageReturn = false

    /// Checks a file's bytes and reports what is not UTF-8, and what YAML does not allow.
    init(_ bytes: [UInt8], report: inout FindingReport) {
        text.reserveCapacity(bytes.count)
        var rest = bytes[...]
        if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
        // Most files are plain ASCII, so those bytes are passed over quickly up to the first other one.
        while let byte = rest.first, byte == 0x0A || (0x20..<0x7F).contains(byte) {
            text.append(byte)
            position = byte == 0x0A ? SourcePosition(line: position.line + 1, column: 1) : position.advanced
            rest = rest.dropFirst()
        }
        var offset = rest.startIndex
        var iterator = rest.makeIterator()
        var parser = Unicode.UTF8.ForwardParser()
        reading: while true {
            switch parser.parseScalar(from: &iterator) {
            case .valid(let encoded):
                check(Unicode.UTF8.decode(encoded), encoded: encoded, report: &report)
                offset += encoded.count
            case .error(let length):
                let range = SourceRange(start: position, end: position.advanced)
                report.error("invalid-utf8", "byte \(hexadecimal(bytes[offset])) is not valid UTF-8", at: range)
                replace()
                offset += length
            case .emptyInput:
                break reading
            }
        }
    }

    private mutating func check(
        _ scalar: Unicode.Scalar, encoded: Unicode.UTF8.EncodedScalar, report: inout FindingReport
    ) {
        switch scalar.value {
        case 0x0A where endedWithCarriageReturn: endedWithCarriageReturn = false
        case 0x0A, 0x0D:
            position = SourcePosition(line: position.line + 1, column: 1)
            endedWithCarriageReturn = scalar.value == 0x0D
        case 0x85, 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF, 0..<0x09, 0x0B..<0x20, 0x7F..<0xA0:
            let code = "U+" + padded(String(scalar.value, radix: 16, uppercase: true), to: 4)
            let range = SourceRange(start: position, end: position.advanced)
            let advice = Finding.Note("inside double quotes it can be written \\\(escape(scalar.value))")
            report.error(
                "control-character", "the character \(code) is not allowed", at: range,
                notes: scalar.value == 0 ? [] : [advice])
            replace()
            return
        default:
            position = position.advanced
            endedWithCarriageReturn = false
        }
        text.append(contentsOf: encoded)
    }

    private mutating func replace() {
        text += [0xEF, 0xBF, 0xBD]
        position = position.advanced
        endedWithCarriageReturn = false
    }

    private func escape(_ value: UInt32) -> String {
        value < 0x100
            ? "x" + padded(String(value, radix: 16), to: 2) : "u" + padded(String(value, radix: 16), to: 4)
    }
}

extension CharacterCheck {
    /// Whether the bytes are UTF-16 or UTF-32, by their byte order mark or the zeros of their first character.
    static func isWide(_ bytes: [UInt8]) -> Bool {
        let head = bytes.prefix(2)
        return head == [0xFE, 0xFF] || head == [0xFF, 0xFE]
            || (bytes.count >= 4 && (bytes[0] == 0) != (bytes[1] == 0) && (bytes[2] == 0) != (bytes[3] == 0))
            || bytes.prefix(4) == [0, 0, 0xFE, 0xFF]
    }

    /// How many lines begin with `%`. libyaml compares each directive with all before it.
    var directives: Int {
        var (count, atLineStart) = (0, true)
        for byte in text {
            if atLineStart, byte == UInt8(ascii: "%") { count += 1 }
            atLineStart = byte == 0x0A || byte == 0x0D
        }
        return count
    }
}

extension SourcePosition {
    /// The next column.
    var advanced: SourcePosition { SourcePosition(line: line, column: column + 1) }
}

private func hexadecimal(_ byte: UInt8) -> String {
    "0x" + padded(String(byte, radix: 16, uppercase: true), to: 2)
}

private func padded(_ digits: String, to width: Int) -> String {
    String(repeating: "0", count: max(0, width - digits.count)) + digits
}
