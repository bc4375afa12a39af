public import MendflowCore

/// Everything that leads to the decision about one execution.
public struct Explanation: Sendable, Hashable {
    /// The policy that does not match and would with the fewest other findings.
    public struct NearestMiss: Sendable, Hashable {
        /// The policy.
        public var policy: String
        /// How many tests would have to turn out otherwise.
        public var misses: Int
        /// The test that decided.
        public var test: ConditionTree.Test?
        /// The fewest tests that would have to turn out otherwise.
        public var missed: [ConditionTree.Miss] = []
        /// What its group was found to have instead of what it wants; nil where that is not missed.
        public var missedGroup: String?
        /// Everything that is missed, in words.
        public var missedWords: [String] { missed.map(\.words) + [missedGroup].compactMap { $0 } }

        /// The same without where its tests stand.
        public var placeless: NearestMiss {
            var miss = self
            miss.test?.place = nil
            for index in missed.indices { miss.missed[index].test.place = nil }
            return miss
        }
    }
    /// What decided at an earlier moment, where that is explained.
    public struct AsOf: Sendable, Hashable {
        /// The moment that was asked about; when the decision that stood then was made, and the number of its record.
        public var time: ServerTime, decidedAt: ServerTime, record: Int64
        /// Policies that decided to act then, and of whose action nothing was begun: whoever decided carried out something
        /// else alone, as a replay or a saved plan.
        public var notBegun: [String]

        /// Makes it.
        public init(time: ServerTime, decidedAt: ServerTime, record: Int64, notBegun: [String] = []) {
            (self.time, self.decidedAt, self.record, self.notBegun) = (time, decidedAt, record, notBegun)
        }
    }
    /// What was seen and decided at an earlier moment, for each pass; from records.
    public struct Then: Sendable {
        /// What was seen by one pass, and what came of it.
        public struct Pass: Sendable {
            /// What was seen, with the ledger as it stood.
            public var snapshot: Snapshot, view: LedgerView
            /// What was decided of it.
            public var plan: Plan

            /// Makes one.
            public init(_ snapshot: Snapshot, _ view: LedgerView, _ plan: Plan) {
                (self.snapshot, self.view, self.plan) = (snapshot, view, plan)
            }
        }
        /// The passes; nil where one decided nothing.
        public var enforced: Pass?, dryRun: Pass?

        /// Makes one.
        public init(enforced: Pass?, dryRun: Pass?) { (self.enforced, self.dryRun) = (enforced, dryRun) }
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
        /// The request that would be sent, where it is due and withheld.
        public var withheld: String?
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
    /// The moment of what was seen by n8n's clock, and, where somebody asked for an earlier one, what stood then.
    public var now: ServerTime, asOf: AsOf?
    /// Why n8n could not be asked now, so that what stands here is from the ledger alone; nil where it was.
    public var unreached: String?
    /// Whether the chain has healed since the moment that is told of, as the ledger knows.
    public var hasHealedSince = false
    /// The error's class and rule; nil where it has not failed or cannot be read.
    public var classification: Classification?
    /// What that rule saw of the error, and the built-in stage in which it stands.
    public var seen: [String] = [], stage: ErrorStage?
    /// The error, as far as it can be read.
    public var error: ErrorEvidence?
    /// Whether a retry may do again what was done.
    public var risk: RepeatRiskVerdict?
    /// How many nodes had succeeded when the run ended; nil where its data does not tell.
    public var nodesDone: Int?
    /// Hosts and paths that its nodes called.
    public var targets: Set<String> = []
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
    /// Whether no agent looks at the instance at all, so that this is what dry-run would say.
    public var isOff = false

    /// When something is due next, where that is known.
    public var nextDue: ServerTime? { outcomes.compactMap { $0.until ?? $0.action?.due }.min() }

    /// Explains an execution of a snapshot; nil where the snapshot does not hold it. `fetched` are rows that were asked for
    /// because somebody wants them explained: no tick sees them by itself. `past` tells the story, where that is another view
    /// than decisions go by: one with what dry-run has done.
    public init?(
        of asked: ExecutionID, in snapshot: Snapshot, view: LedgerView, dryRunView: LedgerView, policies set: PolicySet,
        url: String, fetched: Set<ExecutionID> = [], past: LedgerView? = nil, acts: Bool = true
    ) {
        let then = Then(
            enforced: Then.Pass(snapshot, view, Planner(set).plan(snapshot, view)),
            dryRun: Then.Pass(snapshot, dryRunView, Planner(set, pass: .dryRun).plan(snapshot, dryRunView)))
        self.init(of: asked, then, policies: set, url: url, fetched: fetched, past: past, acts: acts)
    }

    /// Explains what was decided about an execution, by what was seen then; nil where that does not hold it.
    public init?(
        of asked: ExecutionID, _ then: Then, policies set: PolicySet, url: String, fetched: Set<ExecutionID> = [],
        past: LedgerView? = nil, acts: Bool = true
    ) {
        guard let pass = then.enforced ?? then.dryRun, pass.snapshot.executions[asked] != nil else { return nil }
        let (snapshot, view) = (pass.snapshot, pass.view)
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
        now = snapshot.now
        timeline = TimelineEntry.all(of: chain, past ?? view, snapshot.clockOffset)
        let subject = Subject(snapshot: snapshot, view: view, tables: set.tables, chain: chain, row: row)
        protections = set.protections.compactMap { protection in
            let tree = ConditionTree.trace(protection.match, subject)
            return tree.verdict == .no ? nil : ProtectionView(place: protection.place, tree: tree)
        }
        (policies, outcomes) = ([], [])
        tellEvidence(subject, set.tables)
        tellOutcomes(then, row, set.policies, isFetched: fetched.contains(leaf))
        let shadow = Subject(
            snapshot: then.dryRun?.snapshot ?? snapshot, view: then.dryRun?.view ?? view, tables: set.tables,
            chain: chain, row: row)
        let (plan, dryRun) = (then.enforced?.plan ?? Plan(), then.dryRun?.plan ?? Plan())
        policies = set.policies.map { policy in
            policy.mode == .dryRun
                ? PolicyView(policy, shadow, Planner(set, pass: .dryRun), dryRun, outcomes)
                : PolicyView(policy, subject, Planner(set), plan, outcomes)
        }
        nearestMiss = policies.filter { !$0.matches }.min { $0.misses < $1.misses }.map {
            NearestMiss(
                policy: $0.name, misses: $0.misses, test: $0.deciding, missed: $0.missed,
                missedGroup: $0.missedGroup)
        }
    }

    /// Adds what is on record of decisions about the chain, and of asks that others followed.
    public mutating func tell(_ recorded: [TimelineEntry]) {
        let known = Set(timeline.filter { $0.kind == .ask }.map(\.record))
        let further = recorded.filter { $0.kind != .ask || !known.contains($0.record) }
        timeline = TimelineEntry.sorted(further + timeline)
    }

    /// Takes runs that count as people's for nobody's in particular, where they may have been ours.
    public mutating func doubt(_ isInDoubt: (TimelineEntry) -> Bool) {
        for index in timeline.indices where timeline[index].actor == .person && isInDoubt(timeline[index]) {
            timeline[index].becomeSomebodys()
        }
    }

    /// What the data of the judged run says, and what is made of it.
    private mutating func tellEvidence(_ subject: Subject, _ tables: JudgementTables) {
        if case .known(let known) = subject.classification { classification = known }
        if case .known(let known) = subject.repeatRisk { risk = known }
        if case .known(let detail) = subject.detail {
            error = detail.error
            unreadable = detail.readability.trouble
            nodesDone = detail.finishedNodes
            targets = Set(([detail.lastNode, detail.startNode] + (detail.tools ?? [])).compactMap { $0?.target })
            let review = FailureReview(DetailedExecution(execution: subject.row, detail: detail), tables: tables)
            if classification != nil { (seen, stage) = (review.seen, review.stage) }
        }
        if subject.fact(.healed) == .known(.flag(true)) {
            healedBy =
                subject.chain.nodes.last { $0.row?.status == .success && !subject.view.ranNothing.contains($0.id) }?.id
        }
    }

    private mutating func tellOutcomes(_ then: Then, _ row: Execution, _ policies: [Policy], isFetched: Bool) {
        func told(_ pass: Then.Pass?, isDryRun: Bool) -> [Outcome] {
            guard let pass else { return [] }
            let before = TaggedBefore(pass.view.intents, pass.snapshot.clockOffset, policies)
            return pass.plan.decisions.filter { $0.execution == row.id }
                .map {
                    var outcome = Outcome(
                        $0.withinReach(of: pass.snapshot, row, isFetched: isFetched), isDryRun: isDryRun)
                    outcome.tell(before.words(row.id))
                    return outcome
                }
        }
        outcomes = told(then.enforced, isDryRun: !acts) + told(then.dryRun, isDryRun: true)
        // What one pass leaves to nobody may be a policy's in the other.
        if outcomes.contains(where: { $0.policy != nil }) {
            outcomes.removeAll { $0.policy == nil && $0.verdict == Reason.noPolicy.rawValue }
        }
    }
}

extension Explanation.Outcome {
    /// Says of what nobody owns who has tagged it.
    fileprivate mutating func tell(_ tagged: String?) {
        guard let tagged, policy == nil, verdict == Reason.noPolicy.rawValue, why.isEmpty else { return }
        why = "\(tagged), and nothing is left to do"
    }

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
        withheld = decision.withheld?.request
    }
}
