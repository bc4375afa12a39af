public import MendflowCore

/// What became of hints, by who sent them, and how many came lately.
public struct HintTally: Sendable, Hashable {
    /// What became of one.
    public enum Result: String, Sendable, Hashable, CaseIterable {
        /// It was a reason to look.
        case taken
        /// It told of what went well: nothing is to be done, but hints arrive.
        case idle
        /// What it tells of was known already, by a list or another hint.
        case duplicate
        /// One that was taken: n8n has no such execution.
        case unknown
        /// It went, because too many waited.
        case dropped
        /// It came without the token of an instance, or could not be read.
        case refused
        /// It was one too many in its time.
        case rateLimited = "rate_limited"
    }

    /// Who sent something, and what became of it.
    public struct Key: Sendable, Hashable {
        /// Who sent it.
        public var source: Hint.Source
        /// What became of it.
        public var result: Result

        /// Makes a key.
        public init(_ source: Hint.Source, _ result: Result) {
            self.source = source
            self.result = result
        }
    }

    /// How many there were since the agent started.
    public private(set) var counts: [Key: Int] = [:]
    /// How many came in each of the last minutes, by the minute since 1970.
    private var minutes: [Int64: Int] = [:]

    private static func minute(_ time: AgentTime) -> Int64 { time.milliseconds / 60_000 }

    mutating func note(_ result: Result, _ source: Hint.Source) {
        counts[Key(source, result), default: 0] += 1
    }

    mutating func came(_ count: Int, at now: AgentTime) {
        let minute = HintTally.minute(now)
        minutes = minutes.filter { $0.key > minute - 60 && $0.key <= minute }
        minutes[minute, default: 0] += count
    }

    /// How many came in the last hour, to the minute.
    public func inLastHour(at now: AgentTime) -> Int {
        let minute = HintTally.minute(now)
        return minutes.reduce(0) { $0 + ($1.key > minute - 60 && $1.key <= minute ? $1.value : 0) }
    }
}
