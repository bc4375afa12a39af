import MendflowCore
import MendflowCycle
import MendflowLedger

/// What was sent and is not settled yet.
struct Outbox: Sendable {
    /// Outcomes that could not be written down yet, oldest first; tried again at every tick.
    var waiting: [[LedgerEntry]] = []
    /// The calls of retries that are open: ends the waiting for their answer.
    var openCalls: [IntentID: AsyncStream<Never>.Continuation] = [:]
    /// Intents whose requests are being asked for again.
    var asking: Set<IntentID> = []
    /// Whether it was said that the ledger cannot be written.
    var isLedgerDown = false
    var isEmpty: Bool { waiting.isEmpty }
}

extension InstanceAgent {
    /// Carries one action out: does what its state machine says, and tells it what came of it.
    func perform(_ started: TickReport.Started) async {
        guard let writer = dispatch.writer else { return }
        defer { outbox.asking.remove(started.intent.id) }
        var run = ActionRun(
            started.intent, judged: started.judged, facts: started.action.facts, tagIDs: await surveyor.tagIDs,
            witness: dispatch.keys.witness)
        do throws(AgentKilled) {
            if !run.asksAgain { try await step(.reserved, run.intent) }
            // What n8n would refuse for its limit waits until there is room: the last look comes after that.
            while !Task.isCancelled, let wait = await surveyor.takeWrite() { try? await clock.sleep(for: wait) }
            var effect = run.next(.begin(isCancelled: Task.isCancelled))
            var isSent = false
            var looked = clock.monotonic()
            while true {
                switch effect {
                case .look(let isFar): effect = try await look(&run, isFar, &looked)
                case .readTags: effect = run.next(await tags(run))
                case .prove: effect = run.next(.proved(await askWitness(of: run.intent, writer), at: clock.now()))
                case .append(let events, let isOutcome, let remarks):
                    let failure = await append(events, isOutcome: isOutcome, remarks)
                    let offset = await surveyor.clockOffset
                    effect = run.next(
                        .appended(
                            failure, sinceLook: clock.monotonic() - looked,
                            at: offset.isDisputed ? nil : offset.server(clock.now())))
                case .send(let request):
                    try await step(.sending, run.intent)
                    guard let answer = try await answer(to: request, run.intent, writer) else { return }
                    try await step(.answered, run.intent)
                    isSent = true
                    await noteChange(by: answer, of: run.intent)
                    effect = run.next(.answered(answer, at: clock.now(), await surveyor.clockOffset))
                case .leave(let remark): return audience.tell(remark)
                case .finish:
                    if isSent { try await step(.settled, run.intent) }
                    return
                }
            }
        } catch {
            fate.isKilled = true
        }
    }

    /// Sends a request and waits for its answer; nil where the waiting was ended, for its outcome is on record by then.
    private func answer(
        to request: ExecutionRequest, _ intent: Intent, _ writer: any ExecutionWriter
    ) async throws(AgentKilled) -> WriteAnswer? {
        do throws(LedgerFailure) { try dispatch.hold?.mark(intent.id) } catch {
            let words = "\(error); \(intent.draft.action.rawValue) is not sent"
            return .nothing(proof: .notSent, scope: .thisTry, status: nil, message: words, retryAfter: nil)
        }
        try await step(.opening, intent)
        guard intent.draft.action == .retry else { return await writer.send(request, key: intent.key) }
        let (hangUp, end) = AsyncStream<Never>.makeStream()
        outbox.openCalls[intent.id] = end
        defer { outbox.openCalls[intent.id] = nil }
        return await withTaskGroup(of: WriteAnswer?.self) { group in
            group.addTask { await writer.send(request, key: intent.key) }
            group.addTask {
                for await _ in hangUp {}
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            // A task that is cut off by the agent's end has its answer all the same: how much of the request was sent.
            if first == nil, Task.isCancelled { return await group.next() ?? nil }
            return first
        }
    }

    /// Ends the calls of retries whose run has ended and which n8n answers no more, as it may in queue mode.
    func hangUp(_ step: Step) {
        guard !outbox.openCalls.isEmpty else { return }
        for intent in step.view.intents {
            guard let call = outbox.openCalls[intent.id], intent.isAnsweredNoMore(in: step.snapshot) else {
                continue
            }
            let words =
                "n8n does not answer the retry of \(intent.draft.execution), whose run \(intent.child?.text ?? "") has ended"
            audience.tell([Remark(.info, "action.hung_up", words)])
            call.finish()
        }
    }

    private func step(_ step: ActingStep, _ intent: Intent) async throws(AgentKilled) {
        if fate.isKilled { throw AgentKilled() }
        try await fate.hook?(step, intent)
    }

    private func look(
        _ run: inout ActionRun, _ isFar: Bool, _ looked: inout Period
    ) async throws(AgentKilled) -> ActionRun.Effect {
        let result = await surveyor.look(run.intent, judged: run.judged, run.facts, isFar: isFar, ledger)
        looked = result.ended
        await note(result)
        if result.objection == nil { try await step(.looked, run.intent) }
        return run.next(
            .looked(objection: result.objection, watermark: result.watermark, extent: result.extent))
    }

    private func tags(_ run: ActionRun) async -> ActionRun.Event {
        let (found, result) = await surveyor.tags(of: run.intent.draft.execution)
        await note(result)
        return .tags(found, watermark: result.watermark, extent: result.extent)
    }

    private func note(_ result: LookResult) async {
        audience.tell(result.remarks)
        if !result.events.isEmpty { _ = await append(result.events, isOutcome: false, []) }
    }

    /// Takes in what our own request changed, so that it need not be read from n8n.
    private func noteChange(by answer: WriteAnswer, of intent: Intent) async {
        // Another server than the one that was asked what it can do.
        if case .nothing(let proof, _, _, _, _) = answer, proof.saysNotOffered { await surveyor.doubtCapabilities() }
        switch intent.draft.action {
        case .delete: if case .applied = answer { await surveyor.noteDeleted(intent.draft.execution) }
        case .tag: await surveyor.forgetTags(of: intent.draft.execution)
        case .retry, .stop, .bulkStop: break
        }
    }

    /// Appends entries; an outcome that cannot be written now is kept and tried again.
    @discardableResult
    func append(_ events: [LedgerEvent], isOutcome: Bool, _ remarks: [Remark]) async -> LedgerFailure? {
        guard !fate.isKilled else { return nil }
        let entries = events.map { LedgerEntry($0, at: clock.now()) }
        do throws(LedgerFailure) {
            try await write(entries, isOutcome: isOutcome)
            audience.tell(remarks)
            return nil
        } catch {
            guard isOutcome, !fate.isKilled else { return error }
            outbox.waiting.append(entries)
            noteLedger(error)
            let what = remarks.last?.message ?? "an outcome"
            if case .fenced = error {
                audience.tell([Remark(.info, "outcome.left", "\(what): whoever leads now finds that out by itself")])
            } else {
                audience.tell([
                    Remark(.error, "outcome.unwritten", "\(what) could not be written down; it is tried again")
                ])
            }
            return error
        }
    }

    /// Tells why the ledger could not be written, and once that it can be again (nil).
    func noteLedger(_ failure: LedgerFailure?) {
        switch failure {
        case nil:
            guard outbox.isLedgerDown else { return }
            outbox.isLedgerDown = false
            audience.tell([Remark(.info, "ledger.back", "the ledger can be written again")])
        case let failure?:
            audience.tell([Remark(failure)])
            switch failure {
            case .fenced, .refused, .moved: break
            default: outbox.isLedgerDown = true
            }
        }
    }

    /// Appends entries. A tick may have seen a retry's child, and settled the intent, before its answer came: then all of
    /// the answer's entries are written but the outcome.
    private func write(_ entries: [LedgerEntry], isOutcome: Bool) async throws(LedgerFailure) {
        do throws(LedgerFailure) { _ = try await ledger.append(entries) } catch .refused(.wrongState) where isOutcome {
            let rest = entries.filter { if case .outcome = $0.event { false } else { true } }
            _ = try await ledger.append(rest)
        }
    }

    /// Writes down what could not be written before; what recovery settled meanwhile is left as it is.
    func writeOutstanding() async {
        while !fate.isKilled, let next = outbox.waiting.first {
            do throws(LedgerFailure) { try await write(next, isOutcome: true) } catch {
                let left = outbox.waiting.count
                let words = "\(left) \(left == 1 ? "outcome is" : "outcomes are") still to be written"
                return audience.tell([Remark(error, "; \(words)")])
            }
            outbox.waiting.removeFirst()
        }
    }
}

extension Intent {
    /// How long after its run's end a retry's call is given to be answered.
    private static let patience = Period.seconds(30)

    /// Whether its run has ended so long ago that its call will not be answered any more.
    fileprivate func isAnsweredNoMore(in snapshot: Snapshot) -> Bool {
        guard state == .applied, let child, let settledAt,
            snapshot.clockOffset.server(settledAt) + Intent.patience <= snapshot.now
        else { return false }
        // What was seen may be a person's, and ours another one.
        let others = snapshot.executions.notable.values.filter {
            hasDoubtfulChild && $0.retryOf == draft.execution && $0.id > (watermark ?? draft.execution)
        }
        let isOver = { (row: Execution) in
            !row.status.isLive && row.endedAt.map { $0 + Intent.patience <= snapshot.now } ?? false
        }
        guard others.allSatisfy(isOver) else { return false }
        return snapshot.executions[child].map(isOver) ?? (snapshot.executions[draft.execution]?.retrySuccess == child)
    }
}
