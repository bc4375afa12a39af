/// How far a policy, an instance or the agent goes; the lowest of the three is what counts (semantics 47).
public enum Mode: String, Sendable, Hashable, Comparable, CaseIterable {
    /// Not evaluated.
    case off
    /// Evaluated and recorded, nothing sent.
    case dryRun = "dry_run"
    /// Acts.
    case enforce

    /// Orders by how far it goes.
    public static func < (one: Mode, other: Mode) -> Bool { one.rank < other.rank }
    private var rank: Int {
        switch self {
        case .off: 0
        case .dryRun: 1
        case .enforce: 2
        }
    }
}

/// A rule: which executions, what to do, and what holds it back.
public struct Policy: Sendable, Hashable {
    /// The name, which is part of the ledger's keys.
    public var name: String
    /// A former name, whose chains this policy owns on.
    public var renamedFrom: String?
    /// What the author says of it.
    public var description: String?
    /// How far it goes.
    public var mode: Mode
    /// Higher comes first.
    public var priority: Int
    /// Instances it applies to; nil is all.
    public var instances: [String]?
    /// The conditions; nil only with `all_executions: true`.
    public var match: Condition?
    /// What must hold of many executions together before any of them matches; nil nothing.
    public var when: GroupCondition?
    /// How long its workflows may be without a run; nil for all policies but those that look for what did not happen. Such a
    /// policy is about workflows, and no execution matches it.
    public var absence: AbsenceCondition?
    /// At most one action that changes the run.
    public var remediation: Remediation?
    /// Annotation tags to add.
    public var tags: [String]
    /// What holds it back.
    public var guards: Guards
    /// What it owns and leaves alone.
    public var exceptions: [PolicyException]
    /// What happens once when its retries are used up.
    public var onExhausted: OnExhausted
    /// The pace of a replay, which is a policy that a person started for some executions once; nil for all others.
    public var replay: ReplayPace?
    /// What its author expects of a backtest; no decision looks at it but through `demotion`.
    public var expect: [PolicyExpectation] = []
    /// The share of chains that it acts on; nil for all.
    public var rollout: RollOut?
    /// That what it would do waits for a person's yes; nil where it does not.
    public var approval: ApprovalRule?
    /// When it goes back to dry-run by itself; nil never.
    public var demotion: DemotionRule?
    /// Where it stands.
    public var place: SourcePlace
    /// Lower-case hex SHA-256 of its text in the file, set when it is loaded.
    public var version: String
    /// Its text in the file, kept once by version in the record.
    public var text: String

    /// Makes a policy.
    public init(
        name: String, renamedFrom: String? = nil, description: String? = nil, mode: Mode = .dryRun, priority: Int = 0,
        instances: [String]? = nil, match: Condition?, when: GroupCondition? = nil, remediation: Remediation? = nil,
        tags: [String] = [], guards: Guards = Guards(), exceptions: [PolicyException] = [],
        onExhausted: OnExhausted = OnExhausted(),
        place: SourcePlace = SourcePlace(file: "", line: 0, column: 0), version: String = "", text: String = ""
    ) {
        self.name = name
        self.renamedFrom = renamedFrom
        self.description = description
        self.mode = mode
        self.priority = priority
        self.instances = instances
        self.match = match
        self.when = when
        self.remediation = remediation
        self.tags = tags
        self.guards = guards
        self.exceptions = exceptions
        self.onExhausted = onExhausted
        self.place = place
        self.version = version
        self.text = text
    }
}

/// Executions that a policy owns and does not act on.
public struct PolicyException: Sendable, Hashable {
    /// Which; unknown counts as yes.
    public var match: Condition
    /// When it ends; nil never.
    public var until: ServerTime?
    /// Why.
    public var reason: String
    /// Where it stands.
    public var place: SourcePlace?

    /// Makes an exception.
    public init(match: Condition, until: ServerTime? = nil, reason: String, place: SourcePlace? = nil) {
        self.match = match
        self.until = until
        self.reason = reason
        self.place = place
    }
}

/// Executions that no policy may act on.
public struct Protection: Sendable, Hashable {
    /// Which; unknown counts as yes.
    public var match: Condition
    /// Where it stands.
    public var place: SourcePlace?
    /// Makes a protection.
    public init(match: Condition, place: SourcePlace? = nil) {
        self.match = match
        self.place = place
    }
}

/// What happens once when a chain is exhausted.
public struct OnExhausted: Sendable, Hashable {
    /// Why a policy has nothing more to try.
    public enum Cause: String, Sendable, Hashable, CaseIterable {
        /// Its retries are used up, or the chain is too old for them.
        case retries
        /// It retried the chain, whose newest run failed in another way, which it does not match.
        case ownerGone = "owner_gone"
    }
    /// For which causes it happens.
    public var when: Set<Cause>
    /// Annotation tags to add to the newest leaf.
    public var tags: [String]
    /// Whether the next matching policy may own the chain from now on.
    public var continues: Bool
    /// Makes the reaction.
    public init(tags: [String] = [], continues: Bool = false, when: Set<Cause> = Set(Cause.allCases)) {
        self.when = when
        self.tags = tags
        self.continues = continues
    }
}

extension Policy {
    private static let fileIsGone = "the file of the policy is gone"

    /// Whether its file is gone, so that it owns what it matches and does nothing.
    public var isOrphan: Bool { exceptions.first.map { $0.reason == Policy.fileIsGone && $0.place == nil } ?? false }

    /// The exceptions that bind other policies too: all but the one of a policy whose file is gone, which is about that
    /// policy alone.
    var sharedExceptions: ArraySlice<PolicyException> { isOrphan ? exceptions.dropFirst() : exceptions[...] }

    /// The same policy with nothing but its exceptions: what it leaves alone, others leave alone.
    package var exceptionsOnly: Policy {
        var policy = self
        policy.remediation = nil
        policy.tags = []
        policy.onExhausted = OnExhausted()
        return policy
    }

    /// The policy as one whose file is gone.
    public var orphaned: Policy {
        guard !isOrphan else { return self }
        var policy = self
        policy.exceptions.insert(PolicyException(match: .all([]), reason: Policy.fileIsGone), at: 0)
        policy.tags = []
        policy.onExhausted.tags = []
        return policy
    }
}
