public import MendflowCore
public import MendflowText

/// What a decision was made from, bounded and without secrets, so that it can be made again.
public enum DecisionEvidence {
    /// The evidence of what a plan decided about an execution: the runs of its chain, its data and its workflow.
    public static func of(_ decision: Decision, _ chain: Chain, _ snapshot: Snapshot) -> JSONValue {
        var members = Members()
        members.set("baseline", snapshot.baseline)
        members.set(
            "chain",
            chain.nodes.map { node in
                node.row?.stored ?? .object(["id": .text(node.id.text), "gone": true])
            })
        members.set("detail", value: snapshot.details[decision.execution].map(evidence))
        members.set("workflow", value: snapshot.workflows?[decision.workflow].map(evidence))
        return members.value
    }

    private static func evidence(_ workflow: WorkflowInfo) -> JSONValue {
        .object([
            "name": .text(workflow.name), "active": .flag(workflow.active),
            "tags": workflow.hidesTags ? .null : .texts(workflow.tags.sorted()),
            "projects": workflow.hidesProjects ? .null : .texts(workflow.projects.sorted()),
            "draft": .optional(workflow.draftVersion),
            "published": .optional(workflow.publishedVersion),
        ])
    }

    private static func evidence(_ detail: ExecutionDetail) -> JSONValue {
        var fields: [String: JSONValue] = [
            "status": .text(detail.status.rawValue), "items": .optional(detail.itemsToRepeat),
            "finished_nodes": .optional(detail.finishedNodes), "parent": .optional(detail.parentExecution?.text),
            "version": .optional(detail.workflowVersion), "wait_kind": .optional(detail.waitKind?.rawValue),
            "resumes_at_node": detail.resumesAtNode.map { .flag($0) } ?? .null,
            "custom_data": .object(detail.customData.mapValues { .text($0) }),
        ]
        if detail.unreadCustomData != [] {
            fields["custom_data_unread"] = detail.unreadCustomData.map { .texts($0.sorted()) } ?? .null
        }
        switch detail.readability {
        case .readable: fields["readability"] = "readable"
        case .redacted: fields["readability"] = "redacted"
        case .oversized: fields["readability"] = "oversized"
        case .unreadable(let why): fields["readability"] = .text("unreadable: \(why)")
        }
        if let node = detail.lastNode { fields["node"] = evidence(node) }
        if let node = detail.startNode { fields["start_node"] = evidence(node) }
        if let tools = detail.tools, !tools.isEmpty { fields["tools"] = .list(tools.map(evidence)) }
        if detail.hasEmptyStack { fields["empty_stack"] = true }
        if detail.ranToItsEnd { fields["ran_to_its_end"] = true }
        if let error = detail.error {
            fields["error"] = .object([
                "name": .optional(error.name), "message": .optional(error.message),
                "description": .optional(error.description), "http_code": .optional(error.httpCode),
                "cause": .optional(error.cause), "messages": .texts(error.messages), "at": .optional(error.at),
                "retry_after": .optional(error.retryAfter.map { Int($0.milliseconds) }),
                "resets_at": .optional(error.resetsAt), "item": .optional(error.itemIndex),
            ])
        }
        return .object(fields)
    }

    private static func evidence(_ node: NodeEvidence) -> JSONValue {
        var fields: [String: JSONValue] = [
            "name": .text(node.name), "type": .optional(node.type), "operation": .optional(node.operation),
            "resource": .optional(node.resource), "method": .optional(node.method), "target": .optional(node.target),
        ]
        if !node.assurances.isEmpty { fields["assures"] = .texts(node.assurances.map(\.rawValue).sorted()) }
        return .object(fields)
    }
}
