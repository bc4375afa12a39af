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
        await askForCreation(now: report.now)
        await verifyDeletions()
        await lookAtStoppedAgain(poll, now: report.now)
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
        guard let view = view() else { return false }
        var writing = TickWriting()
        Attachment(executions: book.executions, view: view).write(into: &writing, instance: instance, now: now)
        recordGaps(poll, view, &writing, now)
        settleAccounted(view, &writing, now)
        if !isRecovered { learn(view.learnedTags) }
        if !isRecovered, !isPreview { recover(view, &writing, now) }
        verifyStops(view, &writing, now)
        letTagsBeWrittenAgain(view, &writing, now)
        guard commit(writing.changes, writing.audit) != nil else { return false }
        isRecovered = true
        return true
    }

    /// Reserved without sending is proof that nothing was sent; sending without an outcome is unresolved.
    private func recover(_ view: LedgerView, _ writing: inout TickWriting, _ now: Timestamp) {
        for kind in view.suspended.keys.sorted() { writing.add(.suspend(instance, kind, reason: nil)) }
        for intent in view.intents where intent.state.isOpen {
            let settlement =
                intent.state == .reserved
                ? Settlement(.void, note: Proof.neverSent.description)
                : Settlement(.unresolved, note: "the agent ended before an answer came")
            writing.settle(intent, settlement, at: now)
        }
    }

    /// A tag write whose end is not known is no loss: writing a set again does nothing twice, so it may be planned again.
    private func letTagsBeWrittenAgain(_ view: LedgerView, _ writing: inout TickWriting, _ now: Timestamp) {
        for intent in view.intents where intent.draft.action == .tag && intent.state == .unresolved {
            writing.settle(intent, Settlement(.void, note: "not verified; it may be written again"), at: now)
        }
    }

    func view(also rows: [Execution] = []) -> LedgerView? {
        do {
            return try read(shadow: writer == nil, also: rows)
        } catch {
            emit(.error, "ledger.failed", "\(error)")
            return nil
        }
    }

    /// The ledger's view, with the past of every chain that the book shows, and its times on the server's clock: that is
    /// the one that decisions go by.
    func read(shadow: Bool, also rows: [Execution] = []) throws(LedgerFailure) -> LedgerView {
        let since = viewStart()
        return try ledger.view(
            of: instance, since: since, shadow: shadow,
            chains: LedgerView.chainsToRead(book.executions.values, since: since)
                .union(LedgerView.chainsToRead(rows, since: since))
        ).shifted(by: clockOffset)
    }

    /// Rows that this poll showed again; where it showed none, those of before.
    private func fingerprints(_ poll: Intake.Report, _ now: Timestamp) -> [InstanceBaseline.Fingerprint] {
        let seen = poll.seen.compactMap { book.executions[$0] }
        let found = EpochWatch.fingerprints(seen, at: now)
        return found.isEmpty ? state?.fingerprints ?? [] : found
    }

    private func finishTick(_ poll: Intake.Report, _ report: inout TickReport) {
        let isComplete = report.completeness == .complete
        let next = TickState(
            tick: report.tick, at: clock.now(), accounted: progress.coverage.mark,
            coveredFrom: progress.coverage.coveredFrom, sweptAt: progress.sweptAt,
            rows: isComplete ? poll.rows : state?.rows ?? 0, live: book.liveStates, clockOffset: poll.clockOffset,
            missing: book.missing, sightings: book.watch.sightings,
            fingerprints: fingerprints(poll, report.now),
            coveredSince: progress.coverage.coveredFrom == nil
                ? report.now - configuration.lookBack : state?.coveredSince)
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
