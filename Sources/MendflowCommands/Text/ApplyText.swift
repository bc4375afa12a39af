import MendflowCore
import MendflowOperations
import MendflowText

/// A saved plan and what came of it, for people.
enum ApplyText {
    /// What is about to be sent.
    static func question(_ plan: SavedPlan) -> TextReport {
        TextReport(
            [
                ReportLine(
                    "Of the plan of \(plan.madeAt.rfc3339) for '\(plan.instance.name)' would be sent, as far as nothing has changed:"
                )
            ]
                + plan.items.map { item in .row(of: "items", always: true, cells(item)) })
    }

    static func render(_ plan: SavedPlan, _ outcomes: [Applying.Outcome]) -> TextReport {
        var lines: [ReportLine] = outcomes.map { outcome in
            let (word, tone, words): (String, TextTone, String) =
                switch outcome.result {
                case .done(let state, let note): (state.rawValue, state == .applied ? .acts : .wrong, note)
                case .doneBefore(let intent, let state):
                    ("done before", .held, "sent before, as intent \(intent): \(state.rawValue)")
                case .drifted(let why, _, let changes): ("drifted", .held, drift(why, changes))
                }
            return .row(of: "items", always: true, [StyledText(word, tone)] + cells(outcome.item) + [StyledText(words)])
        }
        let done = outcomes.count(where: \.isDone)
        let rest = done < outcomes.count ? "; what has changed since the plan was left as it is" : ""
        lines.append("\(done) of \(outcomes.count) done\(rest)")
        return TextReport(lines)
    }

    /// What has changed, old -> new, and what follows from it.
    private static func drift(_ why: String?, _ changes: [String]) -> String {
        let parts = [why].compactMap { $0 } + changes
        return parts.isEmpty ? "nothing is decided about it any more" : parts.joined(separator: "; ")
    }

    private static func cells(_ item: SavedPlan.Item) -> [StyledText] {
        [
            StyledText(item.chosen.action.rawValue), StyledText(item.chosen.execution.text), StyledText(item.workflow),
            StyledText(item.chosen.policy), StyledText(item.chosen.request),
        ]
    }
}
