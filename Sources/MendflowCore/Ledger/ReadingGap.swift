/// What of n8n the agent could not read at its last tick, so that something is held until it can.
public struct ReadingGap: Sendable, Hashable {
    /// What is not read.
    public enum Part: Sendable, Hashable {
        /// Lists that every decision goes by: nothing is concluded from what they do not show.
        case lists
        /// The list of executions below this one: chains that began there may have retries that nobody has seen.
        case below(ExecutionID)
        /// What is above this execution, the highest known: n8n does not tell whether such ids are given, so that the run of a
        /// retry could be looked for from a wrong one.
        case above(ExecutionID)
        /// The data of so many failed runs, which n8n does not answer: policies that look at their errors leave them alone.
        case data(Int)

        /// Whether it is the data of single runs: everything else is read, and acted on.
        public var isData: Bool { if case .data = self { true } else { false } }
    }
    /// What is not read.
    public var part: Part
    /// Since when, without a tick in between that could read everything.
    public var since: AgentTime
    /// Why, in words.
    public var why: String
    /// Whether it has lasted so long that it is on record by itself, for people to be told of it.
    public var isTold = false

    /// Makes a gap.
    public init(_ part: Part, since: AgentTime, why: String) {
        self.part = part
        self.since = since
        self.why = why
    }

    /// Whether some actions of a kind are held by it.
    public func holds(_ kind: ActionKind) -> Bool {
        switch part {
        case .lists: true
        case .below: kind == .retry || kind == .delete
        case .above: kind == .retry || kind == .bulkStop
        // Each of those runs is held by itself.
        case .data: false
        }
    }

    /// Whether it is the same as another one, which may have moved since: it is of the data of single runs, or of everything else.
    public func goesOn(from other: ReadingGap) -> Bool { part.isData == other.part.isData }

    /// Whether it has lasted for longer than it takes to read on, or to ask once more: two ticks and a minute.
    public func lasts(at now: AgentTime, interval: Period) -> Bool { since + interval + interval + .minutes(1) < now }
}
