import MendflowCore
import MendflowHost
import MendflowOperations
import MendflowReview
import MendflowText

/// An explanation as a text to paste into an issue or a chat: everything that decides, and nothing that tells whose n8n it is.
enum EvidenceBundle {
    /// Policies that miss by more conditions are left out: they are about something else.
    private static let near = 2

    /// The text, in Markdown.
    static func text(_ explanation: Explanation) -> String {
        let it = explanation.withoutNotes
        var scrubbed = PublicText(hosts: [it.link] + it.targets.sorted())
        let said = [it.error?.message, it.error?.description, it.error?.cause] + (it.error?.messages ?? [])
        for text in said + (it.error?.details ?? []) { text.map { scrubbed.learn($0) } }
        let shown = scrubbed.scrub(ExplanationText.render(it, all: true).text())
        let moment = it.asOf.map { ", as of \($0.time)" } ?? ", at \(it.now)"
        var parts = [heading(it.asked, moment), fenced(shown, "text")]
        let policies = it.policies.filter {
            !$0.text.isEmpty && ($0.matches || $0.standing != .noMatch || $0.misses <= near)
        }
        if !policies.isEmpty {
            parts.append("The policies that match it, or nearly do:")
            parts.append(fenced(scrubbed.scrub(policies.map(yaml).joined(separator: "\n")), "yaml"))
        }
        return parts.joined(separator: "\n\n")
    }

    /// What the ledger knows of an execution that n8n has no more.
    static func text(_ vanished: VanishedExecution) -> String {
        var scrubbed = PublicText()
        let shown = scrubbed.scrub(VanishedExecutionText.render(vanished).text())
        return "\(heading(vanished.execution, ""))\n\n\(fenced(shown, "text"))"
    }

    private static func heading(_ execution: ExecutionID, _ moment: String) -> String {
        """
        ### mendflow explain \(execution)

        mendflow \(Version.text)\(moment). Secrets, hosts, addresses and notes of the workflow are left out; names of \
        workflows, nodes and policies are not.
        """
    }

    /// A policy that others may read; what it wants of the workflow's notes is about the same business as these.
    private static func yaml(_ policy: Explanation.PolicyView) -> String {
        let isAboutNotes = policy.text.contains("custom_data")
        return isAboutNotes ? "# \(policy.name) is left out: it looks at custom_data" : listed(policy.text)
    }

    /// A policy's text as an element of a list, whatever it was indented by.
    private static func listed(_ text: String) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let indents = lines.dropFirst().filter { !$0.allSatisfy(\.isWhitespace) }.map { $0.prefix { $0 == " " }.count }
        let indent = indents.min() ?? 0
        return (["- \(lines.first ?? "")"] + lines.dropFirst().map { $0.isEmpty ? "" : "  \($0.dropFirst(indent))" })
            .joined(separator: "\n")
    }

    /// A block that nothing inside can end.
    private static func fenced(_ text: String, _ language: String) -> String {
        var fence = "~~~"
        let lines = text.split(separator: "\n").map { $0.drop(while: \.isWhitespace) }
        while lines.contains(where: { $0.hasPrefix(fence) }) { fence += "~" }
        return "\(fence)\(language)\n\(VisibleText.block(text))\n\(fence)"
    }
}

extension Explanation {
    /// The same without what the workflow noted with `$execution.customData`, which is about its own business.
    fileprivate var withoutNotes: Explanation {
        func isNote(_ field: String) -> Bool { field.hasPrefix("custom_data") }
        var it = self
        for index in it.policies.indices {
            it.policies[index].tree = it.policies[index].tree?.hiding(isNote)
            for miss in it.policies[index].missed.indices { it.policies[index].missed[miss].test.hide(isNote) }
        }
        for index in it.protections.indices { it.protections[index].tree = it.protections[index].tree.hiding(isNote) }
        for index in it.done.indices { it.done[index].tree = it.done[index].tree?.hiding(isNote) }
        for miss in (it.nearestMiss?.missed ?? []).indices { it.nearestMiss?.missed[miss].test.hide(isNote) }
        return it
    }
}
