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

    private static let lengths: Set<Field> = [.age, .startedAgo, .ranFor, .overdue]
    /// Percentages below this round down to no action at all on most servers.
    private static let tinyShare = 5

    /// Looks at a policy whose conditions are `written`, without what the language adds.
    func check(_ policy: Policy, _ written: Condition?, _ map: MapReader) {
        checkStops(policy, written, map)
        checkDeletions(policy, written, map)
        checkRetries(policy, written, map)
        checkCaps(policy, map)
        checkBreaker(policy, map)
        checkReach(policy, map)
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
        if written.statuses?.contains(.waiting) == true, !fields.contains(.waitingFor) {
            report.warning(
                "stop-may-hit-events", "this also stops runs that wait for an approval, a form or a webhook", at: place,
                notes: [
                    isBulk
                        ? "n8n's bulk stop cannot tell them apart: use stop, with waiting_for: timer"
                        : "add waiting_for: timer or waiting_for: event to say which are meant"
                ])
        }
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

/// Warnings about pairs of policies that can want the same executions.
enum PolicyPairs {
    static func check(_ policies: [Policy]) -> [Finding] {
        let owners = policies.enumerated().filter { $0.element.mode == .enforce && $0.element.remediation != nil }
            .sorted { one, other in
                if one.element.priority != other.element.priority {
                    return one.element.priority > other.element.priority
                }
                return one.offset < other.offset
            }.map(\.element)
        var findings: [Finding] = []
        for (index, policy) in owners.enumerated() {
            for earlier in owners[..<index] {
                guard let warning = PolicyPairs.warning(earlier, policy) else { continue }
                findings.append(warning)
                // A policy that never owns anything was reported already; a second reason would only confuse.
                if warning.id == "never-owns" { break }
            }
        }
        return findings
    }

    private static func warning(_ earlier: Policy, _ later: Policy) -> Finding? {
        guard let wide = earlier.match, let narrow = later.match, earlier.shares(later) else { return nil }
        let place = later.place
        let start = SourcePosition(line: place.line, column: place.column)
        func finding(_ id: String, _ message: String, _ note: String) -> Finding {
            Finding(
                .warning, id, message, file: place.file, range: SourceRange(at: start), notes: [Finding.Note(note)])
        }
        if earlier.when == nil, !earlier.onExhausted.continues, earlier.covers(later), narrow.implies(wide) {
            return finding(
                "never-owns",
                "\(later.name.inBackticks) can never act: \(earlier.name.inBackticks) owns all that it matches",
                "\(earlier.name.inBackticks) at \(earlier.place) comes first; give this one a higher `priority`")
        }
        guard let example = wide.example(with: narrow) else { return nil }
        if case .bulkStop? = later.remediation {
            return finding(
                "bulk-stop-held",
                "\(later.name.inBackticks) stops one by one while \(earlier.name.inBackticks) owns what its request would stop",
                "for example: \(example); \(earlier.name.inBackticks) at \(earlier.place) comes first and owns it")
        }
        guard earlier.remediation != later.remediation else { return nil }
        return finding(
            "overlap",
            "\(later.name.inBackticks) and \(earlier.name.inBackticks) can want different things of one execution",
            "for example: \(example); \(earlier.name.inBackticks) at \(earlier.place) comes first and owns it")
    }
}

extension Policy {
    /// Whether there is an instance that both may apply to.
    fileprivate func shares(_ other: Policy) -> Bool {
        guard let own = instances, let others = other.instances else { return true }
        return own.contains(where: others.contains)
    }

    /// Whether it applies to every instance that the other one applies to.
    fileprivate func covers(_ other: Policy) -> Bool {
        guard let own = instances else { return true }
        return other.instances.map { $0.allSatisfy(own.contains) } ?? false
    }
}

extension Condition {
    /// Whether the form of both trees shows that the other one holds wherever this one does. False means that it could
    /// not be shown.
    func implies(_ other: Condition) -> Bool {
        switch other {
        case .all(let parts): parts.allSatisfy { implies($0) }
        case .any(let parts): parts.contains { implies($0) } || contains(other)
        case .not: contains(other)
        case .test(let test):
            test.operators.isEmpty
                || required.contains { $0.field == test.field && $0.isWithin(test) } || statusesImply(test)
        }
    }

    private func contains(_ other: Condition) -> Bool {
        if self == other { return true }
        if case .all(let parts) = self { return parts.contains { $0.contains(other) } }
        return false
    }

    private func statusesImply(_ test: FieldTest) -> Bool {
        guard test.field == .status, let own = statuses, let others = Condition.test(test).statuses else {
            return false
        }
        return own.isSubset(of: others)
    }

    /// An example of an execution for which both may hold, in words; nil if the form of both shows that there is none.
    func example(with other: Condition) -> String? {
        let own = statuses ?? Set(ExecutionStatus.allCases)
        let shared = own.intersection(other.statuses ?? Set(ExecutionStatus.allCases))
        guard let status = ExecutionStatus.allCases.first(where: shared.contains) else { return nil }
        var words = ["status \(status.rawValue)"]
        let tests = required + other.required
        var seen: Set<Field> = [.status]
        for field in tests.map(\.field) where seen.insert(field).inserted {
            let operators = tests.filter { $0.field == field }.flatMap(\.operators)
            var bounds = Bounds()
            bounds.add(operators)
            guard !bounds.isEmpty else { return nil }
            guard field.kind == .text else { continue }
            switch operators.sharedText {
            case .none: return nil
            case .some(let text?) where field == .workflowName || field == .errorClass:
                words.append("\(field.name) \(text.inBackticks)")
            case .some: break
            }
        }
        return words.joined(separator: ", ")
    }
}

extension [FieldOperator] {
    /// A text for which all hold, of those that are named; `.some(nil)` where none is named in full, nil where none of
    /// those named will do.
    fileprivate var sharedText: String?? {
        let lists = compactMap { operation -> [TextMatch]? in
            if case .anyOf(let matches) = operation, matches.allSatisfy(\.isLiteral) { matches } else { nil }
        }
        guard let named = lists.first else { return .some(nil) }
        let shared = named.map(\.source).first { text in
            allSatisfy { FieldOperator.holds($0, .text(text)) }
        }
        return shared.map { .some($0) }
    }
}

extension FieldTest {
    /// Whether every value that this test lets through is let through by the other one of the same field.
    fileprivate func isWithin(_ other: FieldTest) -> Bool {
        var (own, wide) = (Bounds(), Bounds())
        own.add(operators)
        wide.add(other.operators)
        return other.operators.allSatisfy { wanted in
            switch wanted {
            case .period, .number: own.isWithin(wide)
            default: operators.contains { $0.isWithin(wanted, field.kind) }
            }
        }
    }
}

extension FieldOperator {
    fileprivate func isWithin(_ wanted: FieldOperator, _ kind: FieldKind) -> Bool {
        if self == wanted { return true }
        guard kind == .text, case .anyOf(let matches) = self, matches.allSatisfy(\.isLiteral) else { return false }
        return matches.allSatisfy { FieldOperator.holds(wanted, .text($0.source)) }
    }
}
