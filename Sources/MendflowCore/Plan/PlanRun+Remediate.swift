extension PlanRun {
    /// Finds the owner of an execution and lets its remediation decide.
    mutating func remediate(_ subject: Subject, _ matches: Matches) {
        guard subject.row.status != .success else { return judgeDeletion(subject, matches) }
        let candidates = Candidates(matches, set)
        guard let name = fixedOwner(subject) else { return pass(subject, candidates) }
        guard let owner = judged.byName[set.present(name)] else {
            return decide(subject, nil, .held(.ownerGone, "policy '\(name)' is gone"))
        }
        if candidates.items.contains(where: { $0.position == owner }) {
            return pass(subject, candidates, from: owner)
        }
        let policy = set.shared[owner]
        // A chain that was passed on stays so, also where the first owner matches no more.
        if policy.policy.onExhausted.continues,
            exhausted[subject.chain.root]?.contains(policy.policy.name) == true,
            let next = candidates.items.first(where: { $0.position > owner })
        {
            if let held = policyHold(subject, policy.policy) { return decide(subject, policy, held) }
            return pass(subject, candidates, from: next.position)
        }
        if matches.pendingAt != nil { return decide(subject, policy, .held(.factPending, "")) }
        if isPastHorizon(subject), matches.positions.contains(where: { set.deletes[$0] }) {
            return judgeDeletion(subject, matches)
        }
        // A chain that healed or goes on has no failed leaf for its owner to match.
        if let reason = settledReason(subject) { return decide(subject, policy, .held(reason, "")) }
        return decide(subject, policy, .held(.ownerGone, "policy '\(name)' no longer matches"))
    }

    /// The matching policies that may own, in order.
    private struct Candidates {
        /// Each with its position in the set, and whether a policy before it could not be judged yet.
        var items: [(position: Int, waits: Bool)] = []
        /// Whether any could not be judged yet.
        var isPending: Bool

        init(_ matches: Matches, _ set: PolicySet) {
            isPending = matches.pendingAt != nil
            for (offset, position) in matches.positions.enumerated() where set.owns[position] {
                items.append((position, matches.pendingAt.map { $0 <= offset } ?? false))
            }
        }
    }

    /// Lets the first candidate that is not exhausted decide, from the fixed owner on where there is one: ownership
    /// passes on only at exhaustion, and only where the owner says so.
    private mutating func pass(_ subject: Subject, _ candidates: Candidates, from owner: Int? = nil) {
        let all = candidates.items
        var index = owner.flatMap { owner in all.firstIndex { $0.position == owner } } ?? 0
        guard index < all.count else {
            return decide(subject, nil, .held(candidates.isPending ? .factPending : .noPolicy, ""))
        }
        if all[index].waits, owner == nil { return decide(subject, nil, .held(.factPending, "")) }
        while passesOn(subject, set.shared[all[index].position].policy),
            index + 1 < all.count || candidates.isPending
        {
            latchExhaustion(subject, set.shared[all[index].position].policy)
            index += 1
            guard index < all.count, !all[index].waits else {
                return decide(subject, nil, .held(.factPending, ""))
            }
        }
        let shared = set.shared[all[index].position]
        let verdict = verdict(subject, shared.policy)
        decide(subject, shared, verdict, takenFrom: takenFrom(shared, candidates, isFixed: owner != nil))
    }

    private mutating func verdict(_ subject: Subject, _ policy: Policy) -> Verdict {
        // What an exception holds is not given to the next policy, so that is why nothing happens.
        if isSpent(subject, policy), let held = policyHold(subject, policy) { return held }
        return switch policy.remediation {
        case .retry(let action)?: retryVerdict(subject, policy, action)
        case .stop?, .bulkStop?: stopVerdict(subject, policy)
        case .delete?: deleteVerdict(subject, policy)
        case nil: Verdict.held(.noPolicy, "")
        }
    }

    /// In a second pass: the enforced policy that would own it.
    private func takenFrom(_ shared: SharedPolicy, _ candidates: Candidates, isFixed: Bool) -> String? {
        guard pass == .dryRun, !isFixed else { return nil }
        let enforced = candidates.items.first { set.shared[$0.position].policy.mode == .enforce }
        return enforced.flatMap { set.shared[$0.position] === shared ? nil : set.shared[$0.position].policy.name }
    }

    /// Whether the next policy may own the chain; an exception, or one that cannot be judged yet, does not release it.
    private mutating func passesOn(_ subject: Subject, _ policy: Policy) -> Bool {
        isSpent(subject, policy) && policyHold(subject, policy) == nil
    }

    /// Whether a policy that passes on has nothing left to try.
    private mutating func isSpent(_ subject: Subject, _ policy: Policy) -> Bool {
        guard case .retry(let action)? = policy.remediation, policy.onExhausted.continues else { return false }
        return holdBeforeExhaustion(subject, policy, action) == nil && isExhausted(subject, policy, action)
    }

    /// The policy that a first intent fixed: per chain for retries, per execution for stops.
    func fixedOwner(_ subject: Subject) -> String? {
        if subject.row.status.isFailed {
            let root = subject.chain.root
            guard let owner = scene.view.owners[root] else { return nil }
            return scene.view.shadowOwned.contains(root) && isOfOtherPass(owner) ? nil : owner
        }
        return scene.intents.all(.stop, subject.row.id).first { intent in
            intent.state != .void && !(intent.draft.isShadow && isOfOtherPass(intent.draft.policy))
        }?.draft.policy
    }

    /// Whether a policy is judged in the second pass only: what it would do in dry-run binds no enforced one.
    private func isOfOtherPass(_ name: String) -> Bool {
        guard pass == .enforced else { return false }
        let name = set.present(name)
        return set.policies.contains { $0.name == name && $0.mode == .dryRun }
    }

    private func settledReason(_ subject: Subject) -> Reason? {
        if subject.isHealed { return .healed }
        return subject.chain.live.isEmpty ? nil : .live
    }

    /// What every action has to pass: what the policy itself says, and what the instance says.
    mutating func commonHold(_ subject: Subject, _ policy: Policy, _ action: ActionKind) -> Verdict? {
        policyHold(subject, policy) ?? instanceHold(subject, action)
    }

    /// The policy's exceptions, and the ambiguity of the name that it matches by.
    mutating func policyHold(_ subject: Subject, _ policy: Policy) -> Verdict? {
        for exception in policy.exceptions where exception.until.map({ scene.snapshot.now < $0 }) ?? true {
            switch holdsOrUnknown(exception.match, subject) {
            case true?: return .held(.excepted, exception.reason)
            case nil: return .held(.factPending, "")
            case false?: break
            }
        }
        return ambiguousName(policy, subject).map { .held(.ambiguousWorkflow, $0) }
    }

    /// Protections, the key's scopes, an incomplete poll, another database, a pause.
    mutating func instanceHold(_ subject: Subject, _ action: ActionKind) -> Verdict? {
        if let held = protectionHold(subject) { return held }
        if let words = scene.view.suspended[action] { return .held(.forbidden, words) }
        if case .partial(let why) = scene.snapshot.completeness {
            return .held(.incompletePoll, why.joined(separator: "; "))
        }
        if let words = scene.view.alarm { return .held(.epochAlarm, words) }
        if let reason = scene.view.paused { return .held(.paused, reason) }
        return nil
    }

    /// Protections beat every policy.
    mutating func protectionHold(_ subject: Subject) -> Verdict? {
        for protection in set.protections {
            switch holdsOrUnknown(protection.match, subject) {
            case true?: return .held(.protected, protection.place?.description ?? "")
            case nil: return .held(.factPending, "")
            case false?: break
            }
        }
        return nil
    }

    /// The literal name by which the policy matched, where several workflows bear it (semantics 5).
    private func ambiguousName(_ policy: Policy, _ subject: Subject) -> String? {
        guard !sharedNames.isEmpty, let name = subject.workflow?.name, let bearers = sharedNames[name],
            let match = policy.match, match.names(.workflowName, name)
        else { return nil }
        return "\(bearers) workflows are named '\(name)'; match by id"
    }

    /// When the policy's hours allow acting next; nil where they do now.
    func outsideWindow(_ guards: Guards) -> (Reason, Timestamp?)? {
        let now = scene.snapshot.now
        if let blocking = guards.notDuring.first(where: { $0.contains(now) }) {
            return (.outsideWindow, blocking.end(containing: now))
        }
        guard !guards.activeDuring.isEmpty, !guards.activeDuring.contains(where: { $0.contains(now) }) else {
            return nil
        }
        return (.outsideWindow, guards.activeDuring.compactMap { $0.nextStart(after: now) }.min())
    }
}
