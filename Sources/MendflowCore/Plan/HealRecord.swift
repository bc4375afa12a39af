/// How the chains went that a policy retried, as the ledger tells: how many healed, and how many it gave up.
///
/// Chains of which nobody knows yet, or ever, how they went count for neither: a lost answer says nothing of the policy. What was
/// given up stays so, whoever heals it later.
package struct HealRecord: Sendable, Hashable {
    /// Chains that healed, and those that are settled: healed, or given up.
    package private(set) var healed = 0, settled = 0
    /// When the first of the settled chains was retried.
    package private(set) var since: AgentTime?

    /// How many of a hundred healed; nil where none is settled.
    package var rate: Int? { settled == 0 ? nil : healed * 100 / settled }

    /// Counts what a version of a policy retried first in the time before now, since it was promoted where it was.
    package init(_ policy: Policy, _ rule: DemotionRule, _ view: LedgerView, at now: AgentTime) {
        let promoted = view.standings[policy.name]?.promotedAt
        let begin = promoted.map { max(now - rule.within, min($0, now)) } ?? now - rule.within
        var first: [ExecutionID: AgentTime] = [:]
        var doubtful: Set<ExecutionID> = []
        for intent in view.intents where intent.draft.action == .retry && intent.draft.policy == policy.name {
            let root = intent.draft.root
            switch intent.state {
            case .unresolved, .superseded: doubtful.insert(root)
            case .void, .shadow: continue
            case .reserved, .sending, .applied, .ineffective: break
            }
            guard intent.draft.policyVersion == policy.version else { continue }
            first[root] = min(first[root] ?? intent.reservedAt, intent.reservedAt)
        }
        for (root, time) in first where time >= begin {
            let isGivenUp = view.exhausted[root]?.contains(policy.name) == true
            let isHealed = view.healed.contains(root) && !isGivenUp
            guard isHealed || isGivenUp && !doubtful.contains(root) else { continue }
            settled += 1
            if isHealed { healed += 1 }
            since = min(since ?? time, time)
        }
    }

    /// The demotion that follows from it; nil where too little is known, or it is as expected.
    package func demotion(of policy: Policy, _ rule: DemotionRule) -> Demotion? {
        guard settled >= rule.chains, let rate, let since, !rule.healRate.holds(rate) else { return nil }
        return Demotion(
            policy: policy.name, version: policy.version, expected: rule.healRate.wanted, rate: rate, healed: healed,
            settled: settled, since: since)
    }
}
