import MendflowCore
import MendflowLedger

// Policies that heal less than they declare.
extension Cycle {
    /// The policies that go back to dry-run now, before anything else is planned for them. Only enforced ones do: what is in
    /// dry-run has healed nothing.
    func demotions(_ before: LedgerView, _ input: Input) -> [Demotion] {
        let measured = input.policies.measuredPolicies
        guard acts, !measured.isEmpty else { return [] }
        let now = input.poll.clockOffset.agent(input.now)
        // What was reconciled in this step counts.
        let view = input.ledger.view(of: instance, shadow: false, at: now)
        return measured.compactMap { policy in
            guard let rule = policy.demotion, view.standings[policy.name]?.holds(policy.version) != true else {
                return nil
            }
            return HealRecord(policy, rule, view, at: now).demotion(of: policy, rule)
        }
    }
}

extension Remark {
    /// Says loudly that a policy went back to dry-run.
    init(_ demotion: Demotion) {
        self.init(
            .error, "policy.demoted",
            "policy '\(demotion.policy)' goes back to dry-run: \(demotion.words); "
                + "edit it, or `mendflow promote \(demotion.policy) --reason ...`",
            [
                ("policy", demotion.policy), ("rate", "\(demotion.rate)"), ("healed", "\(demotion.healed)"),
                ("settled", "\(demotion.settled)"), ("expected", demotion.expected),
            ])
    }
}
