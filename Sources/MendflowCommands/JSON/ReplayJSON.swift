import MendflowCore
import MendflowOperations

/// What a replay would retry, for programs.
struct ReplayPreviewJSON: Encodable {
    struct Item: Encodable {
        var execution: String, workflow: String, status: String, endedAt: String
        var errorClass: String?, repeatRisk: String?, waitsFor: String?, until: String?
    }
    struct LeftOut: Encodable { var execution: String, workflow: String, label: String, why: String }
    struct Limit: Encodable { var words: String, takesMs: Int64 }

    var name: String, instance: String, mode: String, now: String, selection: String
    var items: [Item], leftOut: [LeftOut], limits: [Limit], unseen: [String]

    init(_ preview: ReplayPreview) {
        (name, instance, mode) = (preview.name, preview.instance.name, preview.mode.rawValue)
        (now, selection) = (preview.now.rfc3339, preview.request.selection)
        items = preview.items.map {
            Item(
                execution: $0.execution.text, workflow: $0.workflow, status: $0.status.rawValue,
                endedAt: $0.endedAt.rfc3339, errorClass: $0.errorClass?.rawValue, repeatRisk: $0.risk?.rawValue,
                waitsFor: $0.waitsFor?.rawValue, until: $0.until?.rfc3339)
        }
        leftOut = preview.leftOut.map {
            LeftOut(execution: $0.execution.text, workflow: $0.workflow, label: $0.label, why: $0.why)
        }
        limits = preview.limits.map { Limit(words: $0.words, takesMs: $0.takes.milliseconds) }
        unseen = preview.unseen
    }
}

/// A replay, for programs.
struct ReplayJSON: Encodable {
    var name: String, state: String, why: String, movedBy: String, since: String
    var total: Int, by: String, reason: String, selection: String, begunAt: String
    /// What keeps one that nobody stopped.
    var waitsFor: String?
    /// How many executions each thing became of, where that was read.
    var results: [String: Int]?

    init(_ replay: Replay, _ wait: ReplayWait?, _ counts: [ReplayReport.Result: Int]? = nil) {
        waitsFor = replay.isRunning ? wait?.words : nil
        results = counts.map { counts in
            Dictionary(counts.map { ($0.key.rawValue, $0.value) }) { one, _ in one }
        }
        (name, state, why, movedBy) = (replay.name, replay.state.rawValue, replay.why, replay.movedBy)
        (total, by, reason) = (replay.start.total, replay.start.by, replay.start.reason)
        (selection, since, begunAt) = (replay.start.selection, replay.since.rfc3339, replay.begunAt.rfc3339)
    }
}

/// Some replays, for programs.
struct ReplaysJSON: Encodable {
    var replays: [ReplayJSON]
    init(_ replays: [Replay], _ wait: ReplayWait?) { self.replays = replays.map { ReplayJSON($0, wait) } }
}

/// How a replay stands, for programs.
struct ReplayReportJSON: Encodable {
    struct Item: Encodable {
        var execution: String, result: String, why: String, intent: Int64?, child: String?, at: String?
    }
    struct Pace: Encodable {
        var canary: Int, inFlightPerWorkflow: Int?, stopAfterFailures: Int?, rateMax: Int?, ratePerMs: Int64?
    }
    struct Successor: Encodable { var name: String, state: String, begunAt: String, executions: [String] }
    var replay: ReplayJSON, pace: Pace, items: [Item], rest: [String], isCarriedOut: Bool?
    /// Who took up what was left.
    var restTakenBy: [Successor]?

    init(_ report: ReplayReport) {
        replay = ReplayJSON(report.replay, report.waits)
        pace = Pace(
            canary: report.pace.canary, inFlightPerWorkflow: report.pace.inFlightPerWorkflow,
            stopAfterFailures: report.pace.stopAfterFailures, rateMax: report.rate?.max,
            ratePerMs: report.rate?.per.milliseconds)
        items = report.items.map {
            Item(
                execution: $0.execution.text, result: $0.result.rawValue, why: $0.why, intent: $0.intent,
                child: $0.child?.text, at: $0.at?.rfc3339)
        }
        rest = report.rest.map(\.text)
        isCarriedOut = report.isCarriedOut
        let successors = report.successors.map {
            Successor(
                name: $0.replay.name, state: $0.replay.state.rawValue, begunAt: $0.replay.begunAt.rfc3339,
                executions: $0.executions.sorted().map(\.text))
        }
        restTakenBy = successors.isEmpty ? nil : successors
    }
}
