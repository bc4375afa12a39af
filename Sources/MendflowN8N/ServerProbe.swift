public import MendflowCore
public import MendflowHTTP

/// What the first requests to a server tell about it.
public struct ServerFacts: Sendable, Hashable {
    /// The server's clock, to the second; nil if it does not tell.
    public var serverTime: ServerTime?
    /// The newest execution that the list shows.
    public var newest: Execution?
    /// Whether `/healthz` says ok. False also if a proxy does not let that request through.
    public var isHealthy: Bool
    /// What the server can do.
    public var capabilities: ServerCapabilities

    /// Makes facts.
    public init(
        serverTime: ServerTime? = nil, newest: Execution? = nil, isHealthy: Bool = true,
        capabilities: ServerCapabilities = ServerCapabilities()
    ) {
        self.serverTime = serverTime
        self.newest = newest
        self.isHealthy = isHealthy
        self.capabilities = capabilities
    }
}

/// Takes a first look at a server; it only reads.
public struct ServerProbe: Sendable {
    private let reader: N8NReader

    /// Makes a probe.
    public init(connection: N8NConnection, transport: any Transport, clock: any AgentClock) {
        reader = N8NReader(connection: connection, transport: transport, clock: clock) { $0 }
    }

    /// Looks; fails with what to do where the server cannot be reached, is not n8n, or refuses the key.
    public func probe() async throws(ReadFailure) -> ServerFacts {
        let page = try await reader.list(ListQuery(limit: 5))
        let probe = CapabilityProbe(reader: reader, newest: page.executions)
        let capabilities = try await probe.capabilities()
        return ServerFacts(
            serverTime: page.serverTime, newest: page.executions.first, isHealthy: await isHealthy(),
            capabilities: capabilities)
    }

    private func isHealthy() async -> Bool {
        let call = Call(
            path: ["healthz"], content: .kept(by: .object(["status": .word])), bodyLimit: 64 << 10, scope: "",
            isBelowAPI: false)
        guard let answer = try? await reader.ask(call) else { return false }
        return answer.status == 200 && answer.json?["status"]?.word == "ok"
    }
}
