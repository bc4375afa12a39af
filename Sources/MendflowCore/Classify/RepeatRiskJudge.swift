/// Judges repeat risk from the failed run's own evidence (semantics 44).
///
/// It starts at `possible`, and only evidence lowers it: each fact that a rule asks for is one that reassures. So what
/// could not be read never makes a repeat look less likely.
public struct RepeatRiskJudge: Sendable, Hashable {
    /// What only reads, and which errors say that nothing was done.
    public let table: RepeatRiskTable

    /// Makes a judge.
    public init(table: RepeatRiskTable = .builtIn) { self.table = table }

    /// The risk of retrying a failed run.
    public func judge(status: ExecutionStatus, detail: ExecutionDetail) -> RepeatRiskVerdict {
        switch detail.readability {
        case .oversized: return .unknown("oversized", "the run's data is too large to read")
        case .unreadable(let why): return .unknown("unreadable", "the run's data cannot be read: \(why)")
        case .unfound:
            return .unknown("unreadable", "the run's data cannot be read: by id n8n says that it is not there")
        case .readable, .redacted: break
        }
        guard detail.status == status else { return .unknown("stale-data", "the data is of an earlier status") }
        guard status.isFailed else { return .unknown("not-failed", "the run has not failed") }
        if detail.ranToItsEnd == true {
            return .unknown("outcome-unknown", "it went on to its end, although n8n calls it failed")
        }
        if detail.hasEmptyStack {
            return RepeatRiskVerdict(
                .possible, ruleID: "nothing-to-resume", start: .nowhere,
                why: "runs nothing, for the stored stack is empty, and n8n would call that a success")
        }
        return status == .canceled ? interrupted(detail) : failed(status, detail)
    }

    private func interrupted(_ detail: ExecutionDetail) -> RepeatRiskVerdict {
        guard let finished = detail.finishedNodes, let resumes = detail.resumesAtNode else {
            return .unknown("no-run-data", "the data does not tell which nodes ran")
        }
        guard finished > 0, resumes, let node = detail.startNode else {
            return .restart("interrupted-unsaved", "the run was interrupted and its progress was not saved")
        }
        let feeds = Feeding(node: node, items: detail.items)
        if detail.ranPastStack { return feeds.ranPast }
        let call = FailedCall(node: node, error: nil, facts: facts(node, detail))
        if let rule = table.reading(call, wasCutOff: true) { return feeds.nothing(rule) }
        return RepeatRiskVerdict(
            .possible, ruleID: "interrupted", start: feeds.start,
            why: "\(feeds.summary); what was under way may have been done")
    }

    private func failed(_ status: ExecutionStatus, _ detail: ExecutionDetail) -> RepeatRiskVerdict {
        let resumes = detail.resumesAtNode
        if resumes == false || (resumes == nil && detail.finishedNodes == 0) {
            return status == .crashed
                ? .restart("crash-unsaved", "the run crashed and its progress was not saved")
                : .restart("not-resumable", "the failed node's input was not kept")
        }
        guard resumes == true, let node = detail.startNode ?? detail.lastNode else {
            return .unknown("no-node", "the data does not tell where a retry would start")
        }
        let feeds = Feeding(node: node, items: detail.items)
        if detail.ranPastStack { return feeds.ranPast }
        // A crash cuts the node off anywhere, and so does n8n's own platform: whatever error stands in the data is not about
        // its last call.
        let wasCutOff = status == .crashed || detail.error.map(table.cutsOff) ?? false
        // Of a child workflow or a node below, the error does not speak of the node that is run again.
        let isItsError = detail.lastNode?.name == node.name && !wasCutOff
        let call = FailedCall(node: node, error: isItsError ? detail.error : nil, facts: facts(node, detail))
        if let rule = table.reading(call, wasCutOff: wasCutOff) { return feeds.nothing(rule) }
        if let (rule, risk) = table.refusal(of: call) {
            return RepeatRiskVerdict(
                risk, ruleID: rule.id, start: feeds.start, mayHaveBeenDone: risk == .none ? 0 : feeds.items,
                why: risk == .none
                    ? "\(feeds.summary); the error proves that nothing was done"
                    : "\(feeds.summary); it was refused, unless an earlier call, which would leave no trace, did something"
            )
        }
        return doubt(feeds, wasCutOff: wasCutOff)
    }

    private func doubt(_ feeds: Feeding, wasCutOff: Bool) -> RepeatRiskVerdict {
        guard let items = feeds.items else {
            return RepeatRiskVerdict(
                .possible, ruleID: "items-unknown", start: feeds.start,
                why: "\(feeds.summary); how many of them were done is not known")
        }
        let isComposite = table.composite.match(feeds.node.type)
        let rule = items > 1 ? "several-items" : wasCutOff ? "crashed-in-node" : "may-be-done"
        let deeds = isComposite ? "any of its steps" : items == 1 ? "it" : "up to \(items)"
        return RepeatRiskVerdict(
            .possible, ruleID: rule, start: feeds.start, mayHaveBeenDone: isComposite ? nil : items,
            why: "\(feeds.summary); \(deeds) may have been done")
    }

    /// What is known of a call besides node and error.
    private func facts(_ node: NodeEvidence, _ detail: ExecutionDetail) -> Set<RiskFact> {
        var facts = settings(node)
        if detail.items == 1 {
            facts.insert(.oneItem)
            facts.insert(.knownMethod)
        }
        if detail.error?.names(target: node.target) == true { facts.insert(.sameAddress) }
        let isQuiet = detail.tools?.allSatisfy { tool in
            let call = FailedCall(node: tool, error: nil, facts: settings(tool))
            return table.reading(call, wasCutOff: false) != nil
        }
        if isQuiet == true { facts.insert(.quietTools) }
        return facts
    }

    private func settings(_ node: NodeEvidence) -> Set<RiskFact> {
        var facts = Set(node.assurances.map(RiskFact.assured))
        if node.assurances.contains(.fixedMethod) { facts.insert(.knownMethod) }
        if node.assurances.contains(.noRedirects) { facts.insert(.sameAddress) }
        if node.assurances.contains(.oneStatement) || table.statementOperations.match(node.operation) {
            facts.insert(.singleStatement)
        }
        return facts
    }
}

extension RepeatRiskTable {
    /// The rule by which a call changes nothing. Of a node that was cut off nothing is stored yet of the tool that was
    /// under way.
    func reading(_ call: FailedCall, wasCutOff: Bool) -> ReadingRule? {
        reading.first { $0.matches(call) && !(wasCutOff && $0.needs.contains(.quietTools)) }
    }

    /// Whether an error is n8n's own platform's, and not of the node that was under way.
    func cutsOff(_ error: ErrorEvidence) -> Bool {
        ([error.message, error.description].compactMap(\.self) + error.messages).contains { cutOff.match($0) }
    }

    /// The rule that proves most of a failed call, and the risk that it leaves; nil where none speaks of it.
    func refusal(of call: FailedCall) -> (rule: RefusalRule, risk: RepeatRisk)? {
        guard let error = call.error else { return nil }
        var best: (rule: RefusalRule, risk: RepeatRisk)?
        for rule in refusals where rule.needs.isSubset(of: call.facts) && rule.matches(error) {
            guard let risk = risk(rule, of: call) else { continue }
            if risk == .none { return (rule, risk) }
            if best == nil { best = (rule, risk) }
        }
        return best
    }

    private func risk(_ rule: RefusalRule, of call: FailedCall) -> RepeatRisk? {
        if toolUsers.match(call.node.type), !call.facts.contains(.quietTools) { return nil }
        let isDeedFirst = deedFirst.contains { $0.matches(call.node) } || !call.facts.contains(.assured(.noFollowUp))
        if isDeedFirst, rule.reach != .nothingSent { return nil }
        if case .types(let types) = rule.reach { return types.match(call.node.type) ? rule.risk : nil }
        guard let type = call.node.type, !composite.match(type) else { return nil }
        if rule.reach == .nothingSent { return rule.risk }
        if followers.match(type) { return call.facts.contains(.sameAddress) ? rule.risk : .unlikely }
        return known.match(type) && !severalCalls.contains { $0.matches(call.node) } ? rule.risk : .unlikely
    }
}

extension ExecutionDetail {
    /// The items that a retry feeds to the node; no node is run for none, so a count of none tells nothing.
    fileprivate var items: Int? { itemsToRepeat.flatMap { $0 > 0 ? $0 : nil } }
}

extension ErrorEvidence {
    /// Whether the error names the address that was called, so that it cannot be one that a redirect led to.
    fileprivate func names(target: String?) -> Bool {
        guard let target else { return false }
        let authority = String(target.prefix { $0 != "/" })
        let host = String(authority.prefix { $0 != ":" })
        return (messages + [message, description].compactMap(\.self)).contains { text in
            let words = text.split(separator: " ").map(String.init)
            if words.count >= 3, words[0] == "connect" {
                return [authority, authority + ":80", authority + ":443"].contains(words[2])
            }
            if words.count >= 3, words[0] == "getaddrinfo" { return words[2] == host || words[2] == authority }
            guard let place = words.firstIndex(of: "Host:"), place + 1 < words.count else { return false }
            return words[place + 1] == host + "."
        }
    }
}

/// The node at which a retry begins, and the items that are fed to it.
private struct Feeding {
    let node: NodeEvidence
    let items: Int?

    var start: RepeatRiskVerdict.Start { .node(node.name, items: items) }

    var summary: String {
        let count = items.map { $0 == 1 ? "1 item" : "\($0) items" } ?? "an unknown number of items"
        return "feeds \(count) into \(target) again"
    }

    func nothing(_ rule: ReadingRule) -> RepeatRiskVerdict {
        RepeatRiskVerdict(
            .none, ruleID: rule.id, start: start, mayHaveBeenDone: 0, why: "\(summary), which changes nothing")
    }

    /// The data is older than the run's end: nothing is known of what came behind the node.
    var ranPast: RepeatRiskVerdict {
        RepeatRiskVerdict(
            .possible, ruleID: "ran-past", start: start,
            why: "\(summary), but the run had gone on past it; what came behind may have been done")
    }

    private var target: String {
        if let method = node.method, let target = node.target { return "\(method) \(target)" }
        let short = node.type.map { $0.split(separator: ".").last.map(String.init) ?? $0 }
        let deed = [short, node.resource, node.operation].compactMap(\.self).joined(separator: " ")
        return deed.isEmpty ? "\"\(node.name)\"" : "\"\(node.name)\" (\(deed))"
    }
}

extension RepeatRiskVerdict {
    fileprivate static func unknown(_ rule: String, _ why: String) -> RepeatRiskVerdict {
        RepeatRiskVerdict(
            .unknown, ruleID: rule, start: .unknown, why: "\(why), so what a retry repeats is not known")
    }
    fileprivate static func restart(_ rule: String, _ why: String) -> RepeatRiskVerdict {
        RepeatRiskVerdict(
            .restart, ruleID: rule, start: .trigger,
            why: "starts again at the trigger and does everything again: \(why)")
    }
}
