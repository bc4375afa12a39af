import MendflowCore
import MendflowCycle

extension Poller {
    /// Reads the unfiltered list, newest first, down to the overlap below what is known or to the look-back's edge.
    func readNew(_ observed: inout ObservedExecutions, _ progress: inout Progress, _ report: inout Report) async throws
    {
        let edge = edge(report)
        let mark = progress.coverage.mark
        var query = ListQuery()
        if capabilities.boundsByStart {
            query.startedAfter = progress.coverage.isEmpty ? edge : progress.startBound.map { max($0, edge) } ?? edge
        }
        var below = 0
        var newest: ExecutionID?
        var lowest: ExecutionID?
        while true {
            guard report.budget.hasRoom(at: clock.monotonic()) || newest == nil else {
                progress.coverage.read(newest: newest, lowest: lowest, end: .noRoom(query), rest: nil)
                return
            }
            let answer = try await read(query, &observed, &report)
            newest = newest ?? answer.executions.first?.id
            lowest = answer.executions.last?.id ?? lowest
            if let mark { below += answer.executions.count { $0.id <= mark } }
            query.cursor = answer.nextCursor
            noteMade(before: edge, answer, &progress)
            if query.cursor == nil || isPast(edge, answer) {
                let rest = query.cursor == nil ? nil : query
                progress.coverage.read(newest: newest, lowest: lowest, end: .edge, rest: rest)
                return
            }
            if mark != nil, below >= configuration.overlap {
                progress.coverage.read(newest: newest, lowest: lowest, end: .mark, rest: query)
                return
            }
        }
    }

    /// Goes on reading what earlier ticks had no room for.
    func fillUnread(_ observed: inout ObservedExecutions, _ progress: inout Progress, _ report: inout Report)
        async throws
    {
        let edge = edge(report)
        while let range = progress.coverage.unread.first, report.budget.hasRoom(at: clock.monotonic()) {
            let answer = try await read(range.query, &observed, &report)
            noteMade(before: edge, answer, &progress)
            let lowest = answer.executions.last?.id
            var rest: ListQuery? = range.query
            rest?.cursor = answer.nextCursor
            let isAtEnd = range.downTo.flatMap { end in lowest.map { $0 <= end } } ?? false
            if answer.nextCursor == nil || isAtEnd || isPast(edge, answer) { rest = nil }
            progress.coverage.fill(lowest: lowest, rest: rest)
        }
    }

    /// A row that started before the look-back's edge was made before it, and so were all lower ids.
    private func noteMade(before edge: ServerTime, _ page: ExecutionPage, _ progress: inout Progress) {
        guard let row = page.executions.first(where: { $0.startedAt.map { $0 <= edge } ?? false }) else { return }
        progress.madeBefore = progress.madeBefore.map { max($0, row.id) } ?? row.id
    }

    /// Whether a page ends before the look-back begins.
    func isPast(_ edge: ServerTime, _ page: ExecutionPage) -> Bool {
        guard let last = page.executions.last else { return true }
        return (last.stoppedAt ?? last.startedAt ?? edge) < edge
    }

    /// Whether all of a page ended before the look-back begins: a run may have waited for days and failed just now, so one
    /// old row says nothing of those below it.
    func isWhollyPast(_ edge: ServerTime, _ page: ExecutionPage) -> Bool {
        page.executions.allSatisfy { ($0.stoppedAt ?? $0.startedAt ?? edge) < edge }
    }

    /// Reads the unfiltered list down to a known id; with the question of the tick, so that an unchanged page costs nothing.
    func readNewest(
        downTo id: ExecutionID?, _ observed: inout ObservedExecutions, _ progress: Progress, _ report: inout Report
    ) async throws {
        var query = ListQuery()
        if capabilities.boundsByStart {
            let edge = edge(report)
            query.startedAfter = progress.startBound.map { max($0, edge) } ?? edge
        }
        while true {
            guard report.budget.hasRoom(at: clock.monotonic()) else {
                report.reasons.append("more than \(configuration.pagesPerTick) pages of new executions")
                return
            }
            let answer = try await read(query, &observed, &report)
            query.cursor = answer.nextCursor
            guard query.cursor != nil, let id, let last = answer.executions.last?.id, last > id else { return }
        }
    }
}
