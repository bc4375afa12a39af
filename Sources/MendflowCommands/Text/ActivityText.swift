import MendflowCore
import MendflowLedger
import MendflowOperations
import MendflowReview
import MendflowText

/// What was done, for people.
enum ActivityText {
    static func render(_ it: ActivityReport) -> TextReport {
        let real = it.deeds.filter { $0.state != .shadow }
        let parts: [[ReportLine]] = [
            head(it, real), asked(it), table("Policies", it.policies), table("Workflows", it.workflows), withheld(it),
            givenUp(it), held(it), incidents(it), missed(it),
            sent(real.filter { $0.action != .tag && !$0.isUnsent }),
            tagged(real.filter { $0.action == .tag && $0.state == .applied && !$0.changedNothing }),
        ]
        return TextReport(parts.flatMap(\.self))
    }

    /// What was sent and what was not, in a few sentences.
    private static func head(_ it: ActivityReport, _ real: [ActivityReport.Deed]) -> [ReportLine] {
        var lines: [ReportLine] = [
            ReportLine(StyledText("Since \(it.since.rfc3339): \(summary(real))", .heading))
        ]
        if let segment = it.segment {
            lines.append("  \("older records are not told of", .held): \(segment.words)")
        }
        let unsent = real.filter(\.isUnsent)
        if !unsent.isEmpty {
            lines.append(
                "  \(counted(unsent)) not sent in the end, since the last look before it or a person spoke against it, or its tags were there already"
            )
        }
        let shadows = it.deeds.count - real.count
        if shadows > 0 {
            lines.append("  in dry-run: \(shadows.words("action", "actions")) would have been sent")
        }
        lines += AgreementText.lines(it)
        if it.retriedBySomebody > 0 {
            let chains = it.retriedBySomebody.words("chain was", "chains were")
            lines.append("  \(chains) retried by people or by us, which the ledger cannot tell")
        }
        return lines
    }

    /// What was held or made to wait, by reason.
    private static func held(_ it: ActivityReport) -> [ReportLine] {
        guard !it.held.isEmpty else { return [] }
        var lines: [ReportLine] = [
            "",
            .heading(
                "Held or made to wait (now: each execution once, by its last reason; any time: once for each reason)"
            ),
            .row(of: "held", always: true, ["now", "any time", "", ""]),
        ]
        lines += it.held.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }.map { reason, count in
            .row(
                of: "held", always: true,
                [
                    "\(it.heldNow[reason] ?? 0)", "\(count)", StyledText(reason.rawValue, .held),
                    StyledText(reason.words),
                ])
        }
        let formerly = it.heldFormerly.values.reduce(0, +)
        if let words = InboxText.formerly(formerly, of: it.heldNow.values.reduce(0, +)) {
            lines.append("  (now: \(words))")
        }
        return lines
    }

    private static func incidents(_ it: ActivityReport) -> [ReportLine] {
        guard !it.incidents.isEmpty else { return [] }
        return ["", .heading("Incidents (`mendflow incidents show KEY` tells more)")]
            + it.incidents.map { happened in
                .row(
                    of: "incidents", always: true,
                    [
                        StyledText(happened.incident.key), StyledText(happened.incident.words),
                        StyledText(happened.overAt.map { "over since \($0.rfc3339)" } ?? "goes on", .held),
                    ])
            }
    }

    /// Workflows that a policy missed a run of.
    private static func missed(_ it: ActivityReport) -> [ReportLine] {
        guard !it.missed.isEmpty else { return [] }
        let rows: [ReportLine] = it.missed.map { missed in
            let end = missed.end.map { "\($0.cause.words), found at \(missed.endedAt?.rfc3339 ?? "")" }
            return .row(
                of: "missed", always: true,
                [
                    StyledText(missed.at.rfc3339), StyledText(missed.absence.workflowName),
                    StyledText(AbsenceText.words(missed.absence)), StyledText(end ?? "goes on"),
                ])
        }
        return ["", .heading("Workflows that did not run")] + rows
    }

    private static func tagged(_ deeds: [ActivityReport.Deed]) -> [ReportLine] {
        guard !deeds.isEmpty else { return [] }
        return ["", .heading("Tagged (--csv FILE writes everything as a table)")]
            + deeds.map { deed in
                .row(
                    of: "tagged", always: true,
                    [
                        StyledText(deed.execution.text), StyledText(deed.workflowName ?? deed.workflow.text),
                        StyledText(deed.tags.joined(separator: ", ")), StyledText(deed.errorClass?.rawValue ?? ""),
                        StyledText(deed.link),
                    ])
            }
    }

    /// What people were asked and said, and which policies went back to dry-run.
    private static func asked(_ it: ActivityReport) -> [ReportLine] {
        var turns: [(at: AgentTime, words: StyledText)] = it.demotions.map {
            ($0.at, StyledText("\($0.what.policy) went back to dry-run: \($0.what.words)", .wrong))
        }
        turns += it.promotions.map {
            ($0.at, StyledText("\($0.what.policy) may act again, by \($0.what.by): \($0.what.reason)"))
        }
        var lines: [ReportLine] = turns.sorted { $0.at < $1.at }.map { "  \($0.at.rfc3339Seconds)  \($0.words)" }
        guard it.asks.asked > 0 else { return lines }
        var parts: [String] = []
        for (count, word) in [
            (it.asks.approved, "approved"), (it.asks.declined, "declined"), (it.asks.expired, "expired"),
            (it.asks.withdrawn, "withdrawn"),
        ] where count > 0 { parts.append("\(count) \(word)") }
        let answers = parts.isEmpty ? "" : ": \(parts.joined(separator: ", "))"
        lines.append("  people were asked about \(it.asks.asked.words("action", "actions"))\(answers)")
        return lines
    }

    /// What was due and not done, by policy.
    private static func withheld(_ it: ActivityReport) -> [ReportLine] {
        guard !it.withheld.isEmpty || !it.withheldDone.isEmpty else { return [] }
        var lines: [ReportLine] = []
        for (policy, reasons) in it.withheld.sorted(by: { $0.key < $1.key }) {
            for (reason, count) in reasons.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                let cells: [StyledText] = [
                    "\(count)", StyledText(policy), StyledText(reason.rawValue, .held), StyledText(reason.words),
                ]
                lines.append(.row(of: "withheld", always: true, cells))
            }
        }
        lines += it.withheldDone.sorted { $0.key < $1.key }.map { policy, count in
            let words: StyledText = "it was done since, by whomever, or the chain has healed"
            return .row(of: "withheld", always: true, ["\(count)", StyledText(policy), "done since", words])
        }
        return ["", .heading("Due and withheld, each execution once for each policy, by the last reason")] + lines
    }

    /// What was given up last.
    private static func givenUp(_ it: ActivityReport) -> [ReportLine] {
        guard !it.givenUp.isEmpty else { return [] }
        let more = it.givenUp.count - mostSent
        let title = "Given up (`mendflow explain ID` says why)"
        let heading = more > 0 ? "\(title), the last of them; \(more) more before, which --output json has" : title
        return ["", .heading(heading)]
            + it.givenUp.suffix(mostSent).map { chain in
                .row(
                    of: "given up", always: true,
                    [
                        StyledText(chain.at.rfc3339Seconds), StyledText(chain.execution.text),
                        StyledText(chain.workflow ?? "-"), StyledText(chain.policy), StyledText(chain.link ?? ""),
                    ])
            }
    }

    private static let mostSent = 20

    /// What was sent last, with what became of it.
    private static func sent(_ deeds: [ActivityReport.Deed]) -> [ReportLine] {
        guard !deeds.isEmpty else { return [] }
        let more = deeds.count - mostSent
        let heading = more > 0 ? "Sent last (\(more) more before; --csv FILE writes everything as a table)" : "Sent"
        return ["", .heading(heading)]
            + deeds.suffix(mostSent).map { deed in
                .row(
                    of: "sent", always: true,
                    [
                        StyledText(deed.at.rfc3339Seconds), StyledText(deed.action.rawValue),
                        StyledText(deed.execution.text), StyledText(deed.workflowName ?? deed.workflow.text),
                        outcome(deed), StyledText(deed.link),
                    ])
            }
    }

    private static func outcome(_ deed: ActivityReport.Deed) -> StyledText {
        let child = deed.child.map { ", as \($0.text)" } ?? ""
        return switch deed.outcome {
        case .wouldHave: "in dry-run"
        case .unsent: "not sent"
        case .underWay: StyledText("under way", .held)
        case .void: StyledText("did nothing", .wrong)
        case .unresolved: StyledText("without an answer", .wrong)
        case .done: StyledText("done", .acts)
        case .healed: StyledText("healed\(child)", .acts)
        case .running: StyledText("running\(child)", .held)
        case .notHealed: StyledText("not healed\(child)", .wrong)
        case .unknown: StyledText("not known, of n8n's database before\(child)", .held)
        }
    }

    private static func summary(_ deeds: [ActivityReport.Deed]) -> String {
        let sent = deeds.filter { !$0.isUnsent }
        return sent.isEmpty ? "nothing was sent" : counted(sent)
    }

    private static func counted(_ deeds: [ActivityReport.Deed]) -> String {
        counted(Dictionary(grouping: deeds, by: \.action).mapValues(\.count))
    }

    private static func counted(_ kinds: [ActionKind: Int]) -> String {
        kinds.sorted { $0.key < $1.key }.map { kind, count in
            count.words(kind.rawValue, kind == .retry ? "retries" : "\(kind.rawValue)s")
        }.joined(separator: ", ")
    }

    private static func table(_ heading: String, _ all: [ActivityReport.Line]) -> [ReportLine] {
        guard !all.isEmpty else { return [] }
        return [
            "", .heading(heading),
            .row(
                of: heading, always: true,
                [
                    "", "done", "did nothing", "not sent", "unanswered", "dry-run", "chains retried", "healed",
                    "given up",
                ]),
        ]
            + all.map { line in
                .row(
                    of: heading, always: true,
                    [
                        StyledText(
                            line.name
                                + ((line.formerly.isEmpty ? "" : " (was \(line.formerly.joined(separator: ", ")))"))),
                        StyledText(line.done.isEmpty ? "0" : counted(line.done)),
                        "\(line.void)", "\(line.unsent)", "\(line.unresolved)", "\(line.wouldHave)", "\(line.retried)",
                        "\(line.healed)",
                        "\(line.exhausted)",
                    ])
            }
    }
}
