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
        }
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
}
