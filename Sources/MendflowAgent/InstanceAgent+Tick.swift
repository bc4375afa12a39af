import MendflowCore

extension InstanceAgent {
    /// Polls, decides, records, and answers what is to be carried out. Never waits for a retry.
    public func tick() async -> TickReport {
        var report = TickReport()
        report.tick = (state?.tick ?? 0) + 1
        guard !isKilled, await clockIsSteady(&report) else { return report }
        if let fresh = refresh?() { reload(fresh) }
        writeOutstanding()
        guard let capabilities = await serverCapabilities(&report) else { return report }
        let poll = await poll(capabilities, &report)
        report.clockOffset = poll.clockOffset
        await refreshWorkflows(&report, now: report.now)
        await askForCreation(now: report.now, offset: poll.clockOffset)
        guard settleKnown(poll, now: report.now) else {
            report.ledgerFailed = true
            return report
        }
        await decide(&report)
        await decideDeletions(&report)
        finishTick(poll, &report)
        return report
    }

    /// A wall clock that got far ahead of the monotonic one between two ticks holds one tick.
    private func clockIsSteady(_ report: inout TickReport) async -> Bool {
        let (wall, monotonic) = (clock.now(), clock.monotonic())
        defer { (lastWall, lastMonotonic) = (wall, monotonic) }
        guard let lastWall, let lastMonotonic else { return true }
        let ahead = (wall - lastWall) - (monotonic - lastMonotonic)
        guard ahead > .minutes(5) else { return true }
        report.completeness = .partial(["the clock jumped ahead by \(ahead)"])
        emit(.warning, "clock.jumped", "the wall clock jumped ahead by \(ahead); this tick acts on nothing")
        return false
    }

    private func refreshWorkflows(_ report: inout TickReport, now: Timestamp) async {
        let isOld = workflowsReadAt.map { $0 + configuration.workflowRefresh <= now } ?? true
        let knowsAll = book.executions.values.allSatisfy { book.workflows?[$0.workflow] != nil }
        // A workflow that the key cannot see stays unknown: it is asked for once a minute, not on every tick.
        let isDue = workflowsReadAt.map { $0 + .minutes(1) <= now } ?? true
        guard isOld || (!knowsAll && isDue) else { return }
        do {
            let workflows = try await reader.workflows()
            book.workflows = Dictionary(workflows.map { ($0.id, $0) }) { first, _ in first }
            workflowsReadAt = now
        } catch {
            workflowsReadAt = now
            emit(error)
            report.failures.append(error)
        }
    }

    /// Writes down what the rows prove about the past, and at the first tick settles what the last process left open.
    private func settleKnown(_ poll: Intake.Report, now: Timestamp) -> Bool {
        guard let view = view(now) else { return false }
        var (changes, audit) = Attachment(executions: book.executions, view: view).changes(instance: instance, now: now)
        recordGaps(poll, view, &changes, &audit, now)
        settleAccounted(view, offset: poll.clockOffset, &changes, &audit, now)
        let attached = Set(changes.compactMap { if case .settle(let id, _) = $0 { id } else { nil } })
        if !isRecovered { learn(view.learnedTags) }
        if !isRecovered, !isPreview { recover(view, attached, &changes, &audit, now) }
        verifyStops(view, &changes, &audit, now)
        guard commit(changes, audit) != nil else { return false }
        isRecovered = true
        return true
    }

    /// Reserved without sending is proof that nothing was sent; sending without an outcome is unresolved.
    private func recover(
        _ view: LedgerView, _ attached: Set<IntentID>, _ changes: inout [LedgerChange], _ audit: inout [AuditRecord],
        _ now: Timestamp
    ) {
        for kind in view.suspended.keys.sorted() { changes.append(.suspend(instance, kind, reason: nil)) }
        for intent in view.intents where intent.state.isOpen && !attached.contains(intent.id) {
            let settlement =
                intent.state == .reserved
                ? Settlement(.void, note: Proof.neverSent.description)
                : Settlement(.unresolved, note: "the agent ended before an answer came")
            changes.append(.settle(intent.id, settlement))
            audit.append(.outcome(intent, settlement, at: now))
        }
    }

    /// A stop is believed when the row says so; one that did not take twice is not hammered.
    private func verifyStops(
        _ view: LedgerView, _ changes: inout [LedgerChange], _ audit: inout [AuditRecord], _ now: Timestamp
    ) {
        for intent in view.intents where intent.draft.action == .bulkStop && !intent.draft.isShadow {
            verifyBulk(intent, &changes, &audit, now)
        }
        for intent in view.intents where intent.draft.action == .stop && !intent.draft.isShadow {
            guard intent.state == .applied || intent.state == .unresolved, intent.note?.hasPrefix("verified") != true,
                let row = book.executions[intent.draft.execution], let settled = intent.settledAt
            else { continue }
            var settlement: Settlement?
            if !row.status.isLive {
                settlement = Settlement(.applied, note: "verified: \(row.status.rawValue)")
            } else if intent.draft.attempt >= 2, settled + .seconds(60) <= now {
                settlement = Settlement(.ineffective, note: "still \(row.status.rawValue)")
            }
            guard let settlement else { continue }
            changes.append(.settle(intent.id, settlement))
            audit.append(.outcome(intent, settlement, at: now))
        }
    }

    /// Predicted, what n8n says it stopped, and what is seen to have stopped, side by side. What goes on is stopped by
    /// itself then.
    private func verifyBulk(
        _ intent: Intent, _ changes: inout [LedgerChange], _ audit: inout [AuditRecord], _ now: Timestamp
    ) {
        guard intent.state == .applied || intent.state == .unresolved, intent.note?.contains("verified") != true,
            let bulk = intent.draft.bulk, let settled = intent.settledAt, settled + .seconds(60) <= now
        else { return }
        let live = bulk.predicted.filter { book.executions[$0]?.status.isLive == true }
        let canceled = bulk.predicted.count { book.executions[$0]?.status == .canceled }
        let words = "\(intent.note ?? ""), \(canceled) verified as canceled, \(live.count) still live"
        let settlement = Settlement(.applied, note: words)
        changes.append(.settle(intent.id, settlement))
        audit.append(.outcome(intent, settlement, at: now))
    }

    func view(_ now: Timestamp, also rows: [Execution] = []) -> LedgerView? {
        do {
            return try read(now, shadow: writer == nil, also: rows)
        } catch {
            emit(.error, "ledger.failed", "\(error)")
            return nil
        }
    }

    /// The ledger's view, with the past of every chain that the book shows.
    func read(_ now: Timestamp, shadow: Bool, also rows: [Execution] = []) throws(LedgerFailure) -> LedgerView {
        let since = viewStart(now)
        return try ledger.view(
            of: instance, since: since, shadow: shadow,
            chains: LedgerView.chainsToRead(book.executions.values, since: since)
                .union(LedgerView.chainsToRead(rows, since: since)))
    }

    private func finishTick(_ poll: Intake.Report, _ report: inout TickReport) {
        let isComplete = report.completeness == .complete
        let next = TickState(
            tick: report.tick, at: clock.now(), accounted: progress.coverage.mark,
            coveredFrom: progress.coverage.coveredFrom, sweptAt: progress.sweptAt,
            rows: isComplete ? poll.rows : state?.rows ?? 0, live: book.liveStates, clockOffset: poll.clockOffset,
            missing: book.missing, sightings: book.watch.sightings,
            fingerprints: EpochWatch.fingerprints(book.executions.values))
        if commit([.tick(instance, next)], []) == nil { report.ledgerFailed = true } else { state = next }
        emit(
            .debug, "tick", "tick \(report.tick)",
            [
                ("requests", "\(report.requests)"), ("bytes", "\(report.bytes)"), ("details", "\(report.details)"),
                ("rows", "\(report.rows)"), ("gaps_left", "\(report.gapsLeft)"),
                ("judged", "\(report.plan.rowsJudged)"), ("due", "\(report.plan.actions.count)"),
            ])
    }
}
