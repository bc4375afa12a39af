import MendflowCore
import MendflowCycle

/// Polls one instance into observed executions (docs/architecture.md#reading). The number of requests does not depend on
/// the number of policies.
struct Poller: Sendable {
    let reader: any ExecutionReader
    let clock: any AgentClock
    let configuration: AgentConfiguration
    let capabilities: ServerCapabilities
    /// How far down ids that no list shows are asked for.
    let gaps: GapReach
    /// Whether a bulk stop is about to be sent, or a retry to be asked for again.
    var looksFarAhead = false
    /// What hints told of, to be asked for by id.
    var hinted: [ExecutionID] = []

    /// What is carried from poll to poll beside the rows.
    struct Progress: Sendable {
        var coverage: ListCoverage
        var sweep: DeepSweep?
        var sweptAt: ServerTime?
        /// Rows that started before were read already; nil until a poll was whole.
        var startBound: ServerTime?
        var lastRows = 0
        /// The newest time that rows told.
        var rowClock: RowClock?
        /// The highest id that a list showed to be made before the look-back's edge, and whether it was asked for.
        var madeBefore: ExecutionID?
        var askedMadeBefore = false

        /// Begins anew: the look-back reaches further than what was read.
        mutating func reachFurther() {
            coverage = ListCoverage()
            (sweep, sweptAt, startBound, madeBefore, askedMadeBefore) = (nil, nil, nil, nil, false)
        }
    }

    /// What a poll brought, beside the rows.
    struct Report: Sendable {
        var budget: PollBudget
        var rows = 0
        var reasons: [String] = []
        var failures: [ReadFailure] = []
        /// Rows that were live and are not there any more.
        var gone: [ExecutionID] = []
        /// Ids that no list shows, asked for in this poll and not there.
        var missing = IDRanges()
        /// What became of the executions that hints told of.
        var hinted: [ExecutionID: HintedExecutions.Found] = [:]
        /// Rows that n8n cannot give by id.
        var unreadable: [ReadFailure] = []
        /// How many rows by id had no answer at all, so that they were left for a later poll.
        var accidents = 0
        /// How many ids between known ones are neither rows nor known to be missing.
        var gapsLeft = 0
        /// How many of the ids above the highest known could not be read, so that nobody can tell whether they are given.
        var unreadAhead = 0
        /// Whether all of those were asked for that had to be.
        var lookedAhead = false
        /// The lowest id that is asked for where no list shows it; nil where none is for the look-back's sake.
        var accountedFrom: UInt64?
        /// Whether the budget ended before the gaps did.
        var gapsOutgrown: Bool { gapsLeft > 0 && budget.probesLeft == 0 }
        /// A queued row that no list shows.
        var hiddenQueued: ExecutionID?
        var clockOffset: ClockOffset
        /// The newest time that rows told.
        var rowClock: RowClock?
        /// Rows were taken in before n8n's clock turned out to be another one than was known.
        var learnedClockLate = false
        var contradiction: EpochWatch.Contradiction?
        /// The server answered as one that can do other things than it could.
        var contradictsCapabilities = false
        var seen: Set<ExecutionID> = []

        /// The database is another one; such a poll decides nothing.
        mutating func note(_ contradiction: EpochWatch.Contradiction) {
            self.contradiction = contradiction
            reasons.append(contradiction.sentence)
        }

        var completeness: Completeness { reasons.isEmpty ? .complete : .partial(reasons) }
    }

    /// The lists of what is live. Where the filter for `new` answers everything, the default list shows queued rows.
    var liveStatuses: [ExecutionStatus] {
        capabilities.filtersExactly ? [.running, .waiting, .queued] : [.running, .waiting]
    }
    /// The lists whose first page is read on every tick, whatever the rest missed.
    var sweptStatuses: [ExecutionStatus] {
        capabilities.filtersExactly ? [.error, .crashed, .canceled, .unknown] : [.error, .canceled]
    }

    /// Reads everything a tick needs into observations that have no rows yet; `live` is what was live before.
    func poll(
        _ observed: inout ObservedExecutions, live: [Execution], _ progress: inout Progress, offset: ClockOffset
    ) async -> Report {
        var report = Report(
            budget: PollBudget(configuration, begun: clock.monotonic()), clockOffset: offset,
            rowClock: progress.rowClock)
        do {
            // Running first, then ended.
            try await readLive(&observed, &report)
            try await readNew(&observed, &progress, &report)
            try await readHinted(&observed, &report)
            try await fillUnread(&observed, &progress, &report)
            try await readVanished(&observed, &report, live.filter { !report.seen.contains($0.id) })
            try await probeGaps(&observed, &progress, &report)
            try await sweep(&observed, &progress, &report)
            try await believeAbsence(&observed, &report, live)
            try await checkSuspicion(&observed, progress, &report)
        } catch let failure as ReadFailure {
            report.failures.append(failure)
            report.reasons.append(failure.description)
        } catch let contradiction as EpochWatch.Contradiction {
            report.note(contradiction)
        } catch {
            report.reasons.append("\(error)")
        }
        progress.rowClock = report.rowClock
        noteJump(&progress, before: offset, &report)
        report.rows = report.seen.count
        if report.completeness == .complete {
            progress.lastRows = report.rows
            moveBound(&progress, now: now(report))
        }
        return report
    }

    /// A poll that lists no row where many were listed before is not believed at once. A list that is bounded by start is
    /// empty on a quiet server, so it is asked for once more without the bound (semantics 24).
    private func checkSuspicion(
        _ observed: inout ObservedExecutions, _ progress: Progress, _ report: inout Report
    ) async throws {
        guard report.seen.isEmpty, progress.lastRows >= 20 else { return }
        try await read(ListQuery(limit: 20), &observed, &report)
        guard report.seen.isEmpty else { return }
        report.reasons.append("suspicious: no rows where \(progress.lastRows) were before")
    }

    /// Sets the start after which later polls list runs: five minutes ago, for workers have clocks of their own. It is moved
    /// only once in a while, so that an idle server is asked the same question, to which it answers that nothing has changed.
    private func moveBound(_ progress: inout Progress, now: ServerTime) {
        guard progress.startBound.map({ $0 + .minutes(15) <= now }) ?? true else { return }
        let bound = now - .minutes(5)
        progress.startBound = ServerTime(milliseconds: bound.milliseconds - bound.milliseconds % 60_000)
    }

    /// Reads the lists of what is live; rows that this brings up to date are in `seen`.
    ///
    /// Always before the lists of what has ended: a run that ends between two lists is in both then, and would be in
    /// neither the other way round (n8n facts 2.6).
    func readLive(_ observed: inout ObservedExecutions, _ report: inout Report) async throws {
        for status in liveStatuses {
            var query = ListQuery(status: status)
            repeat {
                let answer = try await read(query, &observed, &report)
                query.cursor = answer.nextCursor
                guard query.cursor == nil || report.budget.hasRoom(at: clock.monotonic()) else {
                    report.reasons.append("more \(status.rawValue) rows than there was room for")
                    break
                }
            } while query.cursor != nil
        }
    }

    /// Asks by id for rows that were live and are in no list: they ended, are hidden, or were not kept. Those that were
    /// asked for longest ago come first; the rest stays as it was until its turn comes.
    private func readVanished(_ observed: inout ObservedExecutions, _ report: inout Report, _ rows: [Execution])
        async throws
    {
        let never = ServerTime(milliseconds: .min)
        let asked = observed.askedAt
        let inTurn = rows.sorted {
            let (one, other) = (asked[$0.id] ?? never, asked[$1.id] ?? never)
            return one == other ? $0.id < $1.id : one < other
        }
        for row in inTurn.prefix(configuration.vanishedPerTick) {
            guard report.budget.hasTime(at: clock.monotonic()) else { return }
            report.budget.ask()
            observed.askedAt[row.id] = now(report)
            switch try await ask(for: row.id, &observed, &report) {
            case .row(let found): try noteHidden(found, &observed, &report)
            case .none: report.gone.append(row.id)
            case .unreadable: continue
            }
        }
    }

    /// How many rows may go without an answer before that is taken for the whole server's fault.
    private static let accidentsPerPoll = 3

    /// What asking by id brought.
    enum RowByID: Sendable {
        case row(Execution)
        /// n8n says that there is none.
        case none
        /// There is no answer to use about this row; the others are not its fault.
        case unreadable
    }

    /// Asks for one row. Some releases answer 500 about some rows, and lists show the others all the same (n8n facts 1.8):
    /// such a row is left alone for a while. What concerns the whole server ends the poll.
    func ask(
        for id: ExecutionID, _ observed: inout ObservedExecutions, _ report: inout Report
    ) async throws -> RowByID {
        let now = now(report)
        guard observed.mayAsk(for: id, at: now) else { return .unreadable }
        do throws(ReadFailure) {
            guard let row = try await reader.execution(id) else { return .none }
            return .row(row)
        } catch {
            // A row that n8n cannot load within a proxy's patience costs its own answer; the lists came a moment ago.
            let isAccident = error.mayPassAtOnce && report.accidents < Poller.accidentsPerPoll
            guard error.concernsOneRow || isAccident else { throw error }
            if !error.concernsOneRow { report.accidents += 1 }
            observed.noteUnreadable(id, at: now)
            report.unreadable.append(error)
            return .unreadable
        }
    }

    /// Nothing is concluded from absence where nothing at all is listed: a key that lost its access sees empty lists and
    /// 404 for every id (n8n facts 2.7). What the key can see of workflows tells the two apart.
    private func believeAbsence(_ observed: inout ObservedExecutions, _ report: inout Report, _ live: [Execution])
        async throws
    {
        if report.seen.isEmpty {
            report.missing = IDRanges()
            guard !report.gone.isEmpty else { return }
            let gone = Set(report.gone)
            var visible: Set<WorkflowID> = Set(live.map(\.workflow))
            do throws(ReadFailure) {
                report.budget.ask()
                visible = Set(try await reader.workflows().map(\.id))
            } catch {
                // A key without that scope can tell no better.
                guard error.kind == .forbidden else { throw error }
            }
            if let lost = live.first(where: { gone.contains($0.id) && !visible.contains($0.workflow) }) {
                report.gone = []
                report.reasons.append(
                    "suspicious: nothing is listed, and workflow \(lost.workflow) cannot be seen any more")
            }
        }
        for id in report.gone { observed.noteMissing(id) }
        observed.noteMissing(report.missing)
    }

    /// Takes in a row that was asked for by id because no list shows it.
    func noteHidden(_ row: Execution, _ observed: inout ObservedExecutions, _ report: inout Report) throws {
        try observed.note(row, at: now(report))
        if row.status == .queued, !report.seen.contains(row.id) { report.hiddenQueued = row.id }
    }

    @discardableResult
    func read(
        _ query: ListQuery, _ observed: inout ObservedExecutions, _ report: inout Report
    ) async throws -> ExecutionPage {
        // The first page is always asked for; what comes after the time is the next tick's.
        guard report.budget.pages == 0 || report.budget.hasTime(at: clock.monotonic()) else {
            throw OutOfTime(limit: configuration.readingTime)
        }
        report.budget.ask()
        let page: ExecutionPage
        do { page = try await reader.list(query) } catch {
            // A key or value that the server took before: n8n was changed while we ran.
            if capabilities.contradiction(by: error) != nil { report.contradictsCapabilities = true }
            throw error
        }
        report.budget.read(page)
        noteClock(page, &report)
        for row in page.executions {
            // The filter is not trusted: older servers ignore some values (n8n facts 2.5). The row's own status counts.
            try observed.note(row, at: now(report))
            report.seen.insert(row.id)
        }
        if capabilities.contradiction(by: page, of: query) != nil { report.contradictsCapabilities = true }
        return page
    }

    /// A tick may not read any longer.
    private struct OutOfTime: Error, CustomStringConvertible {
        var limit: Period
        var description: String { "reading took more than \(limit), and was left at that" }
    }

    /// Now on n8n's clock, as far ahead as this poll has measured it to be.
    func now(_ report: Report) -> ServerTime { report.clockOffset.server(clock.now()) }
    /// Where the look-back begins.
    func edge(_ report: Report) -> ServerTime { now(report) - configuration.lookBack }
}
