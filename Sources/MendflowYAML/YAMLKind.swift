/// What a node is by YAML 1.2's core schema: `off`, `no` and `yes` are text, and so is everything quoted.
public enum YAMLKind: Sendable, Hashable, CustomStringConvertible {
    /// Nothing, `~` or `null`.
    case null
    /// `true` or `false`.
    case boolean
    /// A whole number.
    case integer
    /// A number with a fraction or an exponent.
    case number
    /// Any other scalar.
    case string
    /// A list.
    case sequence
    /// Keys and values.
    case mapping
    /// Something unreadable that was reported already.
    case broken

    /// The kind in words, for messages: "a list".
    public var description: String {
        switch self {
        case .null: "nothing"
        case .boolean: "true or false"
        case .integer: "a whole number"
        case .number: "a number"
        case .string: "text"
        case .sequence: "a list"
        case .mapping: "a map"
        case .broken: "unreadable"
        }
    }
}

extension YAMLNode {
    /// What the node is.
    public var kind: YAMLKind {
        switch content {
        case .scalar(let scalar): scalar.kind
        case .sequence: .sequence
        case .mapping: .mapping
        case .broken: .broken
        }
    }

    /// Whether the node is nothing, `~` or `null`.
    public var isNull: Bool { kind == .null }

    /// The boolean, or nil.
    public var boolean: Bool? { scalar?.boolean }

    /// The whole number, or nil where it is none or beyond 64 bits.
    public var integer: Int? { scalar?.integer }

    /// The number, whole ones included, or nil; never infinite.
    public var number: Double? { scalar?.number }

    /// The text where the node is text by its form (`kind == .string`), or nil: `3` and `true` are no text, `"3"` is.
    public var string: String? { kind == .string ? scalar?.text : nil }
}

extension YAMLScalar {
    /// What the scalar is; an integer beyond 64 bits is an integer here, though `integer` is nil.
    public var kind: YAMLKind {
        guard style == .plain else { return .string }
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "false": return .boolean
        default: return isInteger ? .integer : isFraction ? .number : .string
        }
    }

    /// The boolean, or nil.
    public var boolean: Bool? { kind == .boolean ? text == "true" : nil }

    /// The whole number (decimal, `0x`, `0o`), or nil where it is none or beyond 64 bits.
    public var integer: Int? {
        guard kind == .integer else { return nil }
        if text.hasPrefix("0x") { return Int(text.dropFirst(2), radix: 16) }
        if text.hasPrefix("0o") { return Int(text.dropFirst(2), radix: 8) }
        return Int(text)
    }

    /// The number, whole ones included, or nil; never infinite.
    public var number: Double? {
        if let integer { return Double(integer) }
        guard kind == .number || kind == .integer, let value = Double(text), value.isFinite else { return nil }
        return value
    }

    private var isInteger: Bool {
        if text.hasPrefix("0x") { return text.count > 2 && text.utf8.dropFirst(2).allSatisfy(isHexadecimal) }
        if text.hasPrefix("0o") { return text.count > 2 && text.utf8.dropFirst(2).allSatisfy { $0 & 0xF8 == 0x30 } }
        let digits = unsigned
        return !digits.isEmpty && digits.allSatisfy(isDigit)
    }

    /// `[-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`
    private var isFraction: Bool {
        var rest = unsigned
        let whole = rest.prefix(while: isDigit).count
        rest = rest.dropFirst(whole)
        var fraction = 0
        if rest.first == UInt8(ascii: ".") {
            fraction = rest.dropFirst().prefix(while: isDigit).count
            rest = rest.dropFirst(1 + fraction)
        }
        guard whole + fraction > 0 else { return false }
        guard let mark = rest.first else { return true }
        guard mark | 0x20 == UInt8(ascii: "e") else { return false }
        rest = rest.dropFirst()
        if let sign = rest.first, isSign(sign) { rest = rest.dropFirst() }
        return !rest.isEmpty && rest.allSatisfy(isDigit)
    }

    private var unsigned: Substring.UTF8View {
        let utf8 = text[...].utf8
        guard let first = utf8.first, isSign(first) else { return utf8 }
        return utf8.dropFirst()
    }
}

private func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

private func isSign(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") }

private func isHexadecimal(_ byte: UInt8) -> Bool {
    isDigit(byte) || (byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "f"))
}
