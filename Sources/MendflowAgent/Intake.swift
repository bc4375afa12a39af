import MendflowCore

/// Polls one instance into the book (DESIGN 5). The number of requests does not depend on the number of policies.
struct Intake: Sendable {
    let reader: any ExecutionReader
    let clock: any AgentClock
    let configuration: AgentConfiguration

    /// What a poll brought, beside the rows.
    struct Report: Sendable {
        var requests = 0
        var bytes = 0
        var rows = 0
        var reasons: [String] = []
        var failures: [ReadFailure] = []
        /// Rows that were live and are not there any more.
        var gone: [ExecutionID] = []
        var accounted: ExecutionID?
        var clockOffset: Period
        var contradiction: ExecutionID?

        var completeness: Completeness { reasons.isEmpty ? .complete : .partial(reasons) }
    }

    /// The lists of what is live.
    static let liveStatuses: [ExecutionStatus] = [.running, .waiting, .queued]
    /// The lists whose first page is read on every tick, whatever the rest missed.
    static let sweptStatuses: [ExecutionStatus] = [.error, .crashed, .canceled, .unknown]

    /// Reads everything a tick needs.
    func poll(_ book: inout ExecutionBook, accounted: ExecutionID?, lastRows: Int, offset: Period) async -> Report {
        var report = Report(accounted: accounted, clockOffset: offset)
        let liveBefore = book.live.map(\.id)
        var seen: Set<ExecutionID> = []
        do {
            try await readLive(&book, &report, &seen)
            try await readNew(&book, &report, &seen)
            await readVanished(&book, &report, liveBefore.filter { !seen.contains($0) })
            for status in Intake.sweptStatuses {
                _ = try await read(ListQuery(status: status), &book, &report, &seen)
            }
            if seen.isEmpty, lastRows >= 20 {
                report.reasons.append("suspicious: no rows where \(lastRows) were before")
            }
        } catch let failure as ReadFailure {
            report.failures.append(failure)
            report.reasons.append(failure.description)
        } catch let contradiction as ExecutionBook.Contradiction {
            report.contradiction = contradiction.id
            report.reasons.append(
                "execution \(contradiction.id) is not what it was: n8n's database seems restored or swapped")
        } catch {
            report.reasons.append("\(error)")
        }
        report.rows = seen.count
        return report
    }

    /// Reads the lists of what is live; rows that this brings up to date are in `seen`.
    func readLive(_ book: inout ExecutionBook, _ report: inout Report, _ seen: inout Set<ExecutionID>) async throws {
        for status in Intake.liveStatuses {
            var query = ListQuery(status: status)
            for page in 0... {
                guard page < 40 else {
                    report.reasons.append("more than 10000 \(status.rawValue) rows")
                    break
                }
                query.cursor = try await read(query, &book, &report, &seen).nextCursor
                if query.cursor == nil { break }
            }
        }
    }

    /// Reads the unfiltered list, newest first, down to the overlap below the accounted id or to the look-back's edge.
    private func readNew(_ book: inout ExecutionBook, _ report: inout Report, _ seen: inout Set<ExecutionID>)
        async throws
    {
        let edge = clock.now() + report.clockOffset - configuration.lookBack
        var query = ListQuery()
        var below = 0
        var newest: ExecutionID?
        for page in 0... {
            guard page < configuration.pagesPerTick else {
                report.reasons.append("more than \(configuration.pagesPerTick) pages of new executions")
                return
            }
            let answer = try await read(query, &book, &report, &seen)
            if newest == nil { newest = answer.executions.first?.id }
            for row in answer.executions {
                if let accounted = report.accounted, row.id <= accounted { below += 1 }
            }
            let isPastEdge = answer.executions.last.map { ($0.stoppedAt ?? $0.startedAt ?? edge) < edge } ?? true
            query.cursor = answer.nextCursor
            if query.cursor == nil || isPastEdge || (report.accounted != nil && below >= configuration.overlap) {
                break
            }
        }
        if let newest, report.accounted.map({ $0 < newest }) ?? true { report.accounted = newest }
    }

    /// Asks by id for rows that were live and are in no list: they ended, or were not kept.
    private func readVanished(_ book: inout ExecutionBook, _ report: inout Report, _ ids: [ExecutionID]) async {
        for (index, id) in ids.enumerated() {
            // Asking for the rest next time is no gap: they stay in the book as they were.
            guard index < configuration.vanishedPerTick else { return }
            report.requests += 1
            do {
                if let row = try await reader.execution(id) {
                    try book.note(row, at: clock.now() + report.clockOffset)
                } else {
                    report.gone.append(id)
                    book.remove(id)
                }
            } catch {
                report.reasons.append("execution \(id) left the live lists and cannot be read: \(error)")
            }
        }
    }

    @discardableResult
    func read(
        _ query: ListQuery, _ book: inout ExecutionBook, _ report: inout Report, _ seen: inout Set<ExecutionID>
    ) async throws -> ExecutionPage {
        report.requests += 1
        let page = try await reader.list(query)
        report.bytes += page.bytes
        if let server = page.serverTime { report.clockOffset = Intake.offset(server, clock.now()) }
        for row in page.executions {
            // The filter is not trusted: older servers ignore some values (n8n facts 2.5). The row's own status counts.
            try book.note(row, at: clock.now() + report.clockOffset)
            seen.insert(row.id)
        }
        return page
    }

    /// The server's `Date` has whole seconds, so less than two seconds is no offset.
    static func offset(_ server: Timestamp, _ own: Timestamp) -> Period {
        let difference = server - own
        return abs(difference.milliseconds) < 2000 ? .zero : difference
    }
}
