import Glibc
import MendflowCore
import MendflowRehearsal
import MendflowSimulator
import MendflowTestKit
import Testing

/// The program killed at random moments, over and over, against an n8n that loses requests and answers.
@Suite("The program, killed again and again", .timeLimit(.minutes(60)), .serialized)
struct KillTests {
    @Test("does nothing twice and nothing without a record, loses no record, and settles everything in the end")
    func kills() async throws {
        let world = try World(retries: .success(after: 10))
        world.makeUnreliable()
        try world.write("policies.yaml", World.eagerPolicies)
        try world.write("mendflow.yaml", World.eagerConfiguration(url: world.server.url))
        try await world.initialise()
        var run = KillRun(world)
        for _ in 0..<World.kills {
            try await run.killOnce()
            try run.judge()
            if run.kills % 100 == 0 { print(run.numbers) }
        }
        try await run.settle()
        try run.judge()
        run.judgeEnd()
        #expect(run.broken.isEmpty, "seed \(World.killSeed): \(run.broken.joined(separator: "\n"))")
        #expect(try await world.run("audit", "verify").code == 0)
        // A run in which nothing was hit would prove nothing.
        #expect(run.cutShort > 0 && run.journal.outcomes.count * 2 > World.kills)
        if World.kills > 100 { print(run.numbers) }
        try await world.remove()
    }

    @Test("runs once on a ledger, however many are started at the same time")
    func together() async throws {
        let world = try World()
        let failed = world.failure()
        try await world.initialise()
        let children = try (0..<4).map { _ in try world.start("run") }
        defer { children.forEach { $0.signal(SIGKILL) } }
        try await world.until { $0.retries(of: failed).count == 1 }
        let refused = await withTaskGroup(of: (Int, Child.End).self) { group in
            for (number, child) in children.enumerated() { group.addTask { (number, await child.end()) } }
            var refused: [Child.End] = []
            // The one that holds the ledger goes on until it is told to stop.
            for await (_, end) in group {
                refused.append(end)
                if refused.count == 3 { children.forEach { $0.signal(SIGTERM) } }
            }
            return refused
        }
        #expect(refused.prefix(3).allSatisfy { $0.code == 75 }, "\(refused.map(\.code))")
        #expect(refused.last?.code == 0)
        #expect(world.retries(failed).count == 1)
        #expect(try await world.run("audit", "verify").code == 0)
        try await world.remove()
    }
}

extension World {
    /// How often it is killed: what `make kills` says, else what fits into seconds.
    static let kills = getenv("MENDFLOW_KILLS").flatMap { Int(String(cString: $0)) } ?? 10
    static let killSeed = getenv("MENDFLOW_KILL_SEED").flatMap { UInt64(String(cString: $0)) } ?? 1

    /// As eager as policies can be, so that a kill finds something under way.
    static let eagerPolicies = """
        policies:
          - name: retry-orders
            mode: enforce
            match: {status: error, workflow: Order sync, newer_than: 10m}
            actions: [{retry: {max_retries: 3, backoff: {initial_interval: 1s, jitter: none}, repeats: allow}}]
            guards: {max_actions: {amount: 100000, per: 1h}, max_in_flight: 20, give_up_after: 10m}
          - name: stop-waiting
            mode: enforce
            match: {status: waiting, older_than: 2h}
            actions: [stop]
            guards: {max_actions: {amount: 100000, per: 1h}}
        """

    static func eagerConfiguration(url: String) -> String {
        """
        mode: enforce
        policies: [policies.yaml]
        ledger: mendflow.sqlite
        poll_interval: 1s
        look_back: 10m
        instances:
          - name: production
            url: "\(url)"
            api_key_env: N8N_API_KEY
            mode: enforce
            limits: {max_in_flight: 20, max_actions: {amount: 100000, per: 1h}}
        log: {level: error}

        """
    }

    /// Some runs are slow or fail again, and one request in so many is lost, answered late or not at all.
    func makeUnreliable() {
        let at = World.now()
        server.withSimulator { n8n in
            n8n.database.workflows[World.orders]?.script = .init(retriesThenAlways: [
                .success(after: 10), .error(.http(503, method: "POST"), after: 20), .success(after: 400),
                .success(after: 5), .success(after: 1500),
            ])
            let acting: Set<Simulator.Endpoint> = [.retry, .stop]
            n8n.faults += [
                .init(.loseAnswer(after: 30), at: acting, times: nil, oneIn: 11),
                .init(.loseRequest(after: 10), at: acting, times: nil, oneIn: 13),
                .init(.delayAnswer(200), at: acting, times: nil, oneIn: 5),
                .init(.errorBefore, at: acting, times: nil, oneIn: 17),
                .init(.badGateway, times: nil, oneIn: 40),
            ]
            // While something is under way, every change rings the bell of `until`.
            n8n.addExecution(
                of: World.orders, status: .waiting, startedAt: at.milliseconds, stoppedAt: at.milliseconds,
                waitTill: (at + .hours(20)).milliseconds)
        }
    }

    func makeReliable() { server.withSimulator { $0.faults = [] } }
}
