public import MendflowCore

/// What happened to the agent itself.
public enum Lifecycle: Sendable, Hashable {
    /// It started.
    case started(AgentStarted)
    /// It goes by something else than before.
    case reloaded(FilesReloaded)
    /// A person lets through what a reading of the files would lose.
    case confirmed(ReloadConfirmed)
    /// It stopped in good order; `why` is `signal`, or what it was started for.
    case stopped(why: String, version: String, agent: AgentName?)
    /// A copy was put in the place of the ledger.
    case restored(LedgerRestored)
    /// An instance's server asked to be left alone until a time.
    case silenced(instance: String, until: AgentTime)
    /// Hints about an instance arrive.
    case hinted(HintsArrived)

    /// What the agent goes by from here on; nil where nothing of that changes.
    public var inForce: InForce? {
        switch self {
        case .started(let started): started.inForce
        case .reloaded(let reload): reload.inForce
        case .confirmed, .stopped, .restored, .silenced, .hinted: nil
        }
    }

    /// Whether it is an agent's start.
    public var isStart: Bool { if case .started = self { true } else { false } }
}

/// What an agent goes by, as it puts it on record whenever that changes.
public struct InForce: Sendable, Hashable {
    /// A policy, by the version of its text.
    public struct Policy: Sendable, Hashable {
        /// The hash of its text.
        public var version: String
        /// How far it may go.
        public var mode: Mode
        /// Makes one.
        public init(version: String, mode: Mode) {
            self.version = version
            self.mode = mode
        }
    }
    /// What the files say, as a hash: a person's word about them is about that.
    public var contents: String
    /// The policies, by name.
    public var policies: [String: Policy]
    /// How far the agent may go on each instance, by name.
    public var modes: [String: Mode]
    /// The agent's name, where several share the ledger.
    public var agent: AgentName?

    /// Makes one.
    public init(
        contents: String, policies: [String: Policy] = [:], modes: [String: Mode] = [:], agent: AgentName? = nil
    ) {
        self.contents = contents
        self.policies = policies
        self.modes = modes
        self.agent = agent
    }
}

/// An agent's start.
public struct AgentStarted: Sendable, Hashable {
    /// What it was started for, where that is one thing only, and by whom.
    public enum Errand: Sendable, Hashable {
        /// To apply a saved plan, by its digest.
        case plan(String, by: String)
        /// To carry a replay out, by its name.
        case replay(String, by: String)
    }
    /// What it goes by.
    public var inForce: InForce
    /// The program's version.
    public var version: String
    /// How far it may go where neither file nor command line says otherwise of an instance.
    public var mode: Mode
    /// What it was started for; nil where it is to stay.
    public var errand: Errand?
    /// What was let go by starting, though only a person's word lets it go while an agent runs.
    public var unconfirmed: [ReloadLoss]

    /// Makes one.
    public init(
        _ inForce: InForce, version: String, mode: Mode, errand: Errand? = nil, unconfirmed: [ReloadLoss] = []
    ) {
        self.inForce = inForce
        self.version = version
        self.mode = mode
        self.errand = errand
        self.unconfirmed = unconfirmed
    }
}

/// Files that an agent read anew while it ran.
public struct FilesReloaded: Sendable, Hashable {
    /// Why they were read.
    public enum Reason: String, Sendable, Hashable, CaseIterable {
        /// They changed.
        case changed
        /// A person asked for it.
        case asked
        /// A person let through what they lose.
        case confirmed
    }
    /// What is in force since.
    public var inForce: InForce
    /// Why they were read.
    public var why: Reason
    /// Policies that no file has any more, and that hold what they match.
    public var held: [String]
    /// What they would lose, and the agent keeps until a person lets it through.
    public var waiting: [ReloadLoss]
    /// What they say otherwise and only a restart takes in.
    public var needsRestart: [RestartSetting]
    /// Whether the policies are the same as before.
    public var hasSamePolicies: Bool

    /// Makes one.
    public init(
        _ inForce: InForce, why: Reason, held: [String] = [], waiting: [ReloadLoss] = [],
        needsRestart: [RestartSetting] = [], hasSamePolicies: Bool = false
    ) {
        self.inForce = inForce
        self.why = why
        self.held = held
        self.waiting = waiting
        self.needsRestart = needsRestart
        self.hasSamePolicies = hasSamePolicies
    }
}

/// A person's word that a reading of the files is meant as it is.
public struct ReloadConfirmed: Sendable, Hashable {
    /// What the files say, as a hash.
    public var contents: String
    /// Who said so, and why.
    public var by: String, reason: String?
    /// What is let through.
    public var losses: [ReloadLoss]

    /// Makes one.
    public init(contents: String, by: String, reason: String? = nil, losses: [ReloadLoss] = []) {
        self.contents = contents
        self.by = by
        self.reason = reason
        self.losses = losses
    }
}

/// A copy that was put in the place of the ledger.
public struct LedgerRestored: Sendable, Hashable {
    /// What the copy is known to lack.
    public struct Lost: Sendable, Hashable {
        /// How many records.
        public var records: Int64
        /// The requests among them that were sent, for people.
        public var sent: [String]
        /// Makes one.
        public init(records: Int64, sent: [String]) {
            self.records = records
            self.sent = sent
        }
    }
    /// Who put it there, and why.
    public var by: String, reason: String?
    /// The copy's file, and where its chain ends.
    public var copy: String, head: String
    /// What it lacks; nil where that is nothing, or nobody can tell.
    public var lost: Lost?

    /// Makes one.
    public init(by: String, reason: String? = nil, copy: String, head: String, lost: Lost? = nil) {
        self.by = by
        self.reason = reason
        self.copy = copy
        self.head = head
        self.lost = lost
    }
}

/// That hints about an instance arrive.
public struct HintsArrived: Sendable, Hashable {
    /// The instance they are about.
    public var instance: String
    /// When the last one came.
    public var last: AgentTime
    /// How many came since the agent's start, and within the last hour.
    public var received: Int, lastHour: Int
    /// n8n's version, where they tell it.
    public var release: String?

    /// Makes one.
    public init(_ instance: String, last: AgentTime, received: Int, lastHour: Int, release: String? = nil) {
        self.instance = instance
        self.last = last
        self.received = received
        self.lastHour = lastHour
        self.release = release
    }
}
