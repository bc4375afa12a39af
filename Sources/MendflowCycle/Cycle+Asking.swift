package import MendflowCore
import MendflowLedger

/// A retry whose answer was lost and that is to be asked for again.
package struct PlannedAsking: Sendable, Hashable {
    /// The intent as the ledger has it.
    package var intent: Intent
    /// What the policy would have done if nothing had been sent yet.
    package var action: ProposedAction
    /// The row that it was decided from.
    package var judged: Execution?
}

extension Cycle {
    /// The lost retries that may be asked for again, and what has to be known before it can be told of others.
    ///
    /// A policy must want it still: what would be decided if the request had never been sent has to be the same request, now.
    /// The places that it took in the budgets are its own, so that none that waits for one gets it instead.
    func askings(_ decided: Decided, _ input: Input) -> (askings: [PlannedAsking], questions: [Question]) {
        guard acts, input.poll.completeness == .complete, input.poll.contradiction == nil, decided.view.alarm == nil,
            decided.view.paused == nil
        else { return ([], []) }
        let now = input.poll.clockOffset.agent(input.now)
        let lost = decided.view.intents.filter { intent in
            let asking = AskingAgain.evaluate(
                intent, input.observed.executions, children: decided.view.children, highest: input.observed.highest,
                now: now, clock: input.poll.clockOffset)
            guard case .ask = asking else { return false }
            return true
        }
        guard !lost.isEmpty else { return ([], []) }
        let view = decided.view.unsent(Set(lost.map(\.id)))
        let wanted = Planner(input.policies).plan(
            decided.snapshot, view, since: nil, placesFor: Set(lost.map(\.draft.execution))
        ).plan
        let askings = lost.compactMap { intent -> PlannedAsking? in
            // Its times as they were written, not as they are corrected for planning.
            guard let intent = input.ledger.intent(intent.id),
                let decision = wanted.decisions.first(where: { $0.execution == intent.draft.execution }),
                case .act(let action) = decision.verdict, action.draft.asksTheSame(as: intent.draft)
            else { return nil }
            return PlannedAsking(
                intent: intent, action: action, judged: decided.snapshot.executions[intent.draft.execution])
        }
        return (askings, wanted.needs.map { .fact($0) })
    }
}

extension LedgerView {
    /// The same as if some requests had been given up before they were sent.
    fileprivate func unsent(_ ids: Set<IntentID>) -> LedgerView {
        var view = self
        for index in view.intents.indices where ids.contains(view.intents[index].id) {
            view.intents[index].state = .void
            view.intents[index].sendingAt = nil
            view.intents[index].evidence = .notSent(objection: nil)
        }
        return view
    }
}

extension IntentDraft {
    /// Whether it is for the same request by the same policy.
    fileprivate func asksTheSame(as other: IntentDraft) -> Bool {
        action == other.action && execution == other.execution && policy == other.policy
            && loadWorkflow == other.loadWorkflow
    }
}
