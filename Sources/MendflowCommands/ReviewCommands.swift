import MendflowCommandLine
import MendflowCore
import MendflowOperations
import MendflowReview
import MendflowWorkspace
import MendflowYAML

extension CommandContext {
    /// `plan`
    func plan() async throws(MendflowFailure) -> ExitStatus {
        let workspace = try workspace()
        let report = try await Preview.plan(workspace, instance: values[Options.instance])
        if isJSON {
            console.json(PlanJSON(report, all: values[Options.all], findings: workspace.findings.all))
        } else {
            console.result(PlanText.render(report, all: values[Options.all]))
        }
        return report.exitStatus
    }

    /// `explain`
    func explain() async throws(MendflowFailure) -> ExitStatus {
        let told = try await Preview.explain(
            try workspace(), execution: ExecutionID(values[Options.execution]), instance: values[Options.instance])
        switch told {
        case .explanation(let found) where isJSON: console.json(ExplanationJSON(found))
        case .explanation(let found): console.result(ExplanationText.render(found))
        case .vanished(let found) where isJSON: console.json(VanishedExecutionJSON(found))
        case .vanished(let found): console.result(VanishedExecutionText.render(found))
        }
        return .done
    }
}

extension PlanReport {
    /// Whether all was seen, and n8n's database is the one that is known: only then does an empty plan mean "all well".
    var isSound: Bool { header.completeness == .complete && header.alarm == nil }

    /// What is pending comes before what is not whole, but not before an alarm.
    var exitStatus: ExitStatus {
        guard header.alarm == nil else { return .failure }
        return entries.isEmpty ? isSound ? .done : .failure : .pending
    }
}

/// A plan as text.
enum PlanText {
    /// What waits for one and the same reason is shown that often, unless all is asked for.
    private static let shownPerReason = 3

    static func render(_ report: PlanReport, all: Bool) -> String {
        var lines = header(report.header)
        if report.entries.isEmpty, report.isSound { lines += ["", "Nothing is due and nothing waits."] }
        var waiting: [Reason: Int] = [:]
        for entry in report.entries {
            if let reason = entry.waitsFor, !all {
                waiting[reason, default: 0] += 1
                guard waiting[reason, default: 0] <= shownPerReason else { continue }
            }
            lines += [""] + block(entry)
        }
        for (reason, count) in waiting.sorted(by: { $0.key.rawValue < $1.key.rawValue }) where count > shownPerReason {
            lines += ["", "... and \(count - shownPerReason) more that wait for \(reason.rawValue); --all shows them"]
        }
        if !report.groups.isEmpty { lines += ["", "Groups"] + report.groups.map(group) }
        if !report.heldBulkStops.isEmpty {
            lines += ["", "Bulk stops that are held, so that runs are stopped one by one"]
            lines += report.heldBulkStops.map { "  \($0.policy): \($0.why)" }
        }
        if !report.held.isEmpty { lines += ["", "Not acted on"] }
        if all {
            for item in report.held {
                lines.append(
                    "  \(item.reason.rawValue)  \(item.execution) \(item.status.rawValue) '\(item.workflow)'"
                        + (item.policy.map { " [\($0)]" } ?? "") + (item.words.isEmpty ? "" : ": \(item.words)"))
            }
        } else {
            for item in report.notActed {
                lines.append(
                    "  \(item.count) \(item.reason.rawValue), for example \(item.example)"
                        + (item.words.isEmpty ? "" : ": \(item.words)"))
            }
            if !report.held.isEmpty { lines.append("  (--all lists them; `mendflow explain ID` says why)") }
        }
        if report.header.alarm != nil {
            lines += ["", "The epoch alarm holds everything; `mendflow instance adopt --reason ...` ends it."]
        } else if !report.isSound {
            lines += ["", "The poll was incomplete: this plan is not whole, and nothing is acted on before one is."]
        }
        return Console.lines(lines)
    }

    private static func header(_ header: PlanReport.Header) -> [String] {
        func names(_ names: [String]) -> String { names.isEmpty ? "no policy" : names.joined(separator: ", ") }
        var lines = [
            "\(header.instance)  \(header.url)  at \(header.now)",
            "  mode \(header.mode.rawValue); can act: \(names(header.acting)); in dry-run: \(names(header.dryRun))",
        ]
        var seen = "  no execution seen"
        if let lowest = header.lowest, let highest = header.highest {
            seen = "  executions \(lowest) to \(highest), \(header.rows) seen, \(header.judged) judged"
        }
        if let capabilities = header.capabilities { lines.append("  \(capabilities.eraWords)") }
        lines.append(seen + (header.completeness == .complete ? "; complete" : ""))
        if case .partial(let why) = header.completeness {
            lines.append("  PARTIAL, so nothing is acted on: \(why.joined(separator: "; "))")
        }
        lines += coverage(header)
        lines += header.unreadable.map { "  unreadable: \($0.execution): \($0.why)" }
        if header.clockOffset != .zero {
            let isAhead = header.clockOffset > .zero
            let offset = isAhead ? header.clockOffset : Period(milliseconds: -header.clockOffset.milliseconds)
            lines.append("  n8n's clock is \(offset) \(isAhead ? "ahead of" : "behind") ours")
        }
        lines += header.forbidden.map { "  the key may not \($0.action.rawValue): \($0.words)" }
        lines += header.missingScopes.map { "  the key may not read: \($0)" }
        lines.append(
            header.ledgerHead.map { "  epoch \(header.epoch), ledger head \($0)" }
                ?? "  memory: none (no ledger; what was done before is not known)")
        if let time = header.recordedAhead {
            lines.append("  CLOCK: the ledger has a record of \(time), which is still to come: a clock is or was wrong")
        }
        if let alarm = header.alarm { lines.append("  EPOCH ALARM: \(alarm)") }
        if let paused = header.paused { lines.append("  PAUSED: \(paused)") }
        return lines
    }

    /// What was not read, and what this server shows only to those who ask for ids.
    private static func coverage(_ header: PlanReport.Header) -> [String] {
        var lines: [String] = []
        if let from = header.coverage.listedFrom {
            lines.append(
                "  the list was read down to \(from); \(header.coverage.holes) older parts are still to be read")
        }
        if let from = header.coverage.coveredFrom {
            lines.append("  retries of executions below \(from) are not all read yet: those chains are held")
        }
        if header.coverage.gapsLeft > 0 {
            lines.append("  \(header.coverage.gapsLeft) ids are in no list and are not accounted for yet")
        }
        if header.capabilities?.hidesWaiting == true { lines.append("  waiting runs are in no list of this server") }
        if header.capabilities?.hidesQueued == true { lines.append("  queued runs are in no list of this server") }
        return lines
    }

    private static func group(_ group: GroupCount) -> String {
        let verdict = group.holds.map { $0 ? "as wanted" : "not as wanted" } ?? "not decided yet"
        return "  \(group.policy)" + (group.workflow.map { ", workflow \($0)" } ?? "") + ": \(group.words); \(verdict)"
    }

    private static func block(_ entry: PlanReport.Entry) -> [String] {
        let action = entry.action
        let verb = entry.isDue ? (entry.isDryRun ? "would act" : "act") : "wait"
        var lines = [
            "\(verb)  \(action.request)",
            "  '\(entry.workflowName ?? action.draft.workflow.text)', \(entry.status.rawValue) since \(entry.since)",
            "  policy \(action.draft.policy) at \(entry.place)"
                + (action.draft.action == .retry ? ", attempt \(action.draft.attempt) of \(action.attempts)" : ""),
        ]
        if let found = action.classification {
            lines.append("  error class \(found.errorClass.rawValue) by rule \(found.ruleID)")
        }
        if let start = action.start { lines.append("  starts \(start)") }
        if let risk = action.risk { lines.append("  repeat risk \(risk.risk.rawValue): \(risk.words)") }
        if let reason = entry.waitsFor {
            lines.append("  waits for \(reason.rawValue)" + (entry.until.map { " until \($0)" } ?? ""))
        }
        if let other = entry.takenFrom { lines.append("  would take it from policy \(other)") }
        lines.append("  \(entry.link)")
        return lines
    }
}

/// A plan as JSON (semantics 55).
struct PlanJSON: Encodable {
    struct Header: Encodable {
        struct Unreadable: Encodable { var execution: String, why: String }
        struct Missing: Encodable { var action: String, words: String }
        var instance: String, url: String, now: String, mode: String, acting: [String], dryRun: [String]
        var lowest: String?, highest: String?, rows: Int, judged: Int, complete: Bool, partial: [String]
        var unreadable: [Unreadable], clockOffsetMs: Int64, missingCapabilities: [Missing]
        var memory: String, epoch: Int, ledgerHead: String?, recordedAhead: String?, paused: String?, alarm: String?
        var era: String?, capabilities: [String: Bool]?
        var listedFrom: String?, coveredFrom: String?, partsLeft: Int, gapsLeft: Int
    }
    struct Entry: Encodable {
        var kind: String, dryRun: Bool, action: String, execution: String, workflow: String, workflowName: String?
        var status: String, since: String, policy: String, place: String, request: String
        var attempt: Int, attempts: Int, due: String, waitsFor: String?, until: String?, takenFrom: String?
        var start: String?, repeatRisk: String?, repeatRiskWords: String?, errorClass: String?, rule: String?
        var tags: [String]?, link: String
    }
    struct NotActed: Encodable { var reason: String, count: Int, example: String, words: String }
    struct Held: Encodable {
        var execution: String, workflow: String, status: String, reason: String, words: String, policy: String?
    }

    struct HeldBulk: Encodable { var policy: String, why: String }

    var header: Header
    var entries: [Entry]
    var groups: [GroupJSON], heldBulkStops: [HeldBulk]
    var notActed: [NotActed]
    var held: [Held]?
    var findings: [FindingJSON]

    init(_ report: PlanReport, all: Bool, findings: [Finding]) {
        self.findings = findings.map { FindingJSON($0) }
        header = Header(report.header)
        entries = report.entries.map { Entry($0) }
        groups = report.groups.map { GroupJSON($0, wanted: nil) }
        heldBulkStops = report.heldBulkStops.map { HeldBulk(policy: $0.policy, why: $0.why) }
        notActed = report.notActed.map {
            NotActed(reason: $0.reason.rawValue, count: $0.count, example: $0.example.text, words: $0.words)
        }
        held =
            all
            ? report.held.map {
                Held(
                    execution: $0.execution.text, workflow: $0.workflow, status: $0.status.rawValue,
                    reason: $0.reason.rawValue, words: $0.words, policy: $0.policy)
            } : nil
    }
}

extension PlanJSON.Header {
    fileprivate init(_ from: PlanReport.Header) {
        instance = from.instance
        url = from.url
        now = from.now.rfc3339
        mode = from.mode.rawValue
        acting = from.acting
        dryRun = from.dryRun
        lowest = from.lowest?.text
        highest = from.highest?.text
        rows = from.rows
        judged = from.judged
        complete = from.completeness == .complete
        partial = []
        if case .partial(let why) = from.completeness { partial = why }
        unreadable = from.unreadable.map { Unreadable(execution: $0.execution.text, why: $0.why) }
        clockOffsetMs = from.clockOffset.milliseconds
        missingCapabilities =
            from.forbidden.map { Missing(action: $0.action.rawValue, words: $0.words) }
            + from.missingScopes.map { Missing(action: "read", words: $0) }
        memory = from.ledgerHead == nil ? "none" : "ledger"
        epoch = from.epoch
        ledgerHead = from.ledgerHead
        recordedAhead = from.recordedAhead?.rfc3339
        paused = from.paused
        alarm = from.alarm
        era = from.capabilities?.era.rawValue
        capabilities = from.capabilities?.held
        listedFrom = from.coverage.listedFrom?.text
        coveredFrom = from.coverage.coveredFrom?.text
        partsLeft = from.coverage.holes
        gapsLeft = from.coverage.gapsLeft
    }
}

extension PlanJSON.Entry {
    fileprivate init(_ entry: PlanReport.Entry) {
        let action = entry.action, draft = entry.action.draft
        kind = entry.isDue ? "act" : "wait"
        dryRun = entry.isDryRun
        self.action = draft.action.rawValue
        execution = draft.execution.text
        workflow = draft.workflow.text
        workflowName = entry.workflowName
        status = entry.status.rawValue
        since = entry.since.rfc3339
        policy = draft.policy
        place = entry.place.description
        request = action.request
        attempt = draft.attempt
        attempts = action.attempts
        due = action.due.rfc3339
        waitsFor = entry.waitsFor?.rawValue
        until = entry.until?.rfc3339
        takenFrom = entry.takenFrom
        start = action.start
        repeatRisk = action.risk?.risk.rawValue
        repeatRiskWords = action.risk?.words
        errorClass = action.classification?.errorClass.rawValue
        rule = action.classification?.ruleID
        tags = draft.tags.isEmpty ? nil : draft.tags
        link = entry.link
    }
}
