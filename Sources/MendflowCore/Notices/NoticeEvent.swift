/// The kinds of things that people are told of.
public enum NoticeEvent: String, Sendable, Hashable, CaseIterable {
    /// Failures that belong together were found.
    case incident
    /// A workflow did not run that should have.
    case absence
    /// A request of ours stays without an answer; nobody knows whether it did anything.
    case unresolved
    /// A policy has used up its retries or its time on a chain.
    case exhausted
    /// A policy that asks first wants to act.
    case approval
    /// A policy went back to dry-run by itself, since it healed too little.
    case demoted
    /// n8n refuses the key a kind of action.
    case suspended
    /// n8n's database seems to be another one.
    case alarm
    /// Nobody looked for longer than the look-back.
    case coverage
    /// Not all of n8n can be read, for longer than it takes to read on.
    case unread
    /// Acting is paused, or goes on.
    case paused
    /// A replay began, paused, or is over.
    case replay
    /// Other policies are in force.
    case policies
    /// The agent started or stopped.
    case agent
    /// What another channel was to be told of could not be told there.
    case undelivered

    /// What it is, for people who choose among them.
    public var words: String {
        switch self {
        case .incident: "failures that belong together, and when that is over"
        case .absence: "a workflow did not run that should have, and when it ran"
        case .unresolved: "a request stays without an answer, and what became of it"
        case .exhausted: "a policy has used up its retries or its time on a chain, and when the chain heals after all"
        case .approval: "a policy asks before it acts, and what became of that"
        case .demoted: "a policy went back to dry-run by itself, and when it may act again"
        case .suspended: "n8n refuses the key a kind of action, and when it is tried again"
        case .alarm: "n8n's database seems to be another one, and when it was adopted"
        case .coverage: "nobody looked for longer than the look-back"
        case .unread: "not all of n8n can be read, which holds something, and when it can be again"
        case .paused: "acting is paused, or goes on"
        case .replay: "a replay began, paused, or is over"
        case .policies: "other policies are in force"
        case .agent: "the agent started or stopped"
        case .undelivered: "a message was given up on another channel"
        }
    }
}

/// How much something matters that people are told of.
public enum NoticeLevel: String, Sendable, Hashable, CaseIterable, Comparable {
    /// Worth knowing.
    case info
    /// Somebody should look when there is time.
    case warning
    /// Something does not work before somebody acts.
    case critical

    /// Orders by weight.
    public static func < (one: NoticeLevel, other: NoticeLevel) -> Bool { one.rank < other.rank }
    private var rank: Int { NoticeLevel.allCases.firstIndex(of: self) ?? 0 }
}
