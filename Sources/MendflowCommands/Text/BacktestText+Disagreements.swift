import MendflowBacktest
import MendflowCore
import MendflowReview
import MendflowText

// Where policies and people disagree.
extension BacktestText {
    static func disagreements(_ it: BacktestReport, all: Bool) -> TextReport {
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

    private static func examples(_ chains: [ExecutionID]) -> String {
        let shown = chains.prefix(3).map(\.text).joined(separator: ", ")
        return chains.count > 3 ? "\(shown), ..." : shown
    }
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
