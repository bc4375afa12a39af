import MendflowTestKit
import Testing

@testable import MendflowCore

/// docs/repeat-risk.md is made from the rules: `MENDFLOW_GOLDEN=write scripts/test RepeatRiskReference` writes it.
@Suite("The page of repeat risk")
struct RepeatRiskReferenceTests {
    @Test("is what the rules say")
    func fresh() throws {
        let difference = try Repository.difference(of: RepeatRiskPage.text, from: "docs/repeat-risk.md")
        #expect(difference == nil, "\(difference ?? "")")
    }
}

/// The page, from the rules.
private enum RepeatRiskPage {
    private static let table = RepeatRiskTable.builtIn

    static var text: String {
        let lists = [
            ("Nodes of many steps, of which an error speaks of one only", table.composite),
            ("Nodes that follow redirects", table.followers), ("Nodes whose calls are known", table.known),
            (
                "Nodes that may call tools: nothing is proven unless it is known that no tool that writes has run",
                table.toolUsers
            ),
        ]
        return introduction
            + "## Nodes that change nothing\n\nRisk `none`, whatever the error and the number of items.\n\n"
            + table.reading.map(section).joined() + "## Errors that say that nothing was done\n\n" + refusals
            + table.refusals.map(section).joined() + "## Lists\n\n"
            + lists.map { "\($0): \(words($1)).\n\n" }.joined()
            + "Nodes that make several calls for one item:\n\n"
            + table.severalCalls.map { "- \(words($0))\n" }.joined()
            + "\nNodes whose deed is their first call, or is done in parts, so that the refusal of a later one proves nothing. A "
            + "node that is asked for more calls after its deed (`resolveData`, `download`, `waitForImage` and the like) is "
            + "taken for one:\n\n"
            + table.deedFirst.map { "- \(words($0))\n" }.joined()
            + "\nMessages of n8n's own platform, which cut a run off anywhere as a crash does, and prove nothing: "
            + "\(words(table.cutOff)).\n\n" + last
    }

    private static let introduction = """
        # May a retry do again what was done already?

        This page is made from the rules. `mendflow explain ID -o json` names under `repeat_risk` the rule that judged an
        execution: find it here, with what it claims, why, and when it would be wrong all the same. The grades stand in
        [semantics 44](semantics.md#semantics-44), what a policy accepts in [45](semantics.md#semantics-45).

        The judge starts at `possible`, and only evidence lowers it. What a rule needs must be known of the node at which
        a retry begins; what could not be read counts as not so. `one item` is the number of items that a retry feeds to
        it.


        """

    private static let refusals = """
        Such an error speaks of the last call. Where a rule says *last call*, the risk is `none` for a node whose calls
        are known and that makes one for an item. It is `unlikely` where an earlier call, which leaves no trace, may have
        done something: a node that follows redirects, unless the error names the address that was called; a node that
        makes several calls for one item; a node that is not n8n's own. It proves nothing for a node of many steps, nor
        after a crash.


        """

    private static let last = """
        ## What the judge says by itself

        | Word | Risk | When |
        | --- | --- | --- |
        | `may-be-done` | `possible` | no rule speaks of node and error |
        | `several-items` | `possible` | the same of several items: some nodes send them all whatever fails |
        | `items-unknown` | `possible` | the number of items is not in the data |
        | `crashed-in-node` | `possible` | the process died while the node ran |
        | `ran-past` | `possible` | the run slept at the node and was woken, or n8n's event log tells of a node behind it |
        | `interrupted` | `possible` | a stop or a time-out cut the node off |
        | `nothing-to-resume` | `possible` | the stored stack is empty: held as `nothing_to_resume`, never sent |
        | `crash-unsaved`, `interrupted-unsaved`, `not-resumable` | `restart` | the retry begins at the trigger |
        | `oversized`, `unreadable`, `stale-data`, `no-run-data`, `no-node` | `unknown` | the data does not tell |

        """

    private static func section(_ rule: ReadingRule) -> String {
        let needs = rule.needs.map(\.summary).sorted()
        return heading(rule.id, rule.reason)
            + "- Nodes: \(rule.calls.map(words).joined(separator: "; or "))\n"
            + (needs.isEmpty ? "" : "- Needs: \(needs.joined(separator: "; "))\n") + "\n"
    }

    private static func section(_ rule: RefusalRule) -> String {
        let reach =
            switch rule.reach {
            case .types(let types): "\(words(types)); risk `\(rule.risk.rawValue)`"
            case .nothingSent: "any but those of many steps; risk `\(rule.risk.rawValue)`"
            case .lastCall: "*last call*"
            }
        let marks = [
            ("Code", rule.codes), ("Name", rule.names), ("Message", rule.texts), ("Description", rule.descriptions),
        ]
        let needs = rule.needs.map(\.summary).sorted()
        return heading(rule.id, rule.reason) + "- Nodes: \(reach)\n"
            + marks.filter { !$0.1.isEmpty }.map { "- \($0.0): \(words($0.1))\n" }.joined()
            + (rule.exceptTexts.isEmpty ? "" : "- But not: \(words(rule.exceptTexts))\n")
            + (needs.isEmpty ? "" : "- Needs: \(needs.joined(separator: "; "))\n") + "\n"
    }

    private static func heading(_ id: String, _ reason: RiskReason) -> String {
        "### `\(id)`\n\n- Claim: \(reason.claim)\n- Why: \(reason.why)\n- Wrong for: \(reason.counterExample)\n"
    }

    private static func words(_ matches: [TextMatch]) -> String {
        matches.map { "`\($0.source)`" }.joined(separator: ", ")
    }

    private static func words(_ call: CallPattern) -> String {
        var parts: [String] = []
        if !call.types.isEmpty { parts.append(words(call.types)) }
        if !call.resources.isEmpty { parts.append("resource \(words(call.resources))") }
        if !call.operations.isEmpty { parts.append("operation \(words(call.operations))") }
        if !call.exceptOperations.isEmpty { parts.append("but not \(words(call.exceptOperations))") }
        if !call.methods.isEmpty { parts.append("method \(call.methods.sorted().joined(separator: ", "))") }
        return parts.joined(separator: ", ")
    }
}
