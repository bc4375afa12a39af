import MendflowCore
import MendflowText

extension ApprovalAsk {
    /// All but what every record has in its head: instance, execution, root, policy.
    func write(into members: inout Members) {
        draft.write(into: &members)
        members.set("request", request)
        members.set("attempts", attempts)
        members.set("start", start)
        members.set("repeat_risk", risk)
        members.set("error_class", errorClass)
        members.set("workflow_name", workflowName)
        members.set("expires_at", expiresAt)
    }

    init(
        _ instance: InstanceKey, _ execution: ExecutionID, _ root: ExecutionID, _ policy: String,
        _ fields: inout Fields
    ) throws(MalformedRecord) {
        self.init(
            draft: try IntentDraft(instance, execution, root, policy, &fields), request: try fields.text("request"),
            attempts: Int(try fields.number("attempts")), start: try fields.textIfAny("start"),
            risk: try fields.wordIfAny("repeat_risk"), errorClass: try fields.wordIfAny("error_class"),
            workflowName: try fields.textIfAny("workflow_name"), expiresAt: try fields.time("expires_at"))
    }
}

extension ApprovalAnswer {
    func write(into members: inout Members) {
        members.set("yes", isYes)
        members.set("who", by)
        members.set("note", note.isEmpty ? nil : note)
    }

    init(_ fields: inout Fields) throws(MalformedRecord) {
        self.init(
            isYes: try fields.flag("yes"), by: try fields.text("who"), note: try fields.textIfAny("note") ?? "")
    }
}

extension ApprovalEnd {
    func write(into members: inout Members) {
        members.set("ends", kind)
        members.set("why", why)
    }
}

extension LedgerCell.Key {
    /// The cell of the newest ask about a topic.
    static func approval(_ topic: ApprovalTopic, _ instance: InstanceKey) -> LedgerCell.Key {
        LedgerCell.Key(
            .approval, instance,
            [topic.execution.text, topic.action.rawValue, topic.policy].joined(separator: "\u{1F}"))
    }
}

extension LedgerCell {
    static func of(_ approval: Approval) -> LedgerCell {
        let draft = approval.ask.draft
        var members = Members()
        members.set("instance", draft.instance.name)
        members.set("epoch", draft.instance.epoch)
        members.set("execution", draft.execution)
        members.set("root", draft.root)
        members.set("policy", draft.policy)
        approval.ask.write(into: &members)
        members.set("number", approval.id.number)
        members.set("asked_at", approval.askedAt)
        members.set("state", approval.state)
        members.set("who", approval.by.isEmpty ? nil : approval.by)
        members.set("note", approval.note.isEmpty ? nil : approval.note)
        return LedgerCell(
            .approval(approval.ask.topic, draft.instance), subject: draft.execution, link: draft.root,
            at: approval.since, isOpen: approval.state == .open, value: members.value)
    }
}

extension Approval {
    /// Reads an ask as a cell keeps it.
    init(cell: LedgerCell, _ fields: inout Fields) throws(MalformedRecord) {
        let instance = InstanceKey(name: try fields.text("instance"), epoch: Int(try fields.number("epoch")))
        let ask = try ApprovalAsk(
            instance, try fields.id("execution"), try fields.id("root"), try fields.text("policy"), &fields)
        self.init(ApprovalID(try fields.number("number")), ask, at: try fields.time("asked_at"))
        (state, since) = (try fields.word("state"), cell.at)
        by = try fields.textIfAny("who") ?? ""
        note = try fields.textIfAny("note") ?? ""
    }
}

extension Demotion {
    func write(into members: inout Members) {
        members.set("version", version)
        members.set("expected", expected)
        members.set("rate", rate)
        members.set("healed", healed)
        members.set("settled", settled)
        members.set("since", since)
    }

    init(_ policy: String, _ fields: inout Fields) throws(MalformedRecord) {
        self.init(
            policy: policy, version: try fields.text("version"), expected: try fields.text("expected"),
            rate: Int(try fields.number("rate")), healed: Int(try fields.number("healed")),
            settled: Int(try fields.number("settled")), since: try fields.time("since"))
    }
}

extension Promotion {
    func write(into members: inout Members) {
        members.set("version", version)
        members.set("who", by)
        members.set("reason", reason)
    }
}

extension LedgerCell {
    static func of(_ standing: PolicyStanding, _ instance: InstanceKey) -> LedgerCell {
        var members = Members()
        standing.demotion.write(into: &members)
        members.set("demoted_at", standing.demotedAt)
        if let promotion = standing.promotion {
            members.set("who", promotion.by)
            members.set("reason", promotion.reason)
        }
        return LedgerCell(
            Key(.standing, instance, standing.demotion.policy), at: standing.promotedAt ?? standing.demotedAt,
            value: members.value)
    }
}

extension PolicyStanding {
    /// Reads a standing as a cell keeps it.
    init(cell: LedgerCell, _ fields: inout Fields) throws(MalformedRecord) {
        let demotion = try Demotion(cell.key.name, &fields)
        self.init(demotion, at: try fields.time("demoted_at"))
        guard let who = try fields.textIfAny("who") else { return }
        promotion = Promotion(
            policy: demotion.policy, version: demotion.version, by: who, reason: try fields.text("reason"))
        promotedAt = cell.at
    }
}
