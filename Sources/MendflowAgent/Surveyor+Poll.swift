import MendflowCore
import MendflowCycle
import MendflowLedger

extension Surveyor {
    /// How long the answer of a server about what it can do is taken for granted, where nothing contradicts it.
    private static let probeInterval = Period.minutes(10)

    /// What the server can do; asked at the start and again when an answer contradicts it. Nil where it cannot be asked.
    func serverCapabilities(_ survey: inout Survey) async -> ServerCapabilities? {
        // An upgrade contradicts nothing that an older server is asked: it is looked for once in a while.
        let isOld = memory.probedAt.map { $0 + Surveyor.probeInterval <= clock.monotonic() } ?? true
        if let known = memory.capabilities, !memory.mustProbeServer, !isOld { return known }
        do throws(ReadFailure) {
            var found = try await reader.capabilities()
            let known = memory.capabilities
            // Whether queued rows are hidden shows only when one is met.
            found.hidesQueued = found.hidesQueued || known?.hidesQueued == true
            memory.probedAt = clock.monotonic()
            if let known, !known.isProvisional, !known.isAsGood(as: found) {
                let message = "n8n can do other things than before; was it upgraded?"
                survey.remarks.append(Remark(.warning, "server.changed", message, found.fields))
            } else if known == nil {
                let message = "n8n behaves as era \(found.era.rawValue.uppercased())"
                survey.remarks.append(Remark(.info, "server.probed", message, found.fields))
            }
            memory.capabilities = found
            memory.mustProbeServer = false
            return found
        } catch {
            survey.failures = [error]
            survey.completeness = .partial([error.description])
            survey.remarks.append(Remark(error))
            return nil
        }
    }

    /// Polls; what it brings is taken over unless it contradicts what is known.
    func poll(
        _ capabilities: ServerCapabilities, _ ledger: LedgerState, _ survey: inout Survey
    ) async -> Poller.Report {
        let isFirst = !memory.hasPolled
        // What was read for the actions of one tick serves no other one.
        looks.workflows = [:]
        var poller = poller(capabilities, ledger, paced)
        poller.hinted = memory.hinted.next(paced.hintedPerTick)
        // It reads into observations of its own, because last looks of actions use the present ones meanwhile.
        var fresh = memory.observed.withoutRows
        var next = memory.progress
        var poll = await poller.poll(&fresh, live: memory.observed.live, &next, offset: memory.clockOffset)
        if isFirst, poll.learnedClockLate, poll.contradiction == nil {
            // What was read before n8n's clock was known is dated by another one.
            memory.clockOffset = poll.clockOffset
            (fresh, next) = (memory.observed.withoutRows, memory.progress)
            next.rowClock = poll.rowClock
            poll = await poller.poll(&fresh, live: memory.observed.live, &next, offset: memory.clockOffset)
        }
        // A database may be swapped while we look elsewhere: it is recognised with each poll that brings rows.
        if isFirst || !fresh.isRecognised, poll.contradiction == nil, poll.failures.isEmpty {
            var watch = fresh.watch
            if !isFirst {
                watch.remember(memory.observed.marks(at: memory.clockOffset.server(clock.now())))
            }
            await poller.recognise(&fresh, by: watch, asked: isFirst ? 3 : 0, &poll)
        }
        keep(fresh, next, &poll)
        if poll.contradiction == nil { memory.hinted.note(poll.hinted) }
        memory.hasPolled = true
        // What an empty server could not show can be asked once it lists something.
        let canTellMore = capabilities.isProvisional && !memory.progress.coverage.isEmpty
        if poll.contradictsCapabilities || canTellMore { memory.mustProbeServer = true }
        memory.lookProbes = poll.budget.probesLeft
        noteAhead(poll)
        learnHiding(poll, &survey)
        survey.heldRows = memory.observed.executions.count
        survey.heldDetails = memory.facts.details.count
        survey.requests = poll.budget.requests
        survey.bytes = poll.budget.bytes
        survey.rows = poll.rows
        survey.completeness = poll.completeness
        survey.failures += poll.failures
        survey.now = poll.clockOffset.server(clock.now())
        survey.remarks += (poll.failures + poll.unreadable).map { Remark($0) }
        return poll
    }

    /// Takes over what a poll brought; nothing of it where it contradicts what is known.
    private func keep(_ fresh: ObservedExecutions, _ next: Poller.Progress, _ poll: inout Poller.Report) {
        let now = poll.clockOffset.server(clock.now())
        if poll.contradiction == nil {
            do throws(EpochWatch.Contradiction) { try memory.observed.note(fresh, at: now) } catch { poll.note(error) }
        }
        memory.facts.forget(memory.observed.takeChanged())
        if let contradiction = poll.contradiction {
            memory.contradiction = contradiction
            return
        }
        memory.clockOffset = poll.clockOffset
        for id in poll.gone { memory.observed.noteMissing(id) }
        memory.observed.noteHeight(at: now)
        if poll.completeness == .complete { memory.observed.lookedAt = now }
        memory.progress = next
        // Where nobody can tell the time, nothing is known to be old, and nothing that was seen is known to be of now.
        guard !poll.clockOffset.isDisputed else { return }
        // Rows are dropped before anything is decided: the retries of what is older than the look-back may be unread.
        let edge = now - configuration.lookBack
        memory.observed.prune(endedBefore: edge - .hours(1), gapsBelow: memory.observed.watch.floor(edge))
        memory.facts.forget(memory.observed.takeChanged())
        memory.observed.watch.sight(memory.observed.highest, at: now, lookBack: configuration.lookBack)
    }

    func poller(
        _ capabilities: ServerCapabilities, _ ledger: LedgerState, _ configuration: AgentConfiguration
    ) -> Poller {
        Poller(
            reader: reader, clock: clock, configuration: configuration, capabilities: capabilities,
            gaps: gapReach(capabilities, ledger))
    }

    /// The configuration with what a tick may ask for as far as n8n's limit of reads has room for it.
    var paced: AgentConfiguration {
        guard let room = reader.keyLimits.reads?.room(at: clock.monotonic()) else { return configuration }
        var paced = configuration
        paced.pagesPerTick = min(paced.pagesPerTick, max(1, room / 2))
        paced.gapBudget = min(paced.gapBudget, room / 4)
        paced.vanishedPerTick = min(paced.vanishedPerTick, room / 4)
        paced.hintedPerTick = min(paced.hintedPerTick, room / 4)
        return paced
    }

    /// Ids that no list shows are asked for only where it matters: a policy looks at what may be hidden, or a retry of ours
    /// is under way or unanswered (semantics 23).
    private func gapReach(_ capabilities: ServerCapabilities, _ ledger: LedgerState) -> GapReach {
        // A server that lists some queued runs may hide others: those that this main process put into the queue.
        if policies.watches(.queued) { return .lookBack }
        if policies.needsHidden(.waiting), capabilities.hidesWaiting { return .lookBack }
        let open = ledger.intents(in: [.reserved, .sending, .unresolved], of: instance)
            .filter { $0.child == nil && $0.reservedAt + configuration.lookBack > clock.now() }
        // Before a deletion all retries of the execution must be known, and one that no list shows may have any id.
        if open.contains(where: { $0.draft.action == .delete && $0.state == .reserved }) { return .lookBack }
        // Any retry of an execution has a higher id than it, and ours one above the watermark too.
        let from = open.filter { $0.draft.action == .retry }.map { $0.watermark ?? $0.draft.execution }.min()
        return from.map { .above($0) } ?? .nowhere
    }

    /// One queued row tells whether lists show such rows.
    private func learnHiding(_ poll: Poller.Report, _ survey: inout Survey) {
        if let id = poll.hiddenQueued, memory.capabilities?.hidesQueued == false {
            memory.capabilities?.hidesQueued = true
            let message = "queued execution \(id) is in no list: n8n runs in queue mode"
            survey.remarks.append(Remark(.info, "server.hides_queued", message))
        }
        let left = poll.gapsOutgrown ? poll.gapsLeft : 0
        let message =
            left > 0
            ? "\(left) ids are in no list and were not asked for yet; gap_budget is \(configuration.gapBudget) per tick"
            : "every id that matters is accounted for again"
        survey.remarks.append(
            Remark(
                left > 0 ? .warning : .info, left > 0 ? "gaps.outgrown" : "gaps.closed", message,
                left > 0 ? [("gaps_left", "\(left)")] : [], topic: Remark.Topic(name: "gaps", again: .hours(1))))
    }

    /// Reads the workflows where that is due.
    func readWorkflows(_ survey: inout Survey) async {
        guard
            memory.facts.needsWorkflows(
                memory.observed.executions, at: survey.now, every: configuration.workflowRefresh)
        else { return }
        let found: Result<[WorkflowInfo], ReadFailure>
        do throws(ReadFailure) { found = .success(try await reader.workflows()) } catch {
            survey.remarks.append(Remark(error))
            survey.failures.append(error)
            found = .failure(error)
        }
        memory.facts.note(found, at: survey.now)
    }
}

extension Poller {
    /// Looks for rows by which the database is recognised, and which no list showed. That one of them is gone proves
    /// nothing; where a database that has rows has none of them any more, nor any other that was known, it is another one.
    func recognise(
        _ observed: inout ObservedExecutions, by watch: EpochWatch, asked: Int, _ report: inout Report
    ) async {
        let known = watch.newest + watch.oldestRows.filter { !watch.newest.contains($0) }
        var isRecognised = observed.isRecognised
        var (gone, unread) = (0, 0)
        // A row that is listed recognises it; at a start some of the others are compared as well.
        let others = known.filter { !report.seen.contains($0) }.enumerated()
        for (count, id) in others where !isRecognised || count < asked {
            report.budget.ask()
            let found: Execution?
            do throws(ReadFailure) { found = try await reader.execution(id) } catch {
                guard error.concernsOneRow else { return }
                unread += 1
                continue
            }
            guard let found else {
                gone += 1
                continue
            }
            do throws(EpochWatch.Contradiction) { try watch.check(found) } catch { return report.note(error) }
            isRecognised = true
        }
        observed.isRecognised = isRecognised || gone < EpochWatch.enough && unread == 0
        guard unread == 0 else { return }
        guard !observed.isRecognised, !report.seen.isEmpty, let newest = known.first else { return }
        report.note(
            EpochWatch.Contradiction(
                id: newest, difference: "and so is every other of \(gone) executions that were known", isGone: true))
    }
}

extension Poller.Report {
    /// What a cycle takes of it; `contradiction` is one that was found before.
    func outcome(_ contradiction: EpochWatch.Contradiction?) -> PollOutcome {
        var outcome = PollOutcome()
        outcome.gone = gone
        outcome.missing = missing
        outcome.seen = seen
        outcome.gapsLeft = gapsLeft
        outcome.accountedFrom = accountedFrom.map { ExecutionID("\($0)") }
        outcome.completeness = completeness
        outcome.clockOffset = clockOffset
        outcome.contradiction = self.contradiction ?? contradiction
        return outcome
    }
}

extension ServerCapabilities {
    /// What log lines say of them.
    fileprivate var fields: [(String, String)] {
        [
            ("era", era.rawValue), ("started_after", "\(boundsByStart)"), ("exact_filters", "\(filtersExactly)"),
            ("hides_waiting", "\(hidesWaiting)"), ("hides_queued", hidesQueued ? "true" : "unknown"),
        ] + notOffered.sorted().map { ("not_offered", $0.rawValue) }
    }
}
