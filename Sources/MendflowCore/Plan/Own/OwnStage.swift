/// Who decides what happens to an execution.
struct Ownership {
    /// Who has a say.
    enum Outcome {
        /// The policy at this position in the set; in a second pass with the enforced policy that owns the execution now.
        case owned(by: Int, takenFrom: String?)
        /// Nobody acts, for this reason; told for the policy at this position where there is one.
        case held(Hold, by: Int?)
        /// Nobody acts, and there is nothing to tell.
        case nobody
    }
    var outcome: Outcome
    /// Positions of the policies that have nothing left to try and passed the execution on.
    var passedOn: [Int] = []
    /// Position of the policy that retried the chain and has no say in it any more.
    var givenUpBy: Int?
}

/// Second stage: finds the policy that owns an execution.
///
/// The first matching policy with a remediation does, until an action fixes the owner for good. Only exhaustion passes
/// ownership on, and only where the owner says so.
struct OwnStage {
    let context: PlanningContext

    /// Who decides what happens to an execution.
    func ownership(_ item: PlanningContext.Item, _ matches: Matches) -> Ownership {
        // A person's replay goes before every policy, also the one that an earlier action fixed, and before the time from which on
        // policies act.
        let replay = matches.positions.first { context.set.shared[$0].policy.replay != nil }
        switch item.part {
        case .member: return Ownership(outcome: deletion(matches))
        case .beforeBaseline where replay == nil:
            guard matches.undecided.isEmpty else {
                return Ownership(outcome: .held(Hold(reason: .factPending), by: nil))
            }
            let why =
                item.subject.row.endedAt == nil
                ? "n8n does not tell when it ended, so it may have been before" : ""
            return Ownership(outcome: .held(Hold(reason: .beforeBaseline, why: why), by: nil))
        case .beforeBaseline, .speaker: break
        }
        guard item.subject.row.status != .success else { return Ownership(outcome: deletion(matches)) }
        if item.subject.isUnfound { return Ownership(outcome: unfound(item.subject)) }
        if let replay { return Ownership(outcome: .owned(by: replay, takenFrom: nil)) }
        guard let name = context.fixedOwner(item.subject) else {
            return firstUnspent(of: item.subject, Candidates(matches, context.set.owns))
        }
        guard let owner = context.judged.byName[context.set.present(name)] else {
            if isLeftToDeletion(item.subject, matches) { return Ownership(outcome: deletion(matches)) }
            let isThere = context.set.policies.contains { $0.name == context.set.present(name) }
            let why = isThere ? "policy '\(name)' is in dry-run by now" : "policy '\(name)' is gone"
            return Ownership(outcome: .held(Hold(reason: .ownerGone, why: why), by: nil))
        }
        return ownership(of: item.subject, matches, fixed: owner, name)
    }

    /// What n8n shows and denies is left alone until it says one thing of it.
    private func unfound(_ subject: Subject) -> Ownership.Outcome {
        let owner = context.fixedOwner(subject).flatMap { context.judged.byName[context.set.present($0)] }
        return .held(Hold(reason: .unfound, why: subject.trouble ?? ""), by: owner)
    }

    /// Who decides where an earlier action fixed the owner.
    private func ownership(
        of subject: Subject, _ matches: Matches, fixed owner: Int, _ name: String
    ) -> Ownership {
        let candidates = Candidates(matches, context.set.owns, from: owner)
        if candidates.items.first == owner { return firstUnspent(of: subject, candidates, isFixed: true) }
        let shared = context.set.shared[owner]
        // A chain that was passed on stays so, also where the first owner matches no more.
        if shared.policy.onExhausted.continues, context.isExhausted(subject.chain.root, by: shared),
            !candidates.items.isEmpty
        {
            if let hold = policyHold(subject, shared) { return Ownership(outcome: .held(hold, by: owner)) }
            return firstUnspent(of: subject, candidates, isFixed: true)
        }
        if !matches.undecided.isEmpty { return Ownership(outcome: .held(Hold(reason: .factPending), by: owner)) }
        if isLeftToDeletion(subject, matches) { return Ownership(outcome: deletion(matches)) }
        // A chain that healed or goes on has no failed leaf for its owner to match.
        if subject.isHealed { return Ownership(outcome: .held(Hold(reason: .healed), by: owner)) }
        if !subject.chain.hasEnded { return Ownership(outcome: .held(Hold(reason: .live), by: owner)) }
        if matches.unknown.contains(owner) { return Ownership(outcome: matchUnknown(subject, by: owner)) }
        let why = "policy '\(name)' no longer matches"
        return Ownership(
            outcome: .held(Hold(reason: .ownerGone, why: why), by: owner),
            givenUpBy: isGivenUp(subject, shared) ? owner : nil)
    }

    /// Whether a policy that retried a chain has to say so by `on_exhausted`: the newest run failed in a way that it does
    /// not match, and nothing would ever be told of it.
    private func isGivenUp(_ subject: Subject, _ shared: SharedPolicy) -> Bool {
        guard shared.remediation?.kind == .retry, shared.policy.onExhausted.when.contains(.ownerGone),
            subject.row.status.isFailed
        else { return false }
        let proposal = Proposal(context, subject, shared, .retry)
        // n8n may still give it another end, which the policy matches.
        guard proposal.settledAt.map({ context.validity.hasCome($0) }) ?? true else { return false }
        return proposal.chainRetries.contains { $0.state != .void && $0.state != .shadow }
    }

    /// The first candidate that has something left to try.
    private func firstUnspent(of subject: Subject, _ candidates: Candidates, isFixed: Bool = false) -> Ownership {
        var passedOn: [Int] = []
        for position in candidates.items {
            if candidates.waits(position) {
                return Ownership(outcome: .held(Hold(reason: .factPending), by: nil), passedOn: passedOn)
            }
            if candidates.hasMore(behind: position), passesOn(subject, context.set.shared[position]) {
                passedOn.append(position)
                continue
            }
            let other = isFixed ? nil : takenFrom(position, candidates)
            return Ownership(outcome: .owned(by: position, takenFrom: other), passedOn: passedOn)
        }
        guard !candidates.isPending, let unknown = candidates.unknown else {
            let reason = candidates.isPending ? Reason.factPending : .noPolicy
            return Ownership(outcome: .held(Hold(reason: reason), by: nil), passedOn: passedOn)
        }
        return Ownership(outcome: matchUnknown(subject, by: unknown), passedOn: passedOn)
    }

    /// Nobody can tell whether the policy at a position matches.
    private func matchUnknown(_ subject: Subject, by position: Int) -> Ownership.Outcome {
        let why = subject.trouble ?? "a value that it looks at is not known; `explain` says which"
        return .held(Hold(reason: .matchUnknown, why: why), by: position)
    }

    /// Whether the next policy may own the chain; an exception, or one that cannot be judged yet, does not release it.
    private func passesOn(_ subject: Subject, _ shared: SharedPolicy) -> Bool {
        guard shared.policy.onExhausted.continues, let action = shared.remediation else { return false }
        let proposal = Proposal(context, subject, shared, action.single)
        return action.isSpent(proposal) && CommonHolds.ofPolicy.firstHold(of: proposal) == nil
    }

    /// What a policy itself holds.
    private func policyHold(_ subject: Subject, _ shared: SharedPolicy) -> Hold? {
        guard let action = shared.remediation else { return nil }
        return CommonHolds.ofPolicy.firstHold(of: Proposal(context, subject, shared, action.single))
    }

    /// In a second pass: the enforced policy that would own what a policy in dry-run wants.
    private func takenFrom(_ position: Int, _ candidates: Candidates) -> String? {
        guard context.pass == .dryRun,
            let enforced = candidates.items.first(where: { context.set.shared[$0].policy.mode == .enforce })
        else { return nil }
        return enforced == position ? nil : context.set.shared[enforced].policy.name
    }

    /// The first matching policy, where it is one that deletes; others have no say in what is left to deletion.
    private func deletion(_ matches: Matches) -> Ownership.Outcome {
        guard let position = matches.positions.first(where: { context.set.owns[$0] }), context.set.deletes[position],
            matches.undecided.isEmpty
        else { return .nobody }
        return .owned(by: position, takenFrom: nil)
    }

    /// Whether a policy that deletes may act on a chain whose owner no longer matches it or is gone. It may once no policy
    /// can retry the chain any more: in the walk over old rows only deleting policies are judged, so the owner of a chain
    /// that is found there could never be asked.
    private func isLeftToDeletion(_ subject: Subject, _ matches: Matches) -> Bool {
        context.isPastRetries(subject.chain)
            && matches.positions.first { context.set.owns[$0] }.map { context.set.deletes[$0] } ?? false
    }
}

/// The matching policies that may own (`owns`, by position), from the fixed owner on where there is one, in order.
private struct Candidates {
    /// Their positions in the set.
    let items: [Int]
    /// Positions of those that could not be judged yet.
    private let undecided: [Int]
    /// Position of the first of which nobody can tell whether it matches.
    let unknown: Int?

    init(_ matches: Matches, _ owns: [Bool], from owner: Int = -1) {
        items = matches.positions.filter { owns[$0] && $0 >= owner }
        undecided = matches.undecided.filter { $0 > owner }
        unknown = matches.unknown.first { $0 > owner }
    }

    /// Whether one before it could not be judged yet: it would own the chain.
    func waits(_ position: Int) -> Bool { undecided.contains { $0 < position } }
    /// Whether any behind it may own.
    func hasMore(behind position: Int) -> Bool {
        undecided.contains { $0 > position } || items.last.map { $0 > position } ?? false
    }
    /// Whether any could not be judged yet.
    var isPending: Bool { !undecided.isEmpty }
}

extension PlanningContext {
    /// The policy that a first action fixed as owner: per chain for retries, per execution for stops.
    func fixedOwner(_ subject: Subject) -> String? {
        if subject.row.status.isFailed {
            let root = subject.chain.root
            guard let owner = view.owners[root] else { return nil }
            return view.shadowOwned.contains(root) && isOfOtherPass(owner) ? nil : owner
        }
        return intents.all(.stop, subject.row.id).first { intent in
            intent.state != .void && !(intent.draft.isShadow && isOfOtherPass(intent.draft.policy))
        }?.draft.policy
    }

    /// Whether a policy takes no part in this pass, so that what it owned in dry-run, where nothing was really begun, keeps no
    /// other policy away. In the first pass, that of enforced policies, those in dry-run take no part; and a policy that is gone
    /// from the files takes part in none.
    private func isOfOtherPass(_ name: String) -> Bool {
        let name = set.present(name)
        guard let policy = set.policies.first(where: { $0.name == name }) else { return true }
        return pass == .enforced && policy.mode == .dryRun
    }
}
