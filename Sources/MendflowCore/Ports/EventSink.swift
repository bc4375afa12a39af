/// Something worth telling an operator, as a name with fields; log writers and metrics read it.
public struct AgentEvent: Sendable, Hashable {
    /// How much it matters.
    public enum Level: String, Sendable, Hashable, Comparable, CaseIterable {
        /// For finding faults.
        case debug
        /// What goes on.
        case info
        /// Something to look at.
        case warning
        /// Something that stops work.
        case error

        /// Orders by weight.
        public static func < (one: Level, other: Level) -> Bool { one.rank < other.rank }
        private var rank: Int { Level.allCases.firstIndex(of: self) ?? 0 }
    }
    /// One named value.
    public struct Field: Sendable, Hashable {
        /// The field's name.
        public var name: String
        /// Its value, bounded and without secrets.
        public var value: String
        /// Makes a field.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }
    /// When.
    public var at: AgentTime
    /// How much it matters.
    public var level: Level
    /// A short stable name: `action.sent`, `tick`, `read.failed`.
    public var name: String
    /// The instance; nil for the whole agent.
    public var instance: String?
    /// A sentence for people.
    public var message: String
    /// Everything else, in order.
    public var fields: [Field]

    /// Makes an event.
    public init(
        at: AgentTime, _ level: Level, _ name: String, instance: String? = nil, _ message: String,
        fields: [Field] = []
    ) {
        self.at = at
        self.level = level
        self.name = name
        self.instance = instance
        self.message = message
        self.fields = fields
    }
}

/// Takes events; must not block.
public protocol EventSink: Sendable {
    /// Takes one event.
    func emit(_ event: AgentEvent)
}
