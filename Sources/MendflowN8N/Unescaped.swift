/// A text in which what stands for another character is that character: `%2F`, `%252F`, `\u002f`, `\/`, `&#47;` and `&sol;`
/// are `/`. It remembers where in the text each byte came from.
struct Unescaped {
    /// How often a text is read again: what was escaped four times over is not followed further.
    private static let passes = 4

    /// The bytes.
    private(set) var bytes: [UInt8]
    /// Where each byte begins in the text, and where the text ends; nil where nothing was escaped.
    private var starts: [Int]?

    init(_ text: [UInt8]) {
        bytes = text
        for _ in 0..<Unescaped.passes where bytes.contains(where: Unescaped.isMark) {
            guard unescape() else { return }
        }
    }

    /// Where the byte at an index begins in the text.
    func start(_ index: Int) -> Int { starts?[index] ?? index }

    /// Reads the text once; false where nothing in it stood for anything else.
    private mutating func unescape() -> Bool {
        var (read, places): ([UInt8], [Int]) = ([], [])
        read.reserveCapacity(bytes.count)
        places.reserveCapacity(bytes.count + 1)
        var (index, isChanged) = (0, false)
        while index < bytes.count {
            let found = Unescaped.isMark(bytes[index]) ? escape(at: index) : nil
            if let found {
                for byte in found.bytes {
                    read.append(byte)
                    places.append(start(index))
                }
                isChanged = isChanged || found.length > 1
            } else {
                read.append(bytes[index])
                places.append(start(index))
            }
            index += found?.length ?? 1
        }
        guard isChanged else { return false }
        places.append(start(bytes.count))
        (bytes, starts) = (read, places)
        return true
    }

    private static func isMark(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "%") || byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "&")
    }

    private typealias Escape = (bytes: [UInt8], length: Int)

    private func escape(at start: Int) -> Escape? {
        switch bytes[start] {
        case UInt8(ascii: "%"):
            return number(from: start + 1, digits: 2...2).map { ([UInt8(truncatingIfNeeded: $0.value)], 3) }
        case UInt8(ascii: "&"): return entity(at: start)
        default: return backslashes(at: start)
        }
    }

    /// JSON's and JavaScript's: any number of backslashes, for a string may stand within a string within a string.
    private func backslashes(at start: Int) -> Escape {
        let end = bytes[start...].firstIndex { $0 != UInt8(ascii: "\\") } ?? bytes.count
        guard end < bytes.count else { return ([UInt8(ascii: "\\")], end - start) }
        switch bytes[end] {
        case UInt8(ascii: "/"), UInt8(ascii: "\""), UInt8(ascii: "'"): return ([bytes[end]], end + 1 - start)
        case UInt8(ascii: "u"), UInt8(ascii: "x"):
            let count = bytes[end] == UInt8(ascii: "u") ? 4 : 2
            if let found = number(from: end + 1, digits: count...count) {
                return (Unescaped.encoded(found.value), found.end - start)
            }
        default: break
        }
        return ([UInt8(ascii: "\\")], end - start)
    }

    /// HTML's: by number, or by name.
    private func entity(at start: Int) -> Escape? {
        let name = bytes[(start + 1)...].prefix(10).prefix { $0 != UInt8(ascii: ";") }
        guard name.endIndex < bytes.count, bytes[name.endIndex] == UInt8(ascii: ";") else { return nil }
        let length = name.endIndex + 1 - start
        if name.first == UInt8(ascii: "#") {
            let isHex = name.dropFirst().first.map { $0 | 0x20 } == UInt8(ascii: "x")
            guard
                let found = number(
                    from: name.startIndex + (isHex ? 2 : 1), digits: 1...7, radix: isHex ? 16 : 10),
                found.end == name.endIndex
            else { return nil }
            return (Unescaped.encoded(found.value), length)
        }
        return Unescaped.entities[String(decoding: name, as: UTF8.self).lowercased()].map { ([$0], length) }
    }

    private func number(from start: Int, digits: ClosedRange<Int>, radix: UInt32 = 16) -> (value: UInt32, end: Int)? {
        var (value, index): (UInt32, Int) = (0, start)
        while index < bytes.count, index - start < digits.upperBound {
            let digit: UInt32
            switch bytes[index] {
            case 0x30...0x39: digit = UInt32(bytes[index] - 0x30)
            case 0x41...0x46, 0x61...0x66: digit = UInt32((bytes[index] | 0x20) - 0x61) + 10
            default: digit = .max
            }
            guard digit < radix else { break }
            value = value * radix + digit
            index += 1
        }
        return index - start >= digits.lowerBound ? (value, index) : nil
    }

    private static func encoded(_ value: UInt32) -> [UInt8] {
        Unicode.Scalar(value).map { Array(String(Character($0)).utf8) } ?? [UInt8(ascii: "?")]
    }

    /// The characters that keys and passwords hold and that HTML has names for.
    private static let entities: [String: UInt8] = [
        "amp": 0x26, "lt": 0x3C, "gt": 0x3E, "quot": 0x22, "apos": 0x27, "sol": 0x2F, "bsol": 0x5C, "plus": 0x2B,
        "equals": 0x3D, "num": 0x23, "colon": 0x3A, "semi": 0x3B, "comma": 0x2C, "period": 0x2E, "commat": 0x40,
        "percnt": 0x25, "lowbar": 0x5F, "dash": 0x2D, "hyphen": 0x2D, "excl": 0x21, "dollar": 0x24, "ast": 0x2A,
        "lpar": 0x28, "rpar": 0x29, "quest": 0x3F, "lsqb": 0x5B, "rsqb": 0x5D, "lcub": 0x7B, "rcub": 0x7D, "vert": 0x7C,
        "hat": 0x5E, "grave": 0x60, "tilde": 0x7E, "nbsp": 0x20, "tab": 0x09,
    ]
}
