/// What withholds an action that nothing else holds and that is due: it is not done, and the record says what it would have been.
enum WithholdRules {
    /// In the order in which reasons are told.
    static let all = [
        HoldRule(.notInRollout, "The policy's `rollout` leaves out its chain.") { proposal in
            guard let rollout = proposal.policy.rollout,
                !rollout.includes(
                    proposal.subject.chain.root, of: proposal.context.set.instance, policy: proposal.policy.name)
            else { return .clear }
            return .held("the roll-out acts on \(rollout.percent) of a hundred chains, and this is none of them")
        },
        HoldRule(.demoted, "The policy healed less than it expects, and went back to dry-run.") { proposal in
            guard let standing = proposal.context.view.standings[proposal.policy.name],
                standing.holds(proposal.policy.version)
            else { return .clear }
            return .held(standing.demotion.words)
        },
        HoldRule(.approvalDeclined, "A person said no.") { proposal in
            guard let approval = proposal.approval, approval.state == .declined else { return .clear }
            return .held(approval.standing)
        },
        HoldRule(
            .approvalExpired, "Nobody answered before the ask expired, or what was approved could not be sent by then."
        ) { proposal in
            guard let approval = proposal.approval, proposal.isOver(approval) else { return .clear }
            return .held("ask \(approval.id) expired at \(approval.ask.expiresAt.rfc3339)")
        },
        HoldRule(.awaitingApproval, "The policy has `approval`, and nobody has said yes yet.") { proposal in
            guard proposal.needsApproval else { return .clear }
            guard let approval = proposal.approval, approval.state != .withdrawn else {
                return .held("a person has to say yes first")
            }
            return .held(by: approval.state == .given ? nil : approval.standing)
        },
    ]
}

extension Proposal {
    /// The action as it is told where it is not done: at no moment, for decisions stand while time goes on.
    func withheld(_ action: ProposedAction) -> ProposedAction {
        guard !kind.definition.hasDueTime, let since = subject.statusSince else { return action }
        var told = action
        told.due = since
        return told
    }

    /// Whether a person has to say yes. Tags need nobody's: they change no run, and often call for a person themselves.
    var needsApproval: Bool { policy.approval != nil && kind != .tag && !context.view.asksNobody }

    /// The ask about it for the policy as it stands now; nil where nobody was asked, or no ask counts.
    fileprivate var approval: Approval? {
        guard needsApproval,
            let approval = context.view.approvals[ApprovalTopic(subject.row.id, kind, policy.name)],
            approval.ask.draft.policyVersion == policy.version
        else { return nil }
        return approval
    }

    /// Whether the time of an ask is over that might have allowed it.
    fileprivate func isOver(_ approval: Approval) -> Bool {
        switch approval.state {
        case .expired: true
        case .open, .given: context.validity.hasCome(context.clockOffset.server(approval.ask.expiresAt))
        case .declined, .withdrawn: false
        }
    }

    /// What was said to it, for the record.
    var consent: Consent? {
        guard policy.approval != nil, kind != .tag else { return nil }
        if context.view.asksNobody { return .wouldAsk }
        guard let approval, approval.state == .given else { return nil }
        return .given(approval.id)
    }
}
