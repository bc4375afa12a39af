import MendflowCore

/// What was read just before acting, shared by all actions that begin within two seconds of it (semantics 32).
struct SharedLook: Sendable {
    /// When it began and ended, on the clock that nobody sets.
    let begun: Period, ended: Period
    /// Whether it asked far beyond the highest id.
    let isFar: Bool
    /// Nil where it was read whole; otherwise what is missing.
    let failure: String?
    /// What the lists of live runs showed.
    let live: Set<ExecutionID>
    /// How many ids that no list shows were not asked for, because the budget was spent.
    let gapsLeft: Int

    /// What the record says of it.
    var extent: String { gapsLeft == 0 ? "complete" : "partial: \(gapsLeft) ids are in no list and were not asked for" }

    /// How long one look serves, and how long it may have taken.
    private static let lifetime = Period.seconds(2), longest = Period.seconds(10)

    func isFresh(at now: Period) -> Bool {
        now - ended < SharedLook.lifetime && ended - begun < SharedLook.longest
    }
}

extension InstanceAgent {
    /// Looks once more: the live lists, the newest rows, what no list shows, then the row itself. Answers why not to act,
    /// or nil.
    func lastLook(_ intent: Intent) async -> String? {
        let isBulk = intent.draft.action == .bulkStop
        await takeLook(isFar: isBulk)
        if let failure = look?.failure { return "the last look failed: \(failure)" }
        let before = book.executions[intent.draft.execution] ?? old[intent.draft.execution]
        let row: Execution?
        do { row = try await reader.execution(intent.draft.execution) } catch {
            // Some releases answer 500 about some rows, which their lists show all the same: what has ended stays as it is,
            // and what is live was listed a moment ago.
            guard error.concernsOneRow, let before, lookSaw(before) else { return "the last look failed: \(error)" }
            row = before
        }
        guard let row else {
            noteGone(intent.draft.execution)
            return "gone: n8n has no such execution any more"
        }
        guard let before, before.status == row.status else {
            return "drifted: \(before?.status.rawValue ?? "unseen") -> \(row.status.rawValue)"
        }
        if let start = before.startedAt, let now = row.startedAt, start != now {
            return "another database: its start differs"
        }
        return switch intent.draft.action {
        case .retry: objectionToRetry(intent, row)
        case .bulkStop: objectionToBulkStop(intent)
        case .delete: await objectionToDeletion(row)
        case .stop, .tag: nil
        }
    }

    /// Whether a row may stand for itself as the lists show it.
    private func lookSaw(_ row: Execution) -> Bool {
        row.status.isFailed || row.status == .success || look?.live.contains(row.id) == true
    }

    /// A row that is not there any more is planned for no longer.
    private func noteGone(_ id: ExecutionID) {
        book.noteMissing(id)
        let latch = Latch(.gone, id, at: clock.now() + clockOffset)
        _ = commit([.latch(instance, latch, shadow: false)], [.latched(latch, instance: instance, at: latch.at)])
    }

    /// The call must stop exactly what was planned, or less: n8n stops whatever its body describes (semantics 35).
    private func objectionToBulkStop(_ intent: Intent) -> String? {
        guard let bulk = intent.draft.bulk else { return nil }
        if let left = look?.gapsLeft, left > 0 { return "\(left) ids are in no list and were not asked for" }
        let predicted = Set(bulk.predicted)
        let others = book.executions.values.filter { bulk.request.covers($0) && !predicted.contains($0.id) }
        if let other = others.map(\.id).min() { return "drifted: it would stop \(other) too" }
        return nil
    }

    private func objectionToDeletion(_ row: Execution) async -> String? {
        // No run that was retried may be left looking as if it was not.
        if let parent = row.retryOf {
            do throws(ReadFailure) {
                if try await reader.execution(parent) != nil { return "older first: \(parent) is there still" }
            } catch { return "the last look failed: \(error)" }
        }
        guard let view = view() else { return "the ledger cannot be read" }
        let chain = Lineage(rows: book.executions, knownChildren: view.children).chain(of: row.id)
        return chain.live.first.map { "live: \($0.id) is \($0.status.rawValue)" }
    }

    private func objectionToRetry(_ intent: Intent, _ row: Execution) -> String? {
        if row.retrySuccess != nil { return "healed: n8n names a successful retry" }
        guard let view = view() else { return "the ledger cannot be read" }
        let lineage = Lineage(rows: book.executions, knownChildren: view.children)
        let chain = lineage.chain(of: row.id)
        if chain.hasSuccess || view.healed.contains(chain.root) { return "healed: the chain has succeeded" }
        if let live = chain.live.first { return "live: \(live.id) is \(live.status.rawValue)" }
        if let newest = chain.newestLeaf, newest.id != row.id { return "retried meanwhile: \(newest.id)" }
        return nil
    }

    /// Makes sure of a fresh look. Actions that begin together wait for the one that is being taken.
    private func takeLook(isFar: Bool) async {
        while look.map({ !$0.isFresh(at: clock.monotonic()) || isFar && !$0.isFar }) ?? true {
            guard !isLooking else {
                await withCheckedContinuation { awaitingLook.append($0) }
                continue
            }
            isLooking = true
            await refreshLook(isFar: isFar)
            isLooking = false
            let waiting = awaitingLook
            awaitingLook = []
            for one in waiting { one.resume() }
            return
        }
    }

    private func refreshLook(isFar: Bool) async {
        let begun = clock.monotonic()
        guard let capabilities else {
            look = SharedLook(
                begun: begun, ended: begun, isFar: isFar, failure: "the server was not probed yet", live: [],
                gapsLeft: 0)
            return
        }
        var intake = intake(capabilities)
        intake.looksFarAhead = isFar
        var report = Intake.Report(
            load: TickLoad(configuration, begun: begun, probesLeft: lookProbes), clockOffset: clockOffset)
        var failure: String?
        var live: Set<ExecutionID> = []
        // The book is the actor's: what came while waiting is kept, rows of this look are laid over it.
        var fresh = book.withoutRows
        do {
            try await intake.readLive(&fresh, &report)
            live = Set(fresh.live.map(\.id))
            try await intake.readNewest(downTo: book.highest, &fresh, progress, &report)
            var known = progress
            try await intake.probeGaps(&fresh, &known, &report)
            if !report.seen.isEmpty { fresh.noteMissing(report.missing) }
            try book.note(fresh, at: clock.now() + report.clockOffset)
            failure = report.reasons.first
        } catch let error as ReadFailure {
            failure = error.description
        } catch let error as EpochWatch.Contradiction {
            raiseAlarm(error)
            failure = error.sentence
        } catch {
            failure = "\(error)"
        }
        lookProbes = report.load.probesLeft
        look = SharedLook(
            begun: begun, ended: clock.monotonic(), isFar: isFar, failure: failure, live: live,
            gapsLeft: report.gapsLeft)
    }
}
