extension PlanRun {
    /// How long a stop may take to show before it is sent again.
    static let stopVerification = Period.seconds(60)

    /// Decides about one live execution.
    mutating func stopVerdict(_ subject: Subject, _ policy: Policy) -> Verdict {
        guard Remediation.stop.fittingStatuses.contains(subject.row.status) else { return .held(.noPolicy, "") }
        if let held = commonHold(subject, policy, .stop) { return held }
        let earlier = intents.all(.stop, subject.row.id).filter { $0.state != .void }
        if earlier.contains(where: { $0.state == .shadow }) { return .held(.shadowed, "") }
        if let open = earlier.first(where: \.state.isOpen) { return .held(.inFlight, "intent \(open.id)") }
        if view.closed.contains(subject.row.id) { return .held(.closed, "n8n refuses it") }
        if earlier.count >= 2 || earlier.contains(where: { $0.state == .ineffective }) {
            return .held(.ineffective, "n8n took the stop and the run goes on")
        }
        let action = ProposedAction(
            draft: IntentDraft(
                instance: snapshot.instance, action: .stop, execution: subject.row.id, root: subject.chain.root,
                workflow: subject.row.workflow, policy: policy.name, policyVersion: policy.version,
                attempt: earlier.count + 1),
            request: "POST /executions/\(subject.row.id)/stop", attempts: 2, due: snapshot.now)
        if let last = earlier.last?.settledAt, last + PlanRun.stopVerification > snapshot.now {
            return .wait(action, until: last + PlanRun.stopVerification, .verifying)
        }
        if let until = stopRefusedUntil(subject), until > snapshot.now {
            return .wait(action, until: until, .refusedRecently)
        }
        if let (reason, until) = outsideWindow(policy.guards) { return .wait(action, until: until, reason) }
        return .act(action)
    }

    private func stopRefusedUntil(_ subject: Subject) -> Timestamp? {
        let voids = intents.all(.stop, subject.row.id).filter { $0.state == .void && !$0.wasNeverSent }
        guard let last = voids.last, let answered = last.settledAt else { return nil }
        return max(answered + Backoff().interval(after: voids.count - 1), last.notBefore ?? answered)
    }

    /// One tag write per execution: the tags of all matching policies, and those of exhaustion.
    mutating func proposeTags(_ subject: Subject, _ matches: Matches) {
        var wanted: [String: [String]] = [:]
        for policy in matches.policies where !policy.tags.isEmpty { wanted[policy.name, default: []] += policy.tags }
        if subject.row.status.isFailed {
            for policy in set.policies
            where planner.judges(policy) && !policy.onExhausted.tags.isEmpty
                && view.exhausted[subject.chain.root]?.contains(policy.name) == true
                && !subject.isHealed
            {
                wanted[policy.name, default: []] += policy.onExhausted.tags
            }
        }
        if planner.pass == .dryRun {
            wanted = wanted.filter { name, _ in set.policies.contains { $0.name == name && $0.mode != .enforce } }
        }
        guard !wanted.isEmpty else { return }
        decideTags(subject, wanted)
    }

    private mutating func decideTags(_ subject: Subject, _ wanted: [String: [String]]) {
        let all = intents.all(.tag, subject.row.id)
        let earlier = all.filter { $0.state != .void }
        var tags: Set<String> = []
        var contributors: Set<String> = []
        var unmapped: Set<String> = []
        for (policy, names) in wanted {
            for name in names {
                let isDone = earlier.contains { $0.draft.contributors.contains(policy) && $0.draft.tags.contains(name) }
                if isDone { continue }
                guard set.tagIDs[name] != nil else {
                    unmapped.insert(name)
                    continue
                }
                tags.insert(name)
                contributors.insert(policy)
            }
        }
        let first = set.policies.first { wanted[$0.name] != nil }
        if !unmapped.isEmpty {
            decide(
                subject, first,
                .held(.unmappedTag, "no id is configured for \(unmapped.sorted().joined(separator: ", "))"))
        }
        guard !tags.isEmpty, let policy = set.policies.first(where: { contributors.contains($0.name) }) else { return }
        if let held = commonHold(subject, policy, .tag) { return decide(subject, policy, held) }
        if let open = earlier.first(where: \.state.isOpen) {
            return decide(subject, policy, .held(.inFlight, "intent \(open.id)"))
        }
        if view.closed.contains(subject.row.id) { return decide(subject, policy, .held(.closed, "n8n refuses it")) }
        let refusals = all.filter { $0.state == .void && !$0.wasNeverSent }
        if refusals.count >= 3 { return decide(subject, policy, .held(.refused, refusals.last?.note ?? "")) }
        let names = tags.sorted()
        let action = ProposedAction(
            draft: IntentDraft(
                instance: snapshot.instance, action: .tag, execution: subject.row.id, root: subject.chain.root,
                workflow: subject.row.workflow, policy: policy.name, policyVersion: policy.version,
                contributors: contributors.sorted(), tags: names),
            request: "PUT /executions/\(subject.row.id)/tags + \(names.joined(separator: ", "))", due: snapshot.now)
        decide(subject, policy, .act(action))
    }
}
