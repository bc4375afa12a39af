import MendflowCore
import MendflowOperations
import MendflowReview
import MendflowText

/// Replays, for people.
enum ReplayText {
    /// What would be retried.
    static func render(_ preview: ReplayPreview) -> TextReport {
        var lines: [ReportLine] = [
            .heading("\(preview.name) on \(preview.instance.name): \(preview.request.selection)")
        ]
        if preview.items.isEmpty {
            lines.append(
                preview.request.restOf.map {
                    "Nothing would be retried: of what \($0) left, nothing can be retried now, as told below."
                } ?? "Nothing would be retried.")
        } else {
            lines.append(
                "\("\(preview.items.count.words("execution", "executions")) would be retried, each once", .acts)"
            )
            lines += split("class", preview.items.map { $0.errorClass?.rawValue ?? "not known" })
            lines += split(
                "repeat risk (whether a retry may do again what was done)",
                preview.items.map { $0.risk?.rawValue ?? "not known" })
            lines += split("workflow", preview.items.map(\.workflow))
            lines += pace(preview)
            lines += items(preview)
        }
        lines += leftOut(preview)
        for why in preview.unseen { lines.append("\("not everything was seen", .held): \(why)") }
        return TextReport(lines)
    }

    private static func split(_ what: String, _ words: [String]) -> [ReportLine] {
        let counts = Dictionary(grouping: words) { $0 }.mapValues(\.count)
        let parts = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        let shown = parts.prefix(8).map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        return ["  by \(what): \(shown)\(parts.count > 8 ? ", \(parts.count - 8) more" : "")"]
    }

    private static func pace(_ preview: ReplayPreview) -> [ReportLine] {
        let request = preview.request
        var lines: [ReportLine] = ["  pace: \(words(request.pace, request.rate, of: preview.items.count))"]
        if let slowest = preview.limits.first {
            lines.append("  takes at least \(slowest.takes.rounded): \(slowest.words)")
        }
        let waiting = preview.items.compactMap(\.until)
        if let last = waiting.max() {
            let count = waiting.count.words("of them waits", "of them wait")
            lines.append("  \(count) for a time told, the last until \(last)")
        }
        return lines
    }

    private static func words(_ pace: ReplayPace, _ rate: RateLimit?, of total: Int) -> String {
        var words: [String] = []
        if pace.canary > 0 {
            let first = min(pace.canary, total)
            words.append(first == 1 ? "one goes first, and has to heal" : "\(first) go first, and have to heal")
        }
        if let most = pace.inFlightPerWorkflow { words.append("at most \(most) of a workflow at once") }
        if let rate { words.append("at most \(rate.max) per \(rate.per)") }
        if let most = pace.stopAfterFailures { words.append("paused once \(most) failed again") }
        return words.isEmpty ? "as the instance's limits allow" : words.joined(separator: "; ")
    }

    private static let mostItems = 20

    private static func items(_ preview: ReplayPreview) -> [ReportLine] {
        var lines: [ReportLine] = preview.items.prefix(mostItems).map { item in
            .row(
                of: "items", always: true,
                [
                    StyledText(item.execution.text), StyledText(item.workflow), StyledText(item.status.rawValue),
                    StyledText(item.errorClass?.rawValue ?? ""),
                    StyledText(item.risk.map { "repeat risk \($0.rawValue)" } ?? ""),
                    StyledText(item.endedAt.description), StyledText(item.waitsFor?.words ?? ""),
                ])
        }
        if preview.items.count > mostItems {
            lines.append("  and \(preview.items.count - mostItems) more; --output json lists all")
        }
        return lines
    }

    private static func leftOut(_ preview: ReplayPreview) -> [ReportLine] {
        guard !preview.leftOut.isEmpty else { return [] }
        let count = preview.leftOut.count.words("execution is", "executions are")
        var lines: [ReportLine] = ["\("\(count) left out", .held)"]
        let groups = Dictionary(grouping: preview.leftOut, by: \.label).sorted {
            ($1.value.count, $0.key) < ($0.value.count, $1.key)
        }
        for (label, group) in groups {
            let example = group.first.map { "\($0.execution.text): \($0.why)" } ?? ""
            lines.append(
                .row(
                    of: "left", always: true,
                    [StyledText("\(group.count)"), StyledText(label, .held), StyledText("such as \(example)")]))
        }
        if groups.contains(where: { $0.key == Reason.mayRepeat.rawValue }) {
            let refused =
                preview.unlikely > 0 ? "--repeats unlikely takes \(preview.unlikely) of them, which were refused; " : ""
            lines.append("  (\(refused)--repeats allow takes all of them, unless something else is against them)")
        }
        return lines
    }

    /// How a replay stands.
    static func render(_ report: ReplayReport, options: String = "") -> TextReport {
        let replay = report.replay
        var lines: [ReportLine] = [
            .heading("\(standing(replay, report.waits, isCarriedOut: report.isCarriedOut))"),
            "began \(replay.begunAt.rfc3339) by \(replay.start.by): \(replay.start.reason)",
            "chosen: \(replay.start.selection)",
            "pace: \(words(report.pace, report.rate, of: report.items.count))",
        ]
        if let wait = report.waits { lines.append("\(words(wait, replay.name), .held)") }
        if replay.state != .running {
            let lasted = Period(milliseconds: (replay.since - replay.begunAt).milliseconds / 1000 * 1000)
            lines.append("\(replay.state.rawValue) at \(replay.since.rfc3339), after \(lasted)")
        }
        for result in ReplayReport.Result.allCases where report.count(result) > 0 {
            let ids = report.items.filter { $0.result == result }.map(\.execution.text)
            let shown = ids.prefix(10).joined(separator: ", ")
            lines.append(
                .row(
                    of: "results", always: true,
                    [
                        StyledText("\(ids.count)"), StyledText(result.words, tone(result)),
                        StyledText(shown + (ids.count > 10 ? " and \(ids.count - 10) more" : "")),
                    ]))
        }
        let why = Dictionary(grouping: report.items.filter { !$0.why.isEmpty && isWorthAWord($0.result) }, by: \.why)
        for (words, items) in why.sorted(by: { ($1.value.count, $0.key) < ($0.value.count, $1.key) }).prefix(10) {
            lines.append("  \(items.count > 1 ? "\(items.count) times" : items[0].execution.text): \(words)")
        }
        if why.count > 10 {
            let more = (why.count - 10).words("more reason", "more reasons")
            lines.append("  and \(more); --output json has them all")
        }
        return TextReport(lines + open(report) + next(report, options))
    }

    /// How many executions each thing became of: `3 healed, 2 running`.
    static func counts(_ counts: [ReplayReport.Result: Int]) -> String {
        ReplayReport.Result.allCases.compactMap { result in counts[result].map { "\($0) \(result.words)" } }
            .joined(separator: ", ")
    }

    /// What is told of requests that nobody waits for, and of those that are still open where nothing new is sent.
    private static func open(_ report: ReplayReport) -> [ReportLine] {
        let open = report.count(.running)
        guard open > 0, report.isCarriedOut == false || report.replay.state != .running else { return [] }
        let words = open.words("request is", "requests are")
        guard report.isCarriedOut == false else {
            return ["\(words) still open: what became of \(open == 1 ? "it" : "them") is told here once it is known"]
        }
        return [
            "\(words) still open, and nobody looks what became of \(open == 1 ? "it" : "them"): whoever goes on with it finds out"
        ]
    }

    /// How it stands: one that nobody stopped, and that sends nothing all the same, does not run, nor does one that nobody
    /// carries out.
    static func standing(_ replay: Replay, _ wait: ReplayWait?, isCarriedOut: Bool? = nil) -> String {
        guard replay.isRunning, wait != nil || isCarriedOut == false else { return replay.standing }
        guard wait != nil else { return "\(replay.name) is not over, and nobody carries it out" }
        // For what is told beside it; why somebody began it is no reason to wait.
        return "\(replay.name) waits"
    }

    /// What keeps a replay that nobody stopped, and what lets it go on.
    static func words(_ wait: ReplayWait, _ name: String) -> String {
        "\(name) waits, for \(wait.words); \(wait.remedy)"
    }

    private static func isWorthAWord(_ result: ReplayReport.Result) -> Bool {
        switch result {
        case .healed, .running: false
        case .notHealed, .unresolved, .notRun, .leftOut, .waiting: true
        }
    }

    private static func tone(_ result: ReplayReport.Result) -> TextTone {
        switch result {
        case .healed: .acts
        case .running, .leftOut, .waiting: .held
        case .notHealed, .unresolved, .notRun: .wrong
        }
    }

    /// Why a command only watches: what else holds the ledger, where that is a command too; `isKept` where nothing is
    /// carried out there now, which is told beside it.
    static func watching(_ name: String, _ errand: AgentErrand?, isKept: Bool = false) -> String {
        switch errand {
        case nil where isKept: "an agent holds the ledger, and carries nothing of \(name) out now; this only watches"
        case nil: "an agent holds the ledger and carries it out; this only watches"
        case .replay(name)?: "another command carries it out; this only watches"
        case let errand?:
            "a command \(errand.words) and holds the ledger: \(name) goes on after that; this only watches"
        }
    }

    /// What became of an execution.
    static func line(_ item: ReplayReport.Item) -> String {
        let child = item.child.map { " by \($0.text)" } ?? ""
        let why = item.why.isEmpty || item.result == .healed ? "" : ": \(item.why)"
        return Console.oneLine("\(item.execution.text) \(item.result.words)\(child)\(why)")
    }

    /// How far it is.
    static func progress(_ report: ReplayReport) -> String {
        let done = report.items.count - report.count(.waiting) - report.count(.running)
        let failed = report.count(.notHealed) + report.count(.unresolved) + report.count(.notRun)
        return
            "\(report.replay.name): \(done) of \(report.items.count) done, \(report.count(.healed)) healed, \(failed) not, \(report.count(.running)) running ..."
    }

    /// All replays.
    static func render(_ replays: [Replay], _ wait: ReplayWait?) -> TextReport {
        guard !replays.isEmpty else { return TextReport(["No replay was started yet."]) }
        return TextReport(
            replays.reversed().map { replay in
                .row(
                    of: "replays", indent: 0, always: true,
                    [
                        StyledText(replay.name),
                        StyledText(
                            replay.isRunning && wait != nil ? "waits" : replay.state.rawValue,
                            replay.isOpen ? .held : .note),
                        StyledText("\(replay.start.total)"), StyledText(replay.begunAt.rfc3339),
                        StyledText(replay.start.by), StyledText("\(replay.start.reason) (\(replay.start.selection))"),
                    ])
            }
                + replays.filter { $0.isRunning }.compactMap { replay in
                    wait.map { ReportLine("\(words($0, replay.name), .held)") }
                })
    }
}
