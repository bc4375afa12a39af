import MendflowCore
import MendflowReview
import MendflowYAML

/// A plan as JSON (semantics 55).
struct PlanJSON: Encodable {
    struct Header: Encodable {
        struct Unreadable: Encodable { var execution: String, why: String }
        struct InFlight: Encodable { var intent: Int64, execution: String, state: String, run: String? }
        struct Missing: Encodable { var action: String, words: String }
        var instance: String, url: String, now: String, mode: String, acting: [String], dryRun: [String]
        var lowest: String?, highest: String?, rows: Int, live: Int, judged: Int, complete: Bool, partial: [String]
        var unreadable: [Unreadable], clockOffsetMs: Int64, clockTrouble: String?, missingCapabilities: [Missing]
        var memory: String, epoch: Int, ledgerHead: String?, recordedAhead: String?, paused: String?, alarm: String?
        var era: String?, capabilities: [String: Bool]?
        var asIfEnforced: Bool, inFlight: [InFlight]
        var listedFrom: String?, coveredFrom: String?, partsLeft: Int, gapsLeft: Int
    }
    struct Entry: Encodable {
        var kind: String, dryRun: Bool, action: String, execution: String, workflow: String, workflowName: String?
        var status: String, since: String, policy: String, place: String, request: String
        var attempt: Int, attempts: Int, due: String, waitsFor: String?, until: String?
        var untilWords: String?, takenFrom: String?
        var start: String?, repeatRisk: String?, repeatRiskWords: String?, errorClass: String?, rule: String?
        var tags: [String]?, link: String, wakes: String?, thereAlready: Bool?
    }
    struct NotActed: Encodable { var reason: String, count: Int, example: String, words: String }
    struct Held: Encodable {
        var execution: String, workflow: String, status: String, reason: String, words: String, policy: String?
        var wouldSend: String?
    }

    struct HeldBulk: Encodable { var policy: String, why: String }

    var header: Header
    var entries: [Entry]
    var groups: [GroupJSON], heldBulkStops: [HeldBulk], absences: [AbsenceFindingJSON]?
    var notActed: [NotActed], onlyUnlikely: Int, tagWritesNotLookedAt: Int?
    var held: [Held]?
    var findings: [FindingJSON]

    init(_ report: PlanReport, all: Bool, findings: [Finding]) {
        self.findings = findings.map { FindingJSON($0) }
        header = Header(report.header)
        entries = report.entries.map { Entry($0) }
        groups = report.groups.map { GroupJSON($0, wanted: nil) }
        absences = report.absences.isEmpty ? nil : report.absences.map { AbsenceFindingJSON($0) }
        heldBulkStops = report.heldBulkStops.map { HeldBulk(policy: $0.policy, why: $0.why) }
        notActed = report.notActed.map {
            NotActed(
                reason: $0.reason.rawValue, count: $0.count, example: $0.example.text,
                words: $0.words)
        }
        onlyUnlikely = report.onlyUnlikely
        tagWritesNotLookedAt = report.tagWritesNotLookedAt > 0 ? report.tagWritesNotLookedAt : nil
        held =
            all
            ? report.held.map {
                Held(
                    execution: $0.execution.text, workflow: $0.workflow, status: $0.status.rawValue,
                    reason: $0.reason.rawValue, words: $0.why, policy: $0.policy, wouldSend: $0.withheld)
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
        live = from.live
        judged = from.judged
        complete = from.completeness == .complete
        partial = []
        if case .partial(let why) = from.completeness { partial = why }
        unreadable = from.unreadable.map { Unreadable(execution: $0.execution.text, why: $0.why) }
        clockOffsetMs = from.clockOffset.ahead.milliseconds
        clockTrouble = from.clockOffset.trouble
        missingCapabilities =
            (from.capabilities?.notOffered ?? []).sorted().map {
                Missing(action: $0.rawValue, words: "this n8n has no such request")
            }
            + from.forbidden.map { Missing(action: $0.action.rawValue, words: $0.message) }
            + from.missingScopes.map { Missing(action: "read", words: $0) }
        memory = from.ledgerHead == nil ? "none" : "ledger"
        epoch = from.epoch
        ledgerHead = from.ledgerHead
        recordedAhead = from.recordedAhead?.rfc3339
        paused = from.paused
        alarm = from.alarm
        era = from.capabilities?.era.rawValue
        capabilities = from.capabilities?.held
        asIfEnforced = from.isAsIfEnforced
        inFlight = from.placeHolders.map {
            InFlight(
                intent: $0.intent.number, execution: $0.execution.text, state: $0.state.rawValue, run: $0.run?.text)
        }
        listedFrom = from.coverage.listedFrom?.text
        coveredFrom = from.coverage.coveredFrom?.text
        partsLeft = from.coverage.unreadRanges
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
        untilWords = entry.untilWords
        takenFrom = entry.takenFrom
        start = action.start
        repeatRisk = action.risk?.risk.rawValue
        repeatRiskWords = action.risk?.why
        errorClass = action.classification?.errorClass.rawValue
        rule = action.classification?.ruleID
        tags = draft.tags.isEmpty ? nil : draft.tags
        link = entry.link
        wakes = entry.wakes?.rfc3339
        thereAlready = entry.isThereAlready ? true : nil
    }
}
