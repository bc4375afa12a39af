import MendflowCore

/// What the two passes decided, and from what.
package struct Decided: Sendable {
    private var enforced: StandingPlan, dryRun: StandingPlan
    private(set) var snapshot: Snapshot
    private(set) var view: LedgerView, dryRunView: LedgerView
    /// Executions whose decisions the ledger may hold otherwise; nil for all.
    private(set) var unrecorded: Set<ExecutionID>?
    let policies: PolicySet
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
    var isTakenOver: Bool { enforced.judged != nil }
    var questions: [Question] { Set(plan.needs + dryRunPlan.needs).sorted().map { .fact($0) } }

    /// Decides; where nothing but time has gone on since an earlier decision, only about what falls due.
    init(
        _ policies: PolicySet, _ snapshot: Snapshot, _ view: LedgerView, _ dryRunView: LedgerView,
        since previous: Decided? = nil, deletesOld: Bool = false
    ) {
        let earlier = previous.flatMap { $0.isFrom(policies, snapshot, view, dryRunView) ? $0 : nil }
        enforced = Planner(policies).plan(snapshot, view, since: earlier?.enforced)
        let isDryRun = policies.policies.contains { $0.mode == .dryRun }
        dryRun =
            isDryRun ? Planner(policies, pass: .dryRun).plan(snapshot, dryRunView, since: earlier?.dryRun) : .empty
        self.policies = policies
        self.deletesOld = deletesOld
        self.snapshot = snapshot
        self.view = view
        self.dryRunView = dryRunView
        if let known = earlier?.unrecorded, let first = enforced.judged, let second = isDryRun ? dryRun.judged : [] {
            unrecorded = known.union(first).union(second)
        }
    }

    /// Notes of which executions something is to be written down: of all others the ledger holds what was decided.
    mutating func noteRecord(of executions: Set<ExecutionID>) { unrecorded = executions }

    /// Whether it was decided from the same, at this time or earlier.
    private func isFrom(
        _ policies: PolicySet, _ snapshot: Snapshot, _ view: LedgerView, _ dryRunView: LedgerView
    ) -> Bool {
        snapshot.now >= self.snapshot.now && policies.isSame(as: self.policies)
            && snapshot.isSame(as: self.snapshot, at: snapshot.now) && view.hasSamePast(as: self.view)
            && dryRunView.hasSamePast(as: self.dryRunView)
    }
}

extension Snapshot {
    /// Whether it shows what another one showed, but for the time.
    fileprivate func isSame(as other: Snapshot, at now: ServerTime) -> Bool {
        var other = other
        other.now = now
        return self == other
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
