public import MendflowCore

/// Everything that leads to the decision about one execution.
public struct Explanation: Sendable, Hashable {
    /// One policy's view of the execution.
    public struct PolicyView: Sendable, Hashable {
        /// What came of it for this policy.
        public enum Standing: String, Sendable, Hashable {
            /// It acts now.
            case act
            /// It owns the execution and waits for a time.
            case wait
            /// It owns the execution and does nothing, or its action is held.
            case held
            /// It matches, and another policy owns the execution, or nothing is left to do.
            case matches
            /// It does not match.
            case noMatch = "no_match"
        }
        /// Its name, mode and place.
        public var name: String, mode: Mode, place: SourcePlace
        /// The tree of its conditions; nil where it has none and matches everything.
        public var tree: ConditionTree?
        /// Whether it matches.
        public var matches: Bool
        /// What came of it.
        public var standing = Standing.noMatch
        /// Why it waits or is held: a label; and the evidence in words.
        public var reason: String?, why = ""
        /// When its action is due, where that is known.
        public var due: ServerTime?
        /// The test that decided against it.
        public var deciding: ConditionTree.Test?
        /// Exceptions that hold, or cannot be told not to, with their reasons.
        public var exceptions: [String]
        /// What its guards leave; of a policy that matches.
        public var balances: [GuardBalance]
        /// What its group was found to have, and what it wants; nil without `when`.
        public var group: GroupCount?, wantedOfGroup: String?
        /// The same wish, as a sentence tells it.
        public var wordsOfGroup: String?
        /// Why its bulk stop is held, so that runs are stopped one by one.
        public var bulkHeld: String?
        /// When the policy gives the chain up, whatever is left of its retries.
        public var givesUpAt: ServerTime?
    }
    /// The policy that does not match and would with the fewest other findings.
    public struct NearestMiss: Sendable, Hashable {
        /// The policy.
        public var policy: String
        /// How many tests would have to turn out otherwise.
        public var misses: Int
        /// The first of them.
        public var test: ConditionTree.Test?
    }
    /// A protection that holds, or cannot be told not to.
    public struct ProtectionView: Sendable, Hashable {
        /// Where it stands.
        public var place: SourcePlace?
        /// The tree of its conditions.
        public var tree: ConditionTree
    }
    /// A decision of the planner about the judged execution.
    public struct Outcome: Sendable, Hashable {
        /// The policy that owns it.
        public var policy: String?
        /// True for the pass of the policies in dry-run.
        public var isDryRun: Bool
        /// `act`, or the reason's label.
        public var verdict: String
        /// The reason's evidence, or the request.
        public var why: String
        /// The action and until when it waits, where there is one.
        public var action: ProposedAction?, until: ServerTime?
        /// The enforced policy from which a dry-run policy would take it.
        public var takenFrom: String?
        /// Whether an action is due now.
        public var isDue: Bool { verdict == "act" }
    }

    /// The execution that was asked about, and the one of its chain that is judged: its newest leaf.
    public var asked: ExecutionID, judged: ExecutionID
    /// The root of the chain.
    public var root: ExecutionID
    /// Its workflow, and the name where it can be seen.
    public var workflow: WorkflowID, workflowName: String?
    /// The judged execution's row.
    public var row: Execution
    /// Where n8n shows it.
    public var link: String
    /// What happened in the chain, oldest first.
    public var timeline: [TimelineEntry]
    /// The error's class and rule; nil where it has not failed or cannot be read.
    public var classification: Classification?
    /// The error, as far as it can be read.
    public var error: ErrorEvidence?
    /// Whether a retry may do again what was done.
    public var risk: RepeatRiskVerdict?
    /// Why the data cannot be read, where it cannot.
    public var unreadable: String?
    /// The policies, in order.
    public var policies: [PolicyView]
    /// What came nearest to matching; nil where every policy matches, or there is none.
    public var nearestMiss: NearestMiss?
    /// Protections that apply.
    public var protections: [ProtectionView]
    /// What was decided.
    public var outcomes: [Outcome]
    /// What was done to runs of the chain, and why then; oldest first.
    public var done: [Done] = []
    /// The run of the chain that succeeded, where one did.
    public var healedBy: ExecutionID?
    /// How many other executions were not asked for their data: some of them may be due as well, and take of the same caps.
    public var passedOver = 0
    /// True where no ledger was read.
    public var isMemoryless: Bool
    /// Whether the agent may act here; what an enforced policy wants is only told where it may not.
    public var acts: Bool

    /// When something is due next, where that is known.
    public var nextDue: ServerTime? { outcomes.compactMap { $0.until ?? $0.action?.due }.min() }

    /// Explains an execution of a snapshot; nil where the snapshot does not hold it. `fetched` are rows that were asked for
    /// because somebody wants them explained: no tick sees them by itself. `past` tells the story, where that is another view
    /// than decisions go by: one with what dry-run has done.
    public init?(
        of asked: ExecutionID, in snapshot: Snapshot, view: LedgerView, dryRunView: LedgerView, policies set: PolicySet,
        url: String, fetched: Set<ExecutionID> = [], past: LedgerView? = nil, acts: Bool = true
    ) {
        guard snapshot.executions[asked] != nil else { return nil }
        let chain = Chains(snapshot, view).chain(of: asked)
        let leaf = chain.live.last?.id ?? chain.newestLeaf?.row?.id ?? chain.nodes.last { $0.row != nil }?.id ?? asked
        guard let row = snapshot.executions[leaf] else { return nil }
        self.asked = asked
        judged = leaf
        root = chain.root
        self.row = row
        workflow = row.workflow
        workflowName = snapshot.workflows?[row.workflow]?.name
        link = ExecutionLink.text(url, row.workflow, leaf)
        isMemoryless = view.isMemoryless
        self.acts = acts
        timeline = TimelineEntry.all(of: chain, past ?? view, snapshot.clockOffset)
        let subject = Subject(snapshot: snapshot, view: view, tables: set.tables, chain: chain, row: row)
        if case .known(let known) = subject.classification { classification = known }
        if case .known(let known) = subject.repeatRisk { risk = known }
        if case .known(let detail) = subject.detail {
            error = detail.error
            unreadable = detail.readability.trouble
        }
        if subject.fact(.healed) == .known(.flag(true)) {
            healedBy = chain.nodes.last { $0.row?.status == .success && !view.ranNothing.contains($0.id) }?.id
        }
        protections = set.protections.compactMap { protection in
            let tree = ConditionTree.trace(protection.match, subject)
            return tree.verdict == .no ? nil : ProtectionView(place: protection.place, tree: tree)
        }
        let isFetched = fetched.contains(leaf)
        let plan = Planner(set).plan(snapshot, view)
        let dryRun = Planner(set, pass: .dryRun).plan(snapshot, dryRunView)
        outcomes =
            plan.decisions.filter { $0.execution == leaf }
            .map { Outcome($0.withinReach(of: snapshot, row, isFetched: isFetched), isDryRun: !acts) }
            + dryRun.decisions.filter { $0.execution == leaf }
            .map { Outcome($0.withinReach(of: snapshot, row, isFetched: isFetched), isDryRun: true) }
        // What one pass leaves to nobody may be a policy's in the other.
        if outcomes.contains(where: { $0.policy != nil }) {
            outcomes.removeAll { $0.policy == nil && $0.verdict == Reason.noPolicy.rawValue }
        }
        let outcomes = outcomes
        let shadow = Subject(snapshot: snapshot, view: dryRunView, tables: set.tables, chain: chain, row: row)
        self.policies = set.policies.map { policy in
            policy.mode == .dryRun
                ? PolicyView(policy, shadow, Planner(set, pass: .dryRun), dryRun, outcomes)
                : PolicyView(policy, subject, Planner(set), plan, outcomes)
        }
        nearestMiss = self.policies.filter { !$0.matches }.min { $0.misses < $1.misses }.map {
            NearestMiss(policy: $0.name, misses: $0.misses, test: $0.deciding)
        }
    }
}

extension Explanation.PolicyView {
    init(
        _ policy: Policy, _ subject: Subject, _ planner: Planner, _ plan: Plan, _ outcomes: [Explanation.Outcome]
    ) {
        name = policy.name
        mode = policy.mode
        place = policy.place
        tree = policy.match.map { ConditionTree.trace($0, subject) }
        let own = outcomes.filter { $0.policy == policy.name }
        if let when = policy.when {
            wantedOfGroup = when.summary
            wordsOfGroup = when.words
            group = plan.groups.first {
                $0.policy == policy.name && ($0.workflow == nil || $0.workflow == subject.row.workflow)
            }
            group = group ?? GroupCount(policy: policy.name, workflow: nil, count: 0, pending: 0, holds: when.holds(0))
        }
        bulkHeld = plan.heldBulkStops.first { $0.policy == policy.name }?.why
        // A chain that it acted on before goes on, whatever became of the group.
        let isEnough = group.map { $0.holds == true || !own.isEmpty } ?? true
        matches = (tree?.verdict ?? .yes) == .yes && isEnough
        deciding = tree?.deciding
        let now = subject.snapshot.now
        exceptions = policy.exceptions.filter { $0.until.map { now < $0 } ?? true }
            .filter { ConditionTree.trace($0.match, subject).verdict != .no }.map(\.reason)
        balances = matches ? planner.balances(of: policy, for: subject, beside: plan) : []
        if matches, let period = policy.guards.giveUpAfter, policy.remediation?.kind == .retry {
            givesUpAt = subject.chain.firstFailure.map { $0 + period }
        }
        // A policy may tag as well; its remediation is what it is asked about.
        guard let outcome = own.first(where: { $0.action?.draft.action != .tag }) ?? own.first else {
            standing = matches ? .matches : .noMatch
            return
        }
        standing = outcome.action == nil ? .held : outcome.isDue ? .act : .wait
        reason = outcome.isDue ? nil : outcome.verdict
        why = outcome.why
        due = outcome.isDue ? outcome.action?.due : outcome.until
    }

    var misses: Int { (tree?.misses ?? 0) + (group.map { $0.holds == true ? 0 : 1 } ?? 0) }
}

extension Explanation.Outcome {
    init(_ decision: Decision, isDryRun: Bool) {
        policy = decision.policy?.name
        self.isDryRun = isDryRun
        verdict = decision.verdict.label
        takenFrom = decision.takenFrom
        switch decision.verdict {
        case .act(let action):
            self.action = action
            why = action.request
        case .wait(let action, let until, _):
            self.action = action
            self.until = until
            why = action.request
        case .held(_, let evidence): why = evidence
        }
    }
}

extension Decision {
    /// How much longer than the look-back the agent keeps what it saw.
    private static let kept = Period.hours(1)

    /// The same, not done where no tick judges the run: what ended longer ago than the agent looks back is nobody's but
    /// deleting policies', and a live run that began earlier and is in no list is found by nobody.
    fileprivate func withinReach(of snapshot: Snapshot, _ row: Execution, isFetched: Bool) -> Decision {
        let lookBack = snapshot.coverage.lookBack
        let why: String
        if row.status.isLive {
            guard isFetched, let began = row.createdAt ?? row.startedAt, began + lookBack < snapshot.now else {
                return self
            }
            why = "no list of this n8n shows it, and ids are asked for as far as the agent looks back, \(lookBack)"
        } else {
            guard let end = row.endedAt, end + lookBack + Decision.kept < snapshot.now else { return self }
            why = "it ended at \(end), and the agent looks back \(lookBack)"
        }
        switch verdict {
        case .act(let action) where action.draft.action != .delete,
            .wait(let action, _, _) where action.draft.action != .delete:
            var decision = self
            decision.verdict = .held(.beyondLookBack, "\(why): no tick judges it")
            return decision
        default: return self
        }
    }
}
