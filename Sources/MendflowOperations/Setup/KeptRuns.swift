import MendflowCore

/// How far back a server still has runs, where that is less than somebody looks back.
struct KeptRuns: Hashable {
    /// The oldest run that it has; those before it were removed.
    var oldest: ExecutionID
    /// How long ago that one began.
    var since: Period

    /// Searching stops where it is this exact.
    private static let grain = Period.hours(1)

    /// Asks for the oldest run, in some ten requests; nil where there are older ones than the look-back, where none was
    /// ever removed, or where this server cannot be asked by time.
    static func ask(
        _ reader: any ExecutionReader, _ capabilities: ServerCapabilities, lookBack: Period, now: ServerTime
    ) async -> KeptRuns? {
        guard capabilities.boundsByStart else { return nil }
        var (empty, found) = (now - lookBack, now)
        do throws(ReadFailure) {
            guard try await page(reader, empty).executions.isEmpty else { return nil }
            while found - empty > grain {
                let middle = empty + Period(milliseconds: (found - empty).milliseconds / 2)
                if try await page(reader, middle).executions.isEmpty { empty = middle } else { found = middle }
            }
            let last = try await page(reader, found)
            // With more than a page in an hour the oldest is on another one: its age is known all the same.
            guard let oldest = last.executions.last, let began = oldest.startedAt ?? oldest.createdAt,
                let number = oldest.id.number, number > 1
            else { return nil }
            return KeptRuns(oldest: oldest.id, since: now - min(began, found))
        } catch { return nil }
    }

    private static func page(
        _ reader: any ExecutionReader, _ time: ServerTime
    ) async throws(ReadFailure) -> ExecutionPage {
        try await reader.list(ListQuery(startedBefore: time))
    }
}
