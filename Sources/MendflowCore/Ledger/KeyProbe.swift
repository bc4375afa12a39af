/// A request that changes nothing and tells whether a server honours keys: a bulk stop that nothing matches, for no run starts
/// after the year 2998 and before 1971. Of two that differ under one key, a server that honours keys refuses the second.
public struct KeyProbe: Sendable, Hashable {
    /// Which of two requests that differ.
    public enum Body: String, Sendable, Hashable, CaseIterable {
        /// The one that takes the key.
        case first
        /// The one that a server refuses which has the key.
        case other
    }
    /// The key that it bears.
    public var key: RequestKey
    /// Which it is.
    public var body: Body

    /// Makes a probe.
    public init(_ key: RequestKey, _ body: Body) {
        self.key = key
        self.body = body
    }

    /// What is sent.
    public var request: ExecutionRequest {
        .stopMany(
            BulkStopRequest(
                statuses: [.waiting], workflow: nil,
                startedAfter: ServerTime(milliseconds: body == .first ? KeyProbe.year2999 : KeyProbe.year2998),
                startedBefore: ServerTime(milliseconds: KeyProbe.year1971)))
    }

    private static let year2999: Int64 = 32_472_144_000_000, year2998: Int64 = 32_440_608_000_000
    private static let year1971: Int64 = 31_536_000_000
}

/// What a server answers to a probe.
public enum KeyAnswer: Sendable, Hashable {
    /// As to any request: it stopped nothing.
    case taken
    /// That the key was used with another request: the server has it.
    case refused(status: Int, message: String)
    /// Anything else, or nothing, in words.
    case unclear(String)
}

/// A key that a server had taken and honoured at a time. Where it is refused to another request later, the server honours keys
/// then, too, and has forgotten none that it took in between.
public struct KeyWitness: Sendable, Hashable {
    /// The key.
    public var key: RequestKey
    /// When the server was known to have it.
    public var takenAt: AgentTime

    /// Makes a witness.
    public init(_ key: RequestKey, takenAt: AgentTime) {
        self.key = key
        self.takenAt = takenAt
    }
}
