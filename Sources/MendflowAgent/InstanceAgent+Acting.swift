import MendflowCore
import MendflowCycle
import MendflowLedger

/// Outcomes that could not be written down yet, oldest first.
struct Outbox: Sendable {
    var waiting: [[LedgerEntry]] = []
    var isEmpty: Bool { waiting.isEmpty }
}

extension InstanceAgent {
    /// Carries one action out: does what its state machine says, and tells it what came of it.
    func perform(_ started: TickReport.Started) async {
        guard let writer else { return }
        var run = ActionRun(started.intent, judged: started.judged, tagIDs: await surveyor.tagIDs)
        do throws(AgentKilled) {
            try await step(.reserved, run.intent)
            var effect = run.next(.begin(isCancelled: Task.isCancelled))
            var isSent = false
            while true {
                switch effect {
                case .look(let isFar): effect = try await look(&run, isFar)
                case .readTags: effect = run.next(await tags(run))
                case .append(let events, let isOutcome, let remarks):
                    effect = run.next(.appended(await append(events, isOutcome: isOutcome, remarks)))
                case .send(let request):
                    try await step(.sending, run.intent)
                    let answer = await writer.send(request)
                    try await step(.answered, run.intent)
                    isSent = true
                    await noteChange(by: answer, of: run.intent)
                    let (now, offset) = (clock.now(), await surveyor.clockOffset)
                    effect = run.next(.answered(answer, at: now, offset.server(now)))
                case .finish:
                    if isSent { try await step(.settled, run.intent) }
                    return
                }
            }
        } catch {
            isKilled = true
        }
    }

    private func step(_ step: ActingStep, _ intent: Intent) async throws(AgentKilled) {
        if isKilled { throw AgentKilled() }
        try await hook?(step, intent)
    }

    private func look(_ run: inout ActionRun, _ isFar: Bool) async throws(AgentKilled) -> ActionRun.Effect {
        let result = await surveyor.look(run.intent, judged: run.judged, isFar: isFar, ledger)
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
        speech.tell(result.remarks)
        if !result.events.isEmpty { _ = await append(result.events, isOutcome: false, []) }
    }

    /// Takes in what our own request changed, so that it need not be read from n8n.
    private func noteChange(by answer: WriteAnswer, of intent: Intent) async {
        switch intent.draft.action {
        case .delete: if case .applied = answer { await surveyor.noteDeleted(intent.draft.execution) }
        case .tag: await surveyor.forgetTags(of: intent.draft.execution)
        case .retry, .stop, .bulkStop: break
        }
    }

    /// Appends entries; an outcome that cannot be written now is kept and tried again.
    private func append(_ events: [LedgerEvent], isOutcome: Bool, _ remarks: [Remark]) async -> LedgerFailure? {
        guard !isKilled else { return nil }
        let entries = events.map { LedgerEntry($0, at: clock.now()) }
        do throws(LedgerFailure) {
            try await write(entries, isOutcome: isOutcome)
            speech.tell(remarks)
            return nil
        } catch {
            guard isOutcome, !isKilled else { return error }
            outbox.waiting.append(entries)
            speech.tell([
                Remark(.error, "ledger.failed", "\(error)"),
                Remark(
                    .error, "outcome.unwritten",
                    "\(remarks.last?.message ?? "an outcome") could not be written down; it is tried again"),
            ])
            return error
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
        while !isKilled, let next = outbox.waiting.first {
            do throws(LedgerFailure) { try await write(next, isOutcome: true) } catch {
                let message = "\(error); \(outbox.waiting.count) outcomes are still to be written"
                return speech.tell([Remark(.error, "ledger.failed", message)])
            }
            outbox.waiting.removeFirst()
        }
    }
}
