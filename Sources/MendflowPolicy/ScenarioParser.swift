internal import MendflowCore
internal import MendflowText
public import MendflowYAML

/// Reads scenario files: `policies`, and `tests` with what is given and what is expected.
public enum ScenarioLoader {
    /// The scenarios of a file, nil where there are errors, and what is wrong with it.
    public static func load(_ file: PolicyFile) -> (file: ScenarioFile?, findings: [Finding]) {
        let reading = YAMLReader.read(bytes: file.bytes, file: file.name)
        let report = Report(file: file.name)
        var scenarios: ScenarioFile?
        if let root = reading.root {
            scenarios = ScenarioParser(report: report).parse(root)
        } else if !reading.hasErrors {
            report.error("no-tests", "the file is empty; it needs `policies:` and `tests:`", at: nil)
        }
        let findings = reading.findings + report.findings
        return (findings.contains { $0.severity == .error } ? nil : scenarios, Finding.inOrder(findings))
    }
}

struct ScenarioParser {
    let report: Report

    static let file = MapShape(
        what: "a scenario file", keys: ["policies", "tests"], required: ["policies", "tests"])
    static let test = MapShape(
        what: "a test", keys: ["name", "workflows", "executions", "retries", "lasts", "expect"],
        required: ["name", "executions", "expect"])
    static let workflow = MapShape(
        what: "a workflow", keys: ["id", "name", "active", "tags", "saves_successes", "saves_failures"],
        required: ["name"])
    static let execution = MapShape(
        what: "an execution",
        keys: [
            "id", "workflow", "status", "mode", "retry_of", "at", "ran_for", "wait_until", "error", "node", "items",
            "restarts", "waits_for", "custom_data", "data",
        ], required: ["id", "workflow", "at"])
    static let error = MapShape(
        what: "`error`", keys: ["name", "message", "http_code", "description", "cause", "retry_after"])
    static let node = MapShape(
        what: "`node`", keys: ["name", "type", "operation", "resource", "method", "target"], required: ["type"])
    static let expectation = MapShape(
        what: "an expectation",
        keys: ["execution", "action", "held", "nothing", "exhausted", "policy", "tags", "attempt", "at"],
        required: ["execution"])

    func parse(_ root: YAMLNode) -> ScenarioFile? {
        guard let map = MapReader(root, Self.file, report) else { return nil }
        let policies = map["policies"].flatMap { node in
            report.oneOrMore(node, "`policies`") { path($0, "a policy file") }
        }
        let scenarios = map["tests"].flatMap { report.list($0, "`tests`", test) }
        guard let policies, let scenarios else { return nil }
        return ScenarioFile(name: report.file, policies: policies, scenarios: scenarios)
    }

    private func path(_ node: YAMLNode, _ what: String) -> ScenarioPath? {
        report.name(node, what, longest: 1000).map { ScenarioPath(text: $0, range: node.range) }
    }

    private func test(_ node: YAMLNode) -> Scenario? {
        guard let map = MapReader(node, Self.test, report) else { return nil }
        let before = report.errors
        let name = map["name"].flatMap { report.name($0, "`name`", longest: 200) }
        var workflows = map["workflows"].flatMap { report.list($0, "`workflows`", workflow) } ?? []
        let executions = map["executions"].flatMap { node in
            report.list(node, "`executions`") { execution($0, &workflows) }
        }
        let outcome = map["retries"].flatMap { report.word($0, "`retries`", as: Scenario.Outcome.self) }
        let lasts = map["lasts"].flatMap { report.period($0, "`lasts`", atLeast: .minutes(1), atMost: .days(60)) }
        let expectations = map["expect"].flatMap { node in
            node.items?.isEmpty ?? false ? [] : report.list(node, "`expect`", expectation)
        }
        guard report.errors == before, let name, let executions, let expectations else { return nil }
        let known = Set(executions.map(\.row.id))
        for (expected, item) in zip(expectations, map["expect"]?.items ?? []) where !known.contains(expected.execution)
        {
            report.error(
                "unknown-execution", "no execution \(expected.execution) is given", at: item["execution"]?.range,
                notes: ["given: \(known.sorted().map(\.text).joined(separator: ", "))"])
        }
        let end = executions.compactMap(\.row.newestTime).max() ?? Scenario.beginning
        return Scenario(
            name: name, place: report.place(node.range), workflows: workflows,
            executions: executions.sorted { $0.row.id < $1.row.id }, outcome: outcome ?? .fail,
            length: lasts ?? end - Scenario.beginning + .days(2), expectations: expectations)
    }

    private func workflow(_ node: YAMLNode) -> WorkflowInfo? {
        guard let map = MapReader(node, Self.workflow, report) else { return nil }
        guard let name = map["name"].flatMap({ report.name($0, "`name`", longest: 300) }) else { return nil }
        let id = map["id"].map { report.name($0, "`id`") } ?? name
        let tags = map["tags"].flatMap { report.list($0, "`tags`") { report.name($0, "a tag") } }
        guard let id else { return nil }
        var info = saved(WorkflowInfo(id: WorkflowID(id), name: name, tags: tags ?? []))
        info.active = map["active"].flatMap { report.flag($0, "`active`") } ?? true
        info.savesSuccesses = map["saves_successes"].flatMap { report.flag($0, "`saves_successes`") } ?? true
        info.savesFailures = map["saves_failures"].flatMap { report.flag($0, "`saves_failures`") } ?? true
        return info
    }
}

// Executions.
extension ScenarioParser {
    /// An execution; a workflow that is not described is known by its name.
    private func execution(_ node: YAMLNode, _ workflows: inout [WorkflowInfo]) -> Scenario.Given? {
        guard let map = MapReader(node, Self.execution, report) else { return nil }
        let before = report.errors
        let id = map["id"].flatMap { report.whole($0, "`id`", in: 1...1_000_000_000) }
        let title = map["workflow"].flatMap { report.name($0, "`workflow`", longest: 300) }
        let at = map["at"].flatMap { report.period($0, "`at`", atLeast: .zero, atMost: .days(60)) }
        let status = map["status"].map(status) ?? .error
        let ranFor = map["ran_for"].map { report.period($0, "`ran_for`", atLeast: .zero) } ?? .seconds(1)
        let parent = map["retry_of"].flatMap { report.whole($0, "`retry_of`", in: 1...1_000_000_000) }
        let wait = map["wait_until"].flatMap { report.period($0, "`wait_until`") }
        let mode = map["mode"].flatMap { report.name($0, "`mode`") }
        let fixture = map["data"].flatMap { path($0, "`data`") }
        let detail = detail(map, status ?? .error)
        guard report.errors == before, let id, let title, let at, let status, let ranFor else { return nil }
        let workflow = place(of: title, in: &workflows)
        for node in [detail?.lastNode, detail?.startNode] {
            guard let node, let type = node.type else { continue }
            workflows[workflow].nodes?.add(name: node.name, type: type, isDisabled: false)
        }
        let start = Scenario.beginning + at
        let row = Execution(
            id: ExecutionID(String(id)), workflow: workflows[workflow].id, status: status,
            mode: mode.map { ExecutionMode($0) } ?? (parent == nil ? "webhook" : .retry),
            retryOf: parent.map { ExecutionID(String($0)) }, createdAt: start,
            startedAt: status == .queued ? nil : start,
            stoppedAt: status.isLive && status != .waiting ? nil : start + ranFor,
            waitTill: wait.map { Scenario.beginning + $0 })
        return Scenario.Given(row: row, detail: detail, fixture: fixture, place: report.place(node.range))
    }

    /// Where a workflow of a name or an id stands; one that is not described is made.
    private func place(of title: String, in workflows: inout [WorkflowInfo]) -> Int {
        if let place = workflows.firstIndex(where: { $0.name == title || $0.id.text == title }) { return place }
        workflows.append(saved(WorkflowInfo(id: WorkflowID(title), name: title)))
        return workflows.count - 1
    }

    /// A workflow as most are: active, saved as it was published, and it keeps its runs.
    private func saved(_ workflow: WorkflowInfo) -> WorkflowInfo {
        var info = workflow
        (info.savesSuccesses, info.savesFailures, info.nodes) = (true, true, WorkflowNodes())
        return info
    }

    static var statuses: [String] {
        let known: [ExecutionStatus] = [.error, .crashed, .canceled, .running, .waiting, .queued, .success, .unknown]
        return known.map(\.rawValue)
    }

    private func status(_ node: YAMLNode) -> ExecutionStatus? {
        report.oneOf(Self.statuses, node, "`status`").flatMap(ExecutionStatus.init(rawValue:))
    }

    /// What the run's data says; nil where nothing is said of it.
    private func detail(_ map: MapReader, _ status: ExecutionStatus) -> ExecutionDetail? {
        let keys = ["error", "node", "items", "restarts", "waits_for", "custom_data"]
        guard status.isFailed || keys.contains(where: { map[$0] != nil }) else { return nil }
        let node = map["node"].flatMap(node) ?? NodeEvidence(name: "Node", type: "n8n-nodes-base.noOp")
        let restarts = map["restarts"].flatMap { report.flag($0, "`restarts`") } ?? false
        let items = map["items"].flatMap { report.whole($0, "`items`", in: 0...1_000_000) } ?? 1
        var detail = ExecutionDetail(
            status: status, error: map["error"].flatMap(error), lastNode: node,
            itemsToRepeat: restarts ? nil : items, finishedNodes: restarts ? 0 : 1, resumesAtNode: !restarts,
            startNode: restarts ? nil : node)
        detail.waitKind = map["waits_for"].flatMap {
            report.oneOf(["timer", "event"], $0, "`waits_for`").flatMap(ExecutionDetail.WaitKind.init(rawValue:))
        }
        if let notes = map["custom_data"]?.entries {
            for note in notes { detail.customData[note.key.text] = anyText(note.value, "a note") }
        }
        return detail
    }

    /// Text as it is written: a code of 429 needs no quotes.
    private func anyText(_ node: YAMLNode, _ what: String) -> String? {
        guard let text = node.scalar?.text, !text.isEmpty else {
            report.wrongKind(node, what, wanted: "text")
            return nil
        }
        return text
    }

    /// What most nodes assure: one call, which is not tried again and has nothing behind it.
    private static let usual: Set<NodeAssurance> = [.triesOnce, .onePage, .noFollowUp, .fixedMethod, .pureScript]

    private func error(_ node: YAMLNode) -> ErrorEvidence? {
        guard let map = MapReader(node, Self.error, report) else { return nil }
        func text(_ key: String) -> String? { map[key].flatMap { anyText($0, "`\(key)`") } }
        return ErrorEvidence(
            name: text("name") ?? "NodeApiError", message: text("message"), description: text("description"),
            httpCode: text("http_code"), cause: text("cause"),
            retryAfter: map["retry_after"].flatMap { report.period($0, "`retry_after`") })
    }

    private func node(_ node: YAMLNode) -> NodeEvidence? {
        guard let map = MapReader(node, Self.node, report) else { return nil }
        func text(_ key: String) -> String? { map[key].flatMap { anyText($0, "`\(key)`") } }
        guard let type = text("type") else { return nil }
        var found = NodeEvidence(
            name: text("name") ?? "Node", type: type, operation: text("operation"), resource: text("resource"),
            method: text("method"), target: text("target"))
        found.assurances = ScenarioParser.usual
        return found
    }
}

// Expectations.
extension ScenarioParser {
    private func expectation(_ node: YAMLNode) -> Scenario.Expectation? {
        guard let map = MapReader(node, Self.expectation, report) else { return nil }
        let before = report.errors
        let id = map["execution"].flatMap { report.whole($0, "`execution`", in: 1...1_000_000_000) }
        let kinds = ["action", "held", "nothing", "exhausted"].filter { map[$0] != nil }
        guard kinds.count == 1, let kind = kinds.first else {
            report.error(
                "contradiction", "an expectation names one of `action`, `held`, `nothing` and `exhausted`",
                at: node.range)
            return nil
        }
        for key in ["policy", "tags", "attempt"] where kind != "action" {
            guard let wrong = map.key(key) else { continue }
            report.error("misplaced-key", "`\(key)` belongs to an `action`", at: wrong.range)
        }
        let between = map["at"].flatMap(range)
        let what = what(kind, map)
        guard report.errors == before, let id, let what else { return nil }
        return Scenario.Expectation(
            what: what, execution: ExecutionID(String(id)), between: between, place: report.place(node.range))
    }

    private func what(_ kind: String, _ map: MapReader) -> Scenario.Expectation.What? {
        guard let value = map[kind] else { return nil }
        switch kind {
        case "held": return report.word(value, "`held`", as: Reason.self).map { .held($0) }
        case "nothing", "exhausted":
            guard report.flag(value, "`\(kind)`") == true else {
                report.error("out-of-range", "`\(kind)` is `true` or left out", at: value.range)
                return nil
            }
            return kind == "nothing" ? .nothing : .exhausted
        default:
            guard let action = report.word(value, "`action`", as: ActionKind.self) else { return nil }
            return .action(
                action, policy: map["policy"].flatMap { report.name($0, "`policy`") },
                tags: map["tags"].flatMap { report.oneOrMore($0, "`tags`") { report.name($0, "a tag") } },
                attempt: map["attempt"].flatMap { report.whole($0, "`attempt`", in: 1...100) })
        }
    }

    /// `5m`, `1m to 5m`: a moment with half a minute of room, for the agent looks every 30 seconds, or a time between two.
    private func range(_ node: YAMLNode) -> ClosedRange<Period>? {
        guard let text = node.scalar?.text else {
            report.wrongKind(node, "`at`", wanted: "a length of time such as 5m, or two such as 1m to 5m")
            return nil
        }
        let parts = text.split(separator: " to ").map { Period($0) }
        guard let first = parts.first ?? nil, let last = parts.last ?? nil, parts.count <= 2, first <= last else {
            report.error(
                "not-a-duration",
                "`at` is a length of time such as 5m, or two such as 1m to 5m, not \(text.inBackticks)",
                at: node.range)
            return nil
        }
        return parts.count == 2 ? first...last : first...(first + .seconds(30))
    }
}
