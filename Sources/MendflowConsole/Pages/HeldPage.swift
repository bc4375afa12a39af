import MendflowCore
import MendflowHTML
import MendflowOperations
import MendflowReview

/// *Why not*: what is not acted on, counted by reason; or the executions that are held for one reason.
struct HeldPage {
    let state: PresentState
    /// The instance, the reason, the policy and the part of the list that the address names.
    let instance: String?, reason: Reason?, policy: String?, part: String?

    private var shown: [PresentState.Instance] { state.instances.filter { instance == nil || $0.name == instance } }

    var page: ConsolePage {
        guard let reason else {
            let content = HTMLText.all(shown.map(counts))
            return ConsolePage(
                title: "Why not", section: .held,
                content: "<p>What the agents know of and leave alone, as decided at their last look.</p>\(content)")
        }
        return ConsolePage(title: "Held: \(reason.rawValue)", section: .held, content: list(reason))
    }

    // MARK: - By reason

    private func counts(_ it: PresentState.Instance) -> HTMLText {
        guard let plan = it.plan else {
            return "<h2>\(it.name)</h2>\(HTMLText.nothing("This agent has not looked yet."))"
        }
        let gap = GapNotice(it.status)?.html ?? ""
        let groups = plan.notActed
        let nobody: Set<Reason> = [.noPolicy, .beforeBaseline, .healed, .beyondLookBack]
        let people = groups.filter { !$0.reason.endsByItself && !nobody.contains($0.reason) }
        let alone = groups.filter { $0.reason.endsByItself && !nobody.contains($0.reason) }
        let others = groups.filter { nobody.contains($0.reason) }
        return """
            <h2>\(it.name)</h2>\(gap)
            \(table("Needs somebody, or stays as it is", people, it))
            \(table("Ends by itself", alone, it))
            \(table("Not asked for", others, it))
            """
    }

    private func table(_ title: String, _ groups: [PlanReport.NotActed], _ it: PresentState.Instance) -> HTMLText {
        guard !groups.isEmpty else { return "" }
        let rows = groups.map { group -> [HTMLText] in
            [
                Place.held(group.reason, on: it.name).link("\(group.reason.rawValue)"), "\(group.count)",
                "\(group.reason.words)", "\(group.reason.remedy ?? "")",
                Place.execution(group.example, on: it.name).link("explain \(group.example)"),
            ]
        }
        let made = Table(
            "\(title) on \(it.name)",
            ["Reason", .number("Executions"), "What it means", "What settles it", "The oldest"], rows)
        return "<h3>\(title)</h3>\(made.html)"
    }

    // MARK: - For one reason

    private func list(_ reason: Reason) -> HTMLText {
        let all = shown.flatMap { it in
            (it.plan?.held ?? []).filter { $0.reason == reason && (policy == nil || $0.policy == policy) }
                .map { (it.name, $0) }
        }
        let part = Part(all, page: part)
        let rows = part.shown.map { name, held -> [HTMLText] in
            [
                Place.execution(held.execution, on: name).link("\(held.execution)"),
                state.instances.count > 1 ? "\(name)" : "", "\(held.workflow)",
                .badge(held.status.rawValue), held.policy.map { .policy($0, on: name) } ?? "",
                "\(held.why)",
            ]
        }
        let place = Place(
            "held", query: ["instance": instance, "reason": reason.rawValue, "policy": policy])
        let remedy = reason.remedy.map { "What settles it: \($0)." } ?? "It ends by itself, or needs nobody."
        let where_ = [instance.map { " on \($0)" }, policy.map { " by policy \($0)" }].compactMap(\.self).joined()
        let sentence = count(all.count, "execution", "executions")
        let table = Table(
            "Executions that are held as \(reason.rawValue)",
            ["Execution", "Instance", "Workflow", "Status", "Policy", "Evidence"], rows)
        return """
            <p>\(sentence)\(where_): \(reason.words). \(remedy)</p>
            \(all.isEmpty ? HTMLText.nothing("Nothing is held for this reason now.") : table.html)\(part.links(place))
            <p>\(Place("held", query: ["instance": instance]).link("All reasons"))</p>
            """
    }
}
