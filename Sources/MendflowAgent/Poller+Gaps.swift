import MendflowCore
import MendflowCycle

/// How far down ids that no list shows are asked for (semantics 23).
enum GapReach: Sendable, Hashable {
    /// Nobody needs them.
    case nowhere
    /// Above this id: a retry of ours has a higher id than what was known before it.
    case above(ExecutionID)
    /// As far as the look-back: policies look at runs that lists hide.
    case lookBack
}

extension Poller {
    /// How many ids beyond the highest known one are asked for: a run that waits in a queue may be the newest of all. More
    /// before a bulk stop, which reaches it whether we know it or not, and before a retry is asked for again, whose run it may be.
    private var ahead: UInt64 { looksFarAhead ? 25 : 3 }
    /// How far below the lowest listed id hidden runs are looked for where the list shows nothing older than the look-back.
    /// n8n may have removed any number of runs below it, and each of their ids costs a request.
    private static let below: UInt64 = 1000

    /// Asks by id for what no list shows, the newest first (semantics 23). n8n's ids are one dense sequence: what is between
    /// two known ones is hidden, or gone for ever.
    func probeGaps(_ observed: inout ObservedExecutions, _ progress: inout Progress, _ report: inout Report)
        async throws
    {
        guard let low = try await gapFloor(observed.watch, &progress, &report) else { return }
        if gaps == .lookBack { report.accountedFrom = low }
        // Where all rows are hidden no list shows an id at all.
        var highest = max(observed.highest?.number ?? 0, low - 1)
        var (misses, unread): (UInt64, Int) = (0, 0)
        while misses < ahead, mayProbe(report) {
            // An id that is not given yet may be given any moment: this answer is not remembered.
            let next = highest + misses + 1
            let found = try await probe(next, &observed, &report)
            if found == true {
                highest = next
                (misses, unread) = (0, 0)
            } else {
                misses += 1
                if found == nil { unread += 1 }
            }
        }
        (report.unreadAhead, report.lookedAhead) = (unread, misses == ahead)
        report.gapsLeft = Int(ahead - misses) + unread
        guard low <= highest else { return }
        let now = now(report)
        for gap in observed.accounted.gaps(in: low...highest) {
            for number in gap.reversed() where observed.mayProbe(number, at: now) {
                guard mayProbe(report) else { break }
                if try await probe(number, &observed, &report) == false, observed.isMissing(number, at: now) {
                    report.missing.insert(number...number)
                }
            }
        }
        let left = observed.accounted.gaps(in: low...highest).reduce(0) { $0 + $1.count }
        report.gapsLeft +=
            left
            - report.missing.ranges.reduce(0) { sum, range in
                sum + (range.lowerBound >= low ? range.count : 0)
            }
    }

    private func mayProbe(_ report: Report) -> Bool {
        report.budget.probesLeft > 0 && report.budget.hasTime(at: clock.monotonic())
    }

    /// The lowest id that is asked for; nil where none is.
    private func gapFloor(
        _ watch: EpochWatch, _ progress: inout Progress, _ report: inout Report
    ) async throws -> UInt64? {
        switch gaps {
        case .nowhere: return nil
        case .above(let id):
            // What is not listed because it was not read yet is no gap.
            let listed = progress.coverage.unread.isEmpty ? 0 : progress.coverage.contiguousFrom?.number ?? 0
            return id.number.map { max(listed, $0 + 1, 1) }
        case .lookBack:
            if !progress.coverage.unread.isEmpty { return progress.coverage.contiguousFrom?.number.map { max($0, 1) } }
            let edge = edge(report)
            if let made = watch.floor(edge)?.number { return made + 1 }
            if let made = try await madeBefore(edge, &progress, &report) { return made + 1 }
            let lowest = progress.coverage.lowest?.number ?? (watch.oldest.number.map { $0 + 1 })
            return lowest.map { $0 > Poller.below ? $0 - Poller.below : 1 }
        }
    }

    /// The highest id known to be made before the look-back's edge, for the time until the agent's own sightings reach so
    /// far; nil where no list shows such a row.
    private func madeBefore(
        _ edge: ServerTime, _ progress: inout Progress, _ report: inout Report
    ) async throws -> UInt64? {
        if progress.madeBefore == nil, capabilities.boundsByStart, !progress.askedMadeBefore {
            report.budget.ask()
            let page = try await reader.list(ListQuery(limit: 1, startedBefore: edge))
            progress.madeBefore = page.executions.first { $0.startedAt.map { $0 <= edge } ?? false }?.id
            progress.askedMadeBefore = true
        }
        return progress.madeBefore?.number
    }

    /// Whether there is such a row, which is observed then; nil where n8n cannot tell.
    private func probe(
        _ number: UInt64, _ observed: inout ObservedExecutions, _ report: inout Report
    ) async throws -> Bool? {
        report.budget.probe()
        switch try await ask(for: ExecutionID("\(number)"), &observed, &report) {
        case .row(let row):
            try noteHidden(row, &observed, &report)
            return true
        case .none: return false
        case .unreadable: return nil
        }
    }
}
