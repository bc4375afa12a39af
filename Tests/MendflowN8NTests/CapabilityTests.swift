import MendflowCore
import MendflowHTTP
import MendflowSimulator
import MendflowTestKit
import MendflowText
import Testing

@testable import MendflowN8N

@Suite("What a server can do")
struct CapabilityTests {
    /// Answers as a recorded server did.
    private static func transport(_ server: String) throws -> ScriptedTransport {
        func recorded(_ name: String) throws -> ScriptedTransport.Reply {
            .init(try #require(Recording.named(name, server)))
        }
        let unknownKey = try recorded("list.q.bogus.1")
        // Nothing had started after 2999, as nothing had before 2020.
        let bounded = try recorded(
            server == "n8n-2.41.1" ? "list.q.startedBefore.2020-01-" : "list.q.startedAfter.2020-01-")
        // Recorded of another path that is not there; of one that is, n8n refuses the method (n8n facts 7.3).
        let noRoute = try #require(Recording.named("stop.unknown", "n8n-1.123.81"))
        let crashed = try recorded("list.status.crashed")
        let byID = try recorded("get.ignoreLimit")
        let replies = [
            ("mendflow=probe", unknownKey), ("startedAfter=2999", bounded), ("status=crashed", crashed),
            ("ignoreDataSizeLimit=true", byID), ("/tags", try recorded("tags.get")),
            ("/workflows", try recorded("workflows")), ("/discover", try recorded("discover")),
            ("/healthz", try recorded("healthz")), ("/executions?limit=5", try recorded("list.limit5")),
            ("/stop", .init(noRoute)), ("/retry", .json(405, #"{"message":"GET method not allowed"}"#)),
        ]
        return ScriptedTransport { request, _ in
            replies.first { request.url.contains($0.0) }?.1 ?? .html(404, request.url)
        }
    }

    @Test("is told of each recorded server by its own answers, in eight small reads, or ten where it tells less itself")
    func recorded() async throws {
        let expected: [(String, ServerCapabilities)] = [
            ("n8n-2.41.1", ServerCapabilities(era: .c)),
            ("n8n-2.35.7", ServerCapabilities(era: .b, boundsByStart: false)),
            (
                "n8n-2.27.5",
                ServerCapabilities(
                    era: .a, boundsByStart: false, filtersExactly: false, ignoresSizeLimit: false, hidesWaiting: true)
            ),
            (
                "n8n-1.123.81",
                ServerCapabilities(
                    era: .a, boundsByStart: false, filtersExactly: false, ignoresSizeLimit: false, hidesWaiting: true,
                    notOffered: [.stop, .bulkStop, .tag])
            ),
        ]
        for (server, expected) in expected {
            let transport = try Self.transport(server)
            var found = try await reader(transport).capabilities()
            let tells = server != "n8n-1.123.81"
            #expect(found.scopes?.contains("execution:retry") == (tells ? true : nil))
            found.scopes = nil
            #expect(found == expected, "\(server)")
            #expect(transport.requests.count == (tells ? 8 : 10))
            #expect(transport.requests.allSatisfy { $0.method == .get && $0.body == nil })
            #expect(!transport.requests.contains { $0.url.contains("includeData") })
        }
    }

    private static let start = AgentTime(milliseconds: 1_793_606_400_000)

    private func simulation(_ release: Simulator.Release, _ rows: [Simulator.Status]) -> Simulation {
        var simulator = Simulator(now: Self.start.milliseconds, configuration: .init(release: release))
        simulator.add(Simulator.Workflow(id: "Wf00000000000001", name: "W", nodes: [.webhook("w")]))
        for status in rows {
            simulator.addExecution(of: "Wf00000000000001", status: status, startedAt: Self.start.milliseconds - 60_000)
        }
        return Simulation(seed: 1, start: Self.start, simulator)
    }

    private func simulatedReader(_ simulation: Simulation) throws -> N8NReader {
        N8NReader(
            connection: try N8NConnection(url: try ServerURL("http://n8n:5678")) { "test-key" },
            transport: SimulatedTransport(simulation.box), clock: simulation.clock
        ) { $0 }
    }

    @Test(
        "is found out in between the recorded releases too, whatever the newest row is, and changes nothing there",
        arguments: [
            "1.123.81", "2.8", "2.9", "2.10", "2.12", "2.13", "2.27.5", "2.28", "2.29", "2.30", "2.36", "2.37", "2.38",
            "2.39", "2.41.1",
        ],
        [[Simulator.Status.success], [.success, .crashed], [.crashed, .unknown], [.error, .waiting]])
    func simulated(_ name: String, _ rows: [Simulator.Status]) async throws {
        let release = try #require(Simulator.Release(name))
        let simulation = simulation(release, rows)
        let reader = try simulatedReader(simulation)
        let found = try simulation.run { try await reader.capabilities() }
        func from(_ minor: Int) -> Bool { release >= Simulator.Release(2, minor) }
        #expect(found.era == (from(39) ? .c : from(30) ? .b : .a))
        #expect(found.boundsByStart == from(37))
        #expect(found.filtersExactly == from(30))
        #expect(found.ignoresSizeLimit == from(28))
        #expect(found.hidesWaiting == !from(30))
        let stops: Set<ActionKind> = from(10) ? [] : [.stop, .bulkStop]
        #expect(found.notOffered == (from(9) ? stops : stops.union([.tag])))
        #expect(found.missingScopes.isEmpty && !found.isProvisional && !found.hidesQueued)
        let requests = simulation.box.withSimulator { $0.requests }
        #expect(requests.count == (from(14) ? 8 : 10) && requests.allSatisfy { $0.request.method == .get })
    }

    @Test(
        "an empty server is read the safe way, and says that it could not tell",
        arguments: ["2.12", "2.27.5", "2.35.7", "2.38", "2.41.1"])
    func empty(_ name: String) async throws {
        let release = try #require(Simulator.Release(name))
        let simulation = simulation(release, [])
        let reader = try simulatedReader(simulation)
        let found = try simulation.run { try await reader.capabilities() }
        let isLenient = release.era == .c
        #expect(found.era == (isLenient ? .c : .a))
        #expect(found.filtersExactly == isLenient && found.hidesWaiting == !isLenient)
        #expect(found.boundsByStart == (release >= Simulator.Release(2, 37)))
        #expect(found.isProvisional)
    }

    @Test("a server that takes startedAfter without obeying it, or filters without obeying them, cannot do either")
    func ignored() async throws {
        let row = #"{"id":"41","workflowId":"w","status":"crashed","mode":"webhook"}"#
        let transport = ScriptedTransport(.json(200, #"{"data":[\#(row)],"nextCursor":null}"#))
        let found = try await reader(transport).capabilities()
        #expect(found.era == .c && !found.boundsByStart && !found.filtersExactly && !found.hidesWaiting)
        #expect(found.notOffered.isEmpty && found.scopes == nil)
        #expect(transport.requests.contains { $0.url.contains("status=unknown") })
    }

    @Test("names of operations that are not the recorded ones say nothing: the paths are asked for instead")
    func strangeNames() async throws {
        let transport = ScriptedTransport { request, _ in
            request.url.hasSuffix("/discover")
                ? .json(
                    200, #"{"data":{"scopes":[],"resources":{"x":{"endpoints":[{"operationId":"retryExecution"}]}}}}"#)
                : .json(200, #"{"data":[],"nextCursor":null}"#)
        }
        let found = try await reader(transport).capabilities()
        #expect(found.notOffered.isEmpty && found.scopes == [])
        #expect(transport.requests.contains { $0.url.hasSuffix("/executions/1/stop") && $0.method == .get })
    }

    @Test("an action is missing only where n8n says so in its words for a path, not where a row or a proxy says 404")
    func missingActions() async throws {
        func missing(_ body: String) async throws -> Set<ActionKind> {
            let transport = ScriptedTransport { request, _ in
                let isRoute = ["/stop", "/retry", "/tags"].contains { request.url.hasSuffix($0) }
                return isRoute ? .json(404, body) : .json(200, #"{"data":[],"nextCursor":null}"#)
            }
            return try await reader(transport).capabilities().notOffered
        }
        #expect(try await missing(#"{"message":"not found"}"#) == [.retry, .stop, .bulkStop, .tag])
        #expect(try await missing(#"{"message":"Not Found"}"#).isEmpty)
        #expect(try await missing(#"{"error":"not found"}"#).isEmpty)
    }

    @Test("reads that the key may not do are named; whoever refuses the list fails the look")
    func scopes() async throws {
        let transport = ScriptedTransport { request, _ in
            request.url.contains("/executions?")
                ? .json(200, #"{"data":[],"nextCursor":null}"#)
                : .json(403, #"{"message":"Forbidden"}"#)
        }
        let found = try await reader(transport).capabilities()
        #expect(found.missingScopes == ["execution:read", "executionTags:list", "workflow:list"])
        let closed = try reader(ScriptedTransport(.json(403, #"{"message":"Forbidden"}"#)))
        let error = await #expect(throws: ReadFailure.self) { try await closed.capabilities() }
        #expect(error?.kind == .forbidden)
    }

    @Test("a row that n8n answers with 500 hinders nothing")
    func brokenRow() async throws {
        let transport = ScriptedTransport { request, _ in
            request.url.contains("/executions?") || request.url.contains("/workflows")
                ? .json(200, #"{"data":[],"nextCursor":null}"#) : .json(500, #"{"message":"Internal server error"}"#)
        }
        let found = try await reader(transport).capabilities()
        #expect(found.era == .c && found.ignoresSizeLimit && found.missingScopes.isEmpty)
    }
}

@Suite("Answers that contradict what a server could do")
struct ContradictionTests {
    private let able = ServerCapabilities()
    private let time = ServerTime(milliseconds: 1_793_606_400_000)

    private func page(_ rows: Execution...) -> ExecutionPage { ExecutionPage(executions: rows, nextCursor: nil) }

    @Test("a filtered list with another status contradicts exact filters, and only those")
    func filters() {
        let query = ListQuery(status: .crashed)
        let other = page(
            Execution(id: "9", workflow: "w", status: .crashed), Execution(id: "8", workflow: "w", status: .error))
        #expect(able.contradiction(by: other, of: query)?.contains("8, which is error") == true)
        #expect(ServerCapabilities(filtersExactly: false).contradiction(by: other, of: query) == nil)
        #expect(able.contradiction(by: other, of: ListQuery()) == nil)
        #expect(able.contradiction(by: page(Execution(id: "9", workflow: "w", status: .crashed)), of: query) == nil)
        // A word of a newer release says nothing about the filter.
        let strange = page(Execution(id: "9", workflow: "w", status: .unrecognised))
        #expect(able.contradiction(by: strange, of: query) == nil)
    }

    @Test("a bounded list with an older run, or one without a start, contradicts startedAfter")
    func bound() {
        let query = ListQuery(startedAfter: time)
        func started(_ at: ServerTime?) -> ExecutionPage {
            page(Execution(id: "9", workflow: "w", status: .error, startedAt: at))
        }
        #expect(able.contradiction(by: started(time), of: query) == nil)
        #expect(able.contradiction(by: started(time - .seconds(1)), of: query) != nil)
        #expect(able.contradiction(by: started(nil), of: query) != nil)
        #expect(able.contradiction(by: started(nil), of: ListQuery()) == nil)
        #expect(ServerCapabilities(boundsByStart: false).contradiction(by: started(nil), of: query) == nil)
    }

    @Test("a refused query key is told apart from every other refusal", arguments: ["n8n-2.35.7", "n8n-2.27.5"])
    func refusedKey(_ server: String) async throws {
        func failure(_ name: String) async throws -> ReadFailure {
            let recording = try #require(Recording.named(name, server))
            let reader = try reader(ScriptedTransport(.init(recording)))
            return try #require(await #expect(throws: ReadFailure.self) { try await reader.list(ListQuery()) })
        }
        let refused = try await failure("list.q.startedAfter.2020-01-")
        #expect(refused.kind == .refused && refused.unknownQueryKey == "startedAfter")
        #expect(able.contradiction(by: refused)?.contains("startedAfter") == true)
        let other = try await failure("list.status.bogus")
        #expect(other.kind == .refused && other.unknownQueryKey == nil && able.contradiction(by: other) == nil)
    }
}

@Suite("The first look at a server")
struct ProbeTests {
    @Test("tells health, time, the newest execution and what the server can do", arguments: [true, false])
    func look(_ isHealthy: Bool) async throws {
        let row = #"{"id":"41","workflowId":"w","status":"error","mode":"webhook"}"#
        let transport = ScriptedTransport { request, _ in
            if request.url.hasSuffix("/healthz") {
                let hasKey = request.headers["x-n8n-api-key"] != nil
                return isHealthy && !hasKey ? .json(200, #"{"status":"ok"}"#) : .html(404, "no")
            }
            return .json(
                200, #"{"data":[\#(row)],"nextCursor":null}"#,
                headers: [.init("Date", "Mon, 23 Nov 2026 19:09:30 GMT")])
        }
        let facts = try await ServerProbe(
            connection: try connection(), transport: transport, clock: ManualClock()
        ).probe()
        #expect(facts.isHealthy == isHealthy && facts.newest?.id == "41" && facts.capabilities.era == .c)
        #expect(facts.serverTime == ServerTime(rfc3339: "2026-11-23T19:09:30Z"))
    }

    @Test("a server that is not n8n fails the look, with what to check")
    func other() async throws {
        let transport = ScriptedTransport(.html(200, "<html><title>Welcome to nginx!</title>"))
        let probe = ServerProbe(connection: try connection(), transport: transport, clock: ManualClock())
        let error = await #expect(throws: ReadFailure.self) { try await probe.probe() }
        #expect(error?.kind == .notN8N)
        #expect(error?.message.contains("check url and api_path") == true)
    }
}
