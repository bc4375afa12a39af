import Glibc
import MendflowCore
import MendflowRehearsal
import MendflowSimulator
import Testing

/// n8n's database is swapped below a running agent.
@Suite("Another database", .timeLimit(.minutes(30)))
struct EpochTests {
    @Test("stops a running agent, is shown everywhere, and after its adoption the same process goes on")
    func adopted() async throws {
        let world = try World()
        _ = world.failure()
        try await world.initialise()
        let agent = try world.start("run")
        defer { agent.signal(SIGKILL) }
        try await world.until { !$0.retries(of: 1).isEmpty }
        world.server.withSimulator { n8n in
            let now = World.now().milliseconds
            n8n.kill(now: now)
            n8n.restore(Simulator.Database())
            n8n.start(now: now)
            var other = Simulator.Workflow(
                id: "Wf00000000000009", name: "Other", nodes: [.webhook("other")])
            other.script = .init(retriesThenAlways: [.success(after: 10)])
            n8n.add(other)
            for _ in 0..<3 {
                n8n.addExecution(of: other.id, status: .success, startedAt: now - 9_000, stoppedAt: now - 8_000)
            }
        }
        try await agent.wrote("event=epoch.alarm")
        #expect(try await world.run("doctor").code == 1)
        for (words, code) in [(["status"], Int32(1)), (["plan"], 1), (["inbox"], 0)] {
            let end = try await world.run(words)
            #expect(end.out.contains("EPOCH ALARM") && end.code == code, "\(words): \(end.out)")
            #expect(!end.out.contains("Nothing is due"))
        }
        let adopted = try await world.run("instance", "adopt", "--reason", "restored on purpose")
        #expect(adopted.code == 0 && adopted.out.contains("epoch 2 began"), "\(adopted.err)")
        try await agent.wrote("event=epoch.adopted")
        #expect(try await world.run("doctor").code == 0)
        #expect(try await world.run("instance", "adopt", "--reason", "again").code == 1)
        agent.signal(SIGTERM)
        #expect(await agent.end().code == 0)
        #expect(try await world.run("audit", "verify").code == 0)
        try await world.remove()
    }

    @Test("ends a single tick with exit code 1")
    func once() async throws {
        let world = try World()
        for _ in 0..<2 { _ = world.failure() }
        try await world.initialise()
        #expect(try await world.run("run", "--once").code == 0)
        world.server.withSimulator { n8n in
            let now = World.now().milliseconds
            n8n.kill(now: now)
            n8n.restore(Simulator.Database())
            n8n.start(now: now)
            n8n.add(Simulator.Workflow(id: "Wf00000000000009", name: "Other", nodes: [.webhook("other")]))
            for _ in 0..<3 {
                n8n.addExecution(of: "Wf00000000000009", status: .success, startedAt: now - 9_000, stoppedAt: now)
            }
        }
        let end = try await world.run("run", "--once")
        #expect(end.code == 1 && end.err.contains("instance adopt"))
        try await world.remove()
    }
}
