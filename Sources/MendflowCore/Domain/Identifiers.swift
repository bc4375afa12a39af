/// The id of an execution: opaque text, ordered by length, then text, which is n8n's order of creation.
public struct ExecutionID: Hashable, Comparable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
    /// The id as n8n writes it.
    public var text: String
    /// Makes an id of n8n's text.
    public init(_ text: String) { self.text = text }
    /// Makes an id of a literal.
    public init(stringLiteral value: String) { text = value }
    /// The id as n8n writes it.
    public var description: String { text }
    /// Orders by length, then text.
    public static func < (one: ExecutionID, other: ExecutionID) -> Bool {
        one.text.utf8.count != other.text.utf8.count
            ? one.text.utf8.count < other.text.utf8.count : one.text < other.text
    }
    /// The highest place in a sequence that a database can give, with room for counting on.
    private static let highestNumber = UInt64(Int64.max) - (1 << 32)
    /// The id's place in n8n's dense sequence; nil for ids that are no decimal numbers, or too high to be places.
    public var number: UInt64? {
        guard text.utf8.allSatisfy({ (48...57).contains($0) }), let number = UInt64(text),
            number <= ExecutionID.highestNumber
        else { return nil }
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
