import MendflowCore
import MendflowEnvironment
import MendflowHTTP
import MendflowHost
import MendflowHostKit
import MendflowLedger
import MendflowOperations
import MendflowSimulator
import MendflowTestKit
import MendflowWorkspace
import Testing

/// A host in memory with a service and a simulated n8n whose texts all want to be markup.
struct ConsoleWorld {
    static let start = AgentTime(milliseconds: 1_793_606_400_000)
    static let token = "a-token-that-nobody-guesses"
    static let hostile = "<script>alert(1)</script>"
    static let policies = """
        policies:
          - name: retry-orders
            description: "\(hostile) retries orders"
            mode: enforce
            match: {status: error, workflow: Orders}
            actions: [{retry: {max_retries: 3, repeats: allow, backoff: {initial_interval: 1h, jitter: none}}}]
          - name: ask-invoices
            mode: enforce
            match: {status: error, workflow: Invoices}
            approval: {expires: 4h}
            actions: [{retry: {max_retries: 1, repeats: allow, backoff: {initial_interval: 1m, jitter: none}}}]
          - name: retry-the-rest
            mode: dry_run
            match: {status: error}
            actions: [{retry: {max_retries: 1, repeats: allow, backoff: {initial_interval: 1m, jitter: none}}}]
          - name: stop-stale
            mode: enforce
            match: {status: waiting, older_than: 2h}
            actions: [stop]
        """

    let simulation: Simulation
    let listeners = MemoryListeners()
    let disk = MemoryDisk()
    let files: MemoryFiles
    private let hasToken: Bool

    init(hasToken: Bool = true) {
        var n8n = Simulator(now: Self.start.milliseconds)
        n8n.configuration.keys = [.init(key: "key", name: "agent")]
        let error = Simulator.ErrorShape(
            name: "NodeApiError", message: "\(Self.hostile) is down", description: "<img src=x onerror=alert(2)>",
            httpCode: "503", request: ("GET", "http://shop.example/<b>"))
        let failing = Simulator.Script(thenAlways: [.error(error, after: 100)])
        n8n.add(
            Simulator.Workflow(
                id: "Wf00000000000001", name: "Orders",
                nodes: [.webhook("orders"), .http(method: "GET", url: "http://shop")],
                script: failing))
        n8n.add(
            Simulator.Workflow(
                id: "Wf00000000000002", name: Self.hostile,
                nodes: [.webhook("other"), .http(method: "GET", url: "http://shop")], script: failing))
        n8n.add(
            Simulator.Workflow(
                id: "Wf00000000000003", name: "Invoices",
                nodes: [.webhook("invoices"), .http(method: "GET", url: "http://shop")], script: failing))
        simulation = Simulation(seed: 1, start: Self.start, n8n)
        files = MemoryFiles([
            "/m/mendflow.yaml": """
            mode: enforce
            policies: policies/
            incidents: {at_least: 3}
            instances: [{name: main, url: "http://n8n", api_key_env: KEY, mode: enforce}]
            service: {listen: "127.0.0.1:9464"\(hasToken ? ", token_env: TOKEN" : "")}
            """,
            "/m/policies/p.yaml": Self.policies,
        ])
        self.hasToken = hasToken
    }

    /// What one process sees of the world.
    func environment(_ process: Int) -> Environment {
        let box = simulation.box
        var environment = Environment(
            clock: simulation.clock, files: files, variables: ["KEY": "key", "TOKEN": Self.token], user: "operator",
            connect: { _ in SimulatedTransport(box) }, ledgers: disk.ledgers(process: process),
            log: { _, _ in Events() }, signals: { _ in () })
        environment.listen = listeners.listening
        return environment
    }

    func workspace() throws -> Workspace {
        let loaded = try Workspace.load(path: "/m/mendflow.yaml", environment: environment(2))
        return try #require(loaded.workspace, "\(loaded.report)")
    }

    /// What the ledger holds.
    func ledger() async throws -> LedgerState { try await workspace().everything() }

    /// Lives for a quarter of an hour with failures of both workflows and a request that nobody answered, and looks at the console.
    func live(_ look: @escaping @Sendable (Browser) async throws -> Void) throws {
        try simulation.run { [self] in
            let request = Initialise.Request(
                folder: "/m", name: "main", url: "http://n8n", keyVariable: "KEY", keyFile: nil,
                since: ClockOffset.zero.server(Self.start - .hours(20)))
            _ = try await Initialise.run(request, environment: environment(0))
            try await leaveUnanswered()
            let loaded = try Workspace.load(path: "/m/mendflow.yaml", environment: environment(1))
            let host = MendflowHost(try #require(loaded.workspace, "\(loaded.report)"), asked: nil)
            let task = Task(executorPreference: simulation.executor) { try await host.run(once: false) }
            try await simulation.clock.sleep(for: .seconds(40))
            simulation.box.withSimulator { n8n in
                let now = Self.start.milliseconds + 40_000
                for workflow in ["Wf00000000000001", "Wf00000000000002", "Wf00000000000002", "Wf00000000000003"] {
                    n8n.trigger(workflow, now: now)
                }
            }
            try await simulation.clock.sleep(for: .minutes(15))
            try await look(Browser(listeners))
            host.stop()
            try await task.value
        }
    }

    /// A retry of which no answer came.
    private func leaveUnanswered() async throws {
        let draft = IntentDraft(
            instance: InstanceKey(name: "main", epoch: 1), action: .retry, execution: "900", root: "900",
            workflow: "Wf00000000000001", policy: "retry-orders", policyVersion: "v")
        let reservation = Reservation(
            ProposedAction(draft: draft, due: ClockOffset.zero.server(Self.start)), isShadow: false)
        let id = try #require(try await workspace().append([.reserved(reservation)], at: Self.start).first)
        let intent = IntentRef(IntentID(id), draft)
        let lost = OutcomeEvidence.unanswered(status: nil, message: "cut off by \(Self.hostile)")
        try await workspace().append(
            [.sending(intent, watermark: "901", look: "complete"), .outcome(intent, Settlement(.unresolved, lost))],
            at: Self.start)
    }
}

/// Somebody's browser: keeps the cookie, follows nothing by itself.
actor Browser {
    struct Page: Sendable {
        var status: Int, location: String?, text: String
        /// What forms on it send so that they are accepted.
        var csrf: String? { text.firstMatch(of: /name="csrf" value="([0-9a-f]+)"/).map { String($0.1) } }
        /// The addresses of the console that it links to.
        var links: [String] {
            text.matches(of: /href="(\/[^"]*)"/).map { String($0.1).replacing("&amp;", with: "&") }
        }
    }
    private let listeners: MemoryListeners
    private var cookie: String?

    init(_ listeners: MemoryListeners) { self.listeners = listeners }

    func get(_ path: String, host: String = "localhost:9464") async throws -> Page {
        try await ask(HTTPRequest(.get, path, headers: ["Host": host, "Accept": "text/html"]))
    }

    func post(_ path: String, _ form: String, host: String = "localhost:9464") async throws -> Page {
        let headers: HTTPHeaders = ["Host": host, "Content-Type": "application/x-www-form-urlencoded"]
        return try await ask(HTTPRequest(.post, path, headers: headers, body: Array(form.utf8)))
    }

    /// Posts as a program does, with the token and without a session.
    func order(_ path: String, _ form: String) async throws -> Page {
        let headers: HTTPHeaders = [
            "Host": "localhost:9464", "Content-Type": "application/x-www-form-urlencoded",
            "Authorization": "Bearer \(ConsoleWorld.token)",
        ]
        return try await ask(HTTPRequest(.post, path, headers: headers, body: Array(form.utf8)))
    }

    func signIn(name: String = "ada") async throws {
        let page = try await post("/login", "name=\(name)&token=\(ConsoleWorld.token)&next=%2F")
        #expect(page.status == 303)
    }

    private func ask(_ request: HTTPRequest) async throws -> Page {
        var request = request
        if let cookie { request.headers["Cookie"] = cookie }
        let answer = try #require(await listeners.ask(request))
        if let set = answer.head.headers["Set-Cookie"] { cookie = String(set.prefix { $0 != ";" }) }
        return Page(
            status: answer.status, location: answer.head.headers["Location"],
            text: String(decoding: answer.body, as: UTF8.self))
    }
}
