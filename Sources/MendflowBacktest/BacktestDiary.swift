package import MendflowCore
import MendflowCycle
import MendflowLedger

/// What an agent would have done in a history, as it lives through it.
package struct BacktestDiary: Sendable {
    /// How its retries turned out.
    package let outcomes: RetryOutcomes
    /// What it did, in order.
    package private(set) var actions: [BacktestAction] = []
    /// What was decided of each chain, by its first run.
    package private(set) var chains: [ExecutionID: ChainRecord] = [:]
    /// When people would have been told that a workflow did not run, and that this was over.
    package private(set) var absences: [AbsenceRecord] = []
    /// How often it looked.
    package internal(set) var ticks = 0
    /// Rows that tell no time, rows that contradict others, and runs whose data was asked for and is not there.
    package internal(set) var undated = 0, contradictions: Set<ExecutionID> = [], withoutData: Set<ExecutionID> = []
    /// What the ledger refused, which is a fault of ours.
    package internal(set) var refusals: [String] = []

    /// That people would have been told that a workflow did not run.
    package struct AbsenceRecord: Sendable, Hashable {
        /// What was missed, and when people would have heard of it.
        package var absence: Absence, toldAt: ServerTime
        /// When that was over; nil at the history's end.
        package var endedAt: ServerTime?
    }

    /// What was decided of a chain.
    package struct ChainRecord: Sendable, Hashable {
        /// The policy that owned it last, nil where none did; and since when one did.
        package var policy: String?, ownedSince: ServerTime?
        /// Every reason for which it was held or waited, with when and why first.
        package var holds: [Reason: Hold] = [:]
        /// The last decision of it.
        package var last = ""
        /// Whether its policy gave it up.
        package var isExhausted = false
        /// When a retry of ours healed it.
        package var healedAt: ServerTime?
        /// When it was acted on first.
        package var actedAt: ServerTime?
    }

    /// Why nothing was done for a while.
    package struct Hold: Sendable, Hashable {
        package var since: ServerTime
        package var why: String
        package var policy: String?
    }

    init(outcomes: RetryOutcomes) { self.outcomes = outcomes }

    /// Takes in what was decided at a moment; `judged` are the executions that were decided about anew, nil for all.
    mutating func note(_ step: Step, judged: Set<ExecutionID>?, at now: ServerTime) {
        for decision in step.plan.decisions where judged?.contains(decision.execution) ?? true {
            note(decision, at: now)
        }
        for entry in step.entries { noteAbsence(entry.event, at: now) }
        for entry in step.entries {
            guard case .latched(_, let latch, _) = entry.event, latch.isExhausted else { continue }
            chains[latch.execution, default: ChainRecord()].isExhausted = true
        }
    }

    private mutating func noteAbsence(_ event: LedgerEvent, at now: ServerTime) {
        switch event {
        case .absenceBegan(_, let absence): absences.append(AbsenceRecord(absence: absence, toldAt: now))
        case .absenceEnded(_, let end):
            if let place = absences.lastIndex(where: { $0.absence.key == end.key }) { absences[place].endedAt = now }
        default: break
        }
    }

    private mutating func note(_ decision: Decision, at now: ServerTime) {
        // A row about which no policy says anything is no chain of ours.
        var chain = chains[decision.root] ?? ChainRecord()
        if let name = decision.policy?.name {
            chain.policy = name
            chain.ownedSince = chain.ownedSince ?? now
        }
        chain.last = decision.verdict.label
        switch decision.verdict {
        case .act: break
        case .wait(_, _, let reason): chain.hold(reason, "", decision.policy?.name, at: now)
        case .held(let reason, let why): chain.hold(reason, why, decision.policy?.name, at: now)
        }
        chains[decision.root] = chain
    }

    mutating func begin(_ planned: PlannedAction, isOfOurs: Bool, at now: ServerTime) {
        let draft = planned.action.draft
        actions.append(
            BacktestAction(
                at: now, kind: draft.action, execution: draft.execution, root: draft.root, workflow: draft.workflow,
                policies: draft.contributors, isOfOurs: isOfOurs, attempt: draft.attempt,
                attempts: planned.action.attempts,
                request: planned.action.request, errorClass: planned.action.classification?.errorClass,
                rule: planned.action.classification?.ruleID, risk: planned.action.risk?.risk, tags: draft.tags))
        var chain = chains[draft.root] ?? ChainRecord()
        if chain.actedAt == nil { chain.actedAt = now }
        chains[draft.root] = chain
    }

    /// Takes an action back for which nothing was sent, as what it was to change was so already: that is nothing that was done.
    mutating func changedNothing(_ ref: IntentRef) {
        guard let place = actions.lastIndex(where: { $0.kind == ref.action && $0.execution == ref.execution }) else {
            return
        }
        let root = actions.remove(at: place).root
        chains[root]?.actedAt = actions.lazy.filter { $0.root == root }.map(\.at).min()
    }

    /// Takes in what came of an action that was begun.
    mutating func sent(_ intent: Intent, _ answer: Counterfactual.Answer) {
        let draft = intent.draft
        guard draft.action == .retry, case .applied(let child, let status) = answer.answer,
            let place = actions.lastIndex(where: { $0.kind == .retry && $0.execution == draft.execution })
        else { return }
        actions[place].child = child
        actions[place].endedAt = answer.at
        actions[place].succeeded = status == .success
        if status == .success { chains[draft.root, default: ChainRecord()].healedAt = answer.at }
    }
}

extension BacktestDiary.ChainRecord {
    fileprivate mutating func hold(_ reason: Reason, _ why: String, _ policy: String?, at now: ServerTime) {
        if holds[reason] == nil { holds[reason] = BacktestDiary.Hold(since: now, why: why, policy: policy) }
    }
}

extension BacktestDiary.ChainRecord {
    /// What speaks of others, or of what came later: it held nothing by itself.
    private static let followers: Set<Reason> = [.live, .yieldToHumans, .healed, .noPolicy, .matchUnknown]

    /// The reason that held the chain up to a time: the newest that began by then, but for those that only say that it was out of
    /// the policies' hands by then.
    func deciding(until time: ServerTime = ServerTime(milliseconds: .max)) -> Reason? {
        let then = holds.filter { $0.value.since <= time }
        let own = then.filter { !Self.followers.contains($0.key) }
        return (own.isEmpty ? then : own).max {
            ($0.value.since, $0.key.rawValue) < ($1.value.since, $1.key.rawValue)
        }?.key
    }
}
