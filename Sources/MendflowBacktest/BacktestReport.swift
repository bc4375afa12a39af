public import MendflowCore
public import MendflowHistory

/// What a backtest found, as people want to know it: what policies would have done, what really became of what they match,
/// and where they and people disagree.
public struct BacktestReport: Sendable {
    /// What was lived through; how many executions began in it, and how many of them were started to run another one again.
    public var span: Range<ServerTime>, executions: Int, retries: Int
    /// How many of the retries run again what began before that time.
    public var retriesOfEarlier = 0
    /// How many runs failed, each with its retries once.
    public var failures: Int
    /// What people did: chains that they retried, requests to retry, chains that they healed.
    public var people: People
    /// What an agent did then by its own retries; nil where nobody can tell them from people's.
    public var agent: Agent?
    /// Chains that a retry healed of which the history has no row: who sent it, and when, nobody can tell.
    public var healedUnkept: Int
    /// All policies together, then each by itself, in their order.
    public var total: Line, policies: [Line]
    /// What the policies' authors expect, in the order of the policies.
    public var expectations: [Expectation]
    /// Workflows of which policies would have said that they did not run, in the order of the policies.
    public var absences: [Missed] = []
    /// Failed chains that no policy owned.
    public var unowned: Int
    /// Where policies and people went different ways, most often first.
    public var disagreements: [Disagreement]
    /// One strip per workflow: what failed, what we would have done, what people did, by day.
    public var strips: [Strip]
    /// Everything that would have been done, in order, as observed.
    public var actions: [BacktestAction]
    /// What the backtest cannot see.
    public var blindSpots: [String]
    /// What of the history could not be taken as it is written.
    public var findings: HistoryFindings
    /// Names of workflows.
    public var workflows: [WorkflowID: String]
    /// How often the agent would have looked where something could have been decided.
    public var ticks: Int
    /// By what it was reckoned beside the policies; nil where nobody said.
    public var basis: BacktestBasis?

    /// What concerns one policy.
    public func only(_ policy: String) -> BacktestReport {
        var report = self
        report.policies = policies.filter { $0.policy == policy }
        report.total = report.policies.first ?? total
        report.total.policy = nil
        report.disagreements = disagreements.filter { $0.policy == policy }
        report.actions = actions.filter { $0.policies.contains(policy) }
        report.expectations = expectations.filter { $0.policy == policy }
        report.absences = absences.filter { $0.policy == policy }
        report.strips = []
        report.unowned = 0
        return report
    }

    /// Whether everything is as the policies' authors expect.
    public var isAsExpected: Bool { expectations.allSatisfy { $0.holds != false } }

    /// What a policy's author expects, and what there is.
    public struct Expectation: Sendable, Hashable {
        /// The policy, and what is expected of it.
        public var policy: String, expectation: PolicyExpectation
        /// What there is; nil where nothing was done that could be counted.
        public var found: Int?
        /// Whether it is as expected; nil where nobody can tell.
        public var holds: Bool? { found.map(expectation.holds) }
    }

    /// How often a policy would have told that a workflow did not run.
    public struct Missed: Sendable, Hashable {
        /// The policy, the workflow, and how long it may be without a run.
        public var policy: String, workflow: WorkflowID, within: Period
        /// When people would have been told, in order, and on how many days (UTC).
        public var toldAt: [ServerTime], days: Int
        /// How often no run came any more until the history's end.
        public var open: Int
    }

    /// What people did.
    public struct People: Sendable, Hashable {
        /// Chains that they retried, their retries, and chains that they healed.
        public var chains = 0, retries = 0, healed = 0
    }

    /// What an agent did then, as its ledger tells.
    public struct Agent: Sendable, Hashable {
        /// Its retries, and chains that they healed.
        public var retries = 0, healed = 0
    }

    /// A count for each way in which retries may turn out.
    public struct Bounds: Sendable, Hashable {
        /// The count for each way.
        public var allFail = 0, asObserved = 0, allHeal = 0
        /// Whether there is nothing to count, however retries turn out.
        public var isNone: Bool { self == Bounds() }

        /// The count for one way.
        public subscript(outcomes: RetryOutcomes) -> Int {
            get {
                switch outcomes {
                case .allFail: allFail
                case .asObserved: asObserved
                case .allHeal: allHeal
                }
            }
            set {
                switch outcomes {
                case .allFail: allFail = newValue
                case .asObserved: asObserved = newValue
                case .allHeal: allHeal = newValue
                }
            }
        }
    }

    /// What really became of some chains.
    public struct Fates: Sendable, Hashable {
        /// How many there are of each end.
        public var healedByPeople = 0, healedByAgent = 0, healedUnkept = 0
        public var nextRunSucceeded = 0, canceled = 0, stoppedByAgent = 0, neverHealed = 0
        /// All of them.
        public var all: Int {
            healedByPeople + healedByAgent + healedUnkept + nextRunSucceeded + canceled + stoppedByAgent + neverHealed
        }
    }

    /// What really became of runs that would have been stopped.
    public struct StopFates: Sendable, Hashable {
        /// Those that went on and succeeded, failed, or were canceled by people or by the agent then; those that wait for a
        /// time that was still to come, and for an event that nobody had told.
        public var succeeded = 0, failed = 0, canceled = 0, stoppedByAgent = 0, notYetDue = 0, waitingForEvent = 0
        /// All others, which were live at the history's end.
        public var other = 0
        /// All of them.
        public var all: Int { succeeded + failed + canceled + stoppedByAgent + notYetDue + waitingForEvent + other }
    }

    /// One policy, or all of them.
    public struct Line: Sendable, Hashable {
        /// The policy; nil for all.
        public var policy: String?
        /// How far it goes in the files.
        public var mode: Mode?
        /// Failed chains that it owned, and what really became of them.
        public var owned = 0, fates = Fates()
        /// What really became of the runs that it would have stopped.
        public var stops = StopFates()
        /// Requests by kind, and chains and executions that anything was done to.
        public var requests: [ActionKind: Bounds] = [:], acted = Bounds()
        /// Chains that retries healed, and chains that it gave up.
        public var healed = Bounds(), exhausted = Bounds()
        /// Retries after which something may have been done twice.
        public var mayRepeat = 0
        /// How many chains each reason held for a while, and chains that were never acted on, by the last reason.
        public var holds: [Reason: Int] = [:], notActed: [Reason: Int] = [:]
        /// For each chain that people healed and that a retry would have healed earlier: by how much.
        public var saved: [Period] = []
        /// The most actions of one day (UTC); chains that it retries.
        public var mostPerDay = 0, retried = 0

        /// The middle one of the times that were saved.
        public var medianSaved: Period? { saved.isEmpty ? nil : saved.sorted()[saved.count / 2] }
        /// All of the time that was saved.
        public var totalSaved: Period { saved.reduce(.zero, +) }
    }

    /// Where policies and people went different ways in the same manner.
    public struct Disagreement: Sendable, Hashable {
        /// In which way.
        public enum Kind: String, Sendable, Hashable, CaseIterable {
            /// A person ended the run, and a policy would have run it again.
            case againstCancel = "retries_what_people_canceled"
            /// People retried, and no policy would have.
            case peopleOnly = "people_retried_policies_would_not"
            /// A policy would have retried, and people never did.
            case oursOnly = "policies_would_retry_people_did_not"
        }
        /// In which way.
        public var kind: Kind
        /// The workflow.
        public var workflow: WorkflowID
        /// Why the runs had failed; nil where the history does not tell.
        public var errorClass: ErrorClass?
        /// The policy that owned the chains, or would have; nil where none did.
        public var policy: String?
        /// Why no policy retried, as a label and in words; empty where one would have.
        public var reason: String, words: String
        /// The label where a policy would have retried, and people did before an agent had looked.
        public static let faster = "people_were_faster"
        /// The chains, oldest first, and how many of them people healed.
        public var chains: [ExecutionID], healed: Int
    }

    /// A workflow's days.
    public struct Strip: Sendable, Hashable {
        /// The workflow.
        public var workflow: WorkflowID
        /// Failures, our requests, and people's retries, by day from the span's beginning.
        public var failed: [Int], ours: [Int], people: [Int]
    }
}
