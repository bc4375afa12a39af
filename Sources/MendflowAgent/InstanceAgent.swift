public import MendflowCore
internal import MendflowCycle
public import MendflowLedger

/// The loop for one instance: surveys it, writes down what was decided, and carries out what is due. What is decided, and
/// why, is the `Surveyor`'s and the `Cycle`'s; here are only effects.
public actor InstanceAgent {
    let surveyor: Surveyor
    let ledger: LiveLedger
    let audience: Audience
    var dispatch: Dispatch
    var outbox = Outbox()
    var hearing: Hearing
    private(set) var pace: Pace
    private var feed: PolicyFeed
    var fate: Fate

    /// Makes an agent of an instance that `init` has written a baseline for. `marks` are those of the agent before it, where
    /// they tell what it has sent.
    ///
    /// - Throws: `LedgerFailure.missing` where there is no baseline, or what the ledger says.
    public init(
        configuration: AgentConfiguration, reader: any ExecutionReader, writer: (any ExecutionWriter)?,
        store: any LedgerStore, clock: any AgentClock, events: any EventSink, policies: PolicySet,
        hold: (any LedgerHold)? = nil, marks: SendMarks? = nil, hook: StepHook? = nil, refresh: PolicyRefresh? = nil,
        observer: (any AgentObserver)? = nil, hints: HintInbox? = nil, bell: Bell? = nil,
        atRest: @escaping @Sendable () -> Void = {}
    ) async throws(LedgerFailure) {
        let name = configuration.instance
        let since = LedgerHorizon.start(at: clock.now(), lookBack: configuration.lookBack, policies.longestWindow)
        let scope = LedgerScope.instance(name, since: since)
        let ledger = try await Ledger(store, scope)
        let state = await ledger.state
        guard let baseline = state.baseline(of: name) else { throw .missing("a baseline of instance '\(name)'") }
        self.ledger = LiveLedger(ledger, scope, clock)
        surveyor = Surveyor(
            configuration: configuration, reader: reader, clock: clock, policies: policies, baseline: baseline,
            tick: state.tick(of: baseline.instance))
        audience = Audience(
            Speech(instance: name, clock: clock, events: events), observer, onRest: atRest)
        dispatch = Dispatch(writer: configuration.mode == .enforce ? writer : nil, hold: hold)
        hearing = Hearing(hints, bell)
        feed = PolicyFeed(refresh)
        fate = Fate(hook: hook)
        pace = Pace(configuration, start: CycleStart(state, baseline, configuration, marks, now: clock.now()))
    }

    nonisolated var clock: any AgentClock { surveyor.clock }

    /// The epoch that it works in.
    public nonisolated var epoch: Int { surveyor.instance.epoch }

    /// Why this agent has ended by itself; nil where it has not: its ledger's file is not where it was.
    public nonisolated var displaced: LedgerFailure? { get async { await ledger.displaced } }

    /// Ticks until the task is cancelled or the ledger is gone; actions run beside the loop, and what is under way then is
    /// left to recovery.
    public func run() async {
        await withDiscardingTaskGroup { group in
            var next = clock.monotonic()
            while !Task.isCancelled, !fate.isKilled {
                await audience.begins()
                let report = await tick()
                for action in report.started { group.addTask { await self.perform(action) } }
                await audience.ended(report, of: surveyor)
                if report.snapshot == nil { await ledger.look() }
                if await displaced != nil { break }
                // The next slot follows from the last one, not from now: a slow tick does not shift all that follow.
                next = max(next + pause, clock.monotonic())
                await noteSilence()
                if !pace.hasMore { audience.isAtRest() }
                await ledger.noteHead()
                await noteRest(until: next)
                do {
                    let wasWoken = try await rest(until: next)
                    next = wasWoken ? clock.monotonic() : max(next, clock.monotonic())
                } catch { break }
            }
            group.cancelAll()
        }
    }

    /// Puts on record that the server asked to be left alone, so that `status` can say why nothing happens.
    private func noteSilence() async {
        guard let left = pace.silence(at: clock.monotonic()), left > pace.configuration.pollInterval else { return }
        let end = clock.now() + left
        let message = "n8n asks to be left alone until \(end.rfc3339): nothing is read or sent; kill -HUP ends it"
        await append(
            [.lifecycle(.silenced(instance: surveyor.instance.name, until: end))], isOutcome: false,
            [Remark(.warning, "server.asks_to_wait", message)])
    }

    private func noteRest(until next: Period) async {
        let now = clock.monotonic()
        await audience.rests(until: next, silentUntil: pace.silence(at: now).map { now + $0 })
    }

    /// Waits for a tick's time, and as long as the server asked to be left alone; a person who wants a look ends both. Answers
    /// whether something ended it earlier.
    private func rest(until next: Period) async throws -> Bool {
        let wasWoken = try await restOrWake(until: next)
        while let left = pace.silence(at: clock.monotonic()) {
            let turn = min(left, pace.configuration.pollInterval)
            if try await hearing.waits(atMost: turn, clock, forHints: false) {
                pace.endSilence()
                return true
            }
            await takeFresh()
        }
        return wasWoken
    }

    /// Waits for a tick's time. While there is a replay, it ends as soon as the ledger tells something new: that a retry has
    /// ended, so that the next one can be sent, or that a person paused the replay or lets it go on.
    private func restOrWake(until next: Period) async throws -> Bool {
        guard !feed.replays.isEmpty else { return try await restOrObey(until: next) }
        while clock.monotonic() < next {
            if try await restOrHear(until: min(clock.monotonic() + .seconds(1), next)) { return true }
            if await ledger.hasMoved() { return true }
        }
        return false
    }

    /// Waits for a tick's time, or a hint. A time that hints make longer is no time for people to wait: what they ordered,
    /// and files that changed, are looked for every poll interval all the same, which asks n8n nothing, and end it.
    private func restOrObey(until next: Period) async throws -> Bool {
        let interval = pace.configuration.pollInterval
        while !pace.isFailing, next - clock.monotonic() > interval {
            if try await restOrHear(until: clock.monotonic() + interval) { return true }
            if await ledger.hasOrders(for: surveyor.instance.name) { return true }
            if await takeFresh() != nil { return true }
        }
        return try await restOrHear(until: next)
    }

    /// Takes new policies, where there are any.
    @discardableResult
    private func takeFresh() async -> FreshPolicies? {
        guard let refresh = feed.refresh else { return nil }
        feed.learn(await ledger.openReplays(of: surveyor.instance))
        guard let fresh = await refresh(feed.replays) else { return nil }
        await surveyor.reload(fresh)
        pace.configuration.lookBack = fresh.lookBack
        return fresh
    }

    /// Ticks until everything is read and asked for, what policies may delete included, and waits for the actions, both
    /// bounded; what is under way at the deadline is left to recovery. The report is that of the last tick, with the costs and
    /// actions of all.
    @discardableResult
    public func runOnce() async -> TickReport {
        let (clock, deadline) = (self.clock, pace.configuration.onceDeadline)
        var report = await withTaskGroup(of: TickReport?.self) { group in
            group.addTask { await self.tickUntilAllIsRead() }
            group.addTask {
                // Cancelled as soon as the actions have ended.
                try? await clock.sleep(for: deadline)
                return nil
            }
            var found: TickReport?
            for await result in group {
                found = found ?? result
                group.cancelAll()
            }
            return found ?? TickReport()
        }
        await writeOutstanding()
        report.ledgerFailed = report.ledgerFailed || !outbox.isEmpty
        return report
    }

    private func tickUntilAllIsRead() async -> TickReport {
        await withDiscardingTaskGroup { group in
            var report = TickReport()
            var postponed = 0
            while !Task.isCancelled, !fate.isKilled {
                let next = await tick()
                for action in next.started { group.addTask { await self.perform(action) } }
                report = next.after(report)
                guard await displaced == nil else { break }
                postponed = next.oldRows == .postponed ? postponed + 1 : 0
                let hasOldRows = next.oldRows == .left || (1...InstanceAgent.mostPostponed).contains(postponed)
                guard pace.hasMore || hasOldRows && next.failures.isEmpty else { break }
                // What n8n's limit of reads leaves to the next window.
                if let wait = pace.silence(at: clock.monotonic()) { try? await clock.sleep(for: wait) }
            }
            return report
        }
    }

    /// How often in a row old rows may be left to the next tick for the sake of something else.
    private static let mostPostponed = 5

    /// Surveys, writes down what was decided, and answers what is to be carried out. Never waits for a request.
    public func tick() async -> TickReport {
        var report = TickReport()
        guard !fate.isKilled else { return report }
        if let jump = pace.jump(wall: clock.now(), monotonic: clock.monotonic()) {
            report.completeness = .partial(["the clock jumped ahead by \(jump)"])
            let message = "the wall clock jumped ahead by \(jump); this tick acts on nothing"
            audience.tell([Remark(.warning, "clock.jumped", message)])
            return report
        }
        hearing.heed()
        await takeFresh()
        await writeOutstanding()
        await ledger.endPauses(of: surveyor.instance.name)
        await hear()
        var refused: Set<ExecutionID> = [], isAnew = false
        do throws(LedgerFailure) {
            while true {
                let survey = try await surveyor.survey(
                    ledger, start: pace.start, refused: refused)
                report.add(survey)
                noteFailures(survey)
                guard let step = survey.step else { return report }
                report.policies = await surveyor.policies
                do throws(LedgerFailure) {
                    report.started = try await write(step)
                    await learnOfKeys(step, report.started)
                    hangUp(step)
                    await noteQuiet(survey, step)
                    pace.hasStarted()
                    break
                } catch .refused(.alreadyIntended(let execution)) where !refused.contains(execution) {
                    // The ledger knows more than the view: its word is final, and the others must not wait for this one.
                    let message = "the ledger holds an intent for execution \(execution) already"
                    audience.tell([Remark(.error, "action.refused", message)])
                    refused.insert(execution)
                } catch .refused(.noEvidence) where !isAnew {
                    // Records were sealed meanwhile, and with them what the decisions were made from: it is written again.
                    isAnew = true
                }
            }
        } catch {
            noteLedger(error)
            report.ledgerFailed = true
        }
        return report
    }

    /// Appends what a step decided, and answers the actions that it may send.
    private func write(_ step: Step) async throws(LedgerFailure) -> [TickReport.Started] {
        guard !fate.isKilled else { return [] }
        let numbers = try await ledger.append(step.entries)
        noteLedger(nil)
        audience.tell(step.remarks)
        return step.actions.filter { !$0.isShadow }.map { planned in
            let intent = Intent(
                id: IntentID(numbers[planned.entry]), draft: planned.action.draft, state: .reserved,
                reservedAt: step.entries[planned.entry].at)
            return TickReport.Started(
                intent: intent.underItsFormerKey(step.view.intents), action: planned.action, judged: planned.judged)
        } + askings(of: step)
    }

    private func noteFailures(_ survey: Survey) {
        // What a stop of the program cut off is no fault.
        audience.tell(survey.remarks.filter { $0.name != "read.failed" || !Task.isCancelled })
        if let recovered = pace.note(survey, at: clock.monotonic()) {
            let message = "n8n answers again after \(recovered) failed polls"
            audience.tell([Remark(.info, "read.recovered", message)])
        }
        guard let step = survey.step else { return }
        audience.tell([
            Remark(
                .debug, "tick", "tick \(survey.tick)",
                [
                    ("requests", "\(survey.requests)"), ("bytes", "\(survey.bytes)"), ("details", "\(survey.details)"),
                    ("rows", "\(survey.rows)"), ("held_rows", "\(survey.heldRows)"),
                    ("held_details", "\(survey.heldDetails)"), ("held_intents", "\(step.view.intents.count)"),
                    ("look_back_minutes", "\(pace.configuration.lookBack.milliseconds / 60_000)"),
                ] + step.metrics.fields)
        ])
    }
}
