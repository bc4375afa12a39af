public import MendflowCore

/// What one message to the intake says.
public struct HintBatch: Sendable, Hashable {
    /// The hints, in the order of the message.
    public var hints: [Hint] = []
    /// n8n's version, where the message tells it.
    public var release: String?
    /// How many spans it held, those that say nothing about an execution included.
    public var spans = 0

    /// Makes an empty one.
    public init() {}
}

/// Words of others: kept where they are short and of plain characters, and not at all otherwise.
enum ToldWord {
    /// An execution's id: a decimal number, as n8n gives them.
    static func execution(_ text: String?) -> ExecutionID? {
        guard let text, text.utf8.first != UInt8(ascii: "0") else { return nil }
        let id = ExecutionID(text)
        return id.number == nil ? nil : id
    }

    /// A workflow's id.
    static func workflow(_ text: String?) -> WorkflowID? { plain(text, "_-", atMost: 64).map { WorkflowID($0) } }

    /// How an execution was started.
    static func mode(_ text: String?) -> ExecutionMode {
        plain(text, "_-", atMost: 32).map { ExecutionMode($0) } ?? .unread
    }

    /// A version of n8n, such as 2.41.1.
    static func release(_ text: String?) -> String? { plain(text, ".+-", atMost: 32) }

    /// A time of these centuries.
    static func time(_ milliseconds: Int64?) -> ServerTime? {
        guard let milliseconds, (0..<253_402_300_800_000).contains(milliseconds) else { return nil }
        return ServerTime(milliseconds: milliseconds)
    }

    private static func plain(_ text: String?, _ others: String, atMost limit: Int) -> String? {
        guard let text, !text.isEmpty, text.utf8.count <= limit else { return nil }
        let isPlain = text.utf8.allSatisfy { byte in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                || others.utf8.contains(byte)
        }
        return isPlain ? text : nil
    }
}
