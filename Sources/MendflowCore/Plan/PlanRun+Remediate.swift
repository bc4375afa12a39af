extension PlanRun {
    /// Finds the owner of an execution and lets its remediation decide.
    mutating func remediate(_ subject: Subject, _ matches: Matches) {
        guard subject.row.status != .success else { return }
        let candidates = matches.policies.enumerated().filter { $0.element.remediation != nil }
        if let name = fixedOwner(subject) {
            guard
                let owner = set.policies.first(where: {
                    planner.judges($0) && ($0.name == name || $0.renamedFrom == name)
                })
            else { return decide(subject, nil, .held(.ownerGone, "policy '\(name)' is gone")) }
            if candidates.contains(where: { $0.element.name == owner.name }) {
                return apply(owner, subject, mayPass: owner.onExhausted.continues ? candidates.map(\.element) : [])
            }
            if matches.pendingAt != nil { return decide(subject, owner, .held(.factPending, "")) }
            // A chain that healed or goes on has no failed leaf for its owner to match.
            if let reason = settledReason(subject) { return decide(subject, owner, .held(reason, "")) }
            return decide(subject, owner, .held(.ownerGone, "policy '\(name)' no longer matches"))
        }
        for (index, policy) in candidates {
            if let pending = matches.pendingAt, pending <= index {
                return decide(subject, nil, .held(.factPending, ""))
            }
            return apply(policy, subject, mayPass: candidates.map(\.element))
        }
        decide(subject, nil, .held(matches.pendingAt == nil ? .noPolicy : .factPending, ""))
    }

    /// The policy that a first intent fixed: per chain for retries, per execution for stops.
    private func fixedOwner(_ subject: Subject) -> String? {
        if subject.row.status.isFailed { return view.owners[subject.chain.root] }
        return intents.all(.stop, subject.row.id).first { $0.state != .void }?.draft.policy
    }

    private func settledReason(_ subject: Subject) -> Reason? {
        if subject.isHealed { return .healed }
        return subject.chain.live.isEmpty ? nil : .live
    }

    private mutating func apply(_ owner: Policy, _ subject: Subject, mayPass candidates: [Policy]) {
        var policy = owner
        // Ownership passes on only at exhaustion, and only where the owner says so.
        while case .retry(let action)? = policy.remediation, policy.onExhausted.continues,
            subject.row.status.isFailed, isExhausted(subject, policy, action),
            let index = candidates.firstIndex(where: { $0.name == policy.name }), index + 1 < candidates.count
        {
            latchExhaustion(subject, policy)
            policy = candidates[index + 1]
        }
        let enforcedOwner = planner.pass == .dryRun ? candidates.first { $0.mode == .enforce }?.name : nil
        let verdict =
            switch policy.remediation {
            case .retry(let action)?: retryVerdict(subject, policy, action)
            case .stop?: stopVerdict(subject, policy)
            case nil: Verdict.held(.noPolicy, "")
            }
        decide(subject, policy, verdict, takenFrom: enforcedOwner == policy.name ? nil : enforcedOwner)
    }

    /// What every action has to pass: exceptions, protections, the key's scopes, the name's ambiguity, the poll.
    mutating func commonHold(_ subject: Subject, _ policy: Policy, _ action: ActionKind) -> Verdict? {
        for exception in policy.exceptions where exception.until.map({ snapshot.now < $0 }) ?? true {
            switch holdsOrUnknown(exception.match, subject) {
            case true?: return .held(.excepted, exception.reason)
            case nil: return .held(.factPending, "")
            case false?: break
            }
        }
        if let held = protectionHold(subject) { return held }
        if let words = view.suspended[action] { return .held(.forbidden, words) }
        if let name = ambiguousName(policy, subject) { return .held(.ambiguousWorkflow, name) }
        if case .partial(let why) = snapshot.completeness {
            return .held(.incompletePoll, why.joined(separator: "; "))
        }
        if let reason = view.paused { return .held(.paused, reason) }
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
        guard let name = subject.workflow?.name, let match = policy.match, match.namesLiterally(name) else {
            return nil
        }
        let bearers = snapshot.workflows?.values.count { $0.name == name } ?? 0
        return bearers > 1 ? "\(bearers) workflows are named '\(name)'; match by id" : nil
    }

    /// When the policy's hours allow acting next; nil where they do now.
    func outsideWindow(_ guards: Guards) -> (Reason, Timestamp?)? {
        let now = snapshot.now
        if let blocking = guards.notDuring.first(where: { $0.contains(now) }) {
            return (.outsideWindow, blocking.end(containing: now))
        }
        guard !guards.activeDuring.isEmpty, !guards.activeDuring.contains(where: { $0.contains(now) }) else {
            return nil
        }
        return (.outsideWindow, guards.activeDuring.compactMap { $0.nextStart(after: now) }.min())
    }
}

extension Condition {
    /// Whether a test of the workflow's name, not under NOT, is this very name.
    func namesLiterally(_ name: String) -> Bool {
        switch self {
        case .all(let parts), .any(let parts): parts.contains { $0.namesLiterally(name) }
        case .not: false
        case .test(let test):
            test.field == .workflowName
                && test.operators.contains { operation in
                    if case .anyOf(let matches) = operation {
                        matches.contains { $0.isLiteral && $0.source == name }
                    } else {
                        false
                    }
                }
        }
    }
}
