import MendflowCore
import MendflowLedger

// Asking people whether something may be done, and taking back what is not wanted any more.
extension Cycle {
    /// What people are asked now: whatever is due and waits for a yes that nobody was asked for, the oldest first, as far as
    /// the policy lets so many asks be open. Nobody is asked where `apply` carries out a plan or `replay` a selection: a person
    /// has said yes to those already.
    func asks(_ step: Step, _ input: Input) -> [LedgerEvent] {
        guard acts, input.chosen == nil, input.onlyReplay == nil,
            input.policies.policies.contains(where: { $0.approval != nil })
        else { return [] }
        let now = input.agentNow
        var open = Dictionary(step.view.approvals.keys.map { ($0.policy, 0) }) { first, _ in first }
        for approval in step.view.approvals.values where approval.isOpen(at: now) {
            open[approval.ask.topic.policy, default: 0] += 1
        }
        // What is closed in this very step makes room at the next.
        return step.plan.decisions.compactMap { decision in
            guard case .held(.awaitingApproval, _) = decision.verdict, let action = decision.withheld,
                let rule = decision.policy?.approval, open[action.draft.policy, default: 0] < rule.maxOpen
            else { return nil }
            let ask = ApprovalAsk(
                action, workflowName: step.snapshot.workflows?[decision.workflow]?.name,
                expiresAt: now + rule.expires)
            if let known = step.view.approvals[ask.topic], known.state == .open { return nil }
            open[action.draft.policy, default: 0] += 1
            return .approvalAsked(ask)
        }
    }

    /// The asks that end by themselves: their time is over, or what was asked is not wanted any more. Where not everything was
    /// seen, nothing is concluded from what is missing.
    func closings(_ step: Step, _ input: Input) -> [LedgerEvent] {
        guard acts, input.chosen == nil, input.onlyReplay == nil else { return [] }
        let lapsed = lapsed(step, at: input.agentNow)
        let open = step.view.approvals.values.filter { $0.state == .open }.sorted { $0.id < $1.id }
        guard !open.isEmpty else { return lapsed }
        let isWhole =
            input.poll.completeness == .complete && input.coverage.unread.isEmpty && step.questions.isEmpty
            && step.view.paused == nil && step.view.alarm == nil
        let decisions = Dictionary(grouping: step.plan.decisions, by: \.root)
        let healed = healed(step)
        return lapsed
            + open.compactMap { approval in
                let reference = ApprovalRef(approval)
                if !approval.isOpen(at: input.agentNow) {
                    return .approvalClosed(reference, ApprovalEnd(.expired, why: ""))
                }
                let chain = decisions[reference.root] ?? []
                guard isWhole, var why = approval.withdrawal(chain) else { return nil }
                if healed.contains(reference.root) { why = Reason.healed.rawValue }
                return .approvalClosed(reference, ApprovalEnd(.withdrawn, why: why))
            }
    }

    private func healed(_ step: Step) -> Set<ExecutionID> {
        Set(step.plan.latches.filter { $0.fact == .healed }.map(\.execution)).union(step.view.healed)
    }

    /// What a person said yes to and was not sent before the ask expired: they believe that it was. What is long over, and
    /// what healed without it, is no news.
    private func lapsed(_ step: Step, at now: AgentTime) -> [LedgerEvent] {
        let over = step.view.approvals.values.filter {
            $0.state == .given && now >= $0.ask.expiresAt && now - $0.ask.expiresAt < .days(1)
        }
        guard !over.isEmpty else { return [] }
        let used = Set(step.view.intents.filter { !$0.wasNeverSent }.compactMap(\.draft.consent))
        let healed = healed(step)
        return over.sorted { $0.id < $1.id }.filter {
            !used.contains(.given($0.id)) && !healed.contains($0.ask.draft.root)
        }.map {
            let why = "\($0.by) said yes, and it could not be sent before \($0.ask.expiresAt.rfc3339Seconds)"
            return .approvalClosed(ApprovalRef($0), ApprovalEnd(.expired, why: why))
        }
    }
}

extension Remark {
    /// Says that a person is asked, or that their yes was not carried out; nil where that is not what an event is.
    init?(_ event: LedgerEvent) {
        switch event {
        case .approvalAsked(let ask):
            self.init(
                .info, "approval.asked",
                "would send \(ask.request), and asks first: `mendflow approve list`, until \(ask.expiresAt.rfc3339)",
                Remark.fields(ask.topic))
        case .approvalClosed(let reference, let end) where end.isOfYes:
            self.init(
                .warning, "approval.lapsed", "ask \(reference.id) is not carried out: \(end.why)",
                Remark.fields(reference.topic))
        default: return nil
        }
    }

    private static func fields(_ topic: ApprovalTopic) -> [(String, String)] {
        [("action", topic.action.rawValue), ("execution", topic.execution.text), ("policy", topic.policy)]
    }
}

extension Approval {
    /// Why it is not wanted any more by what is decided about its chain; nil where it is, or may be again.
    fileprivate func withdrawal(_ chain: [Decision]) -> String? {
        let draft = ask.draft
        let about = chain.filter { $0.execution == draft.execution }
        // Old rows that may be deleted are looked at a page at a time.
        if about.isEmpty, draft.action == .delete { return nil }
        let own = about.filter { $0.policy?.name == draft.policy }
        guard let last = own.last else { return chain.last?.verdict.label ?? "it is not seen any more" }
        guard last.policy?.version == draft.policyVersion else { return "the policy was edited" }
        return own.contains { $0.mayWant(draft.action) } ? nil : last.verdict.label
    }
}

extension Decision {
    /// Whether an action is wanted by it, or may be in a moment. Beside it a policy may want tags.
    fileprivate func mayWant(_ action: ActionKind) -> Bool {
        switch verdict {
        case .act(let proposed), .wait(let proposed, _, _): proposed.draft.action == action
        case .held(let reason, _): withheld?.draft.action == action || Decision.passing.contains(reason)
        }
    }

    /// Reasons that say nothing of the execution itself, or that pass.
    private static let passing: Set<Reason> = [
        .factPending, .incompletePoll, .clockDisputed, .epochAlarm, .paused, .forbidden, .notOffered,
    ]
}
