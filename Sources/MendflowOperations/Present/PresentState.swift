public import MendflowCore
public import MendflowLedger
public import MendflowReview

/// How everything stands at a moment, by the ledger and by what the running agents saw last; no server was asked.
public struct PresentState: Sendable {
    /// An instance.
    public struct Instance: Sendable {
        /// How the ledger knows it; why n8n did not answer its agent last, as `trouble`.
        public var status: InstanceStatus
        /// What its agent decided last; nil before its first tick.
        public var plan: PlanReport?
        /// When that was; nil before.
        public var seenAt: AgentTime?
        /// What time it is there.
        public var now: ServerTime
        /// Requests of ours that are under way, oldest first.
        public var underWay: [Intent] = []
        /// What hints about it there were; nil where it takes none in.
        public var hints: Hints?

        /// Its name.
        public var name: String { status.instance }
    }
    /// What hints about an instance came to its agent.
    public struct Hints: Sendable, Hashable {
        /// How many came in the last hour, and when the last one did; nil where none has since the agent started.
        public var lastHour: Int, last: AgentTime?
    }
    /// The instances in the order of the configuration.
    public var instances: [Instance]
    /// The pauses that hold, that of all instances first.
    public var pauses: [LedgerState.Pause]
    /// The moment.
    public var now: AgentTime
    /// The ledger's last record.
    public var head: AuditHead
    /// How many requests wait for a person's word, and how many actions for a person's yes.
    public var unresolved: Int, asks = 0
    /// What the files say and the agent does not do.
    public var files = UnheededFiles()
    /// The agents, where several share the ledger.
    public var fleet: Fleet?
    /// Whether the agents look for incidents.
    public var looksForIncidents = false
}

/// How a policy did in some time, as the ledger has it.
public struct PolicyWeek: Sendable, Hashable {
    /// Requests by kind that were carried out, those that did nothing for certain, and those that nobody answered.
    public var done: [ActionKind: Int] = [:], void = 0, unresolved = 0
    /// What was about to be sent and was not, since the last look or a person spoke against it.
    public var unsent = 0
    /// What dry-run would have sent, by kind.
    public var wouldHave: [ActionKind: Int] = [:]
    /// Chains that were acted on, or would have been; those of them that people retried too.
    public var chains = 0, agreed = 0
    /// Chains that were retried; of these healed, running still, and not healed, the runs of all their retries having
    /// ended. Those that were given up are among these, and those of which nobody knows whether the retry ran in none.
    public var retried = 0, healed = 0, running = 0, notHealed = 0
    /// Chains that were given up.
    public var exhausted = 0
    /// When something was done last, or would have been.
    public var last: AgentTime?

    /// How often it acted, requests without an answer included.
    public var acted: Int { done.values.reduce(0, +) + unresolved }
    /// How often it would have acted.
    public var wouldHaveActed: Int { wouldHave.values.reduce(0, +) }
}

/// A policy with its week.
public struct PolicyOverview: Sendable {
    /// Its name, its mode and what it says of itself.
    public var name: String, mode: Mode, description: String?
    /// Its text and where it stands; nil where it is in the ledger alone.
    public var text: String?, place: SourcePlace?
    /// Whether no file has it any more: it is kept, and what it matches is held, until a person lets it go.
    public var isLost = false
    /// The instances where it can act, and those where it is only evaluated.
    public var acting: [String] = [], dryRun: [String] = []
    /// What it did.
    public var week: PolicyWeek
    /// On which instances it went back to dry-run by itself and is held there, and what was measured.
    public var demotions: [(instance: String, standing: PolicyStanding)] = []
    /// What its decisions about the executions that are known now come to: due, waiting, and held by reason.
    public var due = 0, waiting = 0, held: [Reason: Int] = [:]
}

/// All policies, and what people did in the same time.
public struct PolicyOverviews: Sendable {
    /// Since when.
    public var since: AgentTime
    /// The policies, in the order in which they are asked.
    public var policies: [PolicyOverview]
    /// Policies that acted and are not there any more.
    public var former: [PolicyOverview]
    /// Chains that people retried.
    public var retriedByPeople: Int
    /// What the files say and the agent does not do.
    public var files = UnheededFiles()
}
