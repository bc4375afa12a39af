extension PlanRun {
    /// Finds the owner of an execution and lets its remediation decide.
    mutating func remediate(_ subject: Subject, _ matches: Matches) {
        guard subject.row.status != .success else { return judgeDeletion(subject, matches) }
        guard let name = fixedOwner(subject) else { return pass(subject, Candidates(matches, set)) }
        guard let owner = judged.byName[set.present(name)] else {
            if isLeftToDeletion(subject, matches) { return judgeDeletion(subject, matches) }
            return decide(subject, nil, .held(.ownerGone, "policy '\(name)' is gone"))
        }
        let candidates = Candidates(matches, set, from: owner)
        if candidates.items.first == owner { return pass(subject, candidates, isFixed: true) }
        let policy = set.shared[owner]
        // A chain that was passed on stays so, also where the first owner matches no more.
        if policy.policy.onExhausted.continues,
            exhausted[subject.chain.root]?.contains(policy.policy.name) == true, !candidates.items.isEmpty
        {
            if let held = policyHold(subject, policy.policy) { return decide(subject, policy, held) }
            return pass(subject, candidates, isFixed: true)
        }
        if !matches.pending.isEmpty { return decide(subject, policy, .held(.factPending, "")) }
        if isLeftToDeletion(subject, matches) { return judgeDeletion(subject, matches) }
        // A chain that healed or goes on has no failed leaf for its owner to match.
        if let reason = settledReason(subject) { return decide(subject, policy, .held(reason, "")) }
        return decide(subject, policy, .held(.ownerGone, "policy '\(name)' no longer matches"))
    }

    /// The matching policies that may own, from the fixed owner on where there is one, in order.
    private struct Candidates {
        /// Their positions in the set.
        var items: [Int]
        /// Positions of those that could not be judged yet.
        private var pending: [Int]

        init(_ matches: Matches, _ set: PolicySet, from owner: Int = -1) {
            items = matches.positions.filter { set.owns[$0] && $0 >= owner }
            pending = matches.pending.filter { $0 > owner }
        }

        /// Whether one before it could not be judged yet: it would own the chain.
        func waits(_ position: Int) -> Bool { pending.contains { $0 < position } }
        /// Whether any behind it may own.
        func hasMore(behind position: Int) -> Bool {
            pending.contains { $0 > position } || items.last.map { $0 > position } ?? false
        }
        /// Whether any could not be judged yet.
        var isPending: Bool { !pending.isEmpty }
    }

    /// Lets the first candidate that is not exhausted decide: ownership passes on only at exhaustion, and only where the
    /// owner says so.
    private mutating func pass(_ subject: Subject, _ candidates: Candidates, isFixed: Bool = false) {
        for position in candidates.items {
            if candidates.waits(position) { return decide(subject, nil, .held(.factPending, "")) }
            let shared = set.shared[position]
            if candidates.hasMore(behind: position), passesOn(subject, shared.policy) {
                latchExhaustion(subject, shared.policy)
                continue
            }
            let verdict = verdict(subject, shared.policy)
            return decide(subject, shared, verdict, takenFrom: takenFrom(shared, candidates, isFixed: isFixed))
        }
        decide(subject, nil, .held(candidates.isPending ? .factPending : .noPolicy, ""))
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
        let enforced = candidates.items.first { set.shared[$0].policy.mode == .enforce }
        return enforced.flatMap { set.shared[$0] === shared ? nil : set.shared[$0].policy.name }
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
