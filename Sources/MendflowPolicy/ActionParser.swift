internal import MendflowCore
import MendflowText
internal import MendflowYAML

/// Parses `actions` and `on_exhausted`.
struct ActionParser {
    let report: Report
    /// Whether they are those of a policy that looks for what did not happen.
    var isOfAbsence = false

    static let retryKeys = ["max_retries", "load_workflow", "backoff", "repeats", "when_unresolved", "allow_draft"]
    static let names = ["retry", "stop", "bulk_stop", "delete", "tag"]
    static let bulkStopKeys = ["all_workflows"]
    static let longestTag = 24
    /// The repeat risks that `repeats` can allow.
    static let risks: [RepeatRisk] = [.unlikely, .possible, .restart]

    /// The remediation and the tags; nil and none with findings where they cannot be read.
    func parse(_ node: YAMLNode) -> (remediation: Remediation?, tags: [String]) {
        var remediation: Remediation?
        var first: String?
        var tags: [String] = []
        _ = report.list(node, "`actions`") { item -> Bool? in
            guard let (name, value, range) = action(item, among: ActionParser.names) else { return nil }
            if name == "tag" {
                addTags(value, range, to: &tags)
                return true
            }
            if let first {
                report.error(
                    "several-remediations", "a policy has one remediation; `\(first)` stands already", at: range)
                return nil
            }
            first = name
            switch name {
            case "stop": remediation = bare(name, value, .stop)
            case "delete": remediation = bare(name, value, .delete)
            case "bulk_stop": remediation = bulkStop(value).map { .bulkStop($0) }
            default: remediation = retry(value).map { .retry($0) }
            }
            return true
        }
        return (remediation, tags)
    }

    /// What happens when retries are used up; `remediation` is nil where it could not be read.
    func onExhausted(_ node: YAMLNode, _ remediation: Remediation??) -> OnExhausted {
        var reaction = OnExhausted()
        _ = report.list(node, "`on_exhausted`") { item -> Bool? in
            guard let (name, value, range) = action(item, among: ["tag", "continue", "when"]) else { return nil }
            if name == "tag" {
                addTags(value, range, to: &reaction.tags)
            } else if name == "when" {
                guard let value else {
                    report.error("missing-value", "write {when: [retries]}", at: range)
                    return true
                }
                if let causes = report.list(
                    value, "`when` of `on_exhausted`",
                    { cause in
                        report.word(cause, "a cause of exhaustion", as: OnExhausted.Cause.self)
                    })
                {
                    reaction.when = Set(causes)
                }
            } else if let value, let flag = report.flag(value, "`continue`") {
                reaction.continues = flag
            } else if value == nil {
                report.error("missing-value", "write {continue: true}", at: range)
            }
            return true
        }
        switch remediation {
        case nil, .some(.retry): break
        case .some(.some): report.error("never-exhausted", "only a `retry` can be exhausted", at: node.range)
        case .some(nil):
            report.error("never-exhausted", "without a `retry` nothing is ever exhausted", at: node.range)
        }
        return reaction
    }

    /// An action's name, and what stands behind it: `stop`, or a map of one key.
    private func action(_ item: YAMLNode, among names: [String]) -> (String, YAMLNode?, SourceRange)? {
        var found: (String, YAMLNode?, SourceRange)?
        let known = isOfAbsence ? "where nothing ran only `tag` fits" : "known here: \(names.joined(separator: ", "))"
        if let name = item.string {
            found = (name, nil, item.range)
        } else if let entries = item.entries, entries.count == 1 {
            found = (entries[0].key.text, entries[0].value, entries[0].key.range)
        } else {
            if let entries = item.entries, entries.count > 1 {
                report.error(
                    "wrong-kind",
                    "an action is a map of one key; `\(entries[1].key.text)` stands beside "
                        + "`\(entries[0].key.text)`", at: entries[1].key.range,
                    notes: ["write each action as an item of its own, and indent what belongs to it"])
            } else if item.entries != nil {
                report.error("empty-map", "an action is an empty map", at: item.range, notes: [known])
            } else {
                report.wrongKind(item, "an action", wanted: "a name or a map of one key", notes: [known])
            }
            return nil
        }
        guard let found else { return nil }
        guard names.contains(found.0) else {
            if found.0 == "notify" {
                report.error(
                    "not-an-action", "`notify` is no action: who is told stands under `notify` in mendflow.yaml",
                    at: found.2, notes: [known, ActionParser.told])
            } else {
                let near = Synonyms.meant(by: found.0, among: names)
                report.error(
                    "unknown-action", "\(found.0.inBackticks) is not an action here", at: found.2, suggestion: near,
                    notes: near == nil ? [known] : [])
            }
            return nil
        }
        return found
    }

    private static let told =
        "channels are told of whatever needs a person, runs that are missing included: docs/notifications.md"

    private func addTags(_ value: YAMLNode?, _ range: SourceRange, to tags: inout [String]) {
        guard let value else {
            report.error("missing-value", "`tag` needs names: {tag: [needs-human]}", at: range)
            return
        }
        var names = tags
        var known = Set(tags)
        _ = report.oneOrMore(value, "`tag`") { node -> String? in
            guard let name = report.name(node, "a tag", longest: ActionParser.longestTag) else { return nil }
            guard known.insert(name).inserted else {
                report.error("duplicate-tag", "the tag \(name.inBackticks) stands twice", at: node.range)
                return nil
            }
            names.append(name)
            return name
        }
        tags = names
    }

    private func bare(_ name: String, _ value: YAMLNode?, _ remediation: Remediation) -> Remediation? {
        guard let value, !value.isNull else { return remediation }
        if value.entries?.isEmpty == true { return remediation }
        report.error("wrong-kind", "`\(name)` has no settings; write actions: [\(name)]", at: value.range)
        return nil
    }

    private func bulkStop(_ value: YAMLNode?) -> BulkStopAction? {
        guard let value, !value.isNull else { return BulkStopAction() }
        if value.entries?.isEmpty == true { return BulkStopAction() }
        let shape = MapShape(
            what: "`bulk_stop`", keys: ActionParser.bulkStopKeys,
            elsewhere: Dictionary(
                uniqueKeysWithValues: FieldCatalogue.keys.map { ($0, "put it under `match:` of the policy") }))
        guard let map = MapReader(value, shape, report) else { return nil }
        guard let node = map["all_workflows"] else { return BulkStopAction() }
        return report.flag(node, "`all_workflows`").map(BulkStopAction.init(allWorkflows:))
    }
}

extension ActionParser {
    private func retry(_ value: YAMLNode?) -> RetryAction? {
        guard let value, !value.isNull else { return RetryAction() }
        if value.entries?.isEmpty == true { return RetryAction() }
        let shape = MapShape(
            what: "`retry`", keys: ActionParser.retryKeys,
            elsewhere: ["give_up_after": "put it under `guards:` of the policy"])
        guard value.entries != nil else {
            report.wrongKind(value, "`retry`", wanted: "a map", notes: ["write retry: {max_retries: 3}"])
            return nil
        }
        guard let map = MapReader(value, shape, report) else { return nil }
        var action = RetryAction()
        if let node = map["max_retries"], let count = report.whole(node, "`max_retries`", in: 1...10) {
            action.maxRetries = count
        }
        if let node = map["load_workflow"], let flag = report.flag(node, "`load_workflow`") {
            action.loadWorkflow = flag
        }
        if let node = map["allow_draft"], let flag = report.flag(node, "`allow_draft`") { action.allowDraft = flag }
        if let node = map["backoff"], let backoff = backoff(node) { action.backoff = backoff }
        if let node = map["repeats"], let risks = repeats(node) { action.acceptedRisks = risks }
        if let node = map["when_unresolved"],
            let word = report.word(node, "`when_unresolved`", as: RetryAction.WhenUnresolved.self)
        {
            action.whenUnresolved = word
        }
        if action.allowDraft, !action.loadWorkflow, let key = map.key("allow_draft") {
            report.warning("no-effect", "`allow_draft` does nothing without load_workflow: true", at: key.range)
        }
        return action
    }

    private func backoff(_ node: YAMLNode) -> Backoff? {
        let shape = MapShape(
            what: "`backoff`", keys: ["initial_interval", "coefficient", "max_interval", "jitter"])
        guard let map = MapReader(node, shape, report) else { return nil }
        var backoff = Backoff()
        if let node = map["initial_interval"], let period = report.period(node, "`initial_interval`") {
            backoff.initialInterval = period
            if map["max_interval"] == nil { backoff.maxInterval = max(backoff.maxInterval, period) }
        }
        if let node = map["max_interval"], let period = report.period(node, "`max_interval`") {
            backoff.maxInterval = period
            if map["initial_interval"] == nil { backoff.initialInterval = min(backoff.initialInterval, period) }
            if period < backoff.initialInterval {
                report.error("out-of-range", "`max_interval` is below `initial_interval`", at: node.range)
            }
        }
        if let node = map["coefficient"] { backoff.coefficientHundredths = coefficient(node) }
        if let node = map["jitter"], let jitter = report.word(node, "`jitter`", as: Backoff.Jitter.self) {
            backoff.jitter = jitter
        }
        return backoff
    }

    private func coefficient(_ node: YAMLNode) -> Int64 {
        guard let number = node.number else {
            report.wrongKind(node, "`coefficient`", wanted: "a number")
            return 100
        }
        guard (1...100).contains(number) else {
            report.error(
                "out-of-range", "`coefficient` must be 1 to 100, not \(node.scalar?.text ?? "")", at: node.range)
            return 100
        }
        return Int64((number * 100).rounded())
    }

    private func repeats(_ node: YAMLNode) -> Set<RepeatRisk>? {
        if node.scalar != nil {
            return report.oneOf(["allow"], node, "`repeats`") == nil ? nil : [.unlikely, .possible, .restart]
        }
        let shape = MapShape(what: "`repeats`", keys: ["allow"], required: ["allow"])
        guard let map = MapReader(node, shape, report), let allowed = map["allow"] else { return nil }
        return report.list(allowed, "`allow`") { item -> RepeatRisk? in
            guard let word = report.text(item, "a risk") else { return nil }
            if let risk = RepeatRisk(rawValue: word), ActionParser.risks.contains(risk) { return risk }
            report.unknownWord(word, "a risk", among: ActionParser.risks.map(\.rawValue), at: item.range)
            return nil
        }.map { Set($0) }
    }
}
