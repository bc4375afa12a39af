import MendflowCore

/// What was read just before acting, shared by all actions that begin within two seconds of it (semantics 32).
struct SharedLook: Sendable {
    let at: Timestamp
    /// Nil where it was read whole; otherwise what is missing.
    let failure: String?
}

extension InstanceAgent {
    /// How long one look serves.
    static let lookLifetime = Period.seconds(2)

    /// Looks once more: the live lists, the newest rows, then the row itself. Answers why not to act, or nil.
    func lastLook(_ intent: Intent) async -> String? {
        if look.map({ clock.now() - $0.at >= InstanceAgent.lookLifetime }) ?? true { await refreshLook() }
        if let failure = look?.failure { return "the last look failed: \(failure)" }
        let before = book.executions[intent.draft.execution]
        let row: Execution?
        do { row = try await reader.execution(intent.draft.execution) } catch {
            return "the last look failed: \(error)"
        }
        guard let row else { return "gone: n8n has no such execution any more" }
        guard let before, before.status == row.status else {
            return "drifted: \(before?.status.rawValue ?? "unseen") -> \(row.status.rawValue)"
        }
        if let start = before.startedAt, let now = row.startedAt, start != now {
            return "another database: its start differs"
        }
        return intent.draft.action == .retry ? objectionToRetry(intent, row) : nil
    }

    private func objectionToRetry(_ intent: Intent, _ row: Execution) -> String? {
        if row.retrySuccess != nil { return "healed: n8n names a successful retry" }
        guard let view = view(clock.now()) else { return "the ledger cannot be read" }
        let lineage = Lineage(rows: book.executions, knownChildren: view.children)
        let chain = lineage.chain(of: row.id)
        if chain.hasSuccess || view.healed.contains(chain.root) { return "healed: the chain has succeeded" }
        if let live = chain.live.first { return "live: \(live.id) is \(live.status.rawValue)" }
        if let newest = chain.newestLeaf, newest.id != row.id { return "retried meanwhile: \(newest.id)" }
        return nil
    }

    private func refreshLook() async {
        let intake = Intake(reader: reader, clock: clock, configuration: configuration)
        var report = Intake.Report(accounted: state?.accounted, clockOffset: state?.clockOffset ?? .zero)
        var seen: Set<ExecutionID> = []
        var failure: String?
        let watermark = book.highest
        // The book is the actor's: what came while waiting is kept, rows of this look are laid over it.
        var fresh = ExecutionBook()
        do {
            try await intake.readLive(&fresh, &report, &seen)
            try await intake.readNewest(downTo: watermark, &fresh, &report, &seen)
            for row in fresh.executions.values.sorted(by: { $0.id < $1.id }) { try book.note(row, at: clock.now()) }
            failure = report.reasons.first
        } catch let error as ReadFailure {
            failure = error.description
        } catch let error as ExecutionBook.Contradiction {
            failure = "execution \(error.id) is not what it was"
        } catch {
            failure = "\(error)"
        }
        look = SharedLook(at: clock.now(), failure: failure)
    }
}

extension Intake {
    /// Reads the unfiltered list, newest first, down to a known id.
    func readNewest(
        downTo id: ExecutionID?, _ book: inout ExecutionBook, _ report: inout Report, _ seen: inout Set<ExecutionID>
    ) async throws {
        var query = ListQuery()
        for page in 0... {
            guard page < configuration.pagesPerTick else {
                report.reasons.append("more than \(configuration.pagesPerTick) pages of new executions")
                return
            }
            let answer = try await read(query, &book, &report, &seen)
            query.cursor = answer.nextCursor
            guard query.cursor != nil, let id, let last = answer.executions.last?.id, last > id else { return }
        }
    }
}
