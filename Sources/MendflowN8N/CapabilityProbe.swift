public import MendflowCore

/// Asks a server what it can do (semantics 25), with a handful of small reads. None of the requests could change
/// anything.
struct CapabilityProbe: Sendable {
    let reader: N8NReader
    /// The newest executions that the unfiltered list shows.
    let newest: [Execution]

    /// What the server can do.
    func capabilities() async throws(ReadFailure) -> ServerCapabilities {
        let isLenient = try await ignoresUnknownKeys()
        let exact = try await filtersExactly() ?? isLenient
        var found = ServerCapabilities(
            era: isLenient ? .c : exact ? .b : .a, boundsByStart: try await boundsByStart(), filtersExactly: exact,
            hidesWaiting: !isLenient && !exact, isProvisional: newest.isEmpty)
        let offered: Set<ActionKind>
        (found.scopes, offered) = await discover()
        try await readByID(&found)
        let tags = route("tags", scope: "executionTags:list")
        let workflows = Call(
            path: ["workflows"], query: [("limit", "1"), ("excludePinnedData", "true")], content: .kept(by: .skip),
            bodyLimit: 64 << 20, scope: "workflow:list")
        let answer = try await reader.ask(tags)
        note(answer, tags, &found)
        if N8NReader.lacksRoute(answer) { found.notOffered.insert(.tag) }
        note(try await reader.ask(workflows), workflows, &found)
        found.notOffered.formUnion(try await missingActions(offered))
        return found
    }

    private func route(_ name: String, scope: String) -> Call {
        Call(
            path: ["executions", anyID.text, name], content: .kept(by: .skip), bodyLimit: 1 << 20, scope: scope)
    }

    /// The actions that the server does not have, of those that it did not name itself.
    ///
    /// A read is sent to the path of each. Where the path is known, n8n refuses the method (405) and does nothing; where
    /// it is not, it says so in words of its own (n8n facts 7.3). Both stops came with one release, and a read of the path
    /// for many would be one of an execution.
    private func missingActions(_ offered: Set<ActionKind>) async throws(ReadFailure) -> Set<ActionKind> {
        var missing: Set<ActionKind> = []
        for (kind, name) in [(ActionKind.retry, "retry"), (.stop, "stop")] where !offered.contains(kind) {
            let call = route(name, scope: "execution:\(name)")
            if N8NReader.lacksRoute(try await reader.ask(call)) { missing.insert(kind) }
        }
        if missing.contains(.stop) { missing.insert(.bulkStop) }
        return missing
    }

    private var anyID: ExecutionID { newest.first?.id ?? "1" }

    private func list(_ name: String, _ value: String) -> Call {
        Call(
            path: ["executions"], query: [("limit", "5"), (name, value)], content: .rows, bodyLimit: 8 << 20,
            scope: "execution:list")
    }

    /// The rows of a list, or nil where n8n refused its query in its own words; any other answer is a failure.
    private func rows(_ call: Call) async throws(ReadFailure) -> (rows: [Execution]?, refusal: String?) {
        let answer = try await reader.ask(call)
        if answer.status == 200, let page = RowAnswer.page(answer) { return (page.executions, nil) }
        guard answer.status == 400, let words = answer.refusal else { throw reader.failures(call).of(answer) }
        return (nil, words)
    }

    /// Whether a key that no release knows is ignored: era C (semantics 25).
    private func ignoresUnknownKeys() async throws(ReadFailure) -> Bool {
        try await rows(list("mendflow", "probe")).rows != nil
    }

    /// Whether the server obeys the filter for `crashed`, which era A ignores; nil if there is no row by which it could
    /// be told.
    ///
    /// It filters for a status that the newest row does not have. A server that ignores the filter shows that row all
    /// the same. Releases before 2.13 refuse the word.
    private func filtersExactly() async throws(ReadFailure) -> Bool? {
        let status: ExecutionStatus = newest.first?.status == .crashed ? .unknown : .crashed
        guard let found = try await rows(list("status", status.apiWord)).rows else { return false }
        if found.contains(where: { $0.status != status }) { return false }
        return newest.isEmpty && found.isEmpty ? nil : true
    }

    /// Whether the server knows and obeys `startedAfter`: it asks for runs that started after the year 2999, and there
    /// must be none. Without any rows that would prove nothing; then a malformed date is sent, and a server that
    /// complains about the date knows the key.
    private func boundsByStart() async throws(ReadFailure) -> Bool {
        guard newest.isEmpty else {
            return try await rows(list("startedAfter", "2999-12-31T00:00:00.000Z")).rows?.isEmpty == true
        }
        let refusal = try await rows(list("startedAfter", "yesterday")).refusal
        return refusal?.hasPrefix("request/query/startedAfter") == true
    }

    /// Asks for a row without its data, so that the size limit has nothing to do with the answer.
    private func readByID(_ found: inout ServerCapabilities) async throws(ReadFailure) {
        var call = reader.byID(anyID, content: .kept(by: .skip), limit: 8 << 20)
        call.query = [("ignoreDataSizeLimit", "true")]
        let answer = try await reader.ask(call)
        found.ignoresSizeLimit = found.era == .c || answer.status == 200 || N8NReader.isMissing(answer)
        note(answer, call, &found)
    }

    private func note(_ answer: Answer, _ call: Call, _ found: inout ServerCapabilities) {
        if answer.status == 403, answer.refusal != nil { found.missingScopes.append(call.scope) }
    }

    private static let operations: [String: ActionKind] = ["retryExecution": .retry, "stopExecution": .stop]
    private static let discovery = JSONPlan.object([
        "data": .object([
            "scopes": .array(.word, keep: .first(500)),
            "resources": .map(
                .object(["endpoints": .array(.object(["operationId": .word]), keep: .first(200))]), limit: 100),
        ])
    ])

    /// The key's scopes and the actions it may ask for, by the server's own word (2.14 and later).
    private func discover() async -> (scopes: [String]?, offered: Set<ActionKind>) {
        let call = Call(
            path: ["discover"], content: .kept(by: CapabilityProbe.discovery), bodyLimit: 8 << 20, scope: "")
        guard let answer = try? await reader.ask(call), answer.status == 200, let data = answer.json?["data"] else {
            return (nil, [])
        }
        let endpoints = (data["resources"]?.members?.entries ?? []).flatMap { $0.value["endpoints"]?.items ?? [] }
        let names = Set(endpoints.compactMap { $0["operationId"]?.word })
        // If not even the list has the name that was recorded, the names are of another release and say nothing about
        // the rest.
        let isKnown = names.contains("getExecutions")
        return (
            data["scopes"]?.items?.compactMap(\.word),
            isKnown ? Set(CapabilityProbe.operations.filter { names.contains($0.key) }.values) : []
        )
    }
}

extension N8NReader {
    /// What the server can do, asked now.
    public func capabilities() async throws(ReadFailure) -> ServerCapabilities {
        let page = try await list(ListQuery(limit: 5))
        return try await CapabilityProbe(reader: self, newest: page.executions).capabilities()
    }
}
