package import MendflowCore
package import MendflowEnvironment

extension [UInt8] {
    fileprivate func ends(with text: String.UTF8View) -> Bool {
        count >= text.count && suffix(text.count).elementsEqual(text)
    }
}

/// Pulls executions out of an n8n into a folder, from the newest back: rows, then the data of what failed or waits, then the
/// workflows. What was written stays: called again, it fetches what is new and goes on where it was ended.
package struct HistoryExport: Sendable {
    /// What is written where.
    package enum File: String, Sendable {
        case rows = "executions.jsonl"
        case details = "details.jsonl"
        case workflows = "workflows.jsonl"
        /// Which retries were an agent's.
        case agent = "agent.jsonl"
        /// Of which server it is, and how far the list was read.
        case progress = "export.state"
    }

    private let reader: any ExecutionReader
    let files: any FileSystem
    private let clock: any AgentClock
    let folder: String
    /// The server's address.
    let server: String
    private let since: ServerTime?
    /// The least time between two requests.
    private let interval: Period
    /// What an agent's ledger tells; nil where there is none.
    private let agent: AgentRuns?
    /// What earlier exports wrote, and once the list is read what this one did, too.
    private(set) var history = History()
    /// Lines of live rows, which are written once the list of all has shown that the database is the same.
    private var unwritten = ""
    /// What this one read off lists, and of it the live ones, which the list of all may show once more.
    private var listed = History(), live: [ExecutionID: Execution] = [:]
    var state = ListState()
    private var progress = HistoryProgress()

    /// How often a request is asked again that was not answered.
    private static let mostTries = 5

    /// Makes an export of a server's executions; `rate` is the most requests a second, and `agent` what a ledger tells of them.
    package init(
        _ reader: any ExecutionReader, of server: String, to folder: String, _ files: any FileSystem,
        clock: any AgentClock, since: ServerTime?, rate: Int, agent: AgentRuns? = nil
    ) {
        self.reader = reader
        self.files = files
        self.clock = clock
        self.folder = folder
        self.server = server
        self.agent = agent
        self.since = since
        interval = .milliseconds(1000 / Int64(max(1, rate)))
    }

    /// Exports; `tell` is told how far it is after every request.
    package mutating func run(_ tell: @Sendable (HistoryProgress) -> Void) async throws(HistoryFault) -> HistoryProgress
    {
        let hold = try hold()
        // Nobody else writes into the folder until all is written.
        defer { withExtendedLifetime(hold) {} }
        try begin()
        try await readRows(tell)
        try await readDetails(tell)
        try await readWorkflows()
        try noteAgent()
        progress.senders = RetrySenders(history)
        return progress
    }

    func path(_ file: File) -> String { FilePath.of(file.rawValue, inFolder: folder) }

    func append(_ file: File, _ text: String) throws(HistoryFault) {
        guard !text.isEmpty else { return }
        do throws(FileFault) { try files.append(path(file), text) } catch {
            throw HistoryFault(description: "the history cannot be written: \(error)")
        }
    }

    /// Takes in what an earlier export wrote.
    private mutating func begin() throws(HistoryFault) {
        var earlier = HistoryReader(files)
        for file in [File.rows, .details, .agent] where files.exists(path(file)) {
            try mend(file)
            if files.size(of: path(file)) != 0 { try earlier.read(path(file)) }
        }
        history = earlier.history
        history.sort()
        progress.rows = history.rows.count
        progress.details = history.details.count
        progress.detailsLeft = wanted.count
        progress.oldest = history.rows.lazy.compactMap(\.startedAt).min()
        state = ListState(of: path(.progress), files) ?? state
        try noteServer()
    }

    /// Takes back a line that an export did not finish when it was killed: what it was to hold is asked for again.
    private func mend(_ file: File) throws(HistoryFault) {
        let path = path(file)
        do throws(FileFault) {
            let reader = try files.reader(of: path)
            var (size, end) = (0, 0)
            while true {
                let piece = try reader.next(1 << 20)
                guard !piece.isEmpty else { break }
                if let last = piece.lastIndex(of: UInt8(ascii: "\n")) { end = size + last + 1 }
                size += piece.count
            }
            if end < size { try files.cut(path, to: end) }
        } catch { throw HistoryFault(description: "the history of an earlier export cannot be mended: \(error)") }
    }

    /// What is known of an execution.
    func known(_ id: ExecutionID) -> Execution? { live[id] ?? history[id: id] }

    /// Takes a row of a list in.
    private mutating func enter(_ row: Execution) {
        let old = known(row.id)
        let new = old?.merged(with: row) ?? row
        if old == nil { progress.rows += 1 }
        progress.detailsLeft += (isWanted(new) ? 1 : 0) - (old.map(isWanted) ?? false ? 1 : 0)
        if let start = row.startedAt { progress.oldest = min(progress.oldest ?? start, start) }
        if row.status.isLive || old != nil { live[row.id] = new }
        listed.add(row)
    }
}

// Rows.
extension HistoryExport {
    /// Reads the list from its top down to what is known, then on from where an earlier export ended.
    private mutating func readRows(_ tell: @Sendable (HistoryProgress) -> Void) async throws(HistoryFault) {
        let wasKnown = !history.rows.isEmpty
        // The list of all hides what runs.
        for status in [ExecutionStatus.running, .waiting] {
            try await read(ListQuery(status: status), downToKnown: false, isMain: false, tell)
        }
        let ended = try await read(ListQuery(), downToKnown: wasKnown, isMain: !wasKnown, tell)
        // Behind what is known lies what an earlier export had no time for.
        if ended == .known, !state.isComplete(since), let cursor = state.cursor {
            try await read(ListQuery(cursor: cursor), downToKnown: false, isMain: true, tell)
        }
        history.add(rowsOf: listed)
        history.sort()
        (listed, live) = (History(), [:])
    }

    private enum End { case known, bound, end }

    @discardableResult
    private mutating func read(
        _ first: ListQuery, downToKnown: Bool, isMain: Bool, _ tell: @Sendable (HistoryProgress) -> Void
    ) async throws(HistoryFault) -> End {
        var query = first
        while true {
            let asked = query
            let page = try await polite { [reader] () throws(ReadFailure) in try await reader.list(asked) }
            let isKnown = page.executions.allSatisfy { row in known(row.id).map { !$0.status.isLive } ?? false }
            // What is known came with its data, too, which tells more of a run than a list does.
            let fresh = page.executions.filter { row in known(row.id).map { $0.merged(with: row) != $0 } ?? true }
            for row in page.executions { try check(row) }
            unwritten += fresh.map(HistoryLines.line).joined()
            if first.status == nil {
                try append(.rows, unwritten)
                unwritten = ""
            }
            for row in fresh { enter(row) }
            tell(progress)
            let isOld =
                since.map { bound in
                    page.executions.contains { ($0.startedAt ?? bound) < bound }
                } ?? false
            if isMain { try note(page.nextCursor, isOld: isOld) }
            if downToKnown, isKnown, !page.executions.isEmpty { return .known }
            if isOld { return .bound }
            guard let next = page.nextCursor else { return .end }
            query.cursor = next
        }
    }

    /// Notes how far down the list was read.
    private mutating func note(_ cursor: String?, isOld: Bool) throws(HistoryFault) {
        if cursor == nil || isOld { state.reached(cursor == nil ? nil : since) }
        state.cursor = cursor
        try append(.progress, state.line)
    }
}

// Data and workflows.
extension HistoryExport {
    /// Runs whose data tells something and is not there, newest first.
    private var wanted: [Execution] { history.rows.reversed().filter(isWanted) }

    /// What failed and what waits has data that tells something.
    private func isWanted(_ row: Execution) -> Bool {
        (row.status.isFailed || row.status == .waiting) && history.details[row.id]?.status != row.status
            && since.map { (row.startedAt ?? $0) >= $0 } ?? true
    }

    private mutating func readDetails(_ tell: @Sendable (HistoryProgress) -> Void) async throws(HistoryFault) {
        let begun = clock.monotonic()
        let rows = wanted
        for (number, row) in rows.enumerated() {
            let found = try await polite { [reader] () throws(ReadFailure) -> DetailedExecution? in
                do throws(ReadFailure) { return try await reader.detail(row.id) } catch {
                    guard error.concernsOneRow else { throw error }
                    let detail = ExecutionDetail(readability: .unreadable(error.message), status: row.status)
                    return DetailedExecution(execution: row, detail: detail)
                }
            }
            if let found {
                // The run may have ended since it was listed.
                if found.execution != row { try append(.rows, HistoryLines.line(found.execution)) }
                try append(.details, HistoryLines.line(found.detail, of: row.id))
                progress.details += 1
            }
            progress.detailsLeft = rows.count - number - 1
            let took = clock.monotonic() - begun
            progress.left = .milliseconds(took.milliseconds / Int64(number + 1) * Int64(progress.detailsLeft))
            tell(progress)
        }
    }

    /// Notes what the ledger tells.
    private mutating func noteAgent() throws(HistoryFault) {
        guard let agent else { return }
        try append(.agent, agent.lines(besides: history.agent))
        history.add(agent)
    }

    private mutating func readWorkflows() async throws(HistoryFault) {
        let found = try await polite { [reader] () throws(ReadFailure) in try await reader.workflows() }
        let text = found.map(HistoryLines.line).joined()
        // The newest line of a workflow holds: as long as nothing has changed, the last export's still do.
        if case .success(let bytes) = files.read(path(.workflows), limit: 64 << 20), bytes.ends(with: text.utf8) {
            return
        }
        try append(.workflows, text)
    }

    /// Asks at the pace that was set, waits where n8n says so, and asks again a few times what was not answered.
    private func polite<T: Sendable>(
        _ ask: @Sendable () async throws(ReadFailure) -> T
    ) async throws(HistoryFault) -> T {
        var tries = 0
        while true {
            if let wait = reader.keyLimits.reads?.wait(at: clock.monotonic()) { try await pause(wait) }
            let begun = clock.monotonic()
            do throws(ReadFailure) {
                let found = try await ask()
                let left = interval - (clock.monotonic() - begun)
                if left > .zero { try? await clock.sleep(for: left) }
                return found
            } catch {
                tries += 1
                guard error.retryAfter != nil || error.mayPassAtOnce || error.kind == .startingUp,
                    tries < HistoryExport.mostTries
                else {
                    throw HistoryFault(
                        description: "\(error); what was written stays: export again to go on", kind: .server)
                }
                try await pause(min(error.retryAfter ?? .seconds(1 << Int64(tries)), .minutes(15)))
            }
        }
    }

    private func pause(_ period: Period) async throws(HistoryFault) {
        do { try await clock.sleep(for: period) } catch {
            throw HistoryFault(description: "ended; what was written stays: export again to go on")
        }
    }
}
