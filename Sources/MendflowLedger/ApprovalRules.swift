import MendflowCore

// Asks for approval: what is asked, what may be answered, and what a yes allows.
extension LedgerState {
    /// Of one execution, action and policy one ask is open at a time.
    mutating func begin(
        _ ask: ApprovalAsk, _ id: ApprovalID, at time: AgentTime
    ) throws(LedgerRefusal) -> [LedgerCell.Change] {
        try refuseWhilePaused(ask.draft.instance, at: time)
        if let other = instances[ask.draft.instance]?.real.approvals[ask.topic], other.isOpen(at: time) {
            throw .approval(other.standing)
        }
        return put(Approval(id, ask, at: time))
    }

    /// An answer counts once, in time, and for the database that was asked about.
    mutating func apply(
        _ answer: ApprovalAnswer, _ reference: ApprovalRef, at time: AgentTime
    ) throws(LedgerRefusal) -> [LedgerCell.Change] {
        var approval = try present(reference)
        guard approval.state == .open else { throw .approval(approval.standing) }
        guard approval.isOpen(at: time) else {
            throw .approval("ask \(approval.id) expired at \(approval.ask.expiresAt.rfc3339)")
        }
        if let newest = baseline(of: reference.instance.name)?.instance.epoch, newest > reference.instance.epoch {
            throw .approval(
                "ask \(approval.id) is of epoch \(reference.instance.epoch), and epoch \(newest) began since")
        }
        approval.take(answer, at: time)
        return put(approval)
    }

    /// An answer that came in the same moment stands: whoever ends asks decided that before it was there. A yes ends where
    /// the agent says that it was not carried out in time.
    mutating func apply(
        _ end: ApprovalEnd, _ reference: ApprovalRef, at time: AgentTime
    ) throws(LedgerRefusal) -> [LedgerCell.Change] {
        var approval = try present(reference)
        let hasLapsed = approval.state == .given && end.isOfYes
        guard approval.state == .open || hasLapsed else { return [] }
        approval.take(end, at: time)
        return put(approval)
    }

    /// What a yes allows is that action, for the policy as it stood; and it may leave only while the ask stands.
    func refuseUnlessConsented(_ draft: IntentDraft, at time: AgentTime?) throws(LedgerRefusal) {
        guard case .given(let id)? = draft.consent else { return }
        let topic = ApprovalTopic(draft.execution, draft.action, draft.policy)
        guard let approval = instances[draft.instance]?.real.approvals[topic], approval.id == id else {
            throw .noApproval(id)
        }
        // Whether it is in time is asked when it leaves.
        let objection = approval.objection(to: draft, at: time ?? AgentTime(milliseconds: .min))
        if let objection { throw .approval(objection) }
    }

    private func present(_ reference: ApprovalRef) throws(LedgerRefusal) -> Approval {
        guard let approval = instances[reference.instance]?.real.approvals[reference.topic],
            ApprovalRef(approval) == reference
        else { throw .noApproval(reference.id) }
        return approval
    }

    private mutating func put(_ approval: Approval) -> [LedgerCell.Change] {
        let key = approval.ask.draft.instance
        instances[key, default: InstanceLedger(key)].put(approval)
        return [.set(.of(approval))]
    }
}

// Policies that go back to dry-run by themselves.
extension LedgerState {
    /// A version goes back once; until a person lets it act again, or it is edited.
    mutating func apply(
        _ demotion: Demotion, _ key: InstanceKey, at time: AgentTime
    ) throws(LedgerRefusal) -> [LedgerCell.Change] {
        if let standing = standing(of: demotion.policy, key), standing.holds(demotion.version) {
            throw .demoted("\(demotion.policy) is in dry-run already: \(standing.demotion.words)")
        }
        return put(PolicyStanding(demotion, at: time), key)
    }

    mutating func apply(
        _ promotion: Promotion, _ key: InstanceKey, at time: AgentTime
    ) throws(LedgerRefusal) -> [LedgerCell.Change] {
        guard var standing = standing(of: promotion.policy, key), standing.holds(promotion.version) else {
            throw .demoted("\(promotion.policy) is not in dry-run for healing too little")
        }
        (standing.promotion, standing.promotedAt) = (promotion, time)
        return put(standing, key)
    }

    /// Nothing real is reserved for a policy that is back in dry-run.
    func refuseOfDemoted(_ draft: IntentDraft) throws(LedgerRefusal) {
        guard let standing = standing(of: draft.policy, draft.instance), standing.holds(draft.policyVersion) else {
            return
        }
        throw .demoted("\(draft.policy) is in dry-run: \(standing.demotion.words)")
    }

    private func standing(of policy: String, _ key: InstanceKey) -> PolicyStanding? {
        instances[key]?.real.standings[policy]
    }

    private mutating func put(_ standing: PolicyStanding, _ key: InstanceKey) -> [LedgerCell.Change] {
        instances[key, default: InstanceLedger(key)].put(standing)
        return [.set(.of(standing, key))]
    }
}
