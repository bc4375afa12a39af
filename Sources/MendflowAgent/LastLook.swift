import MendflowCore

/// What was read just before acting, shared by all actions that begin within two seconds of it (semantics 32).
struct SharedLook: Sendable {
    let at: Timestamp
    /// Nil where it was read whole; otherwise what is missing.
    let failure: String?
    /// How many ids that no list shows were not asked for, because the budget was spent.
    let gapsLeft: Int

    /// What the record says of it.
    var extent: String { gapsLeft == 0 ? "complete" : "partial: \(gapsLeft) ids are in no list and were not asked for" }
}

extension InstanceAgent {
    /// How long one look serves.
    static let lookLifetime = Period.seconds(2)

    /// Looks once more: the live lists, the newest rows, what no list shows, then the row itself. Answers why not to act,
    /// or nil.
    func lastLook(_ intent: Intent) async -> String? {
        await takeLook()
        if let failure = look?.failure { return "the last look failed: \(failure)" }
        let before = book.executions[intent.draft.execution] ?? old[intent.draft.execution]
        let row: Execution?
        do { row = try await reader.execution(intent.draft.execution) } catch {
            return "the last look failed: \(error)"
        }
        guard let row else { return "gone: n8n has no such execution any more" }
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
        guard let view = view(clock.now()) else { return "the ledger cannot be read" }
        let chain = Lineage(rows: book.executions, knownChildren: view.children).chain(of: row.id)
        return chain.live.first.map { "live: \($0.id) is \($0.status.rawValue)" }
    }

    private func objectionToRetry(_ intent: Intent, _ row: Execution) -> String? {
        if row.retrySuccess != nil { return "healed: n8n names a successful retry" }
        guard let view = view(clock.now()) else { return "the ledger cannot be read" }
        let lineage = Lineage(rows: book.executions, knownChildren: view.children)
        let chain = lineage.chain(of: row.id)
        if chain.hasSuccess || view.healed.contains(chain.root) { return "healed: the chain has succeeded" }
        if let live = chain.live.first { return "live: \(live.id) is \(live.status.rawValue)" }
        if let newest = chain.newestLeaf, newest.id != row.id { return "retried meanwhile: \(newest.id)" }
        return nil
    }

    /// Makes sure of a fresh look. Actions that begin together wait for the one that is being taken.
    private func takeLook() async {
        while look.map({ clock.now() - $0.at >= InstanceAgent.lookLifetime }) ?? true {
            guard !isLooking else {
                await withCheckedContinuation { awaitingLook.append($0) }
                continue
            }
            isLooking = true
            await refreshLook()
            isLooking = false
            let waiting = awaitingLook
            awaitingLook = []
            for one in waiting { one.resume() }
            return
        }
    }

    private func refreshLook() async {
        guard let capabilities else {
            look = SharedLook(at: clock.now(), failure: "the server was not probed yet", gapsLeft: 0)
            return
        }
        let intake = intake(capabilities)
        var report = Intake.Report(
            load: TickLoad(configuration, begun: clock.monotonic(), probesLeft: lookProbes),
            clockOffset: state?.clockOffset ?? .zero)
        var failure: String?
        // The book is the actor's: what came while waiting is kept, rows of this look are laid over it.
        var fresh = book.withoutRows
        do {
            try await intake.readLive(&fresh, &report)
            try await intake.readNewest(downTo: book.highest, &fresh, &report)
            var known = progress
            try await intake.probeGaps(&fresh, &known, &report)
            try book.note(fresh, at: clock.now() + report.clockOffset)
            failure = report.reasons.first
        } catch let error as ReadFailure {
            failure = error.description
        } catch let error as EpochWatch.Contradiction {
            raiseAlarm(error)
            failure = "execution \(error.id) is not what it was"
        } catch {
            failure = "\(error)"
        }
        lookProbes = report.load.probesLeft
        look = SharedLook(at: clock.now(), failure: failure, gapsLeft: report.gapsLeft)
    }
}
