extension PlanRun {
    /// Decides about one live execution.
    mutating func stopVerdict(_ subject: Subject, _ policy: Policy) -> Verdict {
        guard Remediation.stop.fittingStatuses.contains(subject.row.status) else { return .held(.noPolicy, "") }
        if let held = commonHold(subject, policy, .stop) { return held }
        let earlier = scene.intents.all(.stop, subject.row.id).filter { $0.state != .void }
        if earlier.contains(where: { $0.state == .shadow }) { return .held(.shadowed, "") }
        if let open = earlier.first(where: \.state.isOpen) { return .held(.inFlight, "intent \(open.id)") }
        if let held = refusalHold(.stop, subject) { return held }
        let verified = earlier.last?.settledAt.map { $0 + Intent.stopVerification }
        let isVerifying = verified.map { $0 > scene.snapshot.now } ?? false
        // What a bulk stop did not stop is stopped by itself.
        let isIneffective = earlier.contains { $0.state == .ineffective && $0.draft.action == .stop }
        if isIneffective || earlier.count >= 2 && !isVerifying {
            return .held(.ineffective, "n8n took the stop and the run goes on")
        }
        let action = ProposedAction(
            draft: IntentDraft(
                instance: scene.snapshot.instance, action: .stop, execution: subject.row.id, root: subject.chain.root,
                workflow: subject.row.workflow, policy: policy.name, policyVersion: policy.version,
                attempt: min(2, earlier.count + 1)),
            attempts: 2, due: scene.snapshot.now)
        if isVerifying { return .wait(action, until: verified, .verifying) }
        if let until = scene.intents.refusedUntil(.stop, subject.row.id, Backoff()), until > scene.snapshot.now {
            return .wait(action, until: until, .refusedRecently)
        }
        if let (reason, until) = outsideWindow(policy.guards) { return .wait(action, until: until, reason) }
        return .act(action)
    }

    /// One tag write per execution: the tags of all matching policies, and those of exhaustion.
    mutating func proposeTags(_ subject: Subject, _ matches: Matches) {
        // Nothing is ever done to a row whose status nobody knows.
        guard subject.row.status != .unrecognised else { return }
        let isExhausted = judged.tagsExhausted && subject.row.status.isFailed && exhausted[subject.chain.root] != nil
        guard !judged.tagging.isEmpty, isExhausted || !matches.positions.isEmpty else { return }
        var wishes: [TagWish] = []
        for position in judged.tagging {
            let policy = set.shared[position].policy
            var names: Set<String> = []
            if matches.positions.contains(position) {
                names.formUnion(policy.tags.filter { !isTagged([subject.row.id], $0, by: policy) })
            }
            if subject.row.status.isFailed, !policy.onExhausted.tags.isEmpty, !subject.isHealed,
                exhausted[subject.chain.root]?.contains(policy.name) == true
            {
                // Exhaustion happens once per chain: a later leaf, a person's, is not tagged again.
                let nodes = subject.chain.nodes.map(\.id)
                names.formUnion(policy.onExhausted.tags.filter { !isTagged(nodes, $0, by: policy) })
            }
            if !names.isEmpty { wishes.append(TagWish(shared: set.shared[position], names: names)) }
        }
        if !wishes.isEmpty { decideTags(subject, wishes) }
    }

    private func isTagged(_ executions: [ExecutionID], _ name: String, by policy: Policy) -> Bool {
        executions.contains { id in
            scene.intents.all(.tag, id).contains { intent in
                intent.state != .void && intent.draft.tags.contains(name)
                    && intent.draft.contributors.contains { set.present($0) == policy.name }
            }
        }
    }

    private mutating func decideTags(_ subject: Subject, _ wishes: [TagWish]) {
        var granted: [TagWish] = []
        for var wish in wishes {
            let unmapped = wish.names.filter { set.tagIDs[$0] == nil }.sorted()
            wish.names.subtract(unmapped)
            if !unmapped.isEmpty {
                let words = "no id is configured for \(unmapped.joined(separator: ", "))"
                decide(subject, wish.shared, .held(.unmappedTag, words))
            }
            guard !wish.names.isEmpty else { continue }
            // One policy's exception, or its hours, hold its own tags, not the others'.
            if let held = policyHold(subject, wish.shared.policy) {
                decide(subject, wish.shared, held)
            } else if let (reason, until) = outsideWindow(wish.shared.policy.guards) {
                let verdict = tagVerdict(subject, [wish])
                decide(subject, wish.shared, verdict.waiting(until: until, reason))
            } else {
                granted.append(wish)
            }
        }
        guard let first = granted.first else { return }
        if granted.count > 1 { sharedWishes[subject.row.id] = granted }
        decide(subject, first.shared, tagVerdict(subject, granted))
    }

    private mutating func tagVerdict(_ subject: Subject, _ wishes: [TagWish]) -> Verdict {
        if let held = instanceHold(subject, .tag) { return held }
        if let open = scene.intents.all(.tag, subject.row.id).first(where: \.state.isOpen) {
            return .held(.inFlight, "intent \(open.id)")
        }
        if let held = refusalHold(.tag, subject) { return held }
        let draft = IntentDraft(
            instance: scene.snapshot.instance, action: .tag, execution: subject.row.id, root: subject.chain.root,
            workflow: subject.row.workflow, policy: "", policyVersion: "")
        let action = ProposedAction(draft: draft.shared(by: wishes), due: scene.snapshot.now)
        if let until = scene.intents.refusedUntil(.tag, subject.row.id, Backoff()), until > scene.snapshot.now {
            return .wait(action, until: until, .refusedRecently)
        }
        return .act(action)
    }
}
