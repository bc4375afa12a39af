package import MendflowCore
package import MendflowCycle
package import MendflowLedger

/// What was read just before acting, shared by all actions that begin within two seconds of it (semantics 32).
struct SharedLook: Sendable {
    /// When it began and ended, in monotonic time.
    let begun: Period, ended: Period
    /// Whether it asked far beyond the highest id.
    let isFar: Bool
    /// Nil where it was read whole; otherwise what is missing.
    let failure: String?
    /// What the lists of live runs showed.
    let live: Set<ExecutionID>
    /// How many ids that no list shows were not asked for, because the budget was spent.
    let gapsLeft: Int
    /// How many ids above the highest known could not be read.
    let unreadAhead: Int

    /// What the record says of it.
    var extent: String { gapsLeft == 0 ? "complete" : "partial: \(gapsLeft) ids are in no list and were not asked for" }

    /// How long one look serves, and how long it may have taken.
    private static let lifetime = Period.seconds(2), longest = Period.seconds(10)

    func isFresh(at now: Period) -> Bool {
        now - ended < SharedLook.lifetime && ended - begun < SharedLook.longest
    }
}

/// The last look, and the actions that wait for what is being read.
struct Looks {
    var last: SharedLook?
    var isLooking = false
    /// Workflows as they were read by last looks, those that are being read now, and since when.
    var workflows: [WorkflowID: FreshWorkflow] = [:]
    var readingWorkflows: Set<WorkflowID> = []
    var waiting: [CheckedContinuation<Void, Never>] = []

    /// Lets all who wait look whether what they wait for is there.
    mutating func wake() {
        let waiting = waiting
        self.waiting = []
        for one in waiting { one.resume() }
    }
}

/// What a look before acting found.
package struct LookResult: Sendable {
    /// Why not to act; nil where nothing is against it.
    package var objection: String?
    /// The highest id known: a retry of ours will have a higher one.
    package var watermark: ExecutionID?
    /// How much was seen.
    package var extent: String
    /// When it ended, in monotonic time, which goes on while the machine sleeps.
    package var ended = Period.zero
    /// What is to be written down beside: a row that is gone, a database that is another one.
    package var events: [LedgerEvent] = []
    /// What is worth telling.
    package var remarks: [Remark] = []
}

extension Surveyor {
    /// Looks once more before an action: the live lists, the newest rows, what no list shows, then the row itself.
    package func look(
        _ intent: Intent, judged: Execution?, _ facts: ChangeableFacts, isFar: Bool, _ ledger: some LedgerSource
    ) async -> LookResult {
        var result = LookResult(objection: nil, watermark: nil, extent: "complete")
        do throws(LookFailure) {
            let state = try await ledgerState(ledger)
            await lookAnew(isFar: isFar, state, &result)
            if let failure = looks.last?.failure { throw LookFailure("the last look failed: \(failure)") }
            result.objection = try await objection(intent, judged, facts, ledger, &result)
        } catch {
            result.objection = error.message
        }
        result.watermark = memory.observed.highest
        result.extent = looks.last?.extent ?? "complete"
        result.ended = looks.last?.ended ?? clock.monotonic()
        return result
    }

    /// The tags of an execution, as they are now.
    package func tags(of id: ExecutionID) async -> (Result<[AnnotationTag]?, ReadFailure>, LookResult) {
        var result = LookResult(objection: nil, watermark: nil, extent: looks.last?.extent ?? "complete")
        let found: Result<[AnnotationTag]?, ReadFailure>
        do throws(ReadFailure) {
            let tags = try await twice { () throws(ReadFailure) in try await reader.tags(of: id) }
            result.events = learn(from: tags ?? [], &result.remarks)
                .map { .learnedTag(instance, name: $0.name, id: $0.id) }
            found = .success(tags)
        } catch { found = .failure(error) }
        result.watermark = memory.observed.highest
        return (found, result)
    }

    /// Takes room for a request that changes something out of n8n's limit; how long there is none, nil where there was.
    package func takeWrite() -> Period? { reader.takeWrite() }

    /// Takes in that an execution was deleted by us.
    package func noteDeleted(_ id: ExecutionID) {
        memory.observed.noteMissing(id)
        memory.facts.forget(memory.observed.takeChanged())
    }

    /// Has the server asked anew, at the next survey, what it can do.
    package func doubtCapabilities() { memory.mustProbeServer = true }

    /// Forgets the tags of an execution, which were changed by us.
    package func forgetTags(of id: ExecutionID) { memory.facts.forgetTags(of: id) }

    /// The ids of annotation tags by name, the learned ones too.
    package var tagIDs: [String: String] { policies.tagIDs }

    private func ledgerState(_ ledger: some LedgerSource) async throws(LookFailure) -> LedgerState {
        do throws(LedgerFailure) { return try await state(ledger) } catch {
            throw LookFailure("the ledger cannot be read: \(error)")
        }
    }

    private func objection(
        _ intent: Intent, _ judged: Execution?, _ facts: ChangeableFacts, _ ledger: some LedgerSource,
        _ result: inout LookResult
    ) async throws(LookFailure) -> String? {
        let id = intent.draft.execution
        let before = memory.observed.executions[id] ?? judged
        let row: Execution?
        do throws(ReadFailure) {
            row = try await twice { () throws(ReadFailure) in try await reader.execution(id) }
        } catch {
            // Some releases answer 500 about some rows, which their lists show all the same: what has ended stays as it is,
            // and what is live was listed a moment ago.
            guard error.concernsOneRow, let before, lookSaw(before) else {
                throw LookFailure("the last look failed: \(error)")
            }
            row = before
        }
        if row == nil {
            // A row that is not there any more is planned for no longer.
            noteDeleted(id)
            result.events.append(
                .latched(instance, Latch(.gone, id, at: memory.clockOffset.server(clock.now())), shadow: false))
        }
        var parentIsThere = false
        if intent.draft.action == .delete, let parent = row?.retryOf {
            do throws(ReadFailure) {
                parentIsThere = try await twice { () throws(ReadFailure) in try await reader.execution(parent) } != nil
            } catch {
                throw LookFailure("the last look failed: \(error)")
            }
        }
        let present = intent.draft.action == .tag ? facts : try await presentFacts(facts)
        let saved = try await savedWorkflow(intent)
        let view = try await ledgerState(ledger).view(of: instance, shadow: false)
        return PreFlight(
            intent: intent, judged: judged, facts: facts, present: present, row: row, observed: memory.observed,
            view: view, gapsLeft: looks.last?.gapsLeft ?? 0, unreadAhead: looks.last?.unreadAhead ?? 0,
            parentIsThere: parentIsThere, saved: saved
        ).objection
    }

    /// What is read, asked for once more at once where the first answer was an accident: of all actions that are decided
    /// many are dropped otherwise, for the sake of one lost answer.
    func twice<Value>(_ read: () async throws(ReadFailure) -> Value) async throws(ReadFailure) -> Value {
        do throws(ReadFailure) { return try await read() } catch {
            guard error.mayPassAtOnce else { throw error }
            return try await read()
        }
    }

    /// Whether a row may stand for itself as the lists show it.
    private func lookSaw(_ row: Execution) -> Bool {
        row.status.isFailed || row.status == .success || looks.last?.live.contains(row.id) == true
    }

    /// Makes sure of a fresh look. Actions that begin together wait for the one that is being taken.
    private func lookAnew(isFar: Bool, _ state: LedgerState, _ result: inout LookResult) async {
        while looks.last.map({ !$0.isFresh(at: clock.monotonic()) || isFar && !$0.isFar }) ?? true {
            guard !looks.isLooking else {
                await withCheckedContinuation { looks.waiting.append($0) }
                continue
            }
            looks.isLooking = true
            let failure = await refreshLook(isFar: isFar, state, &result)
            if let failure, failure.mayPassAtOnce { _ = await refreshLook(isFar: isFar, state, &result) }
            looks.isLooking = false
            looks.wake()
            return
        }
    }

    /// Reads what is shared by all actions that begin now; answers the failure that ended it, where one did.
    private func refreshLook(
        isFar: Bool, _ state: LedgerState, _ result: inout LookResult
    ) async -> ReadFailure? {
        let begun = clock.monotonic()
        guard let capabilities = memory.capabilities else {
            looks.last = SharedLook(
                begun: begun, ended: begun, isFar: isFar, failure: "the server was not probed yet", live: [],
                gapsLeft: 0, unreadAhead: 0)
            return nil
        }
        var poller = poller(capabilities, state, configuration)
        poller.looksFarAhead = isFar
        var report = Poller.Report(
            budget: PollBudget(configuration, begun: begun, probesLeft: memory.lookProbes),
            clockOffset: memory.clockOffset, rowClock: memory.progress.rowClock)
        var failure: String?
        var ended: ReadFailure?
        var live: Set<ExecutionID> = []
        // What came while waiting is kept; rows of this look are laid over it.
        var fresh = memory.observed.withoutRows
        do {
            try await poller.readLive(&fresh, &report)
            live = Set(fresh.live.map(\.id))
            try await poller.readNewest(downTo: memory.observed.highest, &fresh, memory.progress, &report)
            var known = memory.progress
            try await poller.probeGaps(&fresh, &known, &report)
            if !report.seen.isEmpty { fresh.noteMissing(report.missing) }
            try memory.observed.note(fresh, at: report.clockOffset.server(clock.now()))
            memory.facts.forget(memory.observed.takeChanged())
            failure = report.reasons.first
            noteAhead(report)
        } catch let error as ReadFailure {
            failure = error.description
            ended = error
        } catch let error as EpochWatch.Contradiction {
            memory.contradiction = error
            failure = error.sentence
        } catch {
            failure = "\(error)"
        }
        memory.lookProbes = report.budget.probesLeft
        looks.last = SharedLook(
            begun: begun, ended: clock.monotonic(), isFar: isFar, failure: failure, live: live,
            gapsLeft: report.gapsLeft, unreadAhead: report.unreadAhead)
        return ended
    }
}

/// Why a last look came to nothing.
struct LookFailure: Error {
    var message: String
    init(_ message: String) { self.message = message }
}
