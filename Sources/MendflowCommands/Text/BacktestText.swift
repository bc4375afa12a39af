import MendflowBacktest
import MendflowCore
import MendflowReview
import MendflowText

/// A backtest for people: where policies and people disagree comes first.
enum BacktestText {
    /// At most so many lines of a kind, unless all are asked for.
    private static let most = 8

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

    /// What really became of what would have been stopped; nil where nothing would have been.
    static func stops(_ stops: BacktestReport.StopFates) -> String? {
        guard stops.all > 0 else { return nil }
        let parts = [
            (stops.notYetDue, "whose time to go on had not come"), (stops.waitingForEvent, "that waited for an event"),
            (stops.succeeded, "that went on and succeeded"), (stops.failed, "that went on and failed"),
            (stops.canceled, "that people canceled later"), (stops.stoppedByAgent, "that the agent stopped then"),
            (stops.other, "that were live to the end"),
        ]
        return parts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    }

    // MARK: - Disagreements

    private static func disagreements(_ it: BacktestReport, all: Bool) -> TextReport {
        guard !it.disagreements.isEmpty else {
            return ["People and policies agree about every chain that either retried."]
        }
        var lines: [ReportLine] = [.heading("Where people and policies disagree")]
        for kind in BacktestReport.Disagreement.Kind.allCases {
            let groups = it.disagreements.filter { $0.kind == kind }
            guard !groups.isEmpty else { continue }
            let chains = groups.reduce(0) { $0 + $1.chains.count }
            lines.append("  \(chains.words("chain", "chains"), .held) \(kind.words(of: it.policies.count))")
            let shown = all ? groups[...] : groups.prefix(most)
            lines += shown.map { group in
                .row(
                    of: kind.rawValue, indent: 4, always: true,
                    [
                        "\(group.chains.count)", StyledText(it.name(group.workflow)),
                        StyledText(group.errorClass?.rawValue ?? "-"), StyledText(why(group)),
                        StyledText(examples(group.chains)),
                    ])
            }
            if shown.count < groups.count {
                lines.append("    and \((groups.count - shown.count).words("more kind", "more kinds")) (--all)")
            }
        }
        return TextReport(lines)
    }

    private static func why(_ group: BacktestReport.Disagreement) -> String {
        guard !group.reason.isEmpty else { return group.policy ?? "" }
        return "\(reason(group)); \(group.healed) healed by people"
    }

    /// Why a policy did not retry, in words; empty where one would have.
    static func reason(_ group: BacktestReport.Disagreement) -> String {
        let reason = Reason(rawValue: group.reason)
        let words = group.words.isEmpty ? reason?.words ?? "" : group.words
        guard let reason, reason != .noPolicy else { return words }
        return "\(group.policy.map { "\($0): " } ?? "")\(reason.rawValue) (\(words))"
    }

    // MARK: - Policies

    private static func policies(_ it: BacktestReport, all: Bool) -> TextReport {
        let idle = all || it.policies.count <= most ? [] : it.policies.filter { isIdle($0, it) }
        var lines: [ReportLine] = [
            .heading("Policies"),
            .row(
                of: "policies", always: true,
                [
                    "", "owned", "acted on", "healed", "given up", "saved", "may repeat", "what really became of them",
                ]),
        ]
        for line in it.policies.filter({ !idle.contains($0) }) + [it.total] {
            lines.append(
                .row(
                    of: "policies", always: true,
                    [
                        StyledText(line.policy ?? "all", line.policy == nil ? .heading : nil), "\(line.owned)",
                        "\(line.acted.asObserved)", StyledText(range(line.healed)), StyledText(range(line.exhausted)),
                        StyledText(saved(line)), "\(line.mayRepeat)",
                        StyledText(
                            [fates(line.fates), stops(line.stops) ?? ""].filter { !$0.isEmpty }.joined(separator: "; ")),
                    ]))
            let held = line.notActed.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }
            if line.policy != nil, !held.isEmpty {
                lines.append(
                    "    not acted on: \(held.map { "\($0.value) \($0.key.rawValue)" }.joined(separator: ", "))")
            }
        }
        if !idle.isEmpty {
            let names = idle.compactMap(\.policy).joined(separator: ", ")
            lines.append("  \(idle.count.words("policy", "policies")) had nothing to do (--all): \(names)")
        }
        if it.unowned > 0 {
            let runs = it.unowned.words("failed run", "failed runs")
            lines.append(
                "  \(runs) that \(it.policies.count == 1 ? "this policy would not" : "no policy would") have owned")
        }
        return TextReport(lines)
    }

    /// Whether a policy owned nothing, did nothing and told nothing, however retries turn out.
    private static func isIdle(_ line: BacktestReport.Line, _ it: BacktestReport) -> Bool {
        line.owned == 0 && line.notActed.isEmpty && line.requests.values.allSatisfy(\.isNone)
            && !it.absences.contains { $0.policy == line.policy }
    }

    static func fates(_ fates: BacktestReport.Fates) -> String {
        let parts = [
            (fates.healedByPeople, "healed by people"), (fates.healedByAgent, "healed by the agent"),
            (fates.healedUnkept, "healed by a retry not kept"), (fates.nextRunSucceeded, "next run succeeded"),
            (fates.canceled, "canceled"), (fates.stoppedByAgent, "stopped by the agent"),
            (fates.neverHealed, "never healed"),
        ]
        return parts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    }

    // MARK: - Days

    private static func strips(_ it: BacktestReport, all: Bool) -> TextReport {
        guard let days = it.strips.first?.failed.count, days > 1 else { return [] }
        var lines: [ReportLine] = [
            .heading(
                "By day from \(it.span.lowerBound.rfc3339.prefix(10)): what failed, what \(it.policies.count == 1 ? "this policy" : "these policies") would have sent, what people retried"
            )
        ]
        let shown = all ? it.strips[...] : it.strips.prefix(most)
        for strip in shown {
            for (name, row) in [("failed", strip.failed), ("we", strip.ours), ("people", strip.people)] {
                let title = name == "failed" ? it.name(strip.workflow) : ""
                lines.append(
                    .row(
                        of: "days", always: true,
                        [
                            StyledText(title), StyledText(name), StyledText(chart(row)), "\(row.reduce(0, +))",
                        ]))
            }
        }
        if shown.count < it.strips.count {
            lines.append("  and \((it.strips.count - shown.count).words("more workflow", "more workflows")) (--all)")
        }
        return TextReport(lines)
    }

    /// A bar for each day; a dot where there is nothing.
    static func chart(_ days: [Int]) -> String {
        let bars = Array("▁▂▃▄▅▆▇█")
        guard let most = days.max(), most > 0 else { return String(repeating: "·", count: days.count) }
        return String(days.map { $0 == 0 ? "·" : bars[max(0, ($0 * bars.count + most - 1) / most - 1)] })
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

    private static func examples(_ chains: [ExecutionID]) -> String {
        let shown = chains.prefix(3).map(\.text).joined(separator: ", ")
        return chains.count > 3 ? "\(shown), ..." : shown
    }
}

extension BacktestReport {
    /// A workflow's name, else its id.
    func name(_ workflow: WorkflowID) -> String { workflows[workflow] ?? workflow.text }
}

extension BacktestReport.Disagreement.Kind {
    /// What its chains have in common; `policies` is how many policies there are.
    func words(of policies: Int) -> String {
        let (none, some) =
            policies == 1 ? ("this policy would not have", "this policy") : ("no policy would have", "a policy")
        return switch self {
        case .againstCancel: "that people ended and \(some) would have run again"
        case .peopleOnly: "that people retried and \(none) before they did"
        case .oursOnly: "that \(some) would have retried and people never did"
        }
    }
}
