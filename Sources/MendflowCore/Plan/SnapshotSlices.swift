/// Cuts out of a snapshot what the decisions about one execution were made from.
///
/// A slice is evidence: `Planner.plan` makes the same decisions of it, with the same policies and view. It holds the rows
/// of the chain, the facts that were read for it, and as numbers what planning counts over all rows.
public struct SnapshotSlices {
    private let context: PlanningContext
    private let plan: Plan
    private let decisions: [ExecutionID: [Decision]]
    /// Slices of runs that may leave in one request, by the policies that would send it: they are large and the same.
    private var joint: [Set<Int>: Snapshot] = [:]

    /// Makes slices of what a planner made a plan of.
    public init(_ planner: Planner, _ plan: Plan, _ snapshot: Snapshot, _ view: LedgerView) {
        self.init(planner, plan, snapshot, view, past: nil)
    }

    /// The same of a plan that knows what was worked out of the past.
    package init(_ planner: Planner, _ plan: StandingPlan, _ snapshot: Snapshot, _ view: LedgerView) {
        self.init(planner, plan.plan, snapshot, view, past: plan.past)
    }

    private init(_ planner: Planner, _ plan: Plan, _ snapshot: Snapshot, _ view: LedgerView, past: PastActions?) {
        context = PlanningContext(planner, snapshot, view, past: past)
        self.plan = plan
        decisions = Dictionary(grouping: plan.decisions, by: \.execution)
    }

    /// What the decisions about an execution were made from.
    public mutating func slice(for decision: Decision) -> Snapshot {
        let joining = joining(decisions[decision.execution] ?? [])
        if let known = joint[joining] { return known }
        let slice = slice(judged(with: decision.execution))
        if !joining.isEmpty { joint[joining] = slice }
        return slice
    }

    private func slice(_ judged: Set<ExecutionID>) -> Snapshot {
        let whole = context.snapshot
        var slice = Snapshot(
            instance: whole.instance, now: whole.now, clockOffset: whole.clockOffset, baseline: whole.baseline,
            coverage: whole.coverage)
        slice.completeness = whole.completeness
        slice.highest = whole.highest
        slice.notOffered = whole.notOffered
        for execution in judged { addFacts(of: execution, to: &slice) }
        for row in otherRows(judged) { slice.executions[row.id] = row }
        addWorkflows(judged, to: &slice)
        slice.counted = counted(judged, slice)
        return slice
    }

    /// The decisions to act about other executions, which took of the same budgets.
    public func granted(beside decision: Decision) -> [Decision] {
        let judged = judged(with: decision.execution)
        return plan.decisions.filter { other in
            if case .act = other.verdict { !judged.contains(other.execution) } else { false }
        }
    }

    /// The execution, and all whose stops might have left in one request with its own.
    private func judged(with execution: ExecutionID) -> Set<ExecutionID> {
        let joining = joining(decisions[execution] ?? [])
        guard !joining.isEmpty else { return [execution] }
        let joined = plan.decisions.filter { $0.shared.map { joining.contains($0.position) } ?? false }
        return Set(joined.map(\.execution)).union([execution])
    }

    private func decisions(about executions: Set<ExecutionID>) -> [Decision] {
        executions.flatMap { decisions[$0] ?? [] }
    }

    /// The positions of policies that would rather send one request for many.
    private func joining(_ decisions: [Decision]) -> Set<Int> {
        Set(
            decisions.compactMap(\.shared).filter { policy in
                policy.remediation.map { $0.single != $0.kind } ?? false
            }.map(\.position))
    }
}

extension SnapshotSlices {
    /// Adds the chain of an execution and everything that was read for it.
    private func addFacts(of execution: ExecutionID, to slice: inout Snapshot) {
        let whole = context.snapshot
        let chain = context.chains.chain(of: execution)
        for row in chain.nodes.compactMap(\.row) { slice.executions[row.id] = row }
        // A retry that n8n names as the one that succeeded is believed unless its own row says that it failed.
        for named in chain.nodes.compactMap({ $0.row?.retrySuccess }) {
            slice.executions[named] = whole.executions[named]
        }
        // A row's own word goes before the ledger's, so it takes the row to show that a known child is of another chain.
        for id in chain.nodes.flatMap({ context.past.knownChildren[$0.id] ?? [] }) {
            slice.executions[id] = whole.executions[id]
        }
        // How the chain was started decides who may retry it, and so may the run that started it.
        slice.details[chain.root] = whole.details[chain.root]
        let parent = whole.details[chain.root]?.parentExecution
        if let parent { slice.executions[parent] = whole.executions[parent] }
        slice.details[execution] = whole.details[execution]
        for node in chain.nodes where node.row != nil {
            slice.tags[node.id] = whole.tags[node.id]
            if whole.unreadableTags.contains(node.id) { slice.unreadableTags.insert(node.id) }
        }
        slice.firstSeen[execution] = whole.firstSeen[execution]
        slice.lastSeenWaiting[execution] = whole.lastSeenWaiting[execution]
        if whole.seenLive.contains(execution) { slice.seenLive.insert(execution) }
    }

    /// The rows beside the chains that something was concluded from: a run that one request for many would stop too, and the
    /// runs of our own retries, by which budgets count what is in flight and what failed.
    private func otherRows(_ judged: Set<ExecutionID>) -> [Execution] {
        let about = decisions(about: judged)
        var rows = joining(about).compactMap { position in
            bulkStopRequest(position).flatMap { request in
                context.snapshot.executions.values.lazy.filter { request.covers($0) && !judged.contains($0.id) }
                    .min { $0.id < $1.id }
            }
        }
        let breaking = Set(
            about.compactMap(\.shared).filter { $0.policy.guards.circuitBreaker != nil }.map(\.policy.name))
        for intent in context.view.intents {
            if let row = intent.liveRun(in: context.snapshot) { rows.append(row) }
            guard let row = intent.child.flatMap({ context.snapshot.executions[$0] }) else { continue }
            if row.status.isLive || breaking.contains(context.set.present(intent.draft.policy)) { rows.append(row) }
        }
        return rows + about.compactMap(\.shared?.policy).reduce(into: []) { $0 += firstRetries($1) }
    }

    /// The runs that tell whether the first retries of a replay have healed: so many as have to, or all where they have not.
    /// Those of before it was let go on tell nothing of that, but where their rows are missing they may seem to go on still.
    private func firstRetries(_ policy: Policy) -> [Execution] {
        guard let canary = policy.replay?.canary, canary > 0 else { return [] }
        let since = context.view.replays[policy.name]?.since
        let retries = context.view.intents.filter { $0.draft.policy == policy.name && $0.child != nil }
        let isOfBefore = { (intent: Intent) in since.map { intent.reservedAt < $0 } ?? false }
        let row = { (intent: Intent) in intent.child.flatMap { context.snapshot.executions[$0] } }
        let healed = retries.filter { !isOfBefore($0) }.compactMap(row).filter { $0.status == .success }
        guard healed.count < canary else { return Array(healed.prefix(canary)) }
        return retries.filter { !isOfBefore($0) || $0.mayYetShow(context.snapshot) }.compactMap(row)
    }

    private func bulkStopRequest(_ position: Int) -> BulkStopRequest? {
        bulkStopScope(position)?.request(at: context.now, workflows: context.snapshot.workflows)
    }

    private func bulkStopScope(_ position: Int) -> BulkStopScope? {
        let policy = context.set.shared[position].policy
        guard case .bulkStop(let action)? = policy.remediation else { return nil }
        return BulkStopScope(policy.match, action)
    }

    /// Adds the workflows of the judged executions, with all that bear the same name, since a name may be no handle.
    private func addWorkflows(_ judged: Set<ExecutionID>, to slice: inout Snapshot) {
        let whole = context.snapshot
        let ids = Set(judged.compactMap { whole.executions[$0]?.workflow })
        var names = Set(ids.compactMap { whole.workflows?[$0]?.name })
        for position in joining(decisions(about: judged)) {
            if case .name(let name)? = bulkStopScope(position)?.workflows { names.insert(name) }
        }
        slice.workflows = whole.workflows?.filter { ids.contains($0.key) || names.contains($0.value.name) }
        for id in ids {
            slice.newestSuccess[id] = whole.newestSuccess[id]
            slice.runTimes[id] = context.facts.runTimes(of: id)
        }
    }

    private func counted(_ judged: Set<ExecutionID>, _ slice: Snapshot) -> CountedFacts {
        let workflows = Set(judged.compactMap { slice.executions[$0]?.workflow })
        let policies = decisions(about: judged).reduce(into: Set<String>()) { names, decision in
            names.insert(decision.policyName)
            if case .act(let action) = decision.verdict { names.formUnion(action.draft.contributors) }
            if case .wait(let action, _, _) = decision.verdict { names.formUnion(action.draft.contributors) }
        }
        return CountedFacts(
            judged: judged,
            groups: plan.groups.filter { $0.workflow.map(workflows.contains) ?? true },
            populations: context.set.shared.filter { policies.contains($0.policy.name) }.flatMap { policy in
                policy.policy.guards.maxActions.filter { $0.percent != nil }.map { cap in
                    CountedFacts.Population(
                        policy: policy.policy.name, per: cap.per,
                        chains: context.snapshot.population(of: policy, cap.per))
                }
            },
            oldestSeen: context.facts.oldestSeen, seesDefaultSuccesses: context.facts.seesDefaultSuccesses,
            oldestKnownCreation: context.facts.oldestKnownCreation)
    }
}
