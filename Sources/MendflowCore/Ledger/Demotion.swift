import MendflowText

/// A policy that went back to dry-run by itself: what was measured, and of what.
public struct Demotion: Sendable, Hashable {
    /// The policy, and the hash of its text: another text begins anew.
    public var policy: String, version: String
    /// What was expected of a hundred chains: `>= 50`.
    public var expected: String
    /// How many of a hundred settled chains healed, how many healed, and how many were settled.
    public var rate: Int, healed: Int, settled: Int
    /// When the first of these chains was retried.
    public var since: AgentTime

    /// Makes a demotion.
    public init(
        policy: String, version: String, expected: String, rate: Int, healed: Int, settled: Int, since: AgentTime
    ) {
        self.policy = policy
        self.version = version
        self.expected = expected
        self.rate = rate
        self.healed = healed
        self.settled = settled
        self.since = since
    }

    /// What happened, for people.
    public var words: String {
        "\(healed) of \(settled.words("chain", "chains")) healed since \(since.rfc3339), and \(expected) of a hundred are expected"
    }
}

/// That a person lets a policy act again that had gone back to dry-run.
public struct Promotion: Sendable, Hashable {
    /// The policy, and the hash of its text.
    public var policy: String, version: String
    /// Who, and why.
    public var by: String, reason: String

    /// Makes a promotion.
    public init(policy: String, version: String, by: String, reason: String) {
        self.policy = policy
        self.version = version
        self.by = by
        self.reason = reason
    }
}

/// How a policy stands that went back to dry-run at least once.
public struct PolicyStanding: Sendable, Hashable {
    /// What happened last, and when.
    public var demotion: Demotion, demotedAt: AgentTime
    /// Who let it act again since, and when; nil where nobody did.
    public var promotion: Promotion?, promotedAt: AgentTime?

    /// Makes a standing of what just happened.
    public init(_ demotion: Demotion, at time: AgentTime) {
        self.demotion = demotion
        demotedAt = time
    }

    /// Whether a version of the policy is in dry-run because of it.
    public func holds(_ version: String) -> Bool { promotion == nil && demotion.version == version }
}
