import MendflowCore
import MendflowHistory

/// An export for programs.
struct HistoryExportJSON: Encodable {
    var folder: String
    var executions: Int
    var details: Int
    var oldest: String?

    init(_ it: HistoryProgress, folder: String) {
        self.folder = folder
        (executions, details, oldest) = (it.rows, it.details, it.oldest?.rfc3339)
    }
}

/// What a history holds, for programs.
struct HistoryInfoJSON: Encodable {
    struct Workflow: Encodable {
        var id: String
        var name: String?
        var runs: Int
        var failed: Int
        var retries: Int
        var classes: [String: Int]
        var savesSuccesses: Bool?
        var savesFailures: Bool?
    }
    /// Something that could not be taken as it is written.
    struct Finding: Encodable {
        var kind: String, execution: String, file: String, line: Int, element: Int?, words: String, done: String
    }
    var from: String?
    var to: String?
    var executions: Int
    var statuses: [String: Int]
    var classes: [String: Int]
    var details: Int
    var failedWithoutData: Int
    var missingIds: Int
    var gaps: Int
    var undated: Int
    var conflicting: Int
    var unreadableTimes: Int
    /// What could not be taken as it is written; the first of each kind.
    var findings: [Finding]
    var workflows: [Workflow]

    init(_ it: HistoryInfo) {
        (from, to) = (it.span?.lowerBound.rfc3339, it.span?.upperBound.rfc3339)
        (executions, classes, details) = (it.executions, it.classes, it.details)
        (failedWithoutData, missingIds, gaps, undated) = (it.withoutData, it.missing, it.gaps, it.undated)
        (conflicting, unreadableTimes) = (it.findings.count(.conflict), it.findings.count(.unreadableTime))
        findings = it.findings.first.map { one in
            Finding(
                kind: one.kind.rawValue, execution: one.execution.text, file: one.place.file, line: one.place.line,
                element: one.place.element, words: one.words, done: one.done)
        }
        statuses = Dictionary(it.statuses.map { ($0.key.rawValue, $0.value) }) { one, _ in one }
        workflows = it.workflows.map { one in
            Workflow(
                id: one.id.text, name: one.name, runs: one.runs, failed: one.failed, retries: one.retries,
                classes: one.classes, savesSuccesses: one.savesSuccesses, savesFailures: one.savesFailures)
        }
    }
}

/// Where a recorded month was written, for programs.
struct HistorySampleJSON: Encodable {
    var files: [String]
}
