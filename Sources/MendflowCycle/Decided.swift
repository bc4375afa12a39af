package import MendflowCore
import MendflowLedger

/// What the two passes decided, and from what.
package struct Decided: Sendable {
    private(set) var enforced: StandingPlan, dryRun: StandingPlan
    private(set) var snapshot: Snapshot
    private(set) var view: LedgerView, dryRunView: LedgerView
    /// Executions whose decisions the ledger may hold otherwise; nil for all.
    private(set) var unrecorded: Set<ExecutionID>?
    let policies: PolicySet
    /// What did not happen; nil where no policy looks for that.
    var absences: AbsenceWatch?
    /// What failures belong together; nil where nobody looks for that.
    var incidents: IncidentWatch?
    /// Whether only what is older than the look-back was judged.
    let deletesOld: Bool

    /// The plan of the enforced policies, and that of the dry-run policies.
    var plan: Plan {
        get { enforced.plan }
        set { enforced.plan = newValue }
    }
    var dryRunPlan: Plan {
        get { dryRun.plan }
        set { dryRun.plan = newValue }
    }
    /// Whether most of it is what an earlier step decided.
    var isTakenOver: Bool { judged != nil }
    /// Until when all of it holds where nothing happens; a decision that waits for a budget may change before. Nil where it
    /// holds for this moment alone.
    package var holdsUntil: ServerTime? {
        guard let one = enforced.nextChange(after: snapshot.now), let other = dryRun.nextChange(after: snapshot.now)
        else {
            return nil
        }
        return [one, other, absences?.holdsUntil, incidents?.holdsUntil].compactMap { $0 }.min()
    }
    /// Whether something is due that only a budget holds.
    package var hasCapped: Bool { enforced.hasCapped }
    /// Executions that were decided about anew; nil for all.
    package var judged: Set<ExecutionID>? { enforced.judged.map { $0.union(dryRun.judged ?? []) } }
    var questions: [Question] { Set(plan.needs + dryRunPlan.needs).sorted().map { .fact($0) } }

    /// The latches of chains that these plans found to be exhausted; in dry-run they bind nothing.
    func exhausted(_ instance: InstanceKey, acts: Bool) -> [LedgerEvent] {
        func events(_ plan: Plan, shadow: Bool) -> [LedgerEvent] {
            plan.latches.filter(\.isExhausted).map { .latched(instance, $0, shadow: shadow) }
        }
        return events(plan, shadow: !acts) + events(dryRunPlan, shadow: true)
    }

    /// Decides; since an earlier decision only about what falls due, and about what has changed.
    init(
        _ policies: PolicySet, _ snapshot: Snapshot, _ view: LedgerView, _ dryRunView: LedgerView,
        since previous: Decided? = nil
    ) {
        let changes = previous.flatMap { $0.changes(policies, snapshot, view, dryRunView) }
        let earlier = changes == nil ? nil : previous
        enforced = Planner(policies).plan(snapshot, view, since: earlier?.enforced, changes: changes ?? .none)
        let isDryRun = policies.hasDryRun
        dryRun =
            isDryRun
            ? Planner(policies, pass: .dryRun).plan(
                snapshot, dryRunView, since: earlier?.dryRun, changes: changes ?? .none)
            : .empty
        self.policies = policies
        deletesOld = false
        self.snapshot = snapshot
        self.view = view
        self.dryRunView = dryRunView
        if let known = earlier?.unrecorded, let first = enforced.changed, let second = isDryRun ? dryRun.changed : [] {
            unrecorded = known.union(first).union(second)
        }
    }

    /// Decides what is to be deleted of a page of what is older than the look-back, and nothing else.
    init(
        deleting page: Set<ExecutionID>, _ policies: PolicySet, _ snapshot: Snapshot, _ view: LedgerView,
        _ dryRunView: LedgerView
    ) {
        self.policies = policies
        enforced = Planner(policies).plan(snapshot, view, only: page)
        dryRun =
            policies.hasDryRun
            ? Planner(policies, pass: .dryRun).plan(snapshot, dryRunView, only: page) : .empty
        deletesOld = true
        self.snapshot = snapshot
        self.view = view
        self.dryRunView = dryRunView
    }

    /// Notes of which executions something is to be written down: of all others the ledger holds what was decided.
    mutating func noteRecord(of executions: Set<ExecutionID>) { unrecorded = executions }

    /// What the snapshot shows otherwise since; nil where everything has to be decided anew.
    private func changes(
        _ policies: PolicySet, _ snapshot: Snapshot, _ view: LedgerView, _ dryRunView: LedgerView
    ) -> SnapshotChanges? {
        guard snapshot.now >= self.snapshot.now, policies.isSame(as: self.policies), view.hasSamePast(as: self.view),
            dryRunView.hasSamePast(as: self.dryRunView)
        else { return nil }
        return snapshot.changes(since: self.snapshot)
    }
}

extension LedgerView {
    /// Whether it holds the same past, but for what was written down of decisions: no decision goes by that.
    fileprivate func hasSamePast(as other: LedgerView) -> Bool {
        var other = other
        other.verdicts = verdicts
        return self == other
    }
}
