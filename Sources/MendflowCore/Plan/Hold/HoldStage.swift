/// What the holds and waits leave of a proposal.
struct Ruling {
    var proposal: Proposal
    var verdict: Verdict
    /// The facts that are missing, where that is why it is held.
    var needs: [Need] = []
    /// What would be done, where it is due and withheld.
    var withheld: ProposedAction?
}

/// Fourth stage: says what holds each proposal, what it waits for, or that it is due.
struct HoldStage {
    let context: PlanningContext

    /// Rules all that is wanted of one execution. Proposals of a shared request that no policy itself holds become one.
    func rulings(_ proposals: [Proposal]) -> [Ruling] {
        var rulings: [Ruling] = []
        var shared: [Proposal] = []
        for proposal in proposals {
            guard let ownHolds = proposal.kind.definition.ownHolds else {
                if !shared.isEmpty { rulings += jointRuling(shared) }
                rulings.append(ruling(proposal))
                shared = []
                continue
            }
            if let hold = ownHolds.firstHold(of: proposal) {
                rulings.append(Ruling(proposal, hold))
            } else if context.outsideWindow(proposal.shared) != nil || isInDispute(proposal.shared)
                || WithholdRules.all.firstHold(of: proposal) != nil
            {
                rulings.append(ruling(proposal))
            } else {
                shared.append(proposal)
            }
        }
        return shared.isEmpty ? rulings : rulings + jointRuling(shared)
    }

    /// Whether a policy goes by the clock where nobody can tell the time: like its hours, that holds its own wishes only.
    private func isInDispute(_ shared: SharedPolicy) -> Bool {
        context.clockOffset.isDisputed && shared.policy.guards.goByTheClock
    }

    /// Rules one request that serves the policies of several proposals.
    private func jointRuling(_ proposals: [Proposal]) -> [Ruling] {
        guard let first = proposals.first else { return [] }
        guard proposals.count > 1 else { return [ruling(first)] }
        return [
            ruling(
                Proposal(
                    context, first.subject, first.shared, first.kind, tags: proposals.flatMap(\.tags),
                    earlier: first.earlier))
        ]
    }

    private func ruling(_ proposal: Proposal) -> Ruling {
        let definition = proposal.kind.definition
        if let hold = definition.holds.firstHold(of: proposal) { return Ruling(proposal, hold) }
        let prepared = definition.prepare(proposal)
        let pending = definition.waits.pending(proposal, prepared)
        let wait = pending.map { context.withHours($0, proposal.shared) } ?? context.outsideWindow(proposal.shared)
        // Nobody knows when it will be due, so it stays due now.
        if let wait, wait.until == nil { _ = context.validity.momentary() }
        if wait == nil, let hold = WithholdRules.all.firstHold(of: proposal) {
            return Ruling(proposal, hold, withheld: proposal.withheld(prepared.action))
        }
        return Ruling(proposal: proposal, verdict: prepared.verdict(wait))
    }
}

extension Ruling {
    fileprivate init(_ proposal: Proposal, _ hold: Hold, withheld: ProposedAction? = nil) {
        self.init(proposal: proposal, verdict: hold.verdict, needs: hold.needs, withheld: withheld)
    }
}
