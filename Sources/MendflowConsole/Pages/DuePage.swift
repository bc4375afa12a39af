import MendflowCore
import MendflowHTML
import MendflowOperations
import MendflowReview

/// All that is due or waits for a time, on one instance.
struct DuePage {
    let instance: PresentState.Instance
    /// Which part of the list, as the address tells it.
    let part: String?

    static let columns: [Table.Column] = ["Execution", "When", "Workflow", "Action", "Policy", "What it waits for"]

    var page: ConsolePage {
        let entries = DuePage.sorted(instance.plan?.entries ?? [])
        let part = Part(entries, page: part)
        let place = Place("due", query: ["instance": instance.name])
        let table = Table(
            "What is due on \(instance.name)", DuePage.columns,
            part.shown.map { DuePage.row($0, on: instance.name, now: instance.now) })
        return ConsolePage(
            title: "Due on \(instance.name)", section: .now,
            content: entries.isEmpty
                ? .nothing("Nothing is due, and nothing waits for a time.")
                : "\(DuePage.kept(instance))\(table.html)\(part.links(place))")
    }

    /// That something of the list waits for what cannot be read, whatever time it has.
    static func kept(_ instance: PresentState.Instance) -> HTMLText {
        guard let gap = instance.status.record?.lastTick?.gap,
            (instance.plan?.entries ?? []).contains(where: { gap.holds($0.action.draft.action) })
        else { return "" }
        return .nothing("Whatever time it has: \(gap.held).")
    }

    /// What is due first comes first; what waits for no time that anybody can tell comes last.
    static func sorted(_ entries: [PlanReport.Entry]) -> [PlanReport.Entry] {
        entries.enumerated().sorted { one, other in
            let never = ServerTime(milliseconds: .max)
            func when(_ entry: PlanReport.Entry) -> ServerTime {
                entry.isDue ? ServerTime(milliseconds: .min) : entry.until ?? never
            }
            let (a, b) = (when(one.element), when(other.element))
            return a != b ? a < b : one.offset < other.offset
        }.map(\.element)
    }

    static func row(_ entry: PlanReport.Entry, on instance: String, now: ServerTime) -> [HTMLText] {
        let draft = entry.action.draft
        let attempts = draft.action == .retry && entry.action.attempts > 1 ? " of \(entry.action.attempts)" : ""
        let dry: HTMLText = entry.isDryRun ? " \(HTMLText.badge("dry-run", .wait))" : ""
        let when: HTMLText =
            entry.isDue
            ? "due now" : entry.follows ? "later" : entry.until.map { .countdown($0, from: now) } ?? "no time known"
        let waits = entry.untilWords ?? entry.waitsFor?.words ?? ""
        return [
            .execution(draft.execution, on: instance), when, "\(entry.workflowName ?? draft.workflow.text)",
            "\(draft.words)\(attempts)\(dry)", .policy(draft.policy, on: instance), "\(waits)",
        ]
    }
}
