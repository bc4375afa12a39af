package import MendflowCore
package import MendflowLedger

/// Decides: a pure function of what was observed, what was asked, what the ledger holds, the policies, and now.
///
/// `run`, dry-run, `plan` and `explain` all take this step; a host only polls, asks, appends and sends around it:
///
///     reconcile   what rows prove about requests and runs of the past
///     plan        match, own, propose, hold, grant (`Planner`), for enforced policies and for those in dry-run
///     delete      what is older than the look-back, for policies that delete
///     record      what changed, what is reserved, and the tick itself: one append
package struct Cycle: Sendable {
    /// The instance and its epoch, and what ended before it is left alone.
    package let instance: InstanceKey, baseline: ServerTime
    /// Whether anything may be sent; where not, every intent is a shadow.
    package let acts: Bool
    /// How far back ended executions are looked at.
    package let lookBack: Period

    package init(instance: InstanceKey, baseline: ServerTime, acts: Bool, lookBack: Period) {
        self.instance = instance
        self.baseline = baseline
        self.acts = acts
        self.lookBack = lookBack
    }

    /// What a step is decided from.
    package struct Input: Sendable {
        package var observed: ObservedExecutions
        package var facts: FactStore
        package var poll: PollOutcome
        package var coverage: ListCoverage
        package var capabilities: ServerCapabilities?
        package var ledger: LedgerState
        package var policies: PolicySet
        /// Now, on n8n's clock and on the agent's.
        package var now: ServerTime, agentNow: AgentTime
        /// What the step before decided; taken over where nothing has changed that it was decided from.
        package var previous: Decided?
        /// Set at the first step of an agent.
        package var start: CycleStart?
        /// How long something in front of n8n may hold a request that was lost, and pass it on after all.
        package var requestGrace = Period.minutes(15)
        /// What was asked since the poll.
        package var asked = Answers()
        /// Incidents that are over, where an agent that has just started had to look them up.
        package var pastIncidents: [IncidentEnd] = []
        /// How often stopped runs were looked at since.
        package var stopLooks: [IntentID: Int] = [:]
        /// Executions for which the ledger refused an intent: its word is final, and the others must not wait for them.
        package var refused: Set<ExecutionID> = []
        /// The tick's state as it is to be kept; nil for a review, which keeps nothing.
        package var tick: TickState?
        /// The only actions that are done, where somebody chose some out of a plan; nil for all.
        package var chosen: Set<ChosenAction>?
        /// The replay whose actions alone are done, where an agent runs for nothing else; nil for all.
        package var onlyReplay: String?
        /// Whether decisions are written down with their evidence; reviews, which keep nothing, and backtests, whose ledger nobody
        /// reads, do without: putting evidence together costs more than deciding.
        package var recordsDecisions = true

        package init(
            observed: ObservedExecutions, facts: FactStore, poll: PollOutcome, coverage: ListCoverage,
            capabilities: ServerCapabilities?, ledger: LedgerState, policies: PolicySet, now: ServerTime,
            agentNow: AgentTime
        ) {
            self.observed = observed
            self.facts = facts
            self.poll = poll
            self.coverage = coverage
            self.capabilities = capabilities
            self.ledger = ledger
            self.policies = policies
            self.now = now
            self.agentNow = agentNow
        }
    }

    /// What was asked since the poll, beside the facts that were kept.
    package struct Answers: Sendable {
        /// Everything that was asked, answered or not: nothing is asked twice.
        package var questions: Set<Question> = []
        /// Rows by id; nil where n8n says that there is none.
        package var rows: [ExecutionID: Execution?] = [:]
        /// Executions whose facts were asked for and that are not there any more.
        package var vanished: [ExecutionID] = []
        /// Annotation tags whose ids were not known before.
        package var learnedTags: [AnnotationTag] = []
        /// A page of what is older than the look-back; nil where none was read.
        package var oldPage: OldPage?

        package init() {}
    }

    /// Takes one step. With questions it is provisional: answer them, and take it again.
    package func step(_ input: Input) -> Step {
        var input = input
        var record = StepRecord(input, instance: instance)
        let past = settle(&input, &record)
        let decision = decideAll(&input, &record)
        let (askings, doubts) = askings(decision, input)
        let facts = Set(decision.questions + doubts + (past.incidents?.needs ?? []).map { .fact($0) }).sorted()
        var step = Step(
            questions: past.questions + facts.filter { !input.asked.questions.contains($0) },
            plan: decision.plan, dryRunPlan: decision.dryRunPlan, snapshot: decision.snapshot, view: decision.view,
            dryRunView: decision.dryRunView, decided: decision)
        step.askings = askings
        step.absences = past.absences?.findings ?? []
        (step.decided.absences, step.decided.incidents) = (past.absences, past.incidents)
        conclude(&step, past, &record, input)
        (step.entries, step.actions, step.remarks) = (record.entries, record.actions, record.remarks)
        step.metrics = StepMetrics(step.plan, step.dryRunPlan, acts: acts)
        step.metrics.unknownIDs = input.poll.gapsLeft
        step.metrics.entries = step.entries.count
        step.metrics.isTakenOver = decision.isTakenOver
        return step
    }

    /// What is known once the past is settled.
    private struct Past {
        /// What only rows by id can tell of it.
        var questions: [Question]
        /// Workflows that are missed, and failures that belong together, where policies or settings look at such.
        var absences: AbsenceWatch?, incidents: IncidentWatch?
    }

    /// What was observed settles what was open: requests, replays, policies that healed too little, runs that are missed,
    /// incidents. What follows is in the ledger of `input` before anything is decided.
    private func settle(_ input: inout Input, _ record: inout StepRecord) -> Past {
        let before = input.ledger.view(
            of: instance, shadow: !acts, at: input.poll.clockOffset.agent(input.now))
        if input.poll.contradiction == nil {
            input.poll.contradiction = EpochWatch.Contradiction(before.children, input.observed.executions)
        }
        var reconciler = Reconciler(
            observed: input.observed, poll: input.poll, instance: instance, now: input.now, view: before,
            asked: input.asked, requestGrace: input.requestGrace)
        reconciler.reconcile(input.start)
        record.append(reconciler.events, to: &input.ledger)
        record.remarks += reconciler.remarks
        record.append(replaysToStop(before, input), to: &input.ledger)
        let demotions = demotions(before, input)
        record.append(demotions.map { .demoted(instance, $0) }, to: &input.ledger)
        record.remarks += demotions.map(Remark.init)
        let absences = absences(input)
        let missed = absencesToTell(absences, input)
        record.append(missed, to: &input.ledger)
        let incidents = incidents(input)
        let opened = incidentsToTell(incidents, before, input)
        record.append(opened, to: &input.ledger)
        record.remarks += absenceRemarks(missed) + incidentRemarks(opened)
        return Past(
            questions: openQuestions(before, reconciler.watched, input), absences: absences, incidents: incidents)
    }

    /// Decides about every execution. What follows from a chain being exhausted is decided in the same step: no plan is
    /// silent of what comes at the next.
    private func decideAll(_ input: inout Input, _ record: inout StepRecord) -> Decided {
        let decision = decide(input)
        let exhausted = decision.exhausted(instance, acts: acts)
        guard !exhausted.isEmpty else { return decision }
        record.append(exhausted, to: &input.ledger)
        return decide(input)
    }

    /// Writes down what was decided and what is over by that, lets old runs be deleted, and asks whom it has to ask.
    private func conclude(_ step: inout Step, _ past: Past, _ record: inout StepRecord, _ input: Input) {
        record.remarks += heldBulkStops(step.plan) + [pause(step.view), Remark(input.poll.clockOffset)]
        record.append(step.decided, acts: acts, input)
        record.append(replaysThatAreOver(step, input))
        let over = incidentsThatAreOver(past.incidents, step, input)
        record.append(over)
        record.remarks += incidentRemarks(over)
        deleteOld(&step, &record, input)
        let asks = closings(step, input) + asks(step, input)
        record.append(asks)
        record.remarks += asks.compactMap(Remark.init)
        step.decided.noteRecord(of: record.decided)
        guard let tick = input.tick else { return }
        record.append(tick, before: input.ledger.tick(of: instance), isOfOther: input.poll.contradiction != nil)
    }

    /// What was observed, as the planner takes it.
    func snapshot(_ input: Input) -> Snapshot {
        var snapshot = Snapshot(
            instance: instance, now: input.now, clockOffset: input.poll.clockOffset, baseline: baseline,
            coverage: Coverage(
                lookBack: lookBack, retriesKnownFrom: input.coverage.coveredFrom,
                rowsKnownFrom: input.coverage.listedFrom, idsKnownFrom: input.poll.accountedFrom,
                unknownIDs: input.poll.gapsLeft, hidesWaiting: input.capabilities?.hidesWaiting ?? false))
        snapshot.notOffered = input.capabilities?.notOffered ?? []
        snapshot.completeness = input.poll.completeness
        snapshot.executions = input.observed.executions
        snapshot.firstSeen = input.observed.firstSeen
        snapshot.lastSeenWaiting = input.observed.lastSeenWaiting
        snapshot.seenLive = input.observed.seenLive
        snapshot.newestSuccess = input.observed.newestSuccess
        snapshot.highest = input.observed.highest
        snapshot.runTimes = input.observed.runTimes
        snapshot.details = input.facts.details
        snapshot.tags = input.facts.tags
        snapshot.unreadableTags = input.facts.hidingTags
        snapshot.workflows = input.facts.workflows
        return snapshot
    }

    private func decide(_ input: Input) -> Decided {
        let snapshot = snapshot(input)
        let now = snapshot.clockOffset.agent(snapshot.now)
        let view = input.ledger.view(of: instance, shadow: !acts, at: now)
        // Dry-run policies count on shadow counters, also in an agent that acts.
        let dryRunView = acts ? input.ledger.view(of: instance, shadow: true, at: now) : view
        return Decided(input.policies, snapshot, view, dryRunView, since: input.previous)
    }

    /// Rows that only an answer by id tells of: whether one was made after an answer, whether a stopped run went on, whether
    /// a deleted one is gone, whether a retry that is not answered has succeeded.
    private func openQuestions(_ view: LedgerView, _ intents: [Intent], _ input: Input) -> [Question] {
        var ids: [ExecutionID] = []
        for intent in intents {
            let proof = NonExecutionProof.evaluate(
                intent, input.observed.executions, children: view.children, clock: input.poll.clockOffset,
                grace: input.requestGrace)
            if case .ask(let id) = proof { ids.append(id) }
        }
        let deletions = intents.filter { $0.draft.action == .delete && $0.state == .unresolved }
        ids += deletions.prefix(Cycle.deletionsAskedFor).map(\.draft.execution)
        let agentNow = input.poll.clockOffset.agent(input.now)
        let stops = Reconciler.stopsToLookAt(intents, at: agentNow, input.stopLooks)
        ids += stops.prefix(Cycle.stopsAskedFor).map(\.draft.execution).filter { !input.poll.seen.contains($0) }
        let retries = Reconciler.retriesToVerify(intents, at: agentNow).map(\.draft.execution)
        ids += retries.filter { !input.poll.seen.contains($0) }.prefix(Cycle.retriesAskedFor)
        return Set(ids).sorted().map { .row($0) }.filter { !input.asked.questions.contains($0) }
    }

    private static let retriesAskedFor = 5
    private static let deletionsAskedFor = 5
    private static let stopsAskedFor = 10

    /// Says that acting is paused, and later that it is not any more.
    private func pause(_ view: LedgerView) -> Remark {
        let topic = Remark.Topic(name: "pause", again: .days(1))
        guard let reason = view.paused else {
            return Remark(.info, "acting.resumed", "not paused any more: acting again", topic: topic)
        }
        return Remark(
            .warning, "acting.paused", "acting is paused, evaluating and recording go on: \(reason)", topic: topic)
    }

    /// Says why runs are stopped one by one where one request was asked for; again when the reason changes.
    private func heldBulkStops(_ plan: Plan) -> [Remark] {
        plan.heldBulkStops.map { stop in
            Remark(
                .info, "bulk_stop.held", "one request for all is held: \(stop.why)", [("policy", stop.policy)],
                topic: Remark.Topic(name: "bulk_stop.held \(stop.policy)", again: nil))
        }
    }

    /// Lets the deleting policies decide about a page of what is older than the look-back: nothing else may happen to such
    /// rows, and nothing is deleted while anything else is done or unread.
    private func deleteOld(_ step: inout Step, _ record: inout StepRecord, _ input: Input) {
        // Caps count what the ledger holds, where this step's own actions are not written yet. So old rows wait for a tick in
        // which nothing else is done.
        guard input.policies.deletesSome, input.poll.completeness == .complete, input.coverage.unread.isEmpty,
            step.questions.isEmpty, step.plan.actions.isEmpty
        else { return }
        guard let page = input.asked.oldPage else {
            if !input.asked.questions.contains(.oldPage) { step.questions.append(.oldPage) }
            return
        }
        guard !page.rows.isEmpty else { return }
        let (deletion, held, heldInDryRun) = DeletionWalk.decide(page, input.policies, step)
        step.questions += deletion.questions.filter { !input.asked.questions.contains($0) }.prefix(
            DeletionWalk.detailsPerPage)
        record.append(deletion, acts: acts, input)
        step.plan.decisions += deletion.plan.decisions + held
        step.dryRunPlan.decisions += deletion.dryRunPlan.decisions + heldInDryRun
    }
}
