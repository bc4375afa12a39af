import MendflowCore
import MendflowHTML
import MendflowOperations

/// *Replays*: what people had retried once.
struct ReplaysPage {
    let replays: [(instance: String, replay: Replay, waits: ReplayWait?)]
    let part: String?
    let now: AgentTime

    var page: ConsolePage {
        let part = Part(replays, page: part)
        let rows = part.shown.map { instance, it, waits -> [HTMLText] in
            [
                Place.replay(it.name, on: instance).link("\(it.name)"), "\(instance)",
                ReplayPage.badge(it.state, waits), "\(it.start.total)", .countdown(it.begunAt, from: now),
                "\(it.start.by)",
                "\(it.start.reason)",
            ]
        }
        let table = Table(
            "Replays, the newest first",
            ["Replay", "Instance", "State", .number("Executions"), "Began", "By", "Why"], rows)
        let none = HTMLText.nothing("No replay was started yet: mendflow replay starts one.")
        return ConsolePage(
            title: "Replays", section: .replays,
            content: replays.isEmpty ? none : "\(table.html)\(part.links(Place("replays")))")
    }
}

/// How one replay stands.
struct ReplayPage {
    let report: ReplayReport
    let visit: Visit
    /// The result that is shown alone, and the part of the list.
    let result: ReplayReport.Result?, part: String?

    var page: ConsolePage {
        let replay = report.replay
        let moved = replay.movedBy.isEmpty ? "" : " by \(replay.movedBy)"
        let facts = HTMLText.facts([
            ("state", ReplayPage.badge(replay.state, report.waits)),
            ("waits for", report.waits.map { "\($0.words); \($0.remedy)" } ?? ""),
            ("began", "\(HTMLText.time(replay.begunAt)) by \(replay.start.by)"),
            ("why", "\(replay.start.reason)"), ("chosen", "\(replay.start.selection)"),
            (
                "since",
                replay.state == .running
                    ? "" : "\(HTMLText.time(replay.since))\(moved)\(replay.why.isEmpty ? "" : ": \(replay.why)")"
            ),
        ])
        return ConsolePage(
            title: "\(replay.name) on \(report.instance)", section: .replays,
            content: "\(facts)\(successors)\(moves)\(counts)\(items)")
    }

    static func badge(_ state: Replay.State, _ waits: ReplayWait?) -> HTMLText {
        switch state {
        case .running where waits != nil: .badge("waits", .wait)
        case .running: .badge(state.rawValue, .good)
        case .paused: .badge(state.rawValue, .wait)
        case .aborted: .badge(state.rawValue, .bad)
        case .ended: .badge(state.rawValue)
        }
    }

    private var place: Place { .replay(report.replay.name, on: report.instance) }

    /// Which replays took up what was left.
    private var successors: HTMLText {
        .all(
            report.successors.map { successor in
                let link = Place.replay(successor.replay.name, on: report.instance).link("\(successor.replay.name)")
                return "<p>What was left was taken up by \(link), which is \(successor.replay.state.rawValue).</p>"
            })
    }

    /// What may be ordered now.
    private var moves: HTMLText {
        let words: [(Replay.State, String)] = [(.paused, "Pause"), (.running, "Go on"), (.aborted, "Abort")]
        let buttons = words.filter { report.replay.state.next.contains($0.0) }.map { state, words -> HTMLText in
            "<button name=\"to\" value=\"\(state.rawValue)\">\(words)</button>"
        }
        guard !buttons.isEmpty else { return "" }
        return visit.form(
            Place("replays", report.instance, report.replay.name),
            "<label>Why<input name=\"reason\" required maxlength=\"300\" size=\"30\"></label>\(HTMLText.all(buttons))")
    }

    private var counts: HTMLText {
        let parts = ReplayReport.Result.allCases.filter { report.count($0) > 0 }.map { result -> HTMLText in
            let one = "\(report.count(result)) \(result.words)"
            return "<li>\(place.with("result", result.rawValue).link("\(one)"))</li>"
        }
        return "<h2>\(count(report.items.count, "execution", "executions"))</h2><ul>\(HTMLText.all(parts))</ul>"
    }

    private var items: HTMLText {
        let all = report.items.filter { result == nil || $0.result == result }
        let part = Part(all, page: part)
        let rows = part.shown.map { item -> [HTMLText] in
            [
                .execution(item.execution, on: report.instance), "\(item.result.words)",
                item.child.map { .execution($0, on: report.instance) } ?? "",
                item.at.map { .time($0) } ?? "", "\(item.why)",
            ]
        }
        let shown = result.map { "those of which it is told: \($0.words)" } ?? "all of them"
        let table = Table(
            "Executions of \(report.replay.name)", ["Execution", "Result", "Retried by", "When", "Evidence"], rows)
        return "<p>Below: \(shown).</p>\(table.html)\(part.links(place.with("result", result?.rawValue)))"
    }

}
