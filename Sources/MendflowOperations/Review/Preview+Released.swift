import MendflowCore
import MendflowPolicy
import MendflowReview
import MendflowWorkspace

extension Preview {
    /// What of that which is held would be acted on, were retries allowed that are unlikely to repeat anything. It is
    /// planned anew, for something else may hold it as well.
    static func released(
        _ held: [PlanReport.Held], _ snapshot: Snapshot, _ views: (enforced: LedgerView, dryRun: LedgerView),
        _ workspace: Workspace, _ instance: Configuration.Instance
    ) -> [ExecutionID: ErrorClass?] {
        let unlikely = held.filter { item in
            guard item.reason == .mayRepeat, let detail = snapshot.details[item.execution] else { return false }
            return RepeatRiskJudge().judge(status: item.status, detail: detail).risk == .unlikely
        }
        let asked = Set(unlikely.map(\.execution))
        guard !asked.isEmpty else { return [:] }
        var allowing = workspace
        allowing.policies = workspace.policies.map { policy in
            guard case .retry(var action)? = policy.remediation else { return policy }
            action.acceptedRisks.insert(.unlikely)
            var policy = policy
            policy.remediation = .retry(action)
            return policy
        }
        let set = allowing.policySet(instance)
        let decisions =
            Planner(set).plan(snapshot, views.enforced).decisions
            + Planner(set, pass: .dryRun).plan(snapshot, views.dryRun).decisions
        var released: [ExecutionID: ErrorClass?] = [:]
        for decision in decisions where asked.contains(decision.execution) {
            switch decision.verdict {
            case .act(let action), .wait(let action, _, _):
                released.updateValue(action.classification?.errorClass, forKey: decision.execution)
            case .held(let reason, _) where reason == .factPending || decision.withheld != nil:
                released.updateValue(decision.withheld?.classification?.errorClass, forKey: decision.execution)
            case .held: break
            }
        }
        return released
    }
}
