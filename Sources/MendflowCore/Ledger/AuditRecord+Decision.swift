extension AuditRecord {
    /// A decision changed: with the evidence from which it can be computed again.
    public static func decision(_ decision: Decision, _ chain: Chain, _ snapshot: Snapshot) -> AuditRecord {
        var fields: [String: AuditValue] = [
            "verdict": .text(decision.verdict.label), "status": .text(decision.status.rawValue),
            "now": .integer(snapshot.now.milliseconds), "policy_version": .optional(decision.policy?.version),
            "baseline": .integer(snapshot.baseline.milliseconds),
        ]
        switch decision.verdict {
        case .act(let action): fields["request"] = .text(action.request)
        case .wait(let action, let until, _):
            fields["request"] = .text(action.request)
            fields["until"] = .optional(until)
        case .held(_, let words): fields["words"] = .text(words)
        }
        if let other = decision.takenFrom { fields["taken_from"] = .text(other) }
        if let why = decision.bulkHeld { fields["bulk_stop_held"] = .text(why) }
        fields["chain"] = .list(
            chain.nodes.map { node in
                node.row.map(evidence) ?? .object(["id": .text(node.id.text), "gone": true])
            })
        if let detail = snapshot.details[decision.execution] { fields["detail"] = evidence(detail) }
        if let workflow = snapshot.workflows?[decision.workflow] { fields["workflow"] = evidence(workflow) }
        return AuditRecord(
            .decision, instance: snapshot.instance, at: snapshot.now, execution: decision.execution,
            root: decision.root, policy: decision.policy?.name, fields: fields)
    }

    private static func evidence(_ row: Execution) -> AuditValue {
        var fields: [String: AuditValue] = [
            "id": .text(row.id.text), "workflow": .text(row.workflow.text), "status": .text(row.status.rawValue),
            "mode": .text(row.mode.word), "retry_of": .optional(row.retryOf?.text),
            "retry_success": .optional(row.retrySuccess?.text), "created": .optional(row.createdAt),
            "started": .optional(row.startedAt), "stopped": .optional(row.stoppedAt), "wait": .optional(row.waitTill),
        ]
        if row.hidesRetryOf { fields["retry_of_unread"] = true }
        return .object(fields)
    }

    private static func evidence(_ workflow: WorkflowInfo) -> AuditValue {
        .object([
            "name": .text(workflow.name), "active": .flag(workflow.active),
            "tags": workflow.hidesTags ? .null : .texts(workflow.tags.sorted()),
            "projects": workflow.hidesProjects ? .null : .texts(workflow.projects.sorted()),
            "draft": .optional(workflow.draftVersion),
            "published": .optional(workflow.publishedVersion),
        ])
    }

    private static func evidence(_ detail: ExecutionDetail) -> AuditValue {
        var fields: [String: AuditValue] = [
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
        if let node = detail.lastNode {
            fields["node"] = .object([
                "name": .text(node.name), "type": .optional(node.type), "operation": .optional(node.operation),
                "resource": .optional(node.resource), "method": .optional(node.method),
                "target": .optional(node.target),
            ])
        }
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
}
