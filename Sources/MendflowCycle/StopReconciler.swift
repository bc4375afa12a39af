import MendflowCore
import MendflowLedger

// A stop is believed when the row says so, and not believed any more when the row says otherwise later.
extension Reconciler {
    /// For how long a stopped run is looked at again: n8n may let a stopped run go on, or finish after all (n8n facts 4).
    private static let flipWatch = Period.minutes(10)

    /// Stopped runs that are to be asked for again, one, three and nine minutes after the stop: where they went on, no list
    /// that is read need show it. `looks` says how often each was looked at since.
    static func stopsToLookAt(_ intents: [Intent], at now: AgentTime, _ looks: [IntentID: Int]) -> [Intent] {
        intents.filter { intent in
            guard intent.draft.action == .stop, intent.state == .applied, let settled = intent.settledAt else {
                return false
            }
            let times = looks[intent.id] ?? 0
            let next = (0..<times).reduce(Intent.stopVerification.milliseconds) { time, _ in time * 3 }
            return now - settled >= Period(milliseconds: next) && now - settled <= flipWatch
        }
    }

    /// How long ago an intent was settled.
    private func age(settled: AgentTime) -> Period { poll.clockOffset.agent(now) - settled }

    mutating func reconcileStops() {
        for intent in view.intents where !intent.draft.isShadow {
            guard intent.state == .applied || intent.state == .unresolved else { continue }
            switch intent.draft.action {
            case .bulkStop: verifyBulk(intent)
            case .stop: verifyStop(intent)
            case .retry, .tag, .delete: continue
            }
        }
    }

    private mutating func verifyStop(_ intent: Intent) {
        guard let row = observed.executions[intent.draft.execution], let settled = intent.settledAt else { return }
        let isVerified = intent.evidence == .stopVerified
        if isVerified, age(settled: settled) > Reconciler.flipWatch { return }
        switch row.status {
        case .canceled:
            if !isVerified { settle(intent, Settlement(.applied, .stopVerified)) }
        case let status where !status.isLive:
            // It ended by itself, before the stop or in spite of it.
            settleIneffective(intent, .endedOtherwise(status, wasCanceled: isVerified))
        case let status:
            guard intent.draft.attempt >= 2, age(settled: settled) >= Intent.stopVerification else { return }
            settleIneffective(intent, .goesOn(status))
        }
    }

    /// Predicted, what n8n says it stopped, and what is seen to have stopped, side by side. What goes on is stopped by
    /// itself then.
    private mutating func verifyBulk(_ intent: Intent) {
        if case .bulkVerified? = intent.evidence { return }
        guard let bulk = intent.draft.bulk, let settled = intent.settledAt,
            age(settled: settled) >= Intent.stopVerification
        else { return }
        let live = bulk.predicted.count { observed.executions[$0]?.status.isLive == true }
        let canceled = bulk.predicted.count { observed.executions[$0]?.status == .canceled }
        let evidence = OutcomeEvidence.bulkVerified(before: intent.note, canceled: canceled, live: live)
        if live == 0 { settle(intent, Settlement(.applied, evidence)) } else { settleIneffective(intent, evidence) }
    }

    private mutating func settleIneffective(_ intent: Intent, _ evidence: OutcomeEvidence) {
        settle(intent, Settlement(.ineffective, evidence))
        remarks.append(
            Remark(
                .warning, "action.ineffective",
                "\(intent.draft.action.rawValue) of \(intent.draft.execution) did not take: \(evidence.summary ?? "")",
                [("execution", intent.draft.execution.text), ("policy", intent.draft.policy)]))
    }
}
