import MendflowText

/// Failures that belong together, as the ledger tells of them: one thing went wrong, however many runs it hit.
public struct Incident: Sendable, Hashable {
    /// How it stands.
    public enum State: String, Sendable, Hashable, CaseIterable {
        /// It goes on. Where it holds, nothing of it is retried.
        case open
        /// One of its runs is retried, to see whether that heals.
        case probing
        /// That healed: the others are let go at a pace.
        case draining

        /// What may follow, beside its end.
        public var next: Set<State> {
            switch self {
            case .open: [.open, .probing]
            case .probing: [.open, .probing, .draining]
            case .draining: [.open, .draining]
            }
        }
    }

    /// What was seen of it.
    public struct Extent: Sendable, Hashable {
        /// When its first and its newest failure ended, by n8n's clock.
        public var firstSeen: ServerTime, lastSeen: ServerTime
        /// How many runs failed, retries not counted.
        public var failures: Int
        /// Which; at most `mostRanges` ranges of ids, the oldest.
        public var members: IDRanges
        /// Names of the workflows that it hit, in order, at most `mostWorkflows`.
        public var workflows: [String]

        /// So many ranges of ids, and names of workflows, are kept of one.
        public static let mostRanges = 200, mostWorkflows = 50

        /// Makes an extent.
        public init(
            firstSeen: ServerTime, lastSeen: ServerTime, failures: Int, members: IDRanges, workflows: [String]
        ) {
            self.firstSeen = firstSeen
            self.lastSeen = lastSeen
            self.failures = failures
            self.members = members
            self.workflows = workflows
        }

        /// `62 failures of 4 workflows`.
        public var words: String { "\(failures.words("failure", "failures")) of \(workflowCount)" }

        /// `4 workflows`.
        public var workflowCount: String {
            let more = workflows.count < Extent.mostWorkflows ? "" : " or more"
            return "\(workflows.count)\(more) workflow\(workflows.count == 1 ? "" : "s")"
        }
    }

    /// Its name: `incident-` and the id of its first failure.
    public var key: String
    /// What its failures have in common.
    public var traits: IncidentTraits
    /// What was seen of it so far.
    public var extent: Extent
    /// How it stands, and since when.
    public var state: State, since: AgentTime
    /// When it was found.
    public var openedAt: AgentTime
    /// How its retries are held and let go; nil where they are not.
    public var holding: Holding?
    /// The run that is, or was last, retried to see whether that heals, and how many such retries have failed in a row.
    public var probe: ExecutionID?, failedProbes: Int

    /// How an incident holds retries.
    public struct Holding: Sendable, Hashable {
        /// How long after it opened, or a probe failed, the next one may be sent; doubled with each, up to an hour.
        public var probeAfter: Period
        /// How fast they are let go then.
        public var pace: IncidentPace

        /// Makes a way of holding.
        public init(probeAfter: Period, pace: IncidentPace) {
            self.probeAfter = probeAfter
            self.pace = pace
        }
    }

    /// Makes an incident that opens.
    public init(
        key: String, traits: IncidentTraits, extent: Extent, holding: Holding? = nil, at time: AgentTime
    ) {
        self.key = key
        self.traits = traits
        self.extent = extent
        self.holding = holding
        state = .open
        since = time
        openedAt = time
        failedProbes = 0
    }

    /// The name of the incident that begins with a failure.
    public static func key(of first: ExecutionID) -> String { "incident-\(first.text)" }

    /// What happened, for people: `62 crashes in 4 workflows`.
    public var words: String { "\(traits.words(of: extent.failures)) in \(extent.workflowCount)" }
}

/// How an incident is found to stand otherwise than before.
public struct IncidentMove: Sendable, Hashable {
    /// The incident, and how it stands now.
    public var key: String, state: Incident.State
    /// What was seen of it by now.
    public var extent: Incident.Extent
    /// How many probes have failed in a row.
    public var failedProbes: Int
    /// Since when it counts as standing so, where that is not when this is written: a retry that was not sent after all takes
    /// nothing of the time that had passed.
    public var since: AgentTime?
    /// Whether it holds nothing from now on.
    public var letsGo: Bool
    /// Why, for people; empty where only more was seen.
    public var why: String

    /// Makes a move.
    public init(
        _ key: String, _ state: Incident.State, _ extent: Incident.Extent, failedProbes: Int = 0,
        since: AgentTime? = nil, letsGo: Bool = false, why: String = ""
    ) {
        self.key = key
        self.state = state
        self.extent = extent
        self.failedProbes = failedProbes
        self.since = since
        self.letsGo = letsGo
        self.why = why
    }
}

/// The end of an incident, with all that is to be told of it.
public struct IncidentEnd: Sendable, Hashable {
    /// Why it is over.
    public enum Cause: String, Sendable, Hashable, CaseIterable {
        /// Nothing of it failed any more for a while.
        case quiet
        /// Nobody looks for incidents any more, or for such.
        case unwatched
    }
    /// The incident, and what its failures had in common.
    public var key: String, traits: IncidentTraits
    /// All that was seen of it.
    public var extent: Incident.Extent
    /// When it was found.
    public var openedAt: AgentTime
    /// Why it is over.
    public var cause: Cause

    /// Makes an end.
    public init(
        key: String, traits: IncidentTraits, extent: Incident.Extent, openedAt: AgentTime, _ cause: Cause = .quiet
    ) {
        self.key = key
        self.traits = traits
        self.extent = extent
        self.openedAt = openedAt
        self.cause = cause
    }

    /// Makes the end of an incident.
    public init(_ incident: Incident, _ extent: Incident.Extent, _ cause: Cause = .quiet) {
        self.init(
            key: incident.key, traits: incident.traits, extent: extent, openedAt: incident.openedAt, cause)
    }

    /// What happened, for people.
    public var words: String { "over: \(traits.words(of: extent.failures)) in \(extent.workflowCount)" }
}
