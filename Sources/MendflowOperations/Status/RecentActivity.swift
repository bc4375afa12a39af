public import MendflowCore
import MendflowLedger
import MendflowText
import MendflowWorkspace

/// What happened on an instance in the last day, and what is due next, as the ledger tells.
public struct RecentActivity: Sendable, Hashable {
    /// How far it looks back.
    public static let length = Period.days(1)

    /// Requests that were carried out, and those that dry-run would have sent, by kind.
    public var done: [ActionKind: Int] = [:], wouldHave: [ActionKind: Int] = [:]
    /// Requests that did nothing for certain, those that nobody answered, and those that are on their way.
    public var void = 0, unanswered = 0, underWay = 0
    /// What was about to be sent and was not, since the last look or a person spoke against it.
    public var unsent = 0
    /// Chains of ours that healed, chains that were given up, and chains that people retried themselves.
    public var healed = 0, givenUp = 0, retriedByPeople = 0
    /// Chains that people retried, or we did: the ledger cannot tell.
    public var retriedBySomebody = 0
    /// Chains that people had retried before `init`, which an agent saw when it looked first.
    public var retriedBefore = 0
    /// Executions that wait for room in a cap, for no time that is known; those of replays by the replay's name.
    public var capped = 0, cappedByReplays: [String: Int] = [:]
    /// Executions that an incident holds, or lets go at its pace.
    public var heldByIncidents = 0
    /// What waits for a time that is known, the next first; no execution is there twice, nor among those that wait otherwise.
    public var due: [Due] = []

    /// Something that waits for its time.
    public struct Due: Sendable, Hashable {
        /// The execution and the policy.
        public var execution: ExecutionID, policy: String
        /// When, by the agent's clock.
        public var at: AgentTime
        /// Whether nothing will be sent then, since it is dry-run's.
        public var isDryRun: Bool
        /// Whether it is a retry.
        public var isRetry = true

        /// Makes one.
        public init(execution: ExecutionID, policy: String, at: AgentTime, isDryRun: Bool) {
            self.execution = execution
            self.policy = policy
            self.at = at
            self.isDryRun = isDryRun
        }
    }

    /// Makes one of a quiet day.
    public init() {}
}

/// Goes through the records of the last day.
struct RecentReading {
    /// How many of the last records are looked at at least, for the last word of an agent.
    private static let looked: Int64 = 200
    /// When the last agent that stopped in good order did.
    private(set) var stopped: AgentTime?
    /// What happened, by the names of the instances.
    private var tallies: [String: Tally] = [:]
    private var doubts = RetriesInDoubt()

    fileprivate struct Tally {
        var intents: [Int64: (draft: IntentDraft, state: IntentState)] = [:]
        /// Those for which a request went out, and those that found done what they were to do.
        var sent: Set<Int64> = [], changedNothing: Set<Int64> = []
        var healed: Set<ExecutionID> = [], givenUp: Set<ExecutionID> = []
        /// Retries that are on record as people's, each with its epoch.
        var people: [(key: InstanceKey, latch: Latch, child: ExecutionID, isInDoubt: Bool)] = []
        /// The newest decision about an execution, real and dry-run's apart, with its record.
        var decided: [ExecutionID: [Bool: (made: DecidedExecution, record: Int64)]] = [:]
    }

    /// Reads them.
    static func read(
        _ store: any LedgerStore, _ head: AuditHead, now: AgentTime
    ) async throws(LedgerFailure) -> RecentReading {
        let since = now - RecentActivity.length
        var reading = RecentReading()
        var last = min(
            try await RecordsByTime.last(before: since, in: store, head), max(0, head.sequence - looked))
        while true {
            let records = try await store.records(after: last, limit: 500)
            for sealed in records { try reading.note(sealed, since) }
            guard let end = records.last else { return reading }
            last = end.sequence
        }
    }

    private mutating func note(_ sealed: SealedRecord, _ since: AgentTime) throws(LedgerFailure) {
        let record = try sealed.record()
        let time = record.clock ?? record.at
        switch record.kind {
        case .lifecycle:
            let event = try sealed.entry().event
            doubts.note(event, at: time)
            if case .lifecycle(.stopped) = event { stopped = time }
        // To read all of the evidence would take longer than anybody wants to wait.
        case .reserved, .sending, .outcome, .command, .latch, .decision:
            guard time >= since else { return doubts.note(nil, at: time) }
            let entry = try sealed.entry()
            doubts.note(entry.event, at: time)
            guard let name = entry.event.instance?.name else { return }
            tallies[name, default: Tally()].note(entry.event, sealed.sequence, since, doubts)
        default: doubts.note(nil, at: time)
        }
    }

    /// What it amounts to for an instance that is in a mode, by its clock; `baseline` is that of its newest epoch.
    func activity(
        of instance: String, in mode: Mode, _ baseline: InstanceBaseline?, _ offset: ClockOffset, now: AgentTime
    ) -> RecentActivity {
        guard let tally = tallies[instance] else { return RecentActivity() }
        var activity = tally.activity(mode, offset, now)
        var (unknown, before, people) = (Set<ExecutionID>(), Set<ExecutionID>(), Set<ExecutionID>())
        for one in tally.people {
            let present = baseline.flatMap { $0.instance == one.key ? $0 : nil }
            if one.isInDoubt || present?.wasThere(one.child) ?? false {
                unknown.insert(one.latch.execution)
            } else if let present, one.latch.at < present.at {
                before.insert(one.latch.execution)
            } else {
                people.insert(one.latch.execution)
            }
        }
        activity.retriedByPeople = people.count
        activity.retriedBefore = before.subtracting(people).count
        activity.retriedBySomebody = unknown.subtracting(people).subtracting(before).count
        return activity
    }
}

extension RecentReading.Tally {
    fileprivate mutating func note(
        _ event: LedgerEvent, _ number: Int64, _ since: AgentTime, _ doubts: RetriesInDoubt
    ) {
        switch event {
        case .reserved(let reservation):
            let draft = reservation.draft
            intents[number] = (draft, .reserved)
            decided[draft.execution]?[draft.isShadow] = nil
        case .sending(let ref, _, _, _, _): sent.insert(ref.id.number)
        case .outcome(let ref, let settlement):
            if settlement.evidence == .tagsPresent { changedNothing.insert(ref.id.number) }
        case .latched(let key, let latch, shadow: false):
            switch latch.fact {
            case .healed: healed.insert(latch.execution)
            case .exhausted: givenUp.insert(latch.execution)
            case .personRetried(let child):
                if latch.at.milliseconds >= since.milliseconds {
                    people.append((key, latch, child, doubts.covers(latch)))
                }
            default: break
            }
        case .decided(let new): decided[new.execution, default: [:]][new.isShadow] = (new, number)
        default: break
        }
        for (id, state) in event.intents(number: number) { intents[id.number]?.state = state }
    }

    fileprivate func activity(_ mode: Mode, _ offset: ClockOffset, _ now: AgentTime) -> RecentActivity {
        var activity = RecentActivity()
        for (number, (draft, state)) in intents {
            switch state {
            case .void where !sent.contains(number), .applied where changedNothing.contains(number):
                activity.unsent += 1
            case .shadow: activity.wouldHave[draft.action, default: 0] += 1
            case .void, .ineffective: activity.void += 1
            case .unresolved, .superseded: activity.unanswered += 1
            case .reserved, .sending: activity.underWay += 1
            case .applied: activity.done[draft.action, default: 0] += 1
            }
        }
        let ours = Set(intents.values.filter { $0.state == .applied && $0.draft.action == .retry }.map(\.draft.root))
        activity.healed = ours.intersection(healed).count
        activity.givenUp = givenUp.count
        var due: [(due: RecentActivity.Due, record: Int64)] = []
        for decisions in decided.values {
            // Each execution counts once: what will be done comes before what is only shown.
            let open = [decisions[false], decisions[true]].compactMap(\.self).filter { one in
                !healed.contains(one.made.root) && (mode == .enforce || one.made.isShadow)
            }
            for (made, record) in open {
                if let first = self.due(made, offset, now).min(by: { ($0.at, $0.policy) < ($1.at, $1.policy) }) {
                    due.append((first, record))
                } else if let part = made.parts.first(where: { isCapped($0, offset, now) }) {
                    let policy = part.verdict.policy ?? ""
                    if Replay.number(in: policy) == nil {
                        activity.capped += 1
                    } else {
                        activity.cappedByReplays[policy, default: 0] += 1
                    }
                } else if made.parts.contains(where: { $0.label == Reason.incident.rawValue }) {
                    activity.heldByIncidents += 1
                } else {
                    continue
                }
                break
            }
        }
        // What is due at one time stands in the order in which it was decided: the oldest first, as in a plan.
        due.sort { ($0.due.at, $0.record) < ($1.due.at, $1.record) }
        activity.due = due.map(\.due)
        return activity
    }

    private func isCapped(_ part: DecidedExecution.Part, _ offset: ClockOffset, _ now: AgentTime) -> Bool {
        part.verdict.phase == .capped && part.until.map { offset.agent($0) <= now } ?? true
    }

    private func due(
        _ decision: DecidedExecution, _ offset: ClockOffset, _ now: AgentTime
    ) -> [RecentActivity.Due] {
        decision.parts.compactMap { part in
            guard let request = part.request, let until = part.until, let policy = part.verdict.policy
            else { return nil }
            let at = offset.agent(until)
            guard at > now else { return nil }
            var due = RecentActivity.Due(
                execution: decision.execution, policy: policy, at: at, isDryRun: decision.isShadow)
            due.isRetry = request.contains("/retry")
            return due
        }
    }
}
