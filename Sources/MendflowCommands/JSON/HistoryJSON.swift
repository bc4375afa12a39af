import MendflowCore
import MendflowHistory

/// An export for programs.
struct HistoryExportJSON: Encodable {
    var folder: String
    var executions: Int
    var details: Int
    var oldest: String?
    var retries: RetrySendersJSON?

    init(_ it: HistoryProgress, folder: String) {
        self.folder = folder
        retries = it.senders.map { RetrySendersJSON($0) }
        (executions, details, oldest) = (it.rows, it.details, it.oldest?.rfc3339)
    }
}

/// What a history holds, for programs.
struct HistoryInfoJSON: Encodable {
    struct Workflow: Encodable {
        var id: String
        var name: String?
        var runs: Int
        var succeeded: Int
        var failed: Int
        var retries: Int
        var classes: [String: Int]
        /// What its settings say; nil where the instance's default decides.
        var savesSuccesses: Bool?
        var savesFailures: Bool?
        /// Retries that are known to have succeeded and are not there.
        var successesNotKept: Int
    }
    /// Something that could not be taken as it is written.
    struct Finding: Encodable {
        var kind: String, execution: String?, file: String, line: Int, element: Int?, words: String, done: String

        init(_ one: HistoryFinding) {
            (kind, execution) = (one.kind.rawValue, one.execution?.text)
            (file, line, element) = (one.place.file, one.place.line, one.place.element)
            (words, done) = (one.words, one.done)
        }
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
    /// Lines that could not be read, and data of executions of which there is no row.
    var damaged: Int
    var dataWithoutRow: Int
    /// What could not be taken as it is written; the first of each kind.
    var findings: [Finding]
    var workflows: [Workflow]
    var retries: RetrySendersJSON
    /// Chains that a retry healed of which there is no row.
    var healedByRetryNotKept: Int
    /// How the columns stood that are kept beside the files; nil where there are to be none.
    var columns: String?

    init(_ it: HistoryInfo) {
        (from, to) = (it.span?.lowerBound.rfc3339, it.span?.upperBound.rfc3339)
        (executions, classes, details) = (it.executions, it.classes, it.details)
        (failedWithoutData, missingIds, gaps, undated) = (it.withoutData, it.missing, it.gaps, it.undated)
        (conflicting, unreadableTimes) = (it.findings.count(.conflict), it.findings.count(.unreadableTime))
        (damaged, dataWithoutRow) = (it.findings.count(.damaged), it.findings.count(.dataWithoutRow))
        findings = it.findings.first.map(Finding.init)
        columns = it.kept?.rawValue
        (retries, healedByRetryNotKept) = (RetrySendersJSON(it.senders), it.healedUnkept)
        statuses = Dictionary(it.statuses.map { ($0.key.rawValue, $0.value) }) { one, _ in one }
        workflows = it.workflows.map { one in
            Workflow(
                id: one.id.text, name: one.name, runs: one.runs, succeeded: one.succeeded, failed: one.failed,
                retries: one.retries,
                classes: one.classes, savesSuccesses: one.savesSuccesses, savesFailures: one.savesFailures,
                successesNotKept: one.successesNotKept)
        }
    }
}

/// Whose a history's retries are.
struct RetrySendersJSON: Encodable {
    var count: Int
    /// Nil where nobody can tell an agent's from people's.
    var agents: Int?
    /// From when on an agent's ledger tells, and how many were sent earlier.
    var toldSince: String?
    var before: Int?

    init(_ it: RetrySenders) {
        (count, agents, toldSince) = (it.retries, it.isTold ? it.agents : nil, it.since?.rfc3339)
        before = it.isTold ? it.before : nil
    }
}

/// What of a history could not be read and is left out.
struct HistoryDamageJSON: Encodable {
    /// How many lines, or ends of files, and the first of them.
    var leftOut: Int
    var first: [HistoryInfoJSON.Finding]

    /// Nil where everything was read.
    init?(_ it: HistoryFindings) {
        guard !it.isWhole else { return nil }
        leftOut = it.count(.damaged)
        first = it.first(.damaged).map(HistoryInfoJSON.Finding.init)
    }
}

/// Where a recorded month was written, for programs.
struct HistorySampleJSON: Encodable {
    var files: [String]
}
