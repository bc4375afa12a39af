package import MendflowCore
import MendflowLedger

/// What the rows prove about requests and runs of the past: the first stage of a cycle. Pure.
struct Reconciler {
    let observed: ObservedExecutions
    let poll: PollOutcome
    let instance: InstanceKey
    /// The moment.
    let now: ServerTime
    let view: LedgerView
    /// Of the view's intents those about which something may still be found out; nearly all others are over.
    let watched: [Intent]
    /// What was asked since the poll.
    let asked: Cycle.Answers
    /// How long a lost request may still be on its way.
    let requestGrace: Period

    var events: [LedgerEvent] = []
    var remarks: [Remark] = []
    /// Intents that are settled in it: what is found first counts.
    private var settled: Set<IntentID> = []

    init(
        observed: ObservedExecutions, poll: PollOutcome, instance: InstanceKey, now: ServerTime, view: LedgerView,
        asked: Cycle.Answers, requestGrace: Period
    ) {
        self.observed = observed
        self.poll = poll
        self.instance = instance
        self.now = now
        self.view = view
        watched = view.intents.filter(\.isWatched)
        self.asked = asked
        self.requestGrace = requestGrace
    }

    /// Everything, in order.
    mutating func reconcile(_ start: CycleStart?) {
        if let contradiction = poll.contradiction { raiseAlarm(contradiction) }
        reconcileRetries()
        settleTold()
        recordGaps(start)
        settleProven()
        if let start { recover(start) }
        reconcileStops()
        reconcileDeletions()
        for tag in asked.learnedTags { events.append(.learnedTag(instance, name: tag.name, id: tag.id)) }
        letTagsBeWrittenAgain()
    }

    /// Writes an outcome; an intent is settled once at most in a cycle.
    mutating func settle(_ intent: Intent, _ settlement: Settlement) {
        guard settled.insert(intent.id).inserted else { return }
        events.append(.outcome(IntentRef(intent), settlement))
        tell(intent, settlement)
    }

    /// Says that an answer was lost with the agent before, and what came to light of one.
    private mutating func tell(_ intent: Intent, _ settlement: Settlement) {
        let (draft, child) = (intent.draft, settlement.child)
        let subject = "the \(draft.action.rawValue) of \(draft.execution) (intent \(intent.id))"
        let found: (name: String, words: String)? =
            switch settlement.state {
            case .unresolved: ("action.unresolved", "the answer to \(subject) was lost with the agent that sent it")
            case .applied where intent.state == .unresolved:
                (
                    "action.settled",
                    "\(subject), whose answer was lost, was done\(child.map { ": \($0)" } ?? "")"
                )
            case .applied where intent.state == .void:
                (
                    "action.settled",
                    "\(subject), which n8n refused for its limit of requests, ran all the same: it was sent twice on its way, as \(child?.text ?? "")"
                )
            case .void where intent.state == .unresolved:
                ("action.settled", "\(subject), whose answer was lost, did nothing, and may be sent again")
            default: nil
            }
        guard let found else { return }
        let level = settlement.state == .unresolved ? AgentEvent.Level.warning : .info
        remarks.append(Remark(level, found.name, found.words, [("policy", draft.policy)]))
    }

    /// The database is another one: nothing is done any more until an operator adopts it, whatever process runs.
    private mutating func raiseAlarm(_ contradiction: EpochWatch.Contradiction) {
        let message =
            "\(contradiction.sentence); n8n's database seems restored or "
            + "swapped. Nothing is done here until `mendflow instance adopt --reason ...`"
        remarks.append(
            Remark(.error, "epoch.alarm", message, topic: Remark.Topic(name: "epoch.alarm", again: nil)))
        if view.alarm == nil { events.append(.alarmed(instance, reason: message, execution: contradiction.id)) }
    }

    /// Voids what is proven to have done nothing. Where the database seems to be another one, its ids prove nothing.
    private mutating func settleProven() {
        guard view.alarm == nil, poll.contradiction == nil else { return }
        for intent in watched {
            let proof = NonExecutionProof.evaluate(
                intent, observed.executions, children: view.children, clock: poll.clockOffset, grace: requestGrace)
            guard case .nothingRan(let last) = proof else { continue }
            settle(intent, Settlement(.void, .accounted(from: intent.watermark, upTo: last)))
        }
    }

    /// Reserved without sending is proof that nothing was sent, and so is sending without a mark; else it is unresolved. Of one
    /// that was asked for again the mark tells of the last time alone.
    private mutating func recover(_ start: CycleStart) {
        for kind in view.suspended.keys.sorted() { events.append(.restored(instance, kind)) }
        for intent in watched where intent.state.isOpen && start.orphans.contains(intent.id) {
            settle(
                intent,
                intent.state == .reserved || intent.asked == 0 && start.unsent.contains(intent.id)
                    ? Settlement(.void, .notSent(objection: nil))
                    : Settlement(.unresolved, .agentEnded, answeredAt: poll.clockOffset.isDisputed ? nil : now))
        }
    }

    /// A tag write whose end is not known is no loss: writing a set again does nothing twice, so it may be planned again.
    private mutating func letTagsBeWrittenAgain() {
        for intent in watched where intent.draft.action == .tag && intent.state == .unresolved {
            settle(intent, Settlement(.void, .tagsMayBeWrittenAgain))
        }
    }

    /// One that is gone was deleted; one that is there may be deleted again.
    private mutating func reconcileDeletions() {
        for intent in watched where intent.draft.action == .delete && intent.state == .unresolved {
            guard let answer = asked.rows[intent.draft.execution] else { continue }
            settle(
                intent, answer == nil ? Settlement(.applied, .deletionVerified) : Settlement(.void, .notDeleted))
        }
    }

    /// Writes down what cannot be seen any more: live rows that were not kept, ids that are in no list and are not there,
    /// and the time in which nobody looked.
    private mutating func recordGaps(_ start: CycleStart?) {
        for id in poll.gone + asked.vanished where !view.gone.contains(id) {
            events.append(.latched(instance, Latch(.gone, id, at: now), shadow: false))
        }
        for id in poll.gone where !view.gone.contains(id) {
            events.append(.gap(instance, execution: id, .vanished))
        }
        if !poll.missing.isEmpty { events.append(.gap(instance, execution: nil, .missing(poll.missing))) }
        if let start, let from = start.unwatchedSince, from < start.lookBackEdge {
            events.append(.gap(instance, execution: nil, .unwatched(from: from, to: start.lookBackEdge)))
        }
    }
}

extension Intent {
    /// Whether its end is not known, or it is a stop, which may turn out not to have been carried out.
    fileprivate var isWatched: Bool {
        switch state {
        case .reserved, .sending, .unresolved: true
        case .applied: draft.action == .stop || draft.action == .bulkStop
        case .void, .superseded, .ineffective, .shadow: false
        }
    }
}

/// What an agent finds when it starts.
package struct CycleStart: Sendable, Hashable {
    /// Intents that an agent before this one left open.
    package var orphans: Set<IntentID>
    /// Those of them whose connection was never opened.
    package var unsent: Set<IntentID>
    /// The last tick of an agent before this one, and where the look-back begins.
    package var unwatchedSince: ServerTime?, lookBackEdge: ServerTime

    package init(
        orphans: Set<IntentID>, unsent: Set<IntentID> = [], unwatchedSince: ServerTime?, lookBackEdge: ServerTime
    ) {
        self.orphans = orphans
        self.unsent = unsent
        self.unwatchedSince = unwatchedSince
        self.lookBackEdge = lookBackEdge
    }
}

/// What a poll brought beside the rows.
package struct PollOutcome: Sendable {
    /// Rows that were live and are not there any more.
    package var gone: [ExecutionID] = []
    /// Ids that no list shows, asked for in this poll and not there.
    package var missing = IDRanges()
    /// Rows that were listed.
    package var seen: Set<ExecutionID> = []
    /// How many ids between known ones are neither rows nor known to be missing.
    package var gapsLeft = 0
    /// The lowest id that is asked for where no list shows it; nil where none is for the look-back's sake.
    package var accountedFrom: ExecutionID?
    /// Whether everything was seen.
    package var completeness = Completeness.complete
    /// How far n8n's clock is ahead.
    package var clockOffset = ClockOffset.zero
    /// Why the database seems to be another one.
    package var contradiction: EpochWatch.Contradiction?
    /// What n8n's own tracing says of retries that have ended, and of which n8n has no row.
    package var toldRetries: [Hint] = []

    package init() {}
}
