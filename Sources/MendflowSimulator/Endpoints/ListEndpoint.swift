import MendflowHTTP

/// What `GET /executions` was asked for.
private struct ListQuery {
    /// The statuses that match; nil for all.
    var statuses: Set<Status>?
    var asksForRunning = false
    var workflow: String?
    var project: String?
    var startedAfter: Int64?
    var startedBefore: Int64?
    var data = DataQuery()
    var limit = 100
    var before: Int?

    init(_ route: Route, _ release: Simulator.Release) throws(Refusal) {
        let words = Wording(release)
        let allowed = Status.allCases.filter { release.knowsAllStatuses || Self.early.contains($0) }
        let names = allowed.map(\.rawValue).sorted()
        let kind = release.isLenient ? Wording.union(names) : "string"
        if let text = try route.one("status", expected: kind, words) {
            guard let known = allowed.first(where: { $0.rawValue == text }) else {
                throw Refusal("request/query/status \(words.choice(names, text))")
            }
            statuses = Self.statuses(for: known, release)
            asksForRunning = known == .running
        }
        workflow = try route.one("workflowId", words)
        project = try route.one("projectId", words)
        if release.filtersStart {
            startedAfter = try Self.date("startedAfter", route, words)
            startedBefore = try Self.date("startedBefore", route, words)
        }
        data = try DataQuery(route, release)
        try readLimit(route, release, words)
        if let text = try route.one("cursor", words), !text.isEmpty { try apply(cursor: text, release) }
    }

    /// The values that the list took before 2.13.
    private static let early: Set<Status> = [.canceled, .error, .running, .success, .waiting]

    /// Before 2.30 `error` meant crashed ones too, and some values meant nothing.
    private static func statuses(for status: Status, _ release: Simulator.Release) -> Set<Status>? {
        if release.isExact { return [status] }
        switch status {
        case .error: return [.error, .crashed]
        case .crashed, .new, .unknown: return nil
        default: return [status]
        }
    }

    private static func date(_ key: String, _ route: Route, _ words: Wording) throws(Refusal) -> Int64? {
        guard let text = try route.one(key, words) else { return nil }
        guard let time = milliseconds(text) else { throw Refusal("request/query/\(key) \(words.date)") }
        return time
    }

    private mutating func readLimit(_ route: Route, _ release: Simulator.Release, _ words: Wording) throws(Refusal) {
        guard let text = try route.one("limit", expected: release.isLenient ? "string" : "number", words) else {
            return
        }
        guard release.isLenient else {
            guard let number = Double(text) else { throw Refusal("request/query/limit must be number") }
            guard number <= 250 else { throw Refusal("request/query/limit must be <= 250") }
            // A negative limit reaches the database, which refuses it.
            guard number >= 0, let whole = Int(exactly: number) else {
                throw release.isSecond
                    ? Refusal(status: 500, "Internal server error") : Refusal("LIMIT must not be negative")
            }
            limit = whole
            return
        }
        guard let number = Int(text) else { throw Refusal("request/query/limit Param `limit` must be a valid integer") }
        guard number >= 0 else {
            throw Refusal("request/query/limit Param `limit` must be a non-negative integer")
        }
        limit = min(number, 250)
    }

    /// The cursor's own limit wins over the query's.
    private mutating func apply(cursor: String, _ release: Simulator.Release) throws(Refusal) {
        guard let bytes = decodeBase64(cursor), let json = try? JSON(parsing: bytes),
            json.object != nil || !release.isLenient
        else { throw Refusal("An invalid cursor was provided") }
        if let last = json["lastId"]?.text { before = Int(last) }
        if let number = json["limit"]?.integer {
            limit = release.isLenient ? Int(max(1, min(number, 250))) : max(0, Int(number))
        }
    }
}

/// What a read of data was asked for.
struct DataQuery {
    var includesData = false
    var ignoresLimit = false
    /// Nil where the workflow's policy decides.
    var redacts: Bool?

    init() {}

    init(_ route: Route, _ release: Simulator.Release) throws(Refusal) {
        let words = Wording(release)
        func flag(_ key: String) throws(Refusal) -> Bool? {
            let kind = release.isLenient ? Wording.union(["true", "false"]) : "boolean"
            guard let text = try route.one(key, expected: kind, words) else { return nil }
            guard text == "true" || text == "false" else {
                throw Refusal("request/query/\(key) \(words.boolean(text))")
            }
            return text == "true"
        }
        includesData = try flag("includeData") ?? false
        if release.limitsDataSize { ignoresLimit = try flag("ignoreDataSizeLimit") ?? false }
        if release.redacts { redacts = try flag("redactExecutionData") }
    }
}

extension Simulator {
    /// `GET /executions`: newest id first. Runs that the main process is working on are shown only if their status is
    /// asked for.
    func list(_ route: Route, _ key: APIKey) -> HTTPResponse {
        let query: ListQuery
        do {
            query = try ListQuery(route, configuration.release)
        } catch {
            return .json(error.status, error.body)
        }
        let filter = Filter(query, self)
        if query.data.includesData, query.data.redacts == false, !key.reveals { return .mayNotReveal }
        // A limit of 0 drops the LIMIT clause: the whole table in one page.
        let limit = query.limit == 0 ? Int.max : query.limit
        var rows: [JSON] = []
        var taken = 0
        var last = 0
        var more = false
        // Few rows have a status other than success, so for such a filter only those are looked at.
        let rare = query.statuses.flatMap { $0.contains(.success) ? nil : database.ids(with: $0) }
        let candidates = rare ?? database.ids
        let end = query.before.map { Database.position(of: $0, in: candidates) } ?? candidates.count
        for index in (0..<end).reversed() {
            let id = candidates[index]
            guard filter.takes(id, at: rare == nil ? index : database.position(of: id), self) else { continue }
            if taken == limit {
                more = true
                break
            }
            taken += 1
            // Rows whose data cannot be read are dropped from the page after it was cut.
            guard let row = database[id], !query.data.includesData || isReadable(row) else { continue }
            rows.append(query.data.includesData ? listed(row, query.data, key) : row.row)
            last = row.id
        }
        let cursor = more && last > 0 ? encodeBase64(#"{"lastId":"\#(last)","limit":\#(query.limit)}"#) : nil
        return .json(["data": .array(rows), "nextCursor": .init(cursor)])
    }

    /// A query against the columns of the table.
    private struct Filter {
        private let query: ListQuery
        private let workflow: Int32?
        private let projects: Set<Int32>?
        private let takesNothing: Bool

        init(_ query: ListQuery, _ simulator: Simulator) {
            self.query = query
            let database = simulator.database
            workflow = query.workflow.flatMap { database.knownNumber(ofWorkflow: $0) }
            projects = query.project.map { project in
                Set(
                    database.workflows.values.filter { $0.projectID == project }
                        .compactMap { database.knownNumber(ofWorkflow: $0.id) })
            }
            takesNothing = query.workflow != nil && workflow == nil
        }

        func takes(_ id: Int, at place: Int, _ simulator: borrowing Simulator) -> Bool {
            if takesNothing || simulator.isUncommitted(id) { return false }
            let status = simulator.database.statuses[place]
            if let wanted = query.statuses, !wanted.contains(status) { return false }
            if let workflow, simulator.database.places[place] != workflow { return false }
            let start = simulator.database.starts[place]
            if let after = query.startedAfter, start < after { return false }
            if let before = query.startedBefore, start == .min || start > before { return false }
            if let projects, !projects.contains(simulator.database.places[place]) { return false }
            return query.asksForRunning || !simulator.hides(id, status)
        }
    }

    /// Whether a row is not written yet, although ids above its own may be.
    func isUncommitted(_ id: Int) -> Bool { commits[id].map { $0 > now } ?? false }

    /// Lists leave out what the main process has in memory: before 2.30 everything there, runs that sleep too; since
    /// then only what it takes to be running, which in queue mode the queued ones are.
    private func hides(_ id: Int, _ status: Status) -> Bool {
        if stuck.contains(id) { return true }
        guard status == .running || status == .new || status == .waiting && !configuration.release.isExact else {
            return false
        }
        return memory.contains(id)
    }

    private func listed(_ row: Execution, _ query: DataQuery, _ key: APIKey) -> JSON {
        var json = row.row
        if configuration.release.isSecond { json["storedAt"] = "db" }
        if configuration.release.isExact { json["jsonSizeBytes"] = row.fields(configuration.release)["jsonSizeBytes"] }
        if configuration.release.isSecond { json["workflowVersionId"] = .init(row.workflowVersionID) }
        addData(of: row, to: &json, query, key)
        return json
    }
}
