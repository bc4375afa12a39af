internal import MendflowCore
import MendflowText
internal import MendflowYAML

// What is wrong with a policy as a whole, though its parts are sound.
extension PolicyParser {
    /// A policy that could match everything must say so with `all_executions`.
    func checkScope(
        _ condition: Condition?, _ policy: Policy, _ map: MapReader, _ node: YAMLNode, actsOnAll: Bool
    ) {
        let neverHolds = condition?.neverHolds
        if let condition, neverHolds == true, policy.remediation == nil || !condition.matchesNothing {
            report.error(
                "matches-nothing", "`match` can never hold", at: map["match"]?.range,
                notes: condition.contradiction.map { [$0.words] } ?? [])
        } else if neverHolds == false {
            for (branch, why) in condition?.deadBranches() ?? [] {
                report.warning(
                    "dead-branch", "this part of `any` can never hold beside the rest of `match`",
                    at: branch.firstPlace.map { SourceRange(at: SourcePosition(line: $0.line, column: $0.column)) }
                        ?? map["match"]?.range,
                    notes: [why.words, "take it out, or mend one of the two"])
            }
        }
        guard !actsOnAll, map.isMissing("all_executions") || map["all_executions"]?.boolean == false else { return }
        let advice = ["say all_executions: true if that is meant"]
        if condition == nil {
            guard map.isMissing("match") else { return }
            report.error(
                "no-match", "the policy has no `match` and would act on every execution",
                at: map.key("name")?.range ?? node.range, notes: advice)
        } else if condition?.matchesEverything == true {
            report.error(
                "matches-everything", "`match` holds for every execution", at: map["match"]?.range, notes: advice)
        }
    }

    /// A remediation must know the statuses it is for.
    func checkStatuses(_ condition: Condition?, _ policy: Policy, _ map: MapReader, _ node: YAMLNode) {
        guard let remediation = policy.remediation else { return }
        let fitting = FieldCatalogue.statuses.filter { word in
            ExecutionStatus(rawValue: word).map(remediation.fittingStatuses.contains) == true
        }
        let kind = remediation.kind.rawValue
        let place = map["match"]?["status"]?.range ?? map["match"]?.range ?? map.key("name")?.range ?? node.range
        guard let statuses = condition?.statuses else {
            report.error(
                "no-status", "a policy that acts by `\(kind)` must say for which `status`", at: place,
                notes: ["`\(kind)` fits \(fitting.joined(separator: ", "))"])
            return
        }
        guard !statuses.isEmpty, condition?.matchesNothing != true else {
            report.error("matches-nothing", "no execution can have such a status", at: place)
            return
        }
        let unfit = FieldCatalogue.statuses.filter { word in
            guard let status = ExecutionStatus(rawValue: word) else { return false }
            return statuses.contains(status) && !remediation.fittingStatuses.contains(status)
        }
        // `ne` and `not_in` would also let through statuses that a later n8n may invent, and no action fits those.
        guard !unfit.isEmpty || statuses.contains(.unrecognised) else { return }
        let words = unfit.isEmpty ? "a status that is not known" : "`\(unfit.joined(separator: "`, `"))`"
        report.error(
            "unfit-status", "`\(kind)` does not fit \(words)", at: place,
            notes: ["`\(kind)` fits \(fitting.joined(separator: ", "))"])
    }

    /// Reports what a bulk stop's request cannot express (semantics 35).
    func checkBulkStop(_ policy: Policy, _ map: MapReader) {
        guard case .bulkStop(let action)? = policy.remediation else { return }
        let scope = BulkStopScope(policy.match, action)
        for objection in scope.objections {
            let range = objection.place.map {
                SourceRange(at: SourcePosition(line: $0.line, column: $0.column))
            }
            report.error(
                "bulk-stop-cannot", objection.message, at: range ?? map["actions"]?.range,
                notes: objection.instead.map { [$0] } ?? [])
        }
        // Its request leaves out no run, so that it would never be sent.
        for (key, why) in [("rollout", "leaves some out"), ("approval", "asks about each by itself")]
        where map[key] != nil {
            report.error(
                "bulk-stop-cannot", "one request stops every run that it describes, and `\(key)` \(why)",
                at: map.key(key)?.range, notes: ["use stop"])
        }
        if scope.objections.isEmpty, action.allWorkflows, scope.workflows != .all {
            report.warning(
                "no-effect", "`all_workflows` does nothing: `match` names one workflow", at: map["actions"]?.range)
        }
    }

    /// The ceilings of the instances that a policy applies to.
    func ceilings(_ policy: Policy) -> [ActionCap] {
        (options.instances ?? []).filter { policy.instances?.contains($0.name) ?? true }.flatMap(\.limits.maxActions)
    }

    /// What the policy asks for beyond the ceilings of an instance that it applies to. Without a configuration those that
    /// an instance has by default are taken, and nobody knows whether they hold.
    func checkLimits(_ policy: Policy, _ map: MapReader) {
        guard let guards = map["guards"] else { return }
        guard let instances = options.instances else {
            checkLimits(InstanceLimits(), "an instance", policy.guards, guards) { message, range, note in
                report.warning("above-limit", "\(message) unless its `limits` say otherwise", at: range, notes: [note])
            }
            return
        }
        for instance in instances where policy.instances?.contains(instance.name) ?? true {
            checkLimits(instance.limits, "instance `\(instance.name)`", policy.guards, guards) { message, range, note in
                report.error("above-limit", message, at: range, notes: [note])
            }
        }
    }

    private func checkLimits(
        _ limits: InstanceLimits, _ who: String, _ asked: Guards, _ guards: YAMLNode,
        _ tell: (_ message: String, _ range: SourceRange, _ note: String) -> Void
    ) {
        func note(_ key: String) -> String {
            "ask for less, or raise `limits.\(key)` of \(who) in \(options.configurationFile)"
        }
        if let most = asked.maxInFlight, most > limits.maxInFlight, let place = guards["max_in_flight"] {
            tell(
                "\(most) is above what \(who) allows: `max_in_flight` \(limits.maxInFlight)", place.range,
                note("max_in_flight"))
        }
        guard let place = guards["max_actions"] else { return }
        for (cap, node) in zip(asked.maxActions, place.items ?? [place]) {
            guard let limit = limits.maxActions.first(where: { cap.isAbove($0) }) else { continue }
            tell("\(cap) is above what \(who) allows: \(limit)", node.range, note("max_actions"))
        }
    }
}

extension ActionCap {
    /// Whether this cap allows more within a tick or window than the other cap allows within the same or a longer one.
    fileprivate func isAbove(_ limit: ActionCap) -> Bool {
        // What a percentage amounts to is known only when it is applied, and then the lower of both counts; here only
        // amounts are compared.
        guard amount > limit.amount, amount < .max else { return false }
        switch (per, limit.per) {
        case (.tick, _): return true
        case (.window, .tick): return false
        case (.window(let own), .window(let other)): return own <= other
        }
    }
}
