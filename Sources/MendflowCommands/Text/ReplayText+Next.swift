import MendflowCore
import MendflowOperations
import MendflowText

// What there is to do about a replay, and about what it left.
extension ReplayText {
    /// What somebody has to do for it to go on, or for what is left of it.
    static func next(_ report: ReplayReport, _ options: String) -> [ReportLine] {
        let name = report.replay.name
        switch report.replay.state {
        case .running:
            // To start an agent is no use where that one could send nothing either.
            guard report.isCarriedOut == false, report.waits == nil else { return [] }
            return [
                "\("nobody carries it out now", .wrong): an agent that starts goes on with it, or `mendflow replay follow\(options) \(name)`"
            ]
        case .paused:
            let isOpen = report.count(.unresolved) > 0
            let first = isOpen ? "first settle what has no answer: `mendflow inbox\(options)`; then " : ""
            let canary = report.pace.canary > 0 ? ", with a canary again" : ""
            return [
                "\(first)`mendflow replay resume\(options) \(name)` goes on\(canary);",
                "`mendflow replay abort\(options) \(name)` ends it, and `mendflow replay\(options) --rest \(name) --reason ...` takes up what is left then",
            ]
        case .ended, .aborted:
            let taken = report.successors.map { line($0, options) }
            if report.count(.running) > 0 {
                return taken + [
                    "`mendflow replay follow\(options) \(name)` waits until it is known what became of all, and sends nothing"
                ]
            }
            let left = report.untaken.count
            guard left > 0 else { return taken }
            let more = taken.isEmpty ? "" : "more "
            return taken + [
                "\(left.words("\(more)is left over", "\(more)are left over")): `mendflow replay\(options) --rest \(name) --reason ...` takes \(left == 1 ? "it" : "them") up, and first",
                "shows what it would do; what was said beside (--repeats, --rate, --in-flight, --canary and others) has to be said again",
            ]
        }
    }

    /// Why there is nothing that `--rest` could take up, and what is to be done about what is open.
    static func nothingLeft(_ report: ReplayReport, options: String) -> String {
        let open = open(report, options: options).map { "; \($0)" }.joined()
        let settled = report.count(.leftOut)
        let why =
            settled == 0 ? "" : " (what was left out had healed, was retried otherwise, or is not kept by n8n any more)"
        return "nothing is left over of \(report.replay.name): \(counts(report.counts))\(why)\(open)"
    }

    /// What of a replay that is over is open still, which no rest takes up, and what settles it.
    static func open(_ report: ReplayReport, options: String) -> [String] {
        var words: [String] = []
        let (running, lost) = (report.count(.running), report.count(.unresolved))
        if running > 0 {
            words.append(
                "\(running.words("request is", "requests are")) still open: `mendflow replay follow\(options) \(report.replay.name)` waits until it is known what became of \(running == 1 ? "it" : "them")"
            )
        }
        if lost > 0 {
            words.append(
                "\(lost.words("request has", "requests have")) no answer: `mendflow inbox\(options)` says how to settle \(lost == 1 ? "it" : "them")"
            )
        }
        return words
    }

    /// Which replay took up what was left.
    private static func line(_ successor: ReplayReport.Successor, _ options: String) -> ReportLine {
        let (name, count) = (successor.replay.name, successor.executions.count)
        let what = count == 0 ? "what was left" : "\(count) of what was left"
        return
            "\(what) \(count > 1 ? "were" : "was") taken up by \(name), which \(stands(successor.replay.state)): `mendflow replay show\(options) \(name)`"
    }

    /// How a replay stands, whether or not somebody carries it out now.
    private static func stands(_ state: Replay.State) -> String {
        switch state {
        case .running: "is not over"
        case .paused: "is paused"
        case .aborted: "was aborted"
        case .ended: "has ended"
        }
    }
}
