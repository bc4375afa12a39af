internal import MendflowCore
import MendflowText
internal import MendflowYAML

/// Warnings about one policy: it can be used, but may do something other than what was meant.
struct PolicyLint {
    let report: Report

    /// Caps of the instances that the policy applies to.
    let ceilings: [ActionCap]
    /// The configuration's `look_back`; nil where there is no configuration.
    let lookBack: Period?
    /// The present; nil leaves out what depends on it.
    let now: ServerTime?

    private static let lengths: Set<Field> = [.age, .startedAgo, .ranFor, .overdue]
    /// Percentages below this round down to no action at all on most servers.
    private static let tinyShare = 5

    /// Looks at a policy whose conditions are `written`, without what the language adds.
    func check(_ policy: Policy, _ written: Condition?, _ map: MapReader) {
        checkStops(policy, written, map)
        checkDeletions(policy, written, map)
        checkRetries(policy, written, map)
        if let written {
            checkClasses(policy, written, map)
            checkAbsent(written, map)
        }
        checkCaps(policy, map)
        checkBreaker(policy, map)
        checkReach(policy, map)
        checkNever(policy, written, map)
        guard policy.remediation != nil, let written else { return }
        let fields = Set(written.fields)
        if fields.contains(.ranForOfP95), !fields.contains(.ranFor) {
            report.warning(
                "no-floor", "where a workflow takes a second, a multiple of it is seconds too",
                at: map["match"]?["ran_for"]?.range ?? map["match"]?.range, notes: ["add at_least beside p95"])
        }
    }

    /// Warns about a deleting policy that names no mode. Runs of a chain other than the first have the mode `retry`,
    /// and once the first is deleted nobody knows what had started the chain, so the implied condition on production
    /// roots no longer holds for the rest.
    private func checkDeletions(_ policy: Policy, _ written: Condition?, _ map: MapReader) {
        guard policy.remediation == .delete, let written, !written.fields.contains(.executionMode),
            written.statuses?.contains(where: \.isFailed) == true
        else { return }
        report.warning(
            "leaves-retries", "retries whose first run is deleted are kept for ever", at: map["match"]?.range,
            notes: ["add execution_mode: any, for how a chain began cannot be told without its first run"])
    }

    /// Warns about retries of canceled runs, of which n8n does not tell how they went.
    private func checkRetries(_ policy: Policy, _ written: Condition?, _ map: MapReader) {
        guard case .retry? = policy.remediation, written?.statuses?.contains(.canceled) == true else { return }
        report.warning(
            "retry-of-canceled",
            "n8n calls a retry of a canceled run `error`, however well it went, where its progress was not saved",
            at: map["match"]?["status"]?.range ?? map["match"]?.range,
            notes: ["such a run is shown as outcome_unknown and not retried again"])
    }

    private func checkStops(_ policy: Policy, _ written: Condition?, _ map: MapReader) {
        guard let written else { return }
        let isBulk: Bool
        switch policy.remediation {
        case .stop: isBulk = false
        case .bulkStop: isBulk = true
        default: return
        }
        let place = map["match"]?["status"]?.range ?? map["match"]?.range
        let fields = Set(written.fields)
        checkEvents(policy, written, map)
        if fields.isDisjoint(with: PolicyLint.lengths.union([.ranForOfP95])), policy.when == nil {
            report.warning(
                "stop-at-once", "this stops such runs as soon as they are seen", at: place,
                notes: [
                    isBulk
                        ? "add `when`, or started_ago, to say when it is too much"
                        : "add older_than or ran_for to give them time"
                ])
        }
    }

    private func checkCaps(_ policy: Policy, _ map: MapReader) {
        guard let remediation = policy.remediation else { return }
        let written = map["guards"]?["max_actions"]
        let caps = policy.guards.maxActions.map(\.description).joined(separator: ", ")
        if written == nil {
            if policy.when != nil {
                report.warning(
                    "no-own-cap", "a group may be large, and only the default holds it back: \(caps)",
                    at: map.key("when")?.range, notes: ["say in guards.max_actions how many are right"])
            } else if case .delete = remediation {
                report.warning(
                    "no-own-cap", "what is deleted is gone, and only the default holds it back: \(caps)",
                    at: map["actions"]?.range, notes: ["say in guards.max_actions how many are right"])
            }
        }
        for (cap, node) in zip(policy.guards.maxActions, written?.items ?? [written].compactMap(\.self)) {
            guard let percent = cap.percent, percent < PolicyLint.tinyShare else { continue }
            report.warning(
                "tiny-share",
                "\(percent)% of fewer than \((99 + percent) / percent) executions is none: nothing is done",
                at: node["percent"]?.range ?? node.range, notes: ["a share is rounded down"])
        }
        if case .bulkStop = remediation { checkBulkCap(policy, map) }
    }

    /// A bulk stop whose caps are smaller than the group that it needs can never be sent.
    private func checkBulkCap(_ policy: Policy, _ map: MapReader) {
        guard let when = policy.when, when.distinct == .execution else { return }
        var bounds = Bounds()
        bounds.add(when.count)
        let caps = policy.guards.maxActions + ceilings
        guard let low = caps.filter({ Int64($0.amount) < bounds.lowest }).min(by: { $0.amount < $1.amount }) else {
            return
        }
        report.warning(
            "cap-below-group", "a group has at least \(bounds.lowest), and a cap lets through \(low)",
            at: map.key("when")?.range, notes: ["a bulk stop beyond a cap is held, and runs are stopped one by one"])
    }

    private func checkBreaker(_ policy: Policy, _ map: MapReader) {
        guard let breaker = policy.guards.circuitBreaker, let node = map["guards"]?["circuit_breaker"] else { return }
        guard policy.remediation != nil else {
            report.warning("no-effect", "tags never open a `circuit_breaker`", at: node.range)
            return
        }
        let limits = policy.guards.rateLimits.filter { $0.groupBy == .policy || $0.groupBy == breaker.groupBy }
            .map { ActionCap(amount: $0.max, per: .window($0.per)) }
        let most = (policy.guards.maxActions + ceilings + limits).compactMap { $0.most(within: breaker.window) }.min()
        guard let most, most < breaker.failureThreshold else { return }
        report.warning(
            "never-opens", "at most \(most) actions are sent within \(breaker.window): the breaker hardly ever opens",
            at: node["failure_threshold"]?.range ?? node.range, notes: ["lower it, or make `window` longer"])
    }
}

extension ActionCap {
    /// The most actions in any stretch of this length; nil where that depends on the ticks.
    fileprivate func most(within stretch: Period) -> Int? {
        guard case .window(let period) = per, amount < .max else { return nil }
        let windows = (stretch.milliseconds - 1) / max(1, period.milliseconds) + 1
        let (product, overflow) = amount.multipliedReportingOverflow(by: Int(windows))
        return overflow ? nil : product
    }
}
