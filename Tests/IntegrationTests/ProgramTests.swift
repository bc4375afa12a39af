import FoundationEssentials
import Glibc
import MendflowRehearsal
import MendflowSimulator
import MendflowTestKit
import Testing

/// The program itself, as a process, against a simulated n8n on loopback.
@Suite("The program", .timeLimit(.minutes(30)))
struct ProgramTests {
    @Test("is set up, plans, ticks once and keeps an intact record")
    func life() async throws {
        let world = try World()
        try await world.initialise()
        #expect(try await world.run("validate").code == 0)
        #expect(try await world.run("plan").code == 0)
        #expect(try await world.run("run", "--once").code == 0)
        #expect(try await world.run("status").code == 0)
        #expect(try await world.run("audit", "verify").code == 0)
        #expect(world.server.withSimulator { $0.deeds.isEmpty })
        try await world.remove()
    }

    @Test("acts once on what is due, and on nothing in a dry-run")
    func acts() async throws {
        let world = try World()
        let (failed, stale) = (world.failure(), world.staleWait())
        try await world.initialise()
        #expect(try await world.run("plan").code == 2)
        #expect(try await world.run("run", "--once", "--dry-run").code == 0)
        #expect(world.server.withSimulator { $0.deeds.isEmpty })
        #expect(try await world.run("run", "--once").code == 0)
        #expect(world.retries(failed).count == 1)
        #expect(world.server.withSimulator { $0.database[stale]?.status } == .canceled)
        #expect(try await world.run("run", "--once").code == 0)
        #expect(world.retries(failed).count == 1)
        #expect(try await world.run("audit", "verify").code == 0)
        try await world.remove()
    }

    @Test("leaves at once on a signal, though a retry is under way", arguments: [SIGTERM, SIGINT])
    func signals(number: Int32) async throws {
        let world = try World(retries: .success(after: 3_600_000))
        let failed = world.failure()
        try await world.initialise()
        let agent = try world.start("run")
        defer { agent.signal(SIGKILL) }
        try await world.until { $0.retries(of: failed).count == 1 }
        agent.signal(number)
        let end = await agent.end()
        #expect(end.code == 0)
        #expect(end.err.contains("event=stopped"))
        #expect(world.retries(failed).count == 1)
        try await world.remove()
    }

    @Test("refuses a ledger that another agent holds, and takes it when that one is dead")
    func lock() async throws {
        let world = try World()
        try await world.initialise()
        let first = try world.start("run")
        defer { first.signal(SIGKILL) }
        try await first.wrote("event=tick ")
        let second = try await world.run("run", "--once")
        #expect(second.code == 75)
        #expect(second.err.contains("another process holds the ledger"))
        #expect(try await world.run("pause", "--reason", "commands need no lock").code == 0)
        first.signal(SIGKILL)
        #expect(await first.end().code == -SIGKILL)
        #expect(try await world.run("run", "--once").code == 0)
        try await world.remove()
    }

    @Test(
        "finds the retry again that was open when it was killed or told to leave, and never sends it twice",
        arguments: [SIGKILL, SIGTERM])
    func killed(number: Int32) async throws {
        let world = try World(retries: .success(after: 3_600_000))
        let failed = world.failure()
        try await world.initialise()
        let first = try world.start("run")
        defer { first.signal(SIGKILL) }
        try await world.until { $0.retries(of: failed).count == 1 }
        first.signal(number)
        #expect(await first.end().code == (number == SIGKILL ? -SIGKILL : 0))

        let second = try world.start("run")
        defer { second.signal(SIGKILL) }
        // The first one made a tick or two; the next recovers, and the one after it would act again.
        try await second.wrote("msg=\"tick 4\"")
        second.signal(SIGTERM)
        #expect(await second.end().code == 0)
        let children = world.retries(failed)
        #expect(children.count == 1)
        let log = try await world.run("audit", "export").out
        let outcome = log.split(separator: "\n").filter { $0.contains("\"id\":\"\(children[0])\",\"is\":\"child\"") }
        #expect(outcome.count == 1 && outcome[0].contains("\"applied\""), "\(log)")
        #expect(try await world.run("inbox").out.contains("Every request of ours has an answer."))
        #expect(try await world.run("audit", "verify").code == 0)
        try await world.remove()
    }

    @Test("says in its log when it is paused and when it goes on")
    func pause() async throws {
        let world = try World()
        try await world.initialise()
        let paused = try await world.run("pause", "--for", "1h")
        #expect(
            paused.code == 0 && paused.out.contains(": paused: by ") && paused.out.contains(" (until "),
            "\(paused.out)\(paused.err)")
        let agent = try world.start("run")
        try await agent.wrote("event=acting.paused ")
        let failed = world.failure()
        #expect(try await world.run("resume").code == 0)
        try await agent.wrote("event=acting.resumed ")
        try await world.until { $0.retries(of: failed).count == 1 }
        agent.signal(SIGTERM)
        #expect(await agent.end().code == 0)
        #expect(try await world.run("pause", "--for", "soon").code == 64)
        #expect(try await world.run("audit", "verify").code == 0)
        try await world.remove()
    }

    @Test("finds nothing wrong with what comes along", arguments: ["examples/production/mendflow.yaml"])
    func examples(path: String) async throws {
        let world = try World()
        #expect(try await world.run("validate", "--config", "\(Repository.root)\(path)", config: false).code == 0)
        #expect(try await world.run("validate", "\(Repository.root)policies", config: false).code == 0)
        try await world.remove()
    }
}
