public import MendflowCore
public import MendflowHTTP

/// What a first look at a server tells.
public struct ServerFacts: Sendable, Hashable {
    /// The server's clock, to the second, where it tells.
    public var serverTime: Timestamp?
    /// The newest execution that the list shows.
    public var newest: Execution?
    /// How the API behaves.
    public var era: ServerCapabilities.Era
    /// Whether `/healthz` says ok; false also where a proxy does not let it through.
    public var isHealthy: Bool
    /// The key's scopes, where the server tells; n8n tells all of them from 2.14 on.
    public var scopes: [String]?
    /// Scopes of reading requests that were tried and refused.
    public var missingScopes: [String]

    /// Makes facts.
    public init(
        serverTime: Timestamp? = nil, newest: Execution? = nil, era: ServerCapabilities.Era = .c,
        isHealthy: Bool = true,
        scopes: [String]? = nil, missingScopes: [String] = []
    ) {
        self.serverTime = serverTime
        self.newest = newest
        self.era = era
        self.isHealthy = isHealthy
        self.scopes = scopes
        self.missingScopes = missingScopes
    }
}

/// Takes a first look at a server, for `init` and `status`; it only reads.
public struct ServerProbe: Sendable {
    private let reader: N8NReader

    /// Makes a probe.
    public init(connection: N8NConnection, transport: any Transport, clock: any AgentClock) {
        reader = N8NReader(connection: connection, transport: transport, clock: clock) { $0 }
    }

    init(reader: N8NReader) { self.reader = reader }

    /// Looks; fails with what to do where the server cannot be reached, is not n8n, or refuses the key.
    public func probe() async throws(ReadFailure) -> ServerFacts {
        let page = try await reader.list(ListQuery(limit: 1))
        var facts = ServerFacts(serverTime: page.serverTime, newest: page.executions.first)
        facts.era = try await era()
        facts.isHealthy = await isHealthy()
        facts.scopes = await scopes()
        let id = facts.newest?.id ?? "1"
        let tags = Call(
            path: ["executions", id.text, "tags"], plan: .skip, bodyLimit: 1 << 20, scope: "executionTags:list")
        let workflows = Call(
            path: ["workflows"], query: [("limit", "1"), ("excludePinnedData", "true")], plan: .skip,
            bodyLimit: 64 << 20, scope: "workflow:list")
        for call in [reader.byID(id, plan: .skip, limit: 8 << 20), tags, workflows] {
            let answer = try await reader.ask(call)
            if answer.status == 403, answer.refusal != nil { facts.missingScopes.append(call.scope) }
        }
        return facts
    }

    private func era() async throws(ReadFailure) -> ServerCapabilities.Era {
        var call = Call(
            path: ["executions"], query: [("limit", "1"), ("mendflow", "probe")], plan: RowAnswer.page,
            bodyLimit: 8 << 20, scope: "execution:list")
        let answer = try await reader.ask(call)
        if answer.status == 200, RowAnswer.page(answer) != nil { return .c }
        guard answer.status == 400, answer.refusal != nil else { throw reader.failures(call).of(answer) }
        call.query = [("limit", "20"), ("status", "crashed")]
        let crashed = try await reader.ask(call)
        guard crashed.status == 200, let page = RowAnswer.page(crashed) else {
            throw reader.failures(call).of(crashed)
        }
        return page.executions.contains { $0.status != .crashed } ? .a : .b
    }

    private func isHealthy() async -> Bool {
        let call = Call(
            path: ["healthz"], plan: .object(["status": .word]), bodyLimit: 64 << 10, scope: "", isBelowAPI: false)
        guard let answer = try? await reader.ask(call) else { return false }
        return answer.status == 200 && answer.json?["status"]?.word == "ok"
    }

    private func scopes() async -> [String]? {
        let call = Call(
            path: ["discover"], plan: .object(["data": .object(["scopes": .array(.word, keep: .first(500))])]),
            bodyLimit: 8 << 20, scope: "")
        guard let answer = try? await reader.ask(call), answer.status == 200 else { return nil }
        return answer.json?["data"]?["scopes"]?.items?.compactMap(\.word)
    }
}

extension N8NReader {
    /// What the server can do, asked now.
    public func capabilities() async throws(ReadFailure) -> ServerCapabilities {
        let facts = try await ServerProbe(reader: self).probe()
        return ServerCapabilities(
            era: facts.era, boundsByStart: facts.era == .c, filtersExactly: facts.era != .a,
            ignoresSizeLimit: facts.era == .c, hidesWaiting: facts.era == .a, scopes: facts.scopes,
            missingScopes: facts.missingScopes)
    }
}
