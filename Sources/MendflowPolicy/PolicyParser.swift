internal import MendflowCore
import MendflowText
internal import MendflowYAML

/// Parses one policy. Every key becomes a part of the policy or a finding.
struct PolicyParser {
    let report: Report
    let options: PolicyOptions

    static let exceptionKeys = ["match", "until", "reason"]
    static let shape = MapShape(
        what: "a policy",
        keys: [
            "name", "description", "mode", "priority", "instances", "renamed_from", "match", "all_executions",
            "when", "actions", "guards", "exceptions", "on_exhausted", "expect", "rollout", "approval",
        ],
        required: ["name", "actions"],
        elsewhere: Dictionary(
            uniqueKeysWithValues: GuardParser.shape.keys.map { ($0, "put it under `guards:`") }
                + ActionParser.names.map { ($0, "write actions: [\($0)]") }
                + FieldCatalogue.keys.map { ($0, "put it under `match:`") }
        ).merging(
            ExpectationParser.measures.filter { $0 != "actions" }.map { ($0, "put it under `expect:`") }
        ) { other, _ in other },
        inside: Dictionary(
            uniqueKeysWithValues: ActionParser.names.map { ($0, "actions") }
                + FieldCatalogue.keys.map { ($0, "match") }))

    /// The same for the policy of a replay, which the ledger holds and no file.
    private static let replayShape: MapShape = {
        var replay = PolicyParser.shape
        replay.keys.append("replay")
        return replay
    }()

    /// The policy, or nil with findings.
    func parse(_ node: YAMLNode, text: String) -> Policy? {
        let before = report.errors
        guard let map = MapReader(node, options.isOfReplay ? PolicyParser.replayShape : PolicyParser.shape, report)
        else { return nil }
        var policy = Policy(name: "", match: nil, place: report.place(node.range), text: text)
        readHead(map, into: &policy)
        let actsOnAll = map["all_executions"].flatMap { report.flag($0, "`all_executions`") } == true
        let isOfAbsence = map["when"].map(AbsenceParser.isMeant) ?? false
        let actionsAreGood = isGood {
            guard let actions = map["actions"] else { return }
            let read = ActionParser(report: report, isOfAbsence: isOfAbsence).parse(actions)
            policy.remediation = read.remediation
            policy.tags = read.tags
        }
        let guardsAreGood = isGood {
            guard let guards = map["guards"] else { return }
            policy.guards = GuardParser(report: report, options: options).parse(guards)
        }
        if case .retry = policy.remediation, policy.guards.giveUpAfter == nil { policy.guards.giveUpAfter = .hours(24) }
        policy.replay = map["replay"].flatMap { ReplayPaceParser(report: report).parse($0) }
        if let when = map["when"] {
            if isOfAbsence {
                policy.absence = AbsenceParser(report: report).parse(when)
            } else {
                policy.when = GroupParser(report: report).parse(when)
            }
        }
        policy.exceptions = map["exceptions"].flatMap(exceptions) ?? []
        if let expect = map["expect"] {
            let parser = ExpectationParser(report: report)
            policy.expect = parser.parse(expect)
            policy.demotion = parser.demotion(expect, policy.expect, policy.remediation)
        }
        policy.rollout = map["rollout"].flatMap { RollOutParser(report: report).parse($0) }
        policy.approval = map["approval"].flatMap { ApprovalParser(report: report).parse($0, policy.remediation) }
        if let reaction = map["on_exhausted"] {
            let isKnown = actionsAreGood && map["actions"] != nil
            policy.onExhausted = ActionParser(report: report, isOfAbsence: isOfAbsence).onExhausted(
                reaction, isKnown ? .some(policy.remediation) : nil)
        }
        var condition: Condition?
        // The checks of the whole policy run only if its parts are sound; otherwise they would report the same fault a
        // second time.
        var isClear = isGood {
            condition = map["match"].flatMap { ConditionParser(report: report).parse($0, "`match`") }
        }
        if isClear { isClear = isGood { checkScope(condition, policy, map, node, actsOnAll: actsOnAll) } }
        if isClear, actionsAreGood, condition != nil || actsOnAll { checkStatuses(condition, policy, map, node) }
        if policy.absence != nil, isClear, actionsAreGood {
            AbsenceParser(report: report).check(policy, condition, map)
        }
        if guardsAreGood { checkLimits(policy, map) }
        guard report.errors == before else { return nil }
        policy.match = implied(condition, policy.remediation)
        checkBulkStop(policy, map)
        guard report.errors == before else { return nil }
        PolicyLint(report: report, ceilings: ceilings(policy), lookBack: options.lookBack, now: options.now)
            .check(policy, condition, map)
        return policy
    }

    /// Whether no error was reported while a part was read.
    private func isGood(_ read: () -> Void) -> Bool {
        let before = report.errors
        read()
        return report.errors == before
    }

    private func readHead(_ map: MapReader, into policy: inout Policy) {
        policy.name = map["name"].flatMap { report.name($0, "`name`") } ?? ""
        if Replay.number(in: policy.name) != nil, !options.isOfReplay {
            report.error(
                "reserved-name",
                "names such as \(policy.name.inBackticks) are kept for replays: call the policy something else",
                at: map["name"]?.range)
        }
        policy.description = map["description"].flatMap(description)
        policy.mode = map["mode"].flatMap { report.word($0, "`mode`", as: Mode.self) } ?? .dryRun
        policy.priority = map["priority"].flatMap { report.whole($0, "`priority`", in: -1_000_000...1_000_000) } ?? 0
        policy.instances = map["instances"].flatMap(instances)
        policy.renamedFrom = map["renamed_from"].flatMap { report.name($0, "`renamed_from`") }
        if let former = map["renamed_from"], policy.renamedFrom == policy.name, !policy.name.isEmpty {
            report.error("same-name", "`renamed_from` is the policy's present name", at: former.range)
        }
    }

    private func description(_ node: YAMLNode) -> String? {
        guard let text = node.string else {
            report.wrongKind(node, "`description`", wanted: "text")
            return nil
        }
        return text
    }

    private func instances(_ node: YAMLNode) -> [String]? {
        report.oneOrMore(node, "`instances`") { item in
            guard let name = report.name(item, "an instance") else { return nil }
            if let known = options.instances.map({ $0.map(\.name) }), !known.contains(name) {
                report.error(
                    "unknown-value", "no instance is named \(name.inBackticks)", at: item.range,
                    suggestion: Spelling.nearest(to: name, among: known),
                    notes: ["known: \(known.joined(separator: ", "))"])
                return nil
            }
            return name
        }
    }

    private func exceptions(_ node: YAMLNode) -> [PolicyException]? {
        report.list(node, "`exceptions`") { item in
            let shape = MapShape(
                what: "an exception", keys: PolicyParser.exceptionKeys, required: ["match", "reason"],
                elsewhere: Dictionary(uniqueKeysWithValues: FieldCatalogue.keys.map { ($0, "put it under `match:`") }),
                inside: Dictionary(uniqueKeysWithValues: FieldCatalogue.keys.map { ($0, "match") }))
            guard let map = MapReader(item, shape, report) else { return nil }
            let match = map["match"].flatMap { ConditionParser(report: report).parse($0, "`match` of an exception") }
            let until = map["until"].flatMap { report.time($0, "`until`") }
            let reason = map["reason"].flatMap { report.text($0, "`reason`") }
            if let until, let now = options.now, until <= now, let place = map["until"] {
                report.warning("expired", "the exception ended at \(until)", at: place.range)
            }
            guard let match, let reason else { return nil }
            return PolicyException(match: match, until: until, reason: reason, place: report.place(item.range))
        }
    }

    private func implied(_ condition: Condition?, _ remediation: Remediation?) -> Condition? {
        var tree = condition ?? .test(ImpliedConditions.productionRoots)
        tree = tree.adding({ _ in ImpliedConditions.productionRoots }, unlessAbout: { $0 == .executionMode })
        if remediation != nil {
            tree = tree.adding({ _ in ImpliedConditions.activeWorkflows }, unlessAbout: { $0 == .workflowActive })
        }
        if case .retry = remediation, condition != nil {
            tree = tree.adding(
                ImpliedConditions.helpedByRetry(namesWorkflow:), unlessAbout: ImpliedConditions.isAboutError)
        }
        return tree
    }
}

extension PolicyParser {
    /// A policy that could match everything must say so with `all_executions`.
    private func checkScope(
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
    private func checkStatuses(_ condition: Condition?, _ policy: Policy, _ map: MapReader, _ node: YAMLNode) {
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
    private func checkBulkStop(_ policy: Policy, _ map: MapReader) {
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
    private func ceilings(_ policy: Policy) -> [ActionCap] {
        (options.instances ?? []).filter { policy.instances?.contains($0.name) ?? true }.flatMap(\.limits.maxActions)
    }

    /// What the policy asks for beyond the ceilings of an instance that it applies to. Without a configuration those that
    /// an instance has by default are taken, and nobody knows whether they hold.
    private func checkLimits(_ policy: Policy, _ map: MapReader) {
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
