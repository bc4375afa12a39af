import MendflowCore
import MendflowCycle
import MendflowHistory
import MendflowLedger

/// Lives a history through as if the agent had run then: the same cycle, the same ledger rules and the same state machine
/// of actions, on a clock that jumps from one moment at which something may be decided to the next.
struct BacktestRun: Sendable {
    private let settings: BacktestSettings
    private let history: History
    private let cycle: Cycle
    private var policies: PolicySet
    private var playback: Playback
    private var world: Counterfactual
    private var observed: ObservedExecutions
    private var facts = FactStore()
    private var ledger = LedgerState()
    private var decided: Decided?
    /// Requests that are not answered yet.
    private var calls: [Call] = []
    /// Whether policies look at successes, and whether they ask if a newer run of a workflow has succeeded.
    private let watchesSuccesses: Bool, asksForSuccesses: Bool
    /// Workflows of runs about which a newer success may change something.
    private var troubled: Set<WorkflowID> = []
    private var prunedAt: ServerTime
    /// Whether people were asked at this look, and said yes.
    private var saidYes = false
    private(set) var diary: BacktestDiary
    /// What the diary told at the span's end.
    private(set) var diaryAtEnd: BacktestDiary?

    private struct Call: Sendable {
        var run: ActionRun
        var answer: Counterfactual.Answer
    }

    /// Rounds of questions at one moment.
    private static let mostRounds = 6

    init(_ history: History, _ settings: BacktestSettings, _ world: Counterfactual) {
        self.settings = settings
        self.history = history
        self.world = world
        let baseline = InstanceBaseline(
            instance: InstanceKey(name: settings.policies.instance, epoch: 1), url: "history",
            since: settings.span.lowerBound, highest: nil, fingerprints: [], at: settings.span.lowerBound)
        cycle = Cycle(
            instance: baseline.instance, baseline: baseline.since, acts: true, lookBack: settings.lookBack)
        policies = settings.policies
        // Which id a tag has does not matter here: every tag has one.
        let tags = policies.policies.flatMap { $0.tags + $0.onExhausted.tags }
        policies.learn(Dictionary(tags.map { ($0, $0) }) { first, _ in first })
        watchesSuccesses = policies.watches(.success)
        asksForSuccesses = policies.conditions.contains { $0.fields.contains(.succeededSince) }
        let liveStatuses: [ExecutionStatus] = [.running, .waiting, .queued, .unknown]
        let missesRuns = !policies.absencePolicies.isEmpty
        playback = Playback(history, showsLive: missesRuns || liveStatuses.contains(where: policies.watches))
        observed = ObservedExecutions(EpochWatch(baseline, nil))
        prunedAt = settings.span.lowerBound
        diary = BacktestDiary(outcomes: world.outcomes)
        let began = LedgerEntry(.began(baseline, .initialised(by: "backtest")), at: Self.agent(baseline.at))
        append([began])
        facts.note(.success(Array(history.workflows.values)), at: baseline.at)
    }

    /// n8n's clock and the agent's are one.
    private static func agent(_ time: ServerTime) -> AgentTime { AgentTime(milliseconds: time.milliseconds) }

    /// Lives through all of it. `progress` is told how far it is, now and then.
    mutating func run(progress: (ServerTime) -> Void) {
        var now = settings.span.lowerBound
        var told = now
        while now < settings.span.upperBound + settings.settling {
            if diaryAtEnd == nil, now >= settings.span.upperBound { endSpan() }
            tick(at: now)
            diary.ticks += 1
            if now - told > .days(1) {
                told = now
                progress(now)
            }
            guard let next = nextMoment(after: now) else { break }
            now = next
        }
        if diaryAtEnd == nil { endSpan() }
    }

    private mutating func endSpan() {
        diary.undated = playback.undated
        diaryAtEnd = diary
    }

    /// The next look at n8n that may see or decide something else.
    private func nextMoment(after now: ServerTime) -> ServerTime? {
        var moments = calls.map(\.answer.at)
        if saidYes { moments.append(now + settings.interval) }
        if let change = playback.nextChange(where: matters) { moments.append(change) }
        if settings.offersOldRows, policies.deletesSome { moments.append(now + .hours(1)) }
        if let decided {
            // Some decisions hold for one look alone, and a budget may free up at any moment.
            moments.append(decided.holdsUntil ?? now + settings.interval)
            if decided.hasCapped { moments.append(now + settings.interval) }
        }
        return moments.min().map { settings.look(from: $0, behind: now) }
    }

    /// Whether anything may be decided otherwise because a row changed. Nearly all runs succeed, and nobody looks at them.
    private func matters(_ row: Execution) -> Bool {
        guard row.status == .success, row.retryOf == nil else { return true }
        // A run that is not missed only puts off the moment at which one is.
        return watchesSuccesses || asksForSuccesses && troubled.contains(row.workflow)
            || ledger.absences(of: cycle.instance).keys.contains { $0.workflow == row.workflow }
    }

    private mutating func tick(at now: ServerTime) {
        let changed = playback.advance(to: now)
        for row in changed { note(world.shown(row), at: now) }
        while let index = calls.indices.filter({ calls[$0].answer.at <= now }).min(by: {
            calls[$0].answer.at < calls[$1].answer.at
        }) {
            answered(calls.remove(at: index), at: now)
        }
        facts.forget(observed.takeChanged())
        // Whatever decides about a failure asks for its data; nobody has to be asked here.
        for row in changed
        where row.status.isFailed && !world.isAgents(row.id) && history.details[row.id] != nil {
            _ = facts.note(detail(of: row), of: row.id, at: now)
        }
        if prunedAt + .minutes(30) <= now {
            prunedAt = now
            observed.prune(endedBefore: now - settings.lookBack - .hours(1), gapsBelow: nil)
            // As an agent's ledger is loaded anew now and then.
            let horizon = LedgerHorizon.start(
                at: Self.agent(now), lookBack: settings.lookBack, policies.longestWindow)
            ledger.forget(before: horizon, but: Set(observed.executions.notable.keys))
        }
        let (step, judged) = step(at: now)
        diary.note(step, judged: judged, at: now)
        if asksForSuccesses {
            troubled = Set(observed.executions.notable.values.lazy.filter(\.status.isFailed).map(\.workflow))
        }
        let place = ledger.head.sequence
        guard append(step.entries) else { return }
        let answers = LedgerEntry.yes(to: step.entries, behind: place)
        saidYes = !answers.isEmpty
        append(answers)
        for action in step.actions { begin(action, IntentID(place + Int64(action.entry) + 1), at: now) }
    }

    private mutating func note(_ row: Execution?, at now: ServerTime) {
        guard let row else { return }
        // One history is of one database: what contradicts itself in it is told, and the first word counts.
        do throws(EpochWatch.Contradiction) { try observed.note(row, at: now) } catch {
            diary.contradictions.insert(row.id)
        }
    }

    /// Decides, and answers what the cycle asks, until it asks for nothing more. Which executions were decided about anew on
    /// the way; nil for all.
    private mutating func step(at now: ServerTime) -> (step: Step, judged: Set<ExecutionID>?) {
        var asked = Cycle.Answers()
        var judged: Set<ExecutionID>? = []
        for round in 1...Self.mostRounds {
            let step = cycle.step(input(asked, at: now))
            decided = step.decided
            judged = judged.flatMap { known in step.decided.judged.map(known.union) }
            let questions = step.questions.filter { !asked.questions.contains($0) }
            guard !questions.isEmpty, round < Self.mostRounds else { return (step, judged) }
            for question in questions { answer(question, &asked, at: now) }
        }
        preconditionFailure("the last round answers")
    }

    private func input(_ asked: Cycle.Answers, at now: ServerTime) -> Cycle.Input {
        var poll = PollOutcome()
        poll.accountedFrom = history.rows.first?.id
        var input = Cycle.Input(
            observed: observed, facts: facts, poll: poll, coverage: ListCoverage(), capabilities: nil,
            ledger: ledger, policies: policies, now: now, agentNow: Self.agent(now))
        input.asked = asked
        input.previous = decided
        input.recordsDecisions = false
        return input
    }

    private mutating func answer(_ question: Question, _ asked: inout Cycle.Answers, at now: ServerTime) {
        asked.questions.insert(question)
        switch question {
        case .row(let id): asked.rows[id] = .some(observed.executions[id])
        case .fact(.tags(let id)): facts.note(tags: world.tags[id] ?? [], of: id)
        case .fact(.detail(let id)):
            guard let row = observed.executions[id] else { return asked.vanished.append(id) }
            _ = facts.note(detail(of: row), of: id, at: now)
        case .oldPage: if settings.offersOldRows { asked.oldPage = world.oldPage(endedBefore: now - settings.lookBack) }
        }
    }

    /// What the history holds of a run in the state that it was in; nothing else of it is known.
    private mutating func detail(of row: Execution) -> ExecutionDetail {
        if let detail = world.details[row.id] ?? history.details[row.id], detail.status == row.status { return detail }
        diary.withoutData.insert(row.id)
        return ExecutionDetail(
            readability: .unreadable("the history does not hold its data"), status: row.status, createdAt: row.createdAt
        )
    }

    /// Appends entries; false where the ledger refused them.
    @discardableResult
    private mutating func append(_ entries: [LedgerEntry]) -> Bool {
        guard !entries.isEmpty else { return true }
        do throws(LedgerRefusal) {
            _ = try ledger.append(entries)
            return true
        } catch {
            diary.refusals.append("\(error)")
            return false
        }
    }

    private mutating func begin(_ planned: PlannedAction, _ id: IntentID, at now: ServerTime) {
        let intent = Intent(id: id, draft: planned.action.draft, state: .reserved, reservedAt: Self.agent(now))
        var run = ActionRun(
            intent, judged: planned.judged, facts: planned.action.facts, tagIDs: policies.tagIDs)
        diary.begin(planned, isOfOurs: world.isOurs(planned.action.draft.execution), at: now)
        carryOut(&run, run.next(.begin(isCancelled: false)), planned.action, at: now)
    }

    /// Carries an action out until it waits for its answer, or is over.
    private mutating func carryOut(
        _ run: inout ActionRun, _ first: ActionRun.Effect, _ action: ProposedAction, at now: ServerTime
    ) {
        var effect = first
        while true {
            switch effect {
            case .look: effect = run.next(.looked(objection: nil, watermark: observed.highest, extent: "history"))
            case .readTags:
                let tags = world.tags[run.intent.draft.execution] ?? []
                effect = run.next(.tags(.success(tags), watermark: observed.highest, extent: "history"))
            case .prove: effect = run.next(.proved(nil, at: Self.agent(now)))
            case .append(let events, let isOutcome, _):
                effect = run.next(.appended(write(events, isOutcome: isOutcome, at: now), sinceLook: .zero, at: now))
            case .send(let request):
                let answer = world.answer(request, run.judged, action, at: now, rows: observed.executions)
                for row in answer.now { note(row, at: now) }
                for id in answer.gone { observed.noteMissing(id) }
                if case .setTags(let id, _) = request { facts.forgetTags(of: id) }
                diary.sent(run.intent, answer)
                let call = Call(run: run, answer: answer)
                if answer.at <= now { answered(call, at: now) } else { calls.append(call) }
                return
            case .leave, .finish: return
            }
        }
    }

    private mutating func answered(_ call: Call, at now: ServerTime) {
        var run = call.run
        for row in call.answer.later { note(world.shown(row), at: now) }
        var effect = run.next(.answered(call.answer.answer, at: Self.agent(now), .zero))
        while true {
            switch effect {
            case .append(let events, let isOutcome, _):
                effect = run.next(.appended(write(events, isOutcome: isOutcome, at: now), sinceLook: .zero, at: now))
            case .readTags:
                let tags = world.tags[run.intent.draft.execution] ?? []
                effect = run.next(.tags(.success(tags), watermark: nil, extent: "history"))
            default: return
            }
        }
    }

    /// Appends what an action writes. A look may have seen a retry's run, and settled the intent, before its answer came: then
    /// all but the outcome is written, as the agent does.
    private mutating func write(_ events: [LedgerEvent], isOutcome: Bool, at now: ServerTime) -> LedgerFailure? {
        for case .outcome(let ref, let settlement) in events where settlement.evidence == .tagsPresent {
            diary.changedNothing(ref)
        }
        let entries = events.map { LedgerEntry($0, at: Self.agent(now)) }
        do throws(LedgerRefusal) {
            _ = try ledger.append(entries)
            return nil
        } catch {
            guard isOutcome, case .wrongState = error else { return .refused(error) }
            append(entries.filter { if case .outcome = $0.event { false } else { true } })
            return nil
        }
    }
}

extension PolicySet {
    /// Every condition that decides something.
    var conditions: [Condition] {
        policies.compactMap(\.match) + policies.flatMap { $0.exceptions.map(\.match) } + protections.map(\.match)
    }
}
