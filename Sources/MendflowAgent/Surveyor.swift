package import MendflowCore
package import MendflowCycle
package import MendflowLedger

/// Gives the state of the ledger as it is now.
package protocol LedgerSource: Sendable {
    /// The state with everything since a time, and with some chains whole, however old they are.
    func state(since: AgentTime, chains: Set<ExecutionID>) async throws(LedgerFailure) -> LedgerState

    /// The incidents of an instance that were over since a time.
    func endsOfIncidents(of instance: InstanceKey, since: AgentTime) async throws(LedgerFailure) -> [IncidentEnd]

    /// The state as it was read or written last, without asking the store; nil where nothing was, or where that failed.
    func known() async -> LedgerState?
}

extension LedgerSource {
    /// Where nothing is kept, nil.
    package func known() async -> LedgerState? { nil }

    /// Where there is no ledger, none.
    package func endsOfIncidents(
        of instance: InstanceKey, since: AgentTime
    ) async throws(LedgerFailure) -> [IncidentEnd] { [] }
}

/// Looks at one instance, and decides what is to be done there; changes nothing anywhere. The agent acts on what it finds;
/// `plan`, `explain` and `doctor` show it.
package actor Surveyor {
    let reader: any ExecutionReader
    let clock: any AgentClock
    let instance: InstanceKey
    let baseline: InstanceBaseline
    private(set) var configuration: AgentConfiguration
    private(set) var policies: PolicySet
    var memory: SurveyMemory
    /// What was read just before acting, and who waits for it.
    var looks = Looks()
    /// The only execution that somebody wants to know about; nil where all are.
    private var focus: ExecutionID?

    package init(
        configuration: AgentConfiguration, reader: any ExecutionReader, clock: any AgentClock, policies: PolicySet,
        baseline: InstanceBaseline, tick: TickState?
    ) {
        self.configuration = configuration
        self.reader = reader
        self.clock = clock
        self.policies = policies
        self.baseline = baseline
        instance = baseline.instance
        memory = SurveyMemory(baseline, tick, configuration, now: clock.now())
    }

    /// What the server can do, as far as it was asked.
    package var capabilities: ServerCapabilities? { memory.capabilities }
    /// How far n8n's clock is ahead, as last measured.
    package var clockOffset: ClockOffset { memory.clockOffset }
    /// Parts of the list that there was no room for.
    package var unreadRanges: Int { memory.progress.coverage.unread.count }
    /// What could not be read at the last tick, so that something is held.
    var gap: ReadingGap? { memory.gap }

    /// Takes in what hints told of, to look at it with the next survey.
    package func hear(_ hints: [Hint]) -> [HintTally.Key] {
        let unknown = memory.hinted.takeUnknown().map { HintTally.Key($0, .unknown) }
        return unknown + memory.hinted.note(hints, memory.observed.executions)
    }
    /// Whether something that hints told of is to be looked at still.
    package var hasHinted: Bool { memory.hinted.hasMore }
    /// Whether all failed executions of the look-back were read, and no reading of them is under way.
    var isSwept: Bool { memory.progress.sweptAt != nil && memory.progress.sweep == nil }

    /// Takes new policies; chains keep their owners by name.
    package func reload(_ fresh: FreshPolicies) {
        policies = fresh.policies
        policies.learn(memory.learnedTags)
        // What lies further back was never read: the retries of chains there are not known.
        if fresh.lookBack > configuration.lookBack { memory.progress.reachFurther() }
        configuration.lookBack = fresh.lookBack
    }

    /// Polls, asks what has to be known, and decides. `start` is set at the first survey of an agent. Who only looks lets
    /// go of what would be written down.
    package func survey(
        _ ledger: some LedgerSource, start: CycleStart? = nil, refused: Set<ExecutionID> = []
    ) async throws(LedgerFailure) -> Survey {
        var survey = Survey()
        if let wait = reader.keyLimits.reads?.wait(at: clock.monotonic()) {
            // What is left of this window is for acting, and for seeing what came of it.
            survey.askedToWait = wait
            survey.completeness = .partial(["n8n's limit of reads is used up for \(wait)"])
            survey.now = memory.clockOffset.server(clock.now())
            // The next window goes on with what this one had no room for.
            survey.hasMore = memory.hasMore
            return survey
        }
        guard let capabilities = await serverCapabilities(&survey) else {
            survey.now = memory.clockOffset.server(clock.now())
            return survey
        }
        // How far to look is told by what this process did itself; what others wrote counts in what is decided.
        let before: LedgerState
        if let known = await ledger.known() { before = known } else { before = try await state(ledger) }
        let listedFrom = memory.progress.coverage.listedFrom
        let poll = await poll(capabilities, before, &survey)
        await readWorkflows(&survey)
        memory.facts.refresh(memory.observed.executions, at: survey.now, every: configuration.workflowRefresh)
        let state = try await state(ledger)
        learn(state.view(of: instance, shadow: false).learnedTags)
        await decide(poll, state, start, refused, &survey)
        if try await recallsIncidents(ledger, survey.step) {
            await decide(poll, state, start, refused, &survey)
        }
        // Older parts of the list are left, and this survey got further into them.
        let rest = memory.progress.coverage.listedFrom
        if rest != nil, rest != listedFrom, survey.askedToWait == nil { survey.hasMore = true }
        memory.hasMore = survey.hasMore
        return survey
    }

    /// How far back incidents that are over are looked up.
    private static let recall = Period.days(1)

    /// Looks up what incidents are over, the first time that one would open: where n8n's clock was set back, what belonged
    /// to one is young again for an agent that has just started. Whether anything was learned by that.
    private func recallsIncidents(_ ledger: some LedgerSource, _ step: Step?) async throws(LedgerFailure) -> Bool {
        guard memory.pastIncidents == nil, step?.opensIncident ?? false else { return false }
        let past = try await ledger.endsOfIncidents(of: instance, since: clock.now() - Self.recall)
        memory.pastIncidents = past
        return !past.isEmpty
    }

    /// Surveys without keeping anything, until everything is read and asked for or the time has passed. What is left then
    /// is said by the snapshot's coverage and by the decisions that wait for data. Where one execution is what somebody
    /// wants to know `about`, no other is asked for its data.
    package func review(
        _ ledger: some LedgerSource, about execution: ExecutionID? = nil, within time: Period,
        progress: @Sendable (Survey) -> Void = { _ in }
    ) async throws(LedgerFailure) -> Survey {
        focus = execution
        defer { focus = nil }
        let end = clock.monotonic() + time
        var survey = try await survey(ledger)
        while survey.hasMore, survey.failures.isEmpty, clock.monotonic() < end {
            progress(survey)
            let next = try await self.survey(ledger)
            survey = next.after(survey)
            // Nobody who waits for an answer waits for n8n's next window.
            if next.askedToWait != nil { break }
        }
        return survey
    }

    /// What of a step's questions is asked: all, or those about the chain that somebody wants to know about.
    private func wanted(_ step: Step) -> [Question] {
        guard let focus else { return step.questions }
        // Whether a group is large enough is told by all of its executions.
        guard !policies.policies.contains(where: { $0.mode != .off && $0.when != nil }) else { return step.questions }
        let chain = Chains(step.snapshot, step.view).chain(of: focus)
        return step.questions.filter { $0.execution.map(chain.contains) ?? false }
    }

    /// The ledger with the past of every chain that is seen.
    func state(_ ledger: some LedgerSource) async throws(LedgerFailure) -> LedgerState {
        let since = viewStart
        return try await ledger.state(
            since: since,
            chains: LedgerView.chainsToRead(memory.observed.executions, since: memory.clockOffset.server(since)))
    }

    /// How far back the ledger is read.
    var viewStart: AgentTime {
        LedgerHorizon.start(at: clock.now(), lookBack: configuration.lookBack, policies.longestWindow)
    }

    /// Takes steps and answers their questions, until there are none, or no more may be asked in this tick.
    private func decide(
        _ poll: Poller.Report, _ state: LedgerState, _ start: CycleStart?,
        _ refused: Set<ExecutionID>, _ survey: inout Survey
    ) async {
        let since = state.isMemoryless ? memory.start(survey.now - configuration.lookBack) : baseline.since
        let cycle = Cycle(
            instance: instance, baseline: since, acts: configuration.mode == .enforce,
            lookBack: configuration.lookBack)
        var asking = Asking(begun: clock.monotonic())
        asking.listed = poll.seen
        for round in 0..<Asking.mostRounds {
            var input = input(poll, state, start, asking, refused, survey)
            survey.tick = input.tick?.tick ?? 0
            input.previous = memory.decided
            let step = cycle.step(input)
            memory.decided = step.decided
            survey.step = step
            let isLast = round == Asking.mostRounds - 1
            let questions = wanted(step)
            guard !isLast, !questions.isEmpty, await ask(questions, &asking, &survey) else { break }
        }
        survey.details = asking.details
        // What was asked and is open still is asked again at the next tick; only what there was no room for goes on at once.
        let left = survey.step.map(wanted) ?? []
        let hasUnasked = left.contains { !asking.answers.questions.contains($0) }
        survey.passedOver =
            Set((survey.step?.questions ?? []).compactMap(\.execution)).count - Set(left.compactMap(\.execution)).count
        survey.oldRows = oldRows(asking, survey)
        survey.oldRowsRead = asking.answers.oldPage?.rows.count ?? 0
        survey.hasMore = hasUnasked && asking.unanswered == 0
        survey.askedToWait = asking.askedToWait
        let known = Set(survey.step?.view.intents.map(\.id) ?? [])
        memory.stopLooks = memory.stopLooks.filter { known.contains($0.key) }
    }

    /// How far the walk over what is older than the look-back is.
    private func oldRows(_ asking: Asking, _ survey: Survey) -> Survey.OldRows {
        guard policies.deletesSome, survey.completeness == .complete, let plan = survey.step?.plan else { return .done }
        guard asking.answers.oldPage != nil else { return plan.actions.isEmpty ? .done : .postponed }
        return memory.walk != nil && !plan.decisions.contains { $0.isDeletionThatWaits } ? .left : .done
    }

    private func input(
        _ poll: Poller.Report, _ state: LedgerState, _ start: CycleStart?, _ asking: Asking,
        _ refused: Set<ExecutionID>, _ survey: Survey
    ) -> Cycle.Input {
        var input = Cycle.Input(
            observed: memory.observed, facts: memory.facts, poll: poll.outcome(memory.contradiction),
            coverage: memory.progress.coverage, capabilities: memory.capabilities, ledger: state, policies: policies,
            now: survey.now, agentNow: clock.now())
        input.start = start
        input.poll.toldRetries = memory.hinted.witnesses
        input.asked = asking.answers
        input.requestGrace = configuration.requestGrace
        input.stopLooks = memory.stopLooks
        input.pastIncidents = memory.pastIncidents ?? []
        input.refused = refused
        input.chosen = configuration.chosen
        input.onlyReplay = configuration.onlyReplay
        input.tick = tick(poll, state, survey)
        return input
    }

    /// What is kept of this tick, so that a restart goes on where this process ends.
    private func tick(_ poll: Poller.Report, _ state: LedgerState, _ survey: Survey) -> TickState {
        let last = state.tick(of: instance)
        let coverage = memory.progress.coverage
        let isSwept = memory.progress.sweptAt != last?.sweptAt || last?.fingerprints.isEmpty ?? true
        let fingerprints = isSwept ? memory.observed.marks(of: poll.seen, at: survey.now) : []
        // What is broken off because the agent stops says nothing of n8n.
        memory.gap = Task.isCancelled ? last?.gap : gap(poll, after: last?.gap)
        return TickState(
            tick: (last?.tick ?? 0) + 1, at: clock.now(), accounted: coverage.mark, coveredFrom: coverage.coveredFrom,
            sweptAt: memory.progress.sweptAt,
            rows: survey.completeness == .complete ? survey.rows : last?.rows ?? 0,
            live: memory.observed.liveStates(at: survey.now), clockOffset: poll.clockOffset,
            missing: memory.observed.missing,
            sightings: memory.observed.watch.sightings,
            fingerprints: fingerprints.isEmpty ? last?.fingerprints ?? [] : fingerprints,
            coveredSince: coverage.coveredFrom == nil ? survey.now - configuration.lookBack : last?.coveredSince,
            setBack: .found(
                latest: state.head.at, entry: state.head.sequence, now: clock.now(), known: last?.setBack),
            lookedAt: poll.completeness == .complete ? nil : memory.observed.lookedAt ?? baseline.since,
            gap: memory.gap)
    }

    /// Keeps the ids of tags that executions bore, for policies that name them.
    func learn(_ tags: [String: String]) {
        memory.learnedTags.merge(tags) { _, new in new }
        policies.learn(memory.learnedTags)
    }
}

extension Decision {
    /// Whether it is a deletion for which the caps have no room now.
    fileprivate var isDeletionThatWaits: Bool {
        if case .wait(let action, _, _) = verdict { action.draft.action == .delete } else { false }
    }
}
