/// The id of an execution: opaque text, ordered by length, then text, which is n8n's order of creation.
///
/// Nearly all are numbers, and whatever is known of executions is found by them: a number is compared and hashed much faster than a
/// text.
public struct ExecutionID: Hashable, Comparable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
    /// The number that the text is written as; 0 where it is no such text.
    private let plain: UInt64
    /// The text that is no plain number.
    private let odd: OddText?

    private final class OddText: Sendable {
        let text: String
        init(_ text: String) { self.text = text }
    }

    /// Makes an id of n8n's text.
    public init(_ text: String) {
        if let number = ExecutionID.plainNumber(text.utf8.span) {
            (plain, odd) = (number, nil)
        } else {
            (plain, odd) = (0, OddText(text))
        }
    }
    /// Makes an id of n8n's text in UTF-8.
    package init(_ text: Span<UInt8>) {
        if let number = ExecutionID.plainNumber(text) {
            self.init(number)
        } else {
            self.init(String(decoding: text.indices.map { text[$0] }, as: UTF8.self))
        }
    }
    /// Makes an id of the number that its text is.
    package init(_ number: UInt64) {
        (plain, odd) = number < ExecutionID.plainLimit ? (number, nil) : (0, OddText(String(number)))
    }
    /// Makes an id of a literal.
    public init(stringLiteral value: String) { self.init(value) }

    /// The id as n8n writes it.
    public var text: String { odd?.text ?? String(plain) }
    /// The id as n8n writes it.
    public var description: String { text }
    /// The number that is written exactly so; nil where the text says more than a number does.
    package var plainNumber: UInt64? { odd == nil ? plain : nil }

    /// Whether two are the same text.
    public static func == (one: ExecutionID, other: ExecutionID) -> Bool {
        switch (one.odd, other.odd) {
        case (nil, nil): one.plain == other.plain
        case (let one?, let other?): one.text == other.text
        default: false
        }
    }
    /// Hashes the number, or the text that is none.
    public func hash(into hasher: inout Hasher) {
        if let odd { hasher.combine(odd.text) } else { hasher.combine(plain) }
    }
    /// Orders by length, then text; of plain numbers that is their own order.
    public static func < (one: ExecutionID, other: ExecutionID) -> Bool {
        if one.odd == nil, other.odd == nil { return one.plain < other.plain }
        let (one, other) = (one.text, other.text)
        return one.utf8.count != other.utf8.count ? one.utf8.count < other.utf8.count : one < other
    }

    /// Whether it is one that n8n may have given: a number from 1 on, in its plainest spelling.
    public var isNumber: Bool { number.map { $0 > 0 && String($0) == text } ?? false }

    /// The highest place in a sequence that a database can give, with room for counting on.
    private static let highestNumber = UInt64(Int64.max) - (1 << 32)
    /// The id's place in n8n's dense sequence; nil for ids that are no decimal numbers, or too high to be places.
    public var number: UInt64? {
        guard let odd else { return plain }
        guard odd.text.utf8.allSatisfy({ (48...57).contains($0) }), let number = UInt64(odd.text),
            number <= ExecutionID.highestNumber
        else { return nil }
        return number
    }

    /// Numbers of so many digits are lower than the highest place.
    private static let mostDigits = 18, plainLimit: UInt64 = 1_000_000_000_000_000_000

    private static func plainNumber(_ text: Span<UInt8>) -> UInt64? {
        guard !text.isEmpty, text.count <= mostDigits, text[0] != UInt8(ascii: "0") || text.count == 1 else {
            return nil
        }
        var number: UInt64 = 0
        for index in text.indices {
            let digit = text[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            number = number * 10 + UInt64(digit)
        }
        return number
    }
}

/// The id of a workflow: opaque text, 16 characters as a rule.
public struct WorkflowID: Hashable, Comparable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
    /// The id as n8n writes it.
    public var text: String
    /// Makes an id of n8n's text.
    public init(_ text: String) { self.text = text }
    /// Makes an id of a literal.
    public init(stringLiteral value: String) { text = value }
    /// The id as n8n writes it.
    public var description: String { text }
    /// Orders by text.
    public static func < (one: WorkflowID, other: WorkflowID) -> Bool { one.text < other.text }
}

/// What every key of the ledger starts with: an instance of the configuration and the epoch of its database.
public struct InstanceKey: Hashable, Sendable {
    /// The instance's name in the configuration, which is never changed.
    public var name: String
    /// 1 at first; one more each time an operator accepts that n8n's database was restored or swapped.
    public var epoch: Int
    /// Makes a key.
    public init(name: String, epoch: Int) {
        self.name = name
        self.epoch = epoch
    }
}
