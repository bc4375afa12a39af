import MendflowBacktest
import MendflowCore
import MendflowText

/// A backtest for people: where policies and people disagree comes first.
enum BacktestText {
    /// At most so many lines of a kind, unless all are asked for.
    static let most = 8

    static func render(_ it: BacktestReport, all: Bool = false) -> TextReport {
        TextReport.joined(
            [
                TextReport(summary(it)), TextReport(HistoryText.leftOutLines(it.findings)),
                ExpectationText.render(it), disagreements(it, all: all), policies(it, all: all),
                AbsenceText.lines(it), strips(it, all: all),
                all ? actions(it) : [], blindSpots(it),
            ].filter { !$0.lines.isEmpty })
    }

    // MARK: - The five numbers

    static func summary(_ it: BacktestReport) -> [ReportLine] {
        var lines: [ReportLine] = [
            ReportLine(StyledText(sentence(it), .heading)),
            .row(of: "numbers", always: true, ["\(it.failures)", StyledText(failed(it))]),
            .row(
                of: "numbers", always: true,
                [
                    "\(it.total.acted.asObserved)",
                    "\(it.total.acted.asObserved == 1 ? "chain" : "chains") would have been acted on\(requests(it.total).map { ", with \($0)" } ?? "")",
                ]),
            .row(
                of: "numbers", always: true,
                [
                    StyledText(range(it.total.healed)),
                    range(it.total.healed) == "1"
                        ? "failed chain would have been healed" : "failed chains would have been healed",
                ]),
            .row(
                of: "numbers", always: true,
                [StyledText(saved(it.total)), StyledText(earlier(it.total.saved.count))]),
            .row(
                of: "numbers", always: true,
                [
                    "\(it.total.mayRepeat)",
                    "\(it.total.mayRepeat == 1 ? "retry" : "retries") after which something may have been done twice",
                ]),
        ]
        if let words = stops(it.total.stops) {
            lines.append(
                .row(
                    of: "numbers", always: true,
                    ["\(it.total.stops.all)", StyledText("would have been stopped: \(words)")]))
        }
        lines.append(
            "  (as if what is in dry-run were enforced; a..b..c: if all retries fail .. as observed .. if all succeed)")
        if let basis = it.basis { lines.append("  (\(basis.words))") }
        if it.total.acted.asObserved == 0 { lines.append("  nothing would have been done: \(whyNothing(it))") }
        return lines
    }

    /// Why nothing would have been done; reasons of single chains stand below where there are any.
    private static func whyNothing(_ it: BacktestReport) -> String {
        let reasons = it.policies.reduce(0) { $0 + $1.notActed.count } + (it.unowned > 0 ? 1 : 0)
        if reasons > 0 { return reasons == 1 ? "the reason is below" : "the reasons are below" }
        return it.failures == 0
            ? "no run failed in this time, and no policy had anything else to do"
            : "no policy had anything to do"
    }

    /// What the time that was saved is the time of.
    static func earlier(_ count: Int) -> String {
        count == 0
            ? "nothing would have been healed earlier than people did"
            : "earlier than people (\(count == 1 ? "one" : "median of \(count)") that people healed later)"
    }

    /// Of how many runs: a retry counts with the run that it ran again.
    private static func failed(_ it: BacktestReport) -> String {
        let runs = "of \((it.executions - it.retries).words("run", "runs")) failed"
        guard it.retries > 0 else { return runs }
        let earlier = it.retriesOfEarlier > 0 ? ", \(it.retriesOfEarlier) of these of runs from before" : ""
        return
            "\(runs) (\(it.executions.words("execution", "executions")), \(it.retries) of them \(it.retries == 1 ? "a retry" : "retries")\(earlier))"
    }

    /// The impact in one sentence.
    static func sentence(_ it: BacktestReport) -> String {
        return "In \(length(it.span)), \(it.failures.words("run", "runs")) failed and \(healed(it)); "
            + "\(it.policies.count == 1 ? "this policy" : "these policies") would have healed \(it.total.healed.asObserved)\(earlierThanPeople(it.total))."
    }

    /// How many of what a policy would have healed that is earlier than people healed it, and by how much; empty where
    /// none: what people never healed nobody was earlier with.
    static func earlierThanPeople(_ line: BacktestReport.Line) -> String {
        guard let median = line.medianSaved else { return "" }
        let (count, all) = (line.saved.count, line.healed.asObserved)
        let which =
            count == 1 && all == 1
            ? "earlier than people" : count == all ? "all earlier than people" : "\(count) of them earlier than people"
        return ", \(which), by \(words(median))\(count == 1 ? "" : " (median)")"
    }

    /// Who healed what failed, in reality.
    private static func healed(_ it: BacktestReport) -> String {
        var others: [String] = []
        if let agent = it.agent, agent.retries > 0 {
            others.append("the agent's \(agent.retries.words("retry", "retries")) healed \(agent.healed)")
        }
        if it.healedUnkept > 0 { others.append("retries that n8n did not keep healed \(it.healedUnkept)") }
        let people =
            it.people.retries > 0
            ? "people's \(it.people.retries.words("retry", "retries")) healed \(it.people.healed) of them"
            : others.isEmpty ? "nobody retried any of them" : "of people no retry is known"
        return ([people] + others).joined(separator: ", ")
    }

    // MARK: - Actions

    private static func actions(_ it: BacktestReport) -> TextReport {
        guard !it.actions.isEmpty else { return [] }
        return TextReport(
            [.heading("Everything that would have been done")]
                + it.actions.map { action in
                    .row(
                        of: "actions", always: true,
                        [
                            StyledText(action.at.rfc3339), StyledText(action.kind.rawValue, .acts),
                            StyledText(action.subject), StyledText(it.name(action.workflow)),
                            StyledText(action.policies.joined(separator: ", ")),
                            StyledText(action.kind == .retry ? "\(action.attempt)/\(action.attempts)" : ""),
                            StyledText(action.errorClass?.rawValue ?? ""),
                            StyledText(action.succeeded.map { $0 ? "heals" : "fails again" } ?? ""),
                        ])
                })
    }

    private static func blindSpots(_ it: BacktestReport) -> TextReport {
        TextReport([.heading("What this cannot see")] + it.blindSpots.map { "  \($0)" })
    }
}

// MARK: - Words

extension BacktestText {
    static func range(_ bounds: BacktestReport.Bounds) -> String {
        if bounds.allFail == bounds.allHeal, bounds.asObserved == bounds.allHeal { return "\(bounds.asObserved)" }
        return "\(bounds.allFail)..\(bounds.asObserved)..\(bounds.allHeal)"
    }

    static func saved(_ line: BacktestReport.Line) -> String { line.medianSaved.map(words) ?? "-" }

    /// A length of time as people say it: two units at most.
    static func words(_ period: Period) -> String {
        let rounded =
            period >= .days(1)
            ? Period(milliseconds: period.milliseconds / 3_600_000 * 3_600_000)
            : period >= .hours(1)
                ? Period(milliseconds: period.milliseconds / 60_000 * 60_000)
                : Period(milliseconds: period.milliseconds / 1000 * 1000)
        return rounded.description
    }

    private static func length(_ span: Range<ServerTime>) -> String {
        let period = span.upperBound - span.lowerBound
        let days = (period.milliseconds + 43_200_000) / 86_400_000
        return period < .days(2) ? words(period) : "\(days) days"
    }

    private static func requests(_ line: BacktestReport.Line) -> String? {
        let parts = line.requests.sorted { $0.key < $1.key }.filter { $0.value.asObserved > 0 }.map { kind, bounds in
            let many = kind == .retry ? "retries" : "\(kind.rawValue)s"
            return bounds.asObserved.words(kind.rawValue, many)
        }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }
}

extension BacktestReport {
    /// A workflow's name, else its id.
    func name(_ workflow: WorkflowID) -> String { workflows[workflow] ?? workflow.text }
}
