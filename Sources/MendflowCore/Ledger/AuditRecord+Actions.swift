extension AuditRecord {
    /// An intent was written down; `$0`, `$1` ... stand for the number that the ledger gives it in the same commit.
    public static func reserved(_ action: ProposedAction, position: Int, at time: Timestamp) -> AuditRecord {
        let draft = action.draft
        var fields: [String: AuditValue] = [
            "intent": .text("$\(position)"), "action": .text(draft.action.rawValue), "request": .text(action.request),
            "attempt": .integer(Int64(draft.attempt)), "attempts": .integer(Int64(action.attempts)),
            "policy_version": .text(draft.policyVersion), "shadow": .flag(draft.isShadow), "due": .optional(action.due),
        ]
        if draft.contributors != [draft.policy] { fields["contributors"] = .texts(draft.contributors) }
        if !draft.tags.isEmpty { fields["tags"] = .texts(draft.tags) }
        if let start = action.start { fields["start"] = .text(start) }
        if let risk = action.risk { fields["repeat_risk"] = .text(risk.risk.rawValue) }
        if let replaced = action.supersedes { fields["supersedes"] = .integer(replaced.number) }
        return AuditRecord(
            .reserved, instance: draft.instance, at: time, execution: draft.execution, root: draft.root,
            policy: draft.policy, fields: fields)
    }

    /// The request of an intent may be on its way.
    public static func sending(_ intent: Intent, watermark: ExecutionID?, look: String, at time: Timestamp)
        -> AuditRecord
    {
        about(.sending, intent, at: time, ["watermark": .optional(watermark?.text), "look": .text(look)])
    }

    /// An intent's outcome.
    public static func outcome(_ intent: Intent, _ settlement: Settlement, at time: Timestamp) -> AuditRecord {
        about(
            .outcome, intent, at: time,
            [
                "state": .text(settlement.state.rawValue), "child": .optional(settlement.child?.text),
                "note": .optional(settlement.note), "not_before": .optional(settlement.notBefore),
            ])
    }

    /// A latch closed.
    public static func latched(_ latch: Latch, instance: InstanceKey, at time: Timestamp) -> AuditRecord {
        AuditRecord(
            .latch, instance: instance, at: time, execution: latch.execution,
            policy: latch.policy.isEmpty ? nil : latch.policy,
            fields: ["latch": .text(latch.kind.rawValue), "value": .text(latch.value)])
    }

    private static func about(
        _ kind: AuditKind, _ intent: Intent, at time: Timestamp, _ fields: [String: AuditValue]
    ) -> AuditRecord {
        let draft = intent.draft
        var all = fields
        all["intent"] = .integer(intent.id.number)
        all["action"] = .text(draft.action.rawValue)
        return AuditRecord(
            kind, instance: draft.instance, at: time, execution: draft.execution, root: draft.root,
            policy: draft.policy, fields: all)
    }
}
