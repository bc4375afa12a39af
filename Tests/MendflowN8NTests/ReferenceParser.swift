@testable import MendflowN8N

/// A plain recursive parser of whole documents, to hold the scanner against.
struct ReferenceParser {
    struct Malformed: Error {}

    indirect enum Value {
        case null
        case bool(Bool)
        case number(String)
        case text([UInt8])
        case array([Value])
        case object([([UInt8], Value)])
    }

    private let bytes: [UInt8]
    private var at = 0

    static func parse(_ bytes: [UInt8]) throws -> Value {
        var parser = ReferenceParser(bytes: bytes)
        let value = try parser.value()
        parser.blank()
        guard parser.at == bytes.count else { throw Malformed() }
        return value
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private var peek: UInt8? { at < bytes.count ? bytes[at] : nil }

    private mutating func blank() {
        while let byte = peek, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { at += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        at += 1
        return true
    }

    private mutating func value() throws -> Value {
        blank()
        switch peek {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .text(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func word(_ text: String, _ value: Value) throws -> Value {
        for byte in text.utf8 where !take(byte) { throw Malformed() }
        return value
    }

    private mutating func object() throws -> Value {
        at += 1
        var members: [([UInt8], Value)] = []
        blank()
        if take(UInt8(ascii: "}")) { return .object([]) }
        repeat {
            blank()
            guard peek == UInt8(ascii: "\"") else { throw Malformed() }
            let key = try string()
            blank()
            guard take(UInt8(ascii: ":")) else { throw Malformed() }
            members.append((key, try value()))
            blank()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw Malformed() }
        return .object(members)
    }

    private mutating func array() throws -> Value {
        at += 1
        var items: [Value] = []
        blank()
        if take(UInt8(ascii: "]")) { return .array([]) }
        repeat {
            items.append(try value())
            blank()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw Malformed() }
        return .array(items)
    }

    private mutating func digits() -> Int {
        let start = at
        while let byte = peek, (0x30...0x39).contains(byte) { at += 1 }
        return at - start
    }

    private mutating func number() throws -> Value {
        let start = at
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")), digits() == 0 { throw Malformed() }
        if take(UInt8(ascii: ".")), digits() == 0 { throw Malformed() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            if digits() == 0 { throw Malformed() }
        }
        return .number(String(decoding: bytes[start..<at], as: UTF8.self))
    }

    private mutating func string() throws -> [UInt8] {
        at += 1
        var units: [UInt8] = []
        while let byte = peek {
            at += 1
            switch byte {
            case UInt8(ascii: "\""): return units
            case UInt8(ascii: "\\"): try escape(into: &units)
            case 0..<0x20: throw Malformed()
            default: units.append(byte)
            }
        }
        throw Malformed()
    }

    private mutating func escape(into units: inout [UInt8]) throws {
        let plain: [UInt8: UInt8] = [
            0x22: 0x22, 0x5C: 0x5C, 0x2F: 0x2F, 0x62: 8, 0x66: 12, 0x6E: 10, 0x72: 13, 0x74: 9,
        ]
        guard let byte = peek else { throw Malformed() }
        at += 1
        if let value = plain[byte] { return units.append(value) }
        guard byte == UInt8(ascii: "u") else { throw Malformed() }
        let first = try hex()
        if (0xD800...0xDBFF).contains(first), at + 1 < bytes.count, bytes[at] == 0x5C, bytes[at + 1] == 0x75 {
            let mark = at
            at += 2
            let second = try hex()
            if (0xDC00...0xDFFF).contains(second) {
                return units.append(
                    contentsOf: String(decoding: [UInt16(first), UInt16(second)], as: UTF16.self).utf8)
            }
            at = mark
        }
        units.append(contentsOf: String(decoding: [UInt16(first)], as: UTF16.self).utf8)
    }

    private mutating func hex() throws -> UInt32 {
        guard at + 4 <= bytes.count,
            bytes[at..<at + 4].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit && $0 < 0x80 }),
            let value = UInt32(String(decoding: bytes[at..<at + 4], as: UTF8.self), radix: 16)
        else { throw Malformed() }
        at += 4
        return value
    }
}

extension ReferenceParser.Value {
    /// What a plan keeps of it; nil for what it skips.
    func kept(by plan: JSONPlan) -> JSONTree? {
        if case .skip = plan { return nil }
        switch self {
        case .null: return .null
        case .bool(let value): return .bool(value)
        case .number(let text): return .number(text)
        case .text(let bytes):
            if case .scalar(let limit) = plan { return Self.cut(bytes, limit) }
            if case .record(_, _, let limit, _) = plan { return Self.cut(bytes, limit) }
            if case .digest(let digest) = plan {
                let text = String(decoding: bytes, as: UTF8.self)
                return .text(digest.word(text, isWhole: bytes.count <= TextDigest.limit), whole: true)
            }
            return Self.cut(bytes, 256)
        case .array(let items):
            if case .record(_, _, _, let count) = plan {
                return .array(items.prefix(count).compactMap { $0.kept(by: plan.below) }, count: items.count)
            }
            guard case .array(let each, let keep) = plan else { return .array([], count: items.count) }
            switch keep {
            case .first(let count):
                return .array(items.prefix(count).compactMap { $0.kept(by: each) }, count: items.count)
            case .last: return .array(items.suffix(1).compactMap { $0.kept(by: each) }, count: items.count)
            }
        case .object(let members):
            var kept: JSONMembers = [:]
            for (key, value) in members {
                let key = String(decoding: key, as: UTF8.self)
                switch plan {
                case .object(let wanted):
                    if let plan = wanted[key], let tree = value.kept(by: plan) { _ = kept.put(tree, as: key) }
                case .map(let each, let limit):
                    if kept.count < limit || kept[key] != nil, let tree = value.kept(by: each) {
                        _ = kept.put(tree, as: key)
                    }
                case .record(let names, _, _, _):
                    if names.contains(key), let tree = value.kept(by: plan.below) { _ = kept.put(tree, as: key) }
                default: break
                }
            }
            return .object(kept, count: members.count)
        }
    }

    private static func cut(_ bytes: [UInt8], _ limit: Int) -> JSONTree {
        guard bytes.count > limit else { return .text(String(decoding: bytes, as: UTF8.self), whole: true) }
        var kept = Array(bytes.prefix(limit))
        while String(validating: kept, as: UTF8.self) == nil, !kept.isEmpty { kept.removeLast() }
        return .text(String(decoding: kept, as: UTF8.self), whole: false)
    }
}

extension JSONPlan {
    /// What a record keeps a level further down.
    fileprivate var below: JSONPlan {
        guard case .record(let names, let levels, let text, let elements) = self, levels > 1 else {
            if case .record(_, _, let text, _) = self { return .scalar(limit: text) }
            return .skip
        }
        return .record(names, levels: levels - 1, text: text, elements: elements)
    }
}
