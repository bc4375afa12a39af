import MendflowCore
import MendflowCycle

/// A reading of all failed executions within the look-back, which bounds detection whatever was missed.
struct DeepSweep: Sendable {
    /// The next pages of the lists that are not read to their end yet.
    var queries: [ListQuery]
}

extension Poller {
    /// Reads the first page of each failed status, and goes on to the look-back's edge where a deep sweep is due.
    func sweep(_ observed: inout ObservedExecutions, _ progress: inout Progress, _ report: inout Report) async throws {
        let now = now(report)
        let edge = now - configuration.lookBack
        let isDue = progress.sweptAt.map { $0 + configuration.sweepInterval <= now } ?? true
        var rest: [ListQuery] = []
        for status in sweptStatuses {
            var query = ListQuery(status: status)
            let answer = try await read(query, &observed, &report)
            query.cursor = answer.nextCursor
            if query.cursor != nil, !isWhollyPast(edge, answer) { rest.append(query) }
        }
        if progress.sweep == nil, isDue {
            progress.sweep = DeepSweep(queries: rest)
        }
        guard var sweep = progress.sweep else { return }
        while var query = sweep.queries.first {
            guard report.budget.hasRoom(at: clock.monotonic()) else {
                progress.sweep = sweep
                return
            }
            let answer = try await read(query, &observed, &report)
            query.cursor = answer.nextCursor
            if query.cursor == nil || isWhollyPast(edge, answer) {
                sweep.queries.removeFirst()
            } else {
                sweep.queries[0] = query
            }
        }
        progress.sweep = nil
        progress.sweptAt = now
    }
}
