internal import MendflowCore

/// A value that is bound to a parameter, in PostgreSQL's binary form. Texts that come from outside are bound as bytes: a text of
/// PostgreSQL's holds no NUL.
enum PostgresValue: Sendable, Hashable {
    case integer(Int64)
    case bytes([UInt8])
    case text(String)
    case integers([Int64?])
    case byteLists([[UInt8]?])
    case texts([String])

    /// The bytes of a text.
    static func bytes(of text: String) -> PostgresValue { .bytes(Array(text.utf8)) }
    /// The bytes of texts.
    static func bytes(of texts: [String?]) -> PostgresValue { .byteLists(texts.map { $0.map { Array($0.utf8) } }) }
    static func time(_ time: AgentTime) -> PostgresValue { .integer(time.milliseconds) }

    private enum Kind: UInt32 {
        case bytea = 17, int8 = 20, text = 25, byteas = 1001, int8s = 1016, texts = 1009
    }

    /// The number of its type in every PostgreSQL.
    var type: UInt32 {
        let kind: Kind =
            switch self {
            case .integer: .int8
            case .bytes: .bytea
            case .text: .text
            case .integers: .int8s
            case .byteLists: .byteas
            case .texts: .texts
            }
        return kind.rawValue
    }

    /// What is sent of it.
    var encoded: [UInt8] {
        switch self {
        case .integer(let number): PostgresValue.big(number)
        case .bytes(let bytes): bytes
        case .text(let text): Array(text.utf8)
        case .integers(let numbers): PostgresValue.array(.int8, numbers.map { $0.map(PostgresValue.big) })
        case .byteLists(let lists): PostgresValue.array(.bytea, lists)
        case .texts(let texts): PostgresValue.array(.text, texts.map { Array($0.utf8) })
        }
    }

    private static func array(_ kind: Kind, _ elements: [[UInt8]?]) -> [UInt8] {
        let hasNull: Int32 = elements.contains { $0 == nil } ? 1 : 0
        var bytes = big(Int32(elements.isEmpty ? 0 : 1)) + big(hasNull) + big(kind.rawValue)
        if !elements.isEmpty { bytes += big(Int32(elements.count)) + big(Int32(1)) }
        bytes.reserveCapacity(bytes.count + elements.reduce(0) { $0 + 4 + ($1?.count ?? 0) })
        for element in elements {
            bytes += big(element.map { Int32($0.count) } ?? -1)
            if let element { bytes += element }
        }
        return bytes
    }

    private static func big(_ number: some FixedWidthInteger) -> [UInt8] {
        (0..<number.bitWidth / 8).reversed().map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }
}

/// One statement with its values. Statements have no names: a pooler may run each transaction on another connection.
struct PostgresStatement: Sendable, Hashable {
    var sql: String
    var values: [PostgresValue]

    init(_ sql: String, _ values: PostgresValue...) {
        self.sql = sql
        self.values = values
    }

    init(_ sql: String, values: [PostgresValue]) {
        self.sql = sql
        self.values = values
    }
}
