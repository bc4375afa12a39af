import MendflowCore

extension InstanceAgent {
    /// How long the answer of a server about what it can do is taken for granted, where nothing contradicts it.
    private static let probeInterval = Period.minutes(10)

    /// What the server can do; asked at the start and again when an answer contradicts it. Nil where it cannot be asked.
    func serverCapabilities(_ report: inout TickReport) async -> ServerCapabilities? {
        // An upgrade contradicts nothing that an older server is asked: it is looked for once in a while.
        let isOld = probedAt.map { $0 + InstanceAgent.probeInterval <= clock.monotonic() } ?? true
        if let capabilities, !mustProbeServer, !isOld { return capabilities }
        do {
            var found = try await reader.capabilities()
            // Whether queued rows are hidden shows only when one is met.
            found.hidesQueued = found.hidesQueued || capabilities?.hidesQueued == true
            probedAt = clock.monotonic()
            if let capabilities, !capabilities.isProvisional, !capabilities.isAsGood(as: found) {
                emit(.warning, "server.changed", "n8n can do other things than before; was it upgraded?", found.fields)
            } else if capabilities == nil {
                emit(.info, "server.probed", "n8n behaves as era \(found.era.rawValue.uppercased())", found.fields)
            }
            capabilities = found
            mustProbeServer = false
            return found
        } catch {
            report.now = clock.now() + (clockOffset)
            report.failures = [error]
            report.completeness = .partial([error.description])
            noteFailures(report.failures)
            return nil
        }
    }

    /// Polls; what it brings is taken over unless it contradicts what is known.
    func poll(_ capabilities: ServerCapabilities, _ report: inout TickReport) async -> Intake.Report {
        let isFirst = state == nil || !isRecovered
        let intake = intake(capabilities)
        // Into a book of its own: actions that are under way use this one meanwhile.
        var fresh = book.withoutRows
        var next = progress
        var poll = await intake.poll(&fresh, live: book.live, &next, offset: clockOffset)
        // A database may be swapped while we look elsewhere: it is recognised anew with each deep sweep.
        let isDue = isFirst || next.sweptAt != progress.sweptAt
        if isDue, poll.contradiction == nil, poll.failures.isEmpty {
            var watch = fresh.watch
            if !isFirst {
                watch.remember(EpochWatch.fingerprints(book.executions.values, at: clock.now() + clockOffset))
            }
            await intake.checkFingerprints(watch, asked: isFirst ? 3 : 0, &poll)
        }
        take(fresh, next, &poll)
        // What an empty server could not show can be asked once it lists something.
        let canTellMore = capabilities.isProvisional && !progress.coverage.isEmpty
        if poll.contradictsCapabilities || canTellMore { mustProbeServer = true }
        learnHiding(poll)
        report.requests = poll.load.requests
        report.bytes = poll.load.bytes
        report.rows = poll.rows
        report.completeness = poll.completeness
        report.failures = poll.failures
        report.gapsLeft = poll.gapsLeft
        report.accountedFrom = poll.accountedFrom.map { ExecutionID("\($0)") }
        report.coveredFrom = progress.coverage.coveredFrom
        report.now = clock.now() + poll.clockOffset
        lookProbes = poll.load.probesLeft
        noteFailures(poll.failures)
        for failure in poll.unreadable { emit(failure) }
        return poll
    }

    /// Takes over what a poll brought; nothing of it where it contradicts what is known.
    private func take(_ fresh: ExecutionBook, _ next: Intake.Progress, _ poll: inout Intake.Report) {
        let now = clock.now() + poll.clockOffset
        if poll.contradiction == nil {
            do throws(EpochWatch.Contradiction) { try book.note(fresh, at: now) } catch { poll.note(error) }
        }
        if let contradiction = poll.contradiction { return raiseAlarm(contradiction) }
        clockOffset = poll.clockOffset
        for id in poll.gone { book.noteMissing(id) }
        book.noteHeight(at: now)
        // Before anything is decided: of what is older than the look-back the retries may be unread.
        let edge = now - configuration.lookBack
        book.prune(endedBefore: edge - .hours(1), gapsBelow: book.watch.floor(edge))
        progress = next
        book.watch.sight(book.highest, at: now, lookBack: configuration.lookBack)
    }

    func intake(_ capabilities: ServerCapabilities) -> Intake {
        Intake(
            reader: reader, clock: clock, configuration: configuration, capabilities: capabilities,
            gaps: gapReach(capabilities))
    }

    /// Ids that no list shows are asked for only where it matters: a policy looks at what may be hidden, or a retry of ours
    /// is under way or unanswered (semantics 23).
    private func gapReach(_ capabilities: ServerCapabilities) -> GapReach {
        // A server that lists some queued runs may hide others: those that this main process put into the queue.
        if policies.watches(.queued) { return .lookBack }
        if policies.watches(.waiting), capabilities.hidesWaiting { return .lookBack }
        do {
            let open = try ledger.intents(in: [.reserved, .sending, .unresolved], instance: instance)
                .filter { $0.child == nil && $0.reservedAt + configuration.lookBack > clock.now() }
            // A hidden retry of what is deleted may be any id.
            if open.contains(where: { $0.draft.action == .delete && $0.state == .reserved }) { return .lookBack }
            // Any retry of an execution has a higher id than it, and ours one above the watermark too.
            let from = open.filter { $0.draft.action == .retry }.map { $0.watermark ?? $0.draft.execution }.min()
            return from.map { .above($0) } ?? .nowhere
        } catch {
            return .lookBack
        }
    }

    /// One queued row tells whether lists show such rows.
    private func learnHiding(_ poll: Intake.Report) {
        if let id = poll.hiddenQueued, capabilities?.hidesQueued == false {
            capabilities?.hidesQueued = true
            emit(.info, "server.hides_queued", "queued execution \(id) is in no list: n8n runs in queue mode")
        }
        sayGaps(poll.gapsOutgrown ? poll.gapsLeft : 0)
    }

    /// Says that gaps have outgrown the budget, once an hour while they have, and that they have not any more.
    private func sayGaps(_ left: Int) {
        let now = clock.monotonic()
        guard left > 0 else {
            if gapsSaidAt != nil { emit(.info, "gaps.closed", "every id that matters is accounted for again") }
            gapsSaidAt = nil
            return
        }
        guard gapsSaidAt.map({ $0 + .hours(1) <= now }) ?? true else { return }
        gapsSaidAt = now
        emit(
            .warning, "gaps.outgrown",
            "\(left) ids are in no list and were not asked for yet; gap_budget is \(configuration.gapBudget) per tick",
            [("gaps_left", "\(left)")])
    }

    private func noteFailures(_ failures: [ReadFailure]) {
        for failure in failures { emit(failure) }
        guard let first = failures.first else {
            if failedPolls > 1 { emit(.info, "read.recovered", "n8n answers again after \(failedPolls) failed polls") }
            (failedPolls, askedToWait) = (0, nil)
            return
        }
        failedPolls += 1
        askedToWait = first.retryAfter
    }

    /// The database is another one: nothing is done any more until an operator adopts it, whatever process runs.
    func raiseAlarm(_ contradiction: EpochWatch.Contradiction) {
        let words =
            "\(contradiction.sentence); n8n's database seems restored or "
            + "swapped. Nothing is done here until `mendflow instance adopt --reason ...`"
        if !hasSaidAlarm { emit(.error, "epoch.alarm", words) }
        hasSaidAlarm = true
        guard let view = view(), view.alarm == nil else { return }
        let record = AuditRecord(
            .epoch, instance: instance, at: clock.now(), execution: contradiction.id,
            fields: ["what": "alarm", "why": .text(contradiction.words)])
        _ = commit([.alarm(instance, reason: words)], [record])
    }

    /// Unsettled accounts need to know when a row was made, which only an answer by id tells.
    func askForCreation(now: Timestamp) async {
        guard let view = view() else { return }
        let accounting = Accounting(book: book)
        for intent in view.intents {
            guard case .ask(let id) = accounting.balance(intent) else { continue }
            do throws(ReadFailure) {
                guard let row = try await reader.execution(id) else { continue }
                do { try book.note(row, at: now) } catch { raiseAlarm(error) }
            } catch {
                emit(error)
            }
        }
    }

    /// Voids what the accounts prove to have done nothing.
    func settleAccounted(
        _ view: LedgerView, _ writing: inout TickWriting, _ now: Timestamp
    ) {
        let accounting = Accounting(book: book)
        for intent in view.intents {
            guard case .nothingRan(let last) = accounting.balance(intent) else { continue }
            let words = "\(Proof.accounted): no id from \(intent.watermark?.text ?? "") to \(last) is a retry of it"
            writing.settle(intent, Settlement(.void, note: words), at: now)
        }
    }

    /// Writes down what cannot be seen any more: live rows that were not kept, ids that are in no list and are not there,
    /// and the time in which nobody looked.
    func recordGaps(_ poll: Intake.Report, _ view: LedgerView, _ writing: inout TickWriting, _ now: Timestamp) {
        func gap(_ execution: ExecutionID?, _ fields: [String: AuditValue]) {
            writing.add(AuditRecord(.coverageGap, instance: instance, at: now, execution: execution, fields: fields))
        }
        for id in poll.gone where !view.gone.contains(id) {
            writing.add(.latch(instance, Latch(.gone, id, at: now), shadow: false))
            gap(id, ["why": "it was live and is not there any more: it ended and was not kept, or was deleted"])
        }
        if !poll.missing.isEmpty {
            gap(
                nil,
                [
                    "why": "n8n gave these ids and has no such executions: they were not kept, or were deleted",
                    "ids": .text(poll.missing.description), "count": .integer(Int64(poll.missing.count)),
                ])
        }
        if !isRecovered, let state, state.at + configuration.lookBack < clock.now() {
            gap(
                nil,
                [
                    "why": "nobody looked for longer than look_back", "from": .optional(state.at),
                    "to": .optional(now - configuration.lookBack),
                ])
        }
    }
}

extension Intake {
    /// Looks for rows by which the database is recognised, and which no list showed. That one of them is gone proves
    /// nothing; where a database that has rows has none of them any more, it is another one.
    func checkFingerprints(_ watch: EpochWatch, asked: Int, _ report: inout Report) async {
        let known = watch.newest + watch.oldestRows.filter { !watch.newest.contains($0) }
        var isRecognised = report.seen.contains(where: watch.knows)
        var gone = 0
        // A row that is listed recognises it; at a start some of the others are compared as well.
        for id in known.filter({ !report.seen.contains($0) }).prefix(isRecognised ? asked : known.count) {
            report.load.ask()
            let found: Execution?
            do throws(ReadFailure) { found = try await reader.execution(id) } catch { return }
            guard let found else {
                gone += 1
                continue
            }
            do throws(EpochWatch.Contradiction) { try watch.check(found) } catch { return report.note(error) }
            isRecognised = true
        }
        guard !isRecognised, gone >= EpochWatch.enough, !report.seen.isEmpty, let newest = known.first else { return }
        report.note(
            EpochWatch.Contradiction(
                id: newest, words: "and so is every other of \(gone) executions that were known", isGone: true)
        )
    }
}

extension ServerCapabilities {
    /// What log lines say of them.
    var fields: [(String, String)] {
        [
            ("era", era.rawValue), ("started_after", "\(boundsByStart)"), ("exact_filters", "\(filtersExactly)"),
            ("hides_waiting", "\(hidesWaiting)"), ("hides_queued", hidesQueued ? "true" : "unknown"),
        ]
    }
}
