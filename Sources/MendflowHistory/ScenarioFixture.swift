package import MendflowCore
import MendflowText

/// An execution as a fixture of a scenario: what decisions look at, and nothing that tells whose it is.
package enum ScenarioFixture {
    /// What stands in the fixture's file: the data without notes, parents, versions and addresses.
    package static func text(_ found: DetailedExecution) -> String {
        var detail = found.detail
        (detail.customData, detail.unreadCustomData) = ([:], [])
        (detail.parentExecution, detail.workflowVersion, detail.createdAt) = (nil, nil, nil)
        detail.error = detail.error.map { anonymous($0, of: detail) }
        detail.lastNode = detail.lastNode.map(anonymous)
        detail.startNode = detail.startNode.map(anonymous)
        detail.tools = detail.tools.map { $0.map(anonymous) }
        return HistoryLines.line(detail, of: "1")
    }

    /// The error without hosts and addresses in what was said, as far as they can be told.
    private static func anonymous(_ error: ErrorEvidence, of detail: ExecutionDetail) -> ErrorEvidence {
        var error = error
        let nodes = [detail.lastNode, detail.startNode] + (detail.tools ?? [])
        var scrubbed = PublicText(hosts: nodes.compactMap { $0?.target })
        for text in [error.message, error.description, error.cause].compactMap({ $0 }) + error.messages + error.details
        {
            scrubbed.learn(text)
        }
        error.message = error.message.map { scrubbed.scrub($0) }
        error.description = error.description.map { scrubbed.scrub($0) }
        error.cause = error.cause.map { scrubbed.scrub($0) }
        error.messages = error.messages.map { scrubbed.scrub($0) }
        error.details = error.details.map { scrubbed.scrub($0) }
        return error
    }

    private static func anonymous(_ node: NodeEvidence) -> NodeEvidence {
        var node = node
        if node.target != nil { node.target = "example.com/" }
        return node
    }

    /// The lines of a scenario that give the execution.
    package static func scenario(_ found: DetailedExecution) -> String {
        let row = found.execution
        let took = row.startedAt.flatMap { start in row.stoppedAt.map { $0 - start } }
        var parts = ["id: 1", "workflow: A workflow", "status: \(row.status.rawValue)", "at: 0s"]
        if let took, took > .zero { parts.append("ran_for: \(took)") }
        if row.mode != "webhook" { parts.append("mode: \(JSONWriter.quoted(row.mode.word))") }
        return "- {\(parts.joined(separator: ", ")), data: FIXTURE}"
    }
}
