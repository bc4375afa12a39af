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
        let actionsAreGood = isGood { readActions(map, into: &policy) }
        let guardsAreGood = isGood { readGuards(map, into: &policy) }
        readTerms(map, into: &policy)
        if let reaction = map["on_exhausted"] {
            let isKnown = actionsAreGood && map["actions"] != nil
            policy.onExhausted = actionParser(map).onExhausted(reaction, isKnown ? .some(policy.remediation) : nil)
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

    private func readActions(_ map: MapReader, into policy: inout Policy) {
        guard let actions = map["actions"] else { return }
        let read = actionParser(map).parse(actions)
        policy.remediation = read.remediation
        policy.tags = read.tags
    }

    private func actionParser(_ map: MapReader) -> ActionParser {
        ActionParser(report: report, isOfAbsence: isOfAbsence(map))
    }

    /// Whether the policy looks for what did not happen.
    private func isOfAbsence(_ map: MapReader) -> Bool { map["when"].map(AbsenceParser.isMeant) ?? false }

    private func readGuards(_ map: MapReader, into policy: inout Policy) {
        if let guards = map["guards"] {
            policy.guards = GuardParser(report: report, options: options).parse(guards)
        }
        if case .retry = policy.remediation, policy.guards.giveUpAfter == nil { policy.guards.giveUpAfter = .hours(24) }
    }

    /// When it acts, on what it does not, what is expected of it, and who has to agree.
    private func readTerms(_ map: MapReader, into policy: inout Policy) {
        policy.replay = map["replay"].flatMap { ReplayPaceParser(report: report).parse($0) }
        if let when = map["when"] {
            if isOfAbsence(map) {
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
