/// What was worked out of all rows because some decision asked for it; nil where none did.
struct SharedAnswers: Sendable {
    var oldestSeen: ExecutionID??
    var seesDefaultSuccesses: Bool?

    /// Whether the same would be answered now.
    func hold(_ facts: SharedFacts) -> Bool {
        if let oldestSeen, oldestSeen != facts.oldestSeen { return false }
        if let seesDefaultSuccesses, seesDefaultSuccesses != facts.seesDefaultSuccesses { return false }
        return true
    }

    /// These and others.
    func with(_ others: SharedAnswers) -> SharedAnswers {
        SharedAnswers(
            oldestSeen: others.oldestSeen ?? oldestSeen,
            seesDefaultSuccesses: others.seesDefaultSuccesses ?? seesDefaultSuccesses)
    }
}

/// The facts that all subjects of one planning share: its input, and what is worked out of it once, when it is first asked for.
final class SharedFacts {
    let snapshot: Snapshot
    let view: LedgerView
    let tables: JudgementTables
    let intents: IntentIndex
    /// Until when what is found out holds.
    let validity: PlanValidity
    private var judgements: [Int: [Judgement]] = [:]
    private var judgementCount = 0
    private var changeable: [WorkflowID: ChangeableFacts] = [:]
    private lazy var runTimesSeen = SharedFacts.runTimes(of: snapshot.executions.values)
    private(set) lazy var oldestSeen: ExecutionID? = {
        let oldest = snapshot.oldestSeen
        answers.oldestSeen = .some(oldest)
        // From then on another run is the oldest one within the look-back.
        if let end = oldest.flatMap({ snapshot.executions[$0]?.endedAt }) {
            validity.changesAll(at: end + snapshot.coverage.lookBack)
        }
        return oldest
    }()
    private(set) lazy var seesDefaultSuccesses: Bool = {
        let sees = snapshot.seesDefaultSuccesses
        answers.seesDefaultSuccesses = sees
        return sees
    }()
    private(set) lazy var oldestKnownCreation = snapshot.oldestKnownCreation
    /// What was asked of those that are worked out of all rows.
    private(set) var answers = SharedAnswers()

    /// The most judgements that are kept: a flood of failures whose texts all differ must not fill the memory.
    private static let mostJudgements = 4096

    init(
        snapshot: Snapshot, view: LedgerView, intents: IntentIndex, tables: JudgementTables, timeLimits: [Period] = []
    ) {
        self.snapshot = snapshot
        self.view = view
        self.tables = tables
        validity = PlanValidity(snapshot.now, limits: timeLimits)
        self.intents = intents
    }

    /// What the rules say of a failure's evidence. Failures come in storms that leave the same evidence, so each different
    /// one costs the rules once.
    func judgement(_ status: ExecutionStatus, _ detail: ExecutionDetail) -> Judgement {
        let hash = Judgement.hash(status, detail)
        if let known = judgements[hash]?.first(where: { $0.isOf(status, detail) }) { return known }
        let found = Judgement(status, detail, hash)
        if judgementCount < SharedFacts.mostJudgements {
            judgements[hash, default: []].append(found)
            judgementCount += 1
        }
        return found
    }

    /// What of a workflow may change without touching an execution; actions on many of its executions share it.
    func changeableFacts(of workflow: WorkflowInfo) -> ChangeableFacts {
        if let known = changeable[workflow.id] { return known }
        var found = ChangeableFacts()
        found.workflows[workflow.id] = WorkflowStanding(workflow)
        changeable[workflow.id] = found
        return found
    }

    /// How long a workflow's successful runs took.
    func runTimes(of workflow: WorkflowID) -> RunTimes? { snapshot.runTimes[workflow] ?? runTimesSeen[workflow] }

    /// The run times of successes by workflow; retries are left out, because they start in the middle.
    private static func runTimes(of rows: some Sequence<Execution>) -> [WorkflowID: RunTimes] {
        var periods: [WorkflowID: [Period]] = [:]
        for row in rows where row.status == .success && row.retryOf == nil {
            if let start = row.startedAt, let end = row.stoppedAt, start <= end {
                periods[row.workflow, default: []].append(end - start)
            }
        }
        return periods.compactMapValues { RunTimes($0) }
    }
}
