import MendflowCore
import MendflowText

extension IntentDraft {
    /// All but what every record has in its head: instance, execution, root, policy.
    func write(into members: inout Members) {
        members.set("action", action)
        members.set("workflow", workflow)
        members.set("policy_version", policyVersion)
        if contributors != [policy] { members.set("contributors", contributors) }
        members.set("attempt", attempt)
        members.set("load_workflow", loadWorkflow)
        members.set("tags", tags)
        members.set("node_type", nodeType)
        members.set("bulk", value: bulk?.stored)
        switch consent {
        case .given(let id): members.set("approval", id.number)
        case .wouldAsk: members.set("would_ask", true)
        case nil: break
        }
        members.set("incident", incident)
        members.set("shadow", isShadow)
    }

    init(
        _ instance: InstanceKey, _ execution: ExecutionID, _ root: ExecutionID, _ policy: String,
        _ fields: inout Fields
    ) throws(MalformedRecord) {
        self.init(
            instance: instance, action: try fields.word("action"), execution: execution, root: root,
            workflow: WorkflowID(try fields.text("workflow")), policy: policy,
            policyVersion: try fields.text("policy_version"), contributors: try fields.texts("contributors"),
            attempt: Int(try fields.number("attempt")), loadWorkflow: try fields.flag("load_workflow"),
            tags: try fields.texts("tags"), nodeType: try fields.textIfAny("node_type"),
            bulk: try fields.optional("bulk", BulkStopCall.init), isShadow: try fields.flag("shadow"))
        if let id = try fields.numberIfAny("approval") { consent = .given(ApprovalID(id)) }
        if try fields.flag("would_ask") {
            guard consent == nil else { throw MalformedRecord("would_ask of what is approved") }
            consent = .wouldAsk
        }
        incident = try fields.textIfAny("incident")
    }
}

extension BulkStopCall {
    var stored: JSONValue {
        var members = Members()
        members.set("statuses", request.statuses.map(\.rawValue))
        members.set("workflow", request.workflow)
        members.set("started_after", request.startedAfter)
        members.set("started_before", request.startedBefore)
        members.set("predicted", predicted.map(\.text))
        return members.value
    }

    init(_ value: JSONValue) throws(MalformedRecord) {
        var fields = try Fields(value)
        var statuses: [ExecutionStatus] = []
        for word in try fields.texts("statuses") {
            guard let status = ExecutionStatus(rawValue: word) else { throw MalformedRecord("status '\(word)'") }
            statuses.append(status)
        }
        guard !statuses.isEmpty else { throw MalformedRecord("a bulk stop without statuses") }
        self.init(
            request: BulkStopRequest(
                statuses: statuses, workflow: try fields.textIfAny("workflow").map { WorkflowID($0) },
                startedAfter: try fields.timeIfAny("started_after"),
                startedBefore: try fields.timeIfAny("started_before")),
            predicted: try fields.texts("predicted").map { ExecutionID($0) })
        try fields.finish()
    }
}

extension Settlement {
    func write(into members: inout Members) {
        members.set("state", state)
        members.set("evidence", value: evidence?.stored)
        members.set("child", child)
        members.set("not_before", notBefore)
        members.set("answered_at", answeredAt)
    }

    init(_ fields: inout Fields) throws(MalformedRecord) {
        self.init(
            try fields.word("state"), try fields.optional("evidence", OutcomeEvidence.init),
            child: try fields.idIfAny("child"), notBefore: try fields.timeIfAny("not_before"),
            answeredAt: try fields.timeIfAny("answered_at"))
    }
}

extension Intent {
    /// Everything, as a store's table keeps it.
    var stored: JSONValue {
        var members = Members()
        members.set("instance", draft.instance.name)
        members.set("epoch", draft.instance.epoch)
        members.set("execution", draft.execution)
        members.set("root", draft.root)
        members.set("policy", draft.policy)
        draft.write(into: &members)
        members.set("number", id.number)
        members.set("reserved_at", reservedAt)
        members.set("sending_at", sendingAt)
        members.set("watermark", watermark)
        members.set("key", key?.text)
        members.set("witness", value: witness?.stored)
        members.set("asked", asked == 0 ? nil : asked)
        members.set("asked_at", askedAt)
        members.set("settled_at", settledAt)
        Settlement(state, evidence, child: child, notBefore: notBefore, answeredAt: answeredAt).write(into: &members)
        return members.value
    }

    init(_ value: JSONValue) throws(MalformedRecord) {
        var fields = try Fields(value)
        let instance = InstanceKey(name: try fields.text("instance"), epoch: Int(try fields.number("epoch")))
        let draft = try IntentDraft(
            instance, try fields.id("execution"), try fields.id("root"), try fields.text("policy"), &fields)
        let settlement = try Settlement(&fields)
        self.init(
            id: IntentID(try fields.number("number")), draft: draft, state: settlement.state,
            reservedAt: try fields.time("reserved_at"), sendingAt: try fields.timeIfAny("sending_at"),
            watermark: try fields.idIfAny("watermark"), key: try fields.requestKeyIfAny("key"),
            settledAt: try fields.timeIfAny("settled_at"), child: settlement.child, evidence: settlement.evidence,
            notBefore: settlement.notBefore,
            answeredAt: settlement.answeredAt)
        witness = try fields.optional("witness", KeyWitness.init)
        asked = Int(try fields.numberIfAny("asked") ?? 0)
        askedAt = try fields.timeIfAny("asked_at")
        try fields.finish()
    }
}
