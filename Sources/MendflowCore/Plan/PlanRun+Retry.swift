extension PlanRun {
    /// Retries made in a chain: children that were seen, and sends of ours that left no child to see (semantics 15).
    func retriesMade(_ subject: Subject) -> Int { subject.retriesMade }

    func isExhausted(_ subject: Subject, _ policy: Policy, _ action: RetryAction) -> Bool {
        if subject.retriesMade >= action.maxRetries { return true }
        guard let limit = policy.guards.giveUpAfter, let first = subject.chain.firstFailure else { return false }
        return first + limit <= snapshot.now
    }

    /// Decides about one failed leaf; the order is the order in which reasons are shown.
    mutating func retryVerdict(_ subject: Subject, _ policy: Policy, _ action: RetryAction) -> Verdict {
        if subject.isHealed { return .held(.healed, "") }
        if intents.all(.stop, subject.row.id).contains(where: { $0.state == .applied || $0.state == .unresolved }) {
            return .held(.stoppedByUs, "")
        }
        if let held = parentHold(subject) ?? chainHold(subject, action) { return held }
        if isExhausted(subject, policy, action) {
            latchExhaustion(subject, policy)
            return .held(.exhausted, exhaustionWords(subject, policy, action))
        }
        if let held = commonHold(subject, policy, .retry) { return held }
        switch subject.detail {
        case .needs(let need):
            needs.insert(need)
            return .held(.factPending, "")
        case .known, .absent, .unknown: break
        }
        let proposed = proposal(subject, policy, action)
        if let risk = proposed.risk, !action.accepts(risk.risk) { return .held(.mayRepeat, risk.words) }
        if let workflow = subject.workflow, action.loadWorkflow, !action.allowDraft,
            let published = workflow.publishedVersion, workflow.draftVersion != published
        {
            return .held(.draftDiffers, "the saved draft of '\(workflow.name)' is not the published version")
        }
        if view.isMemoryless || !isShadowed(subject) { return timed(subject, policy, proposed) }
        return .held(.shadowed, "")
    }

    /// Only the root of nested runs acts, or the child's work is done twice (semantics 20).
    private mutating func parentHold(_ subject: Subject) -> Verdict? {
        guard let root = subject.chain.rootRow else {
            return subject.row.mode == .retry ? .held(.parentFailed, "the chain's first run cannot be seen") : nil
        }
        guard root.mode == .integrated else { return nil }
        guard let detail = snapshot.details[root.id] else {
            needs.insert(.detail(root.id))
            return .held(.factPending, "")
        }
        guard let parent = detail.parentExecution, let row = snapshot.executions[parent] else {
            return .held(.parentFailed, "its parent cannot be read")
        }
        return row.status.isFailed ? .held(.parentFailed, "parent \(parent) is \(row.status.rawValue)") : nil
    }

    /// What holds the whole tree: live runs, requests under way, unanswered ones, rows that are gone or closed.
    private func chainHold(_ subject: Subject, _ action: RetryAction) -> Verdict? {
        if let live = subject.chain.live.first { return .held(.live, "\(live.id) is \(live.status.rawValue)") }
        let retries = intents.retries(subject.chain)
        if let open = retries.first(where: \.state.isOpen) { return .held(.inFlight, "intent \(open.id)") }
        if let lost = retries.last(where: { $0.state == .unresolved }), !mayResend(subject, action, lost) {
            return .held(.unresolved, "intent \(lost.id): \(lost.note ?? "no answer")")
        }
        if subject.chain.newestLeaf?.row == nil || view.gone.contains(subject.row.id) {
            return .held(.leafGone, "its newest run was not kept")
        }
        if view.closed.contains(subject.row.id) { return .held(.closed, "n8n refuses it") }
        let voids = retries.count { $0.state == .void && $0.draft.execution == subject.row.id && !$0.wasNeverSent }
        return voids >= 3 ? .held(.refused, "three tries were refused") : nil
    }

    /// A lost answer is sent again once per execution, and only where the policy says so.
    private func mayResend(_ subject: Subject, _ action: RetryAction, _ lost: Intent) -> Bool {
        guard action.whenUnresolved == .resend, lost.draft.execution == subject.row.id else { return false }
        return !intents.all(.retry, subject.row.id).contains { $0.state == .superseded }
    }

    private func isShadowed(_ subject: Subject) -> Bool {
        intents.all(.retry, subject.row.id).contains { $0.state == .shadow }
    }

    private func timed(_ subject: Subject, _ policy: Policy, _ action: ProposedAction) -> Verdict {
        let now = snapshot.now
        if let human = newestPersonRetry(subject), human + policy.guards.yieldToHumans > now {
            return .wait(action, until: human + policy.guards.yieldToHumans, .yieldToHumans)
        }
        if let notBefore = refusedUntil(subject, policy), notBefore > now {
            return .wait(action, until: notBefore, .refusedRecently)
        }
        if action.due > now { return .wait(action, until: action.due, dueReason(subject, policy)) }
        if let (reason, until) = outsideWindow(policy.guards) { return .wait(action, until: until, reason) }
        return .act(action)
    }

    private func newestPersonRetry(_ subject: Subject) -> Timestamp? {
        let ours = Set(intents.retries(subject.chain).compactMap(\.child))
        let seen = subject.chain.nodes.compactMap { node in
            node.parent != nil && !ours.contains(node.id) && !view.isOurs(node.id) ? node.row?.stoppedAt : nil
        }
        let remembered = subject.chain.nodes.compactMap { view.personRetried[$0.id] }
        return (seen + remembered).max()
    }

    /// After a void the backoff runs from the answer, and a server's own wish counts too.
    private func refusedUntil(_ subject: Subject, _ policy: Policy) -> Timestamp? {
        guard case .retry(let action)? = policy.remediation else { return nil }
        let voids = intents.all(.retry, subject.row.id).filter { $0.state == .void && $0.settledAt != nil }
        guard let last = voids.last, let answered = last.settledAt, !last.wasNeverSent else { return nil }
        return max(answered + action.backoff.interval(after: voids.count - 1), last.notBefore ?? answered)
    }

    private func dueReason(_ subject: Subject, _ policy: Policy) -> Reason {
        guard case .retry(let action)? = policy.remediation, case .known(let detail) = subject.detail else {
            return .backoff
        }
        return due(subject, action, detail).reason
    }

    private func due(
        _ subject: Subject, _ action: RetryAction, _ detail: ExecutionDetail?
    ) -> (time: Timestamp, reason: Reason) {
        let retries = subject.retriesMade
        return DueTime.next(
            after: subject.row.stoppedAt ?? snapshot.now, retries: retries, action: action, error: detail?.error,
            key: DueTime.key(snapshot.instance, subject.row.id, retries: retries))
    }

    private func proposal(_ subject: Subject, _ policy: Policy, _ action: RetryAction) -> ProposedAction {
        var detail: ExecutionDetail?
        if case .known(let known) = subject.detail { detail = known }
        var classification: Classification?
        if case .known(let known) = subject.classification { classification = known }
        var risk: RepeatRiskVerdict?
        if case .known(let known) = subject.repeatRisk { risk = known }
        let attempt = subject.retriesMade + 1
        let lost = intents.all(.retry, subject.row.id).last { $0.state == .unresolved }
        return ProposedAction(
            draft: IntentDraft(
                instance: snapshot.instance, action: .retry, execution: subject.row.id, root: subject.chain.root,
                workflow: subject.row.workflow, policy: policy.name, policyVersion: policy.version, attempt: attempt,
                loadWorkflow: action.loadWorkflow, nodeType: detail?.lastNode?.type),
            request: "POST /executions/\(subject.row.id)/retry {\"loadWorkflow\":\(action.loadWorkflow)}",
            attempts: action.maxRetries, start: risk?.start.words, risk: risk, classification: classification,
            due: due(subject, action, detail).time, supersedes: lost?.id)
    }

    mutating func latchExhaustion(_ subject: Subject, _ policy: Policy) {
        guard view.exhausted[subject.chain.root]?.contains(policy.name) != true else { return }
        if planner.pass == .dryRun, policy.mode == .enforce { return }
        plan.latches.append(Latch(.exhausted, subject.chain.root, policy: policy.name, at: snapshot.now))
    }

    private func exhaustionWords(_ subject: Subject, _ policy: Policy, _ action: RetryAction) -> String {
        subject.retriesMade >= action.maxRetries
            ? "\(subject.retriesMade) of \(action.maxRetries) retries made"
            : "first failed more than \(policy.guards.giveUpAfter ?? .zero) ago"
    }
}

extension RetryAction {
    /// Whether a retry may be sent in spite of a risk: unknown is treated as possible (semantics 44, 45).
    func accepts(_ risk: RepeatRisk) -> Bool {
        risk == .none || acceptedRisks.contains(risk == .unknown ? .possible : risk)
    }
}

extension LedgerView {
    /// Whether an execution was started by one of our retries.
    func isOurs(_ id: ExecutionID) -> Bool { intents.contains { $0.child == id } }
}

extension Subject {
    /// Retries made in the chain, anybody's: children seen, and sends of ours that ended or are open without a child.
    public var retriesMade: Int {
        var childless = 0
        for intent in view.intents
        where intent.draft.action == .retry && intent.child == nil && chain.contains(intent.draft.execution) {
            switch intent.state {
            case .applied, .unresolved, .reserved, .sending, .shadow: childless += 1
            case .void, .superseded, .ineffective: break
            }
        }
        return chain.childrenSeen + childless
    }
}
