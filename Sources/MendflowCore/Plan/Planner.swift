/// Decides: a pure function of snapshot, ledger view, policies and the snapshot's now.
///
/// Run, dry-run, plan, test, explain and backtest all call it, so that they cannot disagree.
public struct Planner: Sendable {
    /// Which policies are judged, and as what.
    public enum Pass: Sendable, Hashable {
        /// The enforced ones.
        case enforced
        /// All but `off`, as if enforced; decisions of enforced policies are left out. `view` holds shadow counters.
        case dryRun
    }
    /// The policies in order.
    public let set: PolicySet
    /// Which policies are judged.
    public let pass: Pass

    /// Makes a planner.
    public init(_ set: PolicySet, pass: Pass = .enforced) {
        self.set = set
        self.pass = pass
    }

    /// Decides about everything in a snapshot. With `needs` the plan is provisional: fetch them and ask again.
    ///
    /// Five stages: which policies match an execution, which of them owns it, what would be done, what holds that, and
    /// what the budgets leave of all that is due. Where a snapshot is the evidence of some decisions (`SnapshotSlices`),
    /// `granted` are the decisions to act about other executions of the same plan: they take their places in the budgets.
    public func plan(_ snapshot: Snapshot, _ view: LedgerView, beside granted: [Decision] = []) -> Plan {
        plan(snapshot, view, since: nil, beside: granted).plan
    }

    /// The same since an earlier plan, from which the snapshot differs in time and by some changes, and nothing else does:
    /// only what falls due and what they concern is judged. The budgets have places for all of
    /// it, or for `some` alone.
    package func plan(
        _ snapshot: Snapshot, _ view: LedgerView, since earlier: StandingPlan?,
        changes: SnapshotChanges = .none, beside granted: [Decision] = [], placesFor some: Set<ExecutionID>? = nil
    ) -> StandingPlan {
        plan(PlanningContext(self, snapshot, view, past: earlier?.past), since: earlier, changes, granted, some)
    }

    /// The plan about some executions alone: nothing is decided about the others, nor do they take places in the budgets.
    package func plan(_ snapshot: Snapshot, _ view: LedgerView, only some: Set<ExecutionID>) -> StandingPlan {
        plan(PlanningContext(self, snapshot, view), since: nil, .none, [], nil, only: some)
    }

    /// The plan of a slice, where what others share with it was worked out of the past already.
    package func plan(
        _ slice: Snapshot, _ view: LedgerView, beside granted: [Decision], past: PastActions
    ) -> Plan {
        plan(PlanningContext(self, slice, view, past: past), since: nil, .none, granted, nil).plan
    }

    private func plan(
        _ context: PlanningContext, since earlier: StandingPlan?, _ changes: SnapshotChanges, _ granted: [Decision],
        _ some: Set<ExecutionID>?, only judged: Set<ExecutionID>? = nil
    ) -> StandingPlan {
        var match = MatchStage(context)
        let own = OwnStage(context: context)
        let propose = ProposeStage(context: context)
        let hold = HoldStage(context: context)
        var draft = PlanDraft(context, groups: match.groups, needs: match.needs, earlier, changes, only: judged)
        for row in draft.rowsToJudge {
            draft.begin(row)
            guard let item = context.item(row) else { continue }
            let matches = match.matches(item)
            let ownership = own.ownership(item, matches)
            let proposals = propose.proposals(item, matches, ownership)
            let rulings = hold.rulings(proposals)
            draft.add(item, matches, ownership, rulings)
        }
        match.keepIndex()
        let due =
            draft.dueActions().filter { some?.contains($0.decision.execution) ?? true }
            + granted.map { DueAction(granted: $0) }
        let grants = GrantStage(context).grants(due)
        return draft.plan(grants)
    }
}

extension Planner.Pass {
    /// Whether a policy takes part in it.
    func judges(_ policy: Policy) -> Bool { self == .enforced ? policy.mode == .enforce : policy.mode != .off }
}
