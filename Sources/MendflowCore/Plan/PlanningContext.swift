/// What the stages of one planning look at: the snapshot, the past, the policies, and what is worked out of them once.
final class PlanningContext {
    let set: PolicySet
    let pass: Planner.Pass
    /// Snapshot and past, with what all subjects share.
    let facts: SharedFacts
    let chains: Chains
    /// What is worked out of the ledger's intents.
    let past: PastActions
    /// Policies that exhausted a chain, by its root, under their present names.
    let exhausted: [ExecutionID: Set<String>]
    /// The policies that take part in this pass.
    let judged: JudgedPolicies
    /// Names that several workflows bear, with their number.
    let sharedNames: [String: Int]
    /// Positions of the policies that miss runs of a workflow, by the last run of it that there was: what they tag.
    let missing: [ExecutionID: [Int]]
    /// Positions of the policies whose hours were asked for.
    var windowsSeen: Set<Int> = []

    var snapshot: Snapshot { facts.snapshot }
    var view: LedgerView { facts.view }
    var intents: IntentIndex { facts.intents }
    var now: ServerTime { facts.snapshot.now }
    var clockOffset: ClockOffset { facts.snapshot.clockOffset }
    var validity: PlanValidity { facts.validity }

    /// `past` is what an earlier planning worked out of the same past.
    init(_ planner: Planner, _ snapshot: Snapshot, _ view: LedgerView, past: PastActions? = nil) {
        set = planner.set
        pass = planner.pass
        self.past = past ?? PastActions(view, snapshot.clockOffset, planner.set)
        facts = SharedFacts(
            snapshot: snapshot, view: view, intents: self.past.intents, tables: planner.set.tables,
            timeLimits: planner.set.timeLimits)
        chains = Chains(rows: snapshot.executions, view, self.past.knownChildren)
        exhausted = view.exhausted.mapValues { Set($0.map(planner.set.present)) }
        judged = planner.set.judged(planner.pass)
        missing = Dictionary(
            grouping: view.absences.values.compactMap { [judged, set] absence in
                judged.byName[absence.key.policy].flatMap { position in
                    set.policies[position].absence == nil ? nil : (absence.last, position)
                }
            }, by: \.0
        ).mapValues { $0.map(\.1).sorted() }
        sharedNames = Dictionary((snapshot.workflows ?? [:]).values.map { ($0.name, 1) }, uniquingKeysWith: +)
            .filter { $0.value > 1 }
    }

    /// Whether a row is the agent's business: live, seen live after the baseline, or ended after it.
    func isEligible(_ row: Execution) -> Bool {
        if row.status.isLive || snapshot.seenLive.contains(row.id) { return true }
        guard let end = row.endedAt else { return false }
        return end > snapshot.baseline
    }

    /// Whether a policy exhausted a chain before.
    func isExhausted(_ root: ExecutionID, by policy: SharedPolicy) -> Bool {
        exhausted[root]?.contains(policy.policy.name) == true
    }

    /// Whether decisions of a policy are written down in this pass.
    func writes(_ policy: SharedPolicy?) -> Bool { pass == .enforced || policy?.policy.mode == .dryRun }
}

extension PlanningContext {
    /// A row that is to be judged.
    struct Item {
        var subject: Subject
        var part: Part
    }

    /// What part a row has in its chain, and so in planning.
    enum Part {
        /// It speaks for its chain: a live run, or the newest run of the chain that nobody retried.
        case speaker
        /// Another run speaks for its chain: only deleting policies look at it.
        case member
        /// It ended before the baseline: nothing is done to it.
        case beforeBaseline
    }

    /// A row with its part in planning; nil where no policy looks at it.
    func item(_ row: Execution) -> Item? {
        // An owned chain is judged although no policy looks at its status, so that its hold is on record.
        guard
            set.watches(row.status) || row.status.isFailed && view.owners[chains.root(of: row.id)] != nil
                || missing[row.id] != nil
        else { return nil }
        let chain = chains.chain(of: row.id)
        let isEligible = isEligible(row)
        if !row.status.isLive, chain.nodes.count > 1, row.id != chain.speaker?.id {
            guard judged.deletes, isEligible else { return nil }
            return Item(subject: Subject(facts: facts, chain: chain, row: row), part: .member)
        }
        return Item(
            subject: Subject(facts: facts, chain: chain, row: row), part: isEligible ? .speaker : .beforeBaseline)
    }
}

extension PlanningContext {
    /// The rows that may lead to a decision: all, or those of some workflows.
    func rows(of workflows: Set<WorkflowID>? = nil) -> [Execution] {
        if let counted = snapshot.counted { return counted.judged.compactMap { snapshot.executions[$0] } }
        let executions = snapshot.executions
        let isChosen = { (row: Execution) in workflows?.contains(row.workflow) ?? true }
        let last = missing.keys.filter(executions.isSettled).compactMap { executions[$0] }.filter(isChosen)
        let notable = executions.notable.values.filter(isChosen)
        guard let limit = settledLimit else { return notable + last }
        // Of a chain only one row speaks.
        let retried = chains.trees.values.lazy.flatMap(\.nodes).compactMap(\.row).filter { row in
            executions.isSettled(row.id) && row.stoppedAt.map { $0 > limit } ?? false && isChosen(row)
        }
        let found = notable + executions.settled(endedUpTo: limit, of: workflows) + retried
        guard !last.isEmpty else { return found }
        let known = Set(found.map(\.id))
        return found + last.filter { !known.contains($0.id) }
    }

    /// Up to which end settled runs may lead to a decision: those that ended later are too young for every policy. Nil where
    /// no policy looks at successes.
    var settledLimit: ServerTime? {
        guard snapshot.counted == nil, set.watches(.success) else { return nil }
        // Where nobody can tell the time, none is known to be too young.
        guard !clockOffset.isDisputed else { return ServerTime(milliseconds: .max) }
        let youngest = judged.positions(of: .success).map { set.policies[$0].match?.leastAge ?? .zero }.min()
        return max(youngest.map { now - $0 } ?? snapshot.baseline, snapshot.baseline)
    }

    /// How many rows are judged without a look at them, where some are looked at: settled ones that are too young.
    func passedOver(lookedAt rows: Int) -> Int {
        settledLimit == nil ? 0 : snapshot.executions.count - rows
    }
}

extension Chain {
    /// The run by which an ended chain is judged: the newest leaf; where its row is gone, the newest ended row that is left.
    package var speaker: Execution? { newestLeaf?.row ?? nodes.last { $0.row?.status.isLive == false }?.row }
}
