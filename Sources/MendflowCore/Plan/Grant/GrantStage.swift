/// A decision to act that nothing but a budget can still hold.
struct DueAction {
    /// The decision; its verdict is to act.
    var decision: Decision
    /// For a tag write which policies want which tags.
    var tags: [TagShare] = []
    /// The policy that would rather send one request for many; nil where each action goes by itself.
    var joins: SharedPolicy?
    /// Whether it is due whenever it is looked at.
    var isDueAtOnce = false
    /// True where it was granted before: it is charged, and decided elsewhere.
    var isGranted = false
}

extension DueAction {
    init(granted decision: Decision) {
        self.decision = decision
        isGranted = true
    }

    init(_ decision: Decision, _ proposal: Proposal) {
        self.decision = decision
        tags = proposal.tags
        isDueAtOnce = !proposal.kind.definition.hasDueTime
        if let action = proposal.shared.remediation, action.single == proposal.kind, action.kind != action.single {
            joins = proposal.shared
        }
    }
}

extension DueAction {
    /// The same at a later time.
    func again(at now: ServerTime) -> DueAction {
        guard isDueAtOnce, case .act(var action) = decision.verdict else { return self }
        action.due = now
        var again = self
        again.decision.verdict = .act(action)
        return again
    }
}

/// What the budgets leave of all that is due.
struct Grants {
    var decisions: [Decision] = []
    var heldBulkStops: [HeldBulkStop] = []
}

/// Fifth stage: lets the budgets take from what is due, the oldest first; what they hold waits.
///
/// The only stage in which decisions depend on each other: runs of a policy with `bulk_stop` may leave as one request,
/// and a tag write leaves out the policies that are over their own cap.
struct GrantStage {
    private let context: PlanningContext
    private var budget: Budget
    /// Policies that actions were charged to, by position.
    private var charged: [ChargedPolicy?]
    private var grants = Grants()
    /// What is capped, by its place among the decisions, and to whom it would be charged.
    private var capped: [(place: Int, charged: [ChargedPolicy])] = []

    init(_ context: PlanningContext) {
        self.context = context
        charged = context.set.shared.map { _ in nil }
        budget = Budget(
            view: context.view, charges: context.past.charges, snapshot: context.snapshot, limits: context.set.limits,
            name: context.set.present)
    }

    /// Grants what is due, the oldest first, a bulk stop at the place of the oldest run that it stops. Where it is held,
    /// its runs take their own places.
    consuming func grants(_ due: [DueAction]) -> Grants {
        var calls: [ExecutionID: BulkStop] = [:]
        var queue = DueAction.oldestFirst(joined(due, &calls))[...]
        while let next = queue.popFirst() {
            guard case .act(let action) = next.decision.verdict else { continue }
            if next.isGranted {
                budget.charge(action.draft, charged: charged(by: action.draft))
                continue
            }
            guard action.draft.action == .bulkStop, var bulk = calls[next.decision.execution] else {
                grant(next, action)
                continue
            }
            if let cap = budget.grant(action.draft, charged: charged(for: next)) {
                bulk.hold(cap.reason.rawValue)
                grants.heldBulkStops += [bulk.held].compactMap { $0 }
                queue = DueAction.oldestFirst(bulk.singles + queue)[...]
            } else {
                grants.decisions.append(next.decision)
                grants.decisions += bulk.singles.map(\.decision).filter { $0.execution != next.decision.execution }
                    .map { $0.held(.inBulk, "stopped together with \(next.decision.execution)") }
            }
        }
        tellLatest()
        return grants
    }

    /// What was granted behind a capped action fills other caps, which may hold it longer than the one that it met.
    private mutating func tellLatest() {
        for (place, charged) in capped {
            guard case .wait(let action, _, _) = grants.decisions[place].verdict,
                let cap = budget.holdOfAll(action.draft, charged: charged)
            else { continue }
            let wait = withHours(cap, grants.decisions[place])
            grants.decisions[place].verdict = .wait(action, until: wait.until, wait.reason)
        }
    }

    /// Where a cap frees up outside the policy's hours, these hold longer still.
    private func withHours(_ cap: Wait, _ decision: Decision) -> Wait {
        decision.shared.map { context.withHours(cap, $0) } ?? cap
    }

    /// What is due, the actions of each policy that joins them as one request where that is safe.
    private mutating func joined(_ due: [DueAction], _ calls: inout [ExecutionID: BulkStop]) -> [DueAction] {
        guard due.contains(where: { $0.joins != nil }) else { return due }
        let parts = Dictionary(grouping: due) { $0.joins?.position }
        var joined = parts[nil] ?? []
        for position in parts.keys.compactMap({ $0 }).sorted() {
            let bulk = BulkStop(context, context.set.shared[position], parts[position] ?? [])
            grants.heldBulkStops += [bulk.held].compactMap { $0 }
            joined += bulk.call.map { [$0] } ?? bulk.singles
            if let call = bulk.call { calls[call.decision.execution] = bulk }
        }
        return joined
    }

    /// Decides as the budgets leave it: to act, or to wait, those apart whom their own caps hold.
    private mutating func grant(_ due: DueAction, _ action: ProposedAction) {
        var (decision, action) = (due.decision, action)
        var charges = charged(for: due)
        if due.tags.count > 1 { leaveOutCapped(&decision, &action, due.tags, &charges) }
        if let cap = budget.grant(action.draft, charged: charges) {
            decision.verdict = .wait(action, until: cap.until, cap.reason)
            capped.append((grants.decisions.count, charges))
        }
        grants.decisions.append(decision)
    }

    /// Removes from a shared tag write the policies that are over their own cap; they wait alone, the others' tags are
    /// written. Where all of them are, the write stays one.
    private mutating func leaveOutCapped(
        _ decision: inout Decision, _ action: inout ProposedAction, _ tags: [TagShare],
        _ charges: inout [ChargedPolicy]
    ) {
        let caps = charges.map { budget.hold(action.draft, charged: [$0]) }
        guard caps.contains(where: { $0 != nil }), let first = caps.firstIndex(where: { $0 == nil }) else { return }
        for (share, cap) in zip(tags, caps) {
            guard let cap else { continue }
            var alone = action
            alone.draft = action.draft.shared(by: [share])
            grants.decisions.append(decision.owned(by: share.shared, .wait(alone, until: cap.until, cap.reason)))
        }
        let isGranted = { (index: Int) in caps[index] == nil }
        action.draft = action.draft.shared(by: tags.indices.filter(isGranted).map { tags[$0] })
        charges = charges.indices.filter(isGranted).map { charges[$0] }
        decision = decision.owned(by: tags[first].shared, .act(action))
    }

    /// All policies that an action is charged to, in order.
    private mutating func charged(for due: DueAction) -> [ChargedPolicy] {
        guard due.tags.isEmpty else { return due.tags.map { charged(to: $0.shared) } }
        return due.decision.shared.map { [charged(to: $0)] } ?? []
    }

    private mutating func charged(by draft: IntentDraft) -> [ChargedPolicy] {
        draft.contributors.compactMap { context.judged.byName[$0] }.map { charged(to: context.set.shared[$0]) }
    }

    private mutating func charged(to policy: SharedPolicy) -> ChargedPolicy {
        if let known = charged[policy.position] { return known }
        let found = ChargedPolicy(policy, context.snapshot)
        charged[policy.position] = found
        return found
    }
}

extension DueAction {
    /// Due actions in the order in which budgets grant.
    static func oldestFirst(_ due: [DueAction]) -> [DueAction] {
        Decision.oldestFirst(due, since: \.decision.since, execution: \.decision.execution, by: \.decision)
    }
}
