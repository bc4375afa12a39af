import MendflowTestKit
import Testing

@testable import MendflowCore

/// docs/holds.md is made from the lists of rules: `MENDFLOW_GOLDEN=write scripts/test HoldsReference` writes it.
@Suite("The page of holds")
struct HoldsReferenceTests {
    @Test("is what the lists of rules say")
    func fresh() throws {
        let difference = try Repository.difference(of: HoldsPage.text, from: "docs/holds.md")
        #expect(difference == nil, "\(difference ?? "")")
    }

    @Test("names every reason", arguments: Reason.allCases)
    func complete(reason: Reason) { #expect(HoldsPage.text.contains("`\(reason.rawValue)`")) }
}

/// The page, from the lists of rules.
private enum HoldsPage {
    static var text: String {
        let actions = ActionKind.allCases.filter { $0 != .bulkStop }.map { section($0.definition) }
        return ([introduction, owners] + actions + [bulkStop, withheld, caps]).joined(separator: "\n")
    }

    private static let introduction = """
        # What holds an action

        This page is made from the planner's lists of rules. For each action the rules are asked in this order, and the
        first that holds gives the reason that `plan`, `explain`, `inbox` and the record tell. What nothing holds may
        still have to wait for a time, for the policy's hours, and for the caps, in this order. Before the caps come [the rules
        that withhold](#due-and-withheld) what is due.

        """

    private static let owners = section(
        "Before any action",
        "What is told where no policy's action is judged.",
        [
            (.beforeBaseline, "It ended before `init`, or n8n does not tell when it ended."),
            (.unfound, "n8n's lists show it, and by id n8n says that it is not there (404)."),
            (.noPolicy, "No policy matches that has a remediation."),
            (.matchUnknown, "None is known to match, and of one nobody can tell: a value of it cannot be read."),
            (.factPending, "A fact that decides is not fetched yet; any rule below may ask for one."),
            (.ownerGone, "An earlier action fixed its owner, which is gone or matches no more."),
            (.healed, "Its owner matches no more, because the chain has succeeded."),
            (.live, "Its owner matches no more, because a run of the chain is live."),
            (.beyondLookBack, "`explain` was asked about a run that ended longer ago than the agent looks back."),
        ])

    private static func section(_ action: ActionDefinition) -> String {
        let held = ((action.ownHolds ?? []) + action.holds).map { ($0.reason, $0.sentence) }
        let waits = action.waits.map { ($0.reason, $0.sentence) }
        let hours = (Reason.outsideWindow, "It is outside `active_during`, or inside `not_during`.")
        return section("`\(action.kind.rawValue)`", "Held by:", held)
            + "\n"
            + table(
                "Waits for the latest of these that has not come, and then for the policy's hours:", waits + [hours])
    }

    private static let withheld = section(
        "Due, and withheld",
        """
        What nothing of that speaks against is due. It is withheld all the same, and the record says what would have been
        done, where one of these holds it.
        """, WithholdRules.all.map { ($0.reason, $0.sentence) })

    private static let bulkStop =
        """
        ## `bulk_stop`

        Each run is judged as a `stop` of its own. Those that are due leave as one request, unless one of these holds
        it; then they are stopped one by one.


        """ + BulkStopHolds.all.map { "- \($0.sentence)\n" }.joined()
        + "\n" + table("Of the runs that leave together, one carries the request:", [(.inBulk, "Another does.")])

    private static let caps = section(
        "Caps",
        """
        What is due is granted the oldest first; what these hold waits, and is asked again at the next tick. Where
        several hold it, the one that holds it longest is told, with the policy's hours taken into account.
        """,
        [
            (.circuitOpen, "The policy's actions failed too often: `circuit_breaker`."),
            (.maxActions, "The policy's cap on actions is reached: `max_actions`."),
            (.rateLimit, "The policy's rate limit is reached: `rate_limit`."),
            (.cooldown, "The policy acted on the workflow a moment ago: `cooldown`."),
            (.maxInFlight, "As many retries of the policy, or of the instance, are running as may: `max_in_flight`."),
            (.canary, "The first retries of a replay have to heal before the others are sent."),
            (
                .incident,
                "It belongs to an incident that holds (`incidents` in `mendflow.yaml`): one of its runs is tried, and where "
                    + "that heals the others follow at a pace."
            ),
            (.instanceLimit, "The instance's cap on actions is reached: `limits` in `mendflow.yaml`."),
        ])

    private static func section(_ title: String, _ words: String, _ rows: [(Reason, String)]) -> String {
        "## \(title)\n\n" + table(words, rows)
    }

    private static func table(_ words: String, _ rows: [(Reason, String)]) -> String {
        let lines = rows.enumerated().map { "| \($0.offset + 1) | `\($0.element.0.rawValue)` | \($0.element.1) |\n" }
        return words + "\n\n| | Reason | When |\n| --- | --- | --- |\n" + lines.joined()
    }
}
