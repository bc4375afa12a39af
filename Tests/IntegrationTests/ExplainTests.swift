import MendflowCore
import MendflowRehearsal
import MendflowSimulator
import Testing

/// What `explain` tells of the past and for others, as a process.
@Suite("Explaining", .timeLimit(.minutes(30)))
struct ExplainTests {
    @Test("an earlier moment needs no server: what stood then is made again from the ledger")
    func past() async throws {
        let world = try World()
        let failed = world.failure()
        try await world.initialise()
        #expect(try await world.run("run", "--once").code == 0)
        #expect(world.retries(failed).count == 1)
        world.server.withSimulator { $0.database.remove(failed) }
        // n8n's clock may be ahead of ours: so much later is taken, and what lies ahead of that is not.
        let moment = (World.now() + .minutes(2)).rfc3339
        let ahead = try await world.run("explain", "\(failed)", "--at", "2999-01-01")
        #expect(ahead.code == 64 && ahead.err.contains("lies ahead of everything that is known"), "\(ahead.err)")
        let then = try await world.run("explain", "\(failed)", "--at", moment)
        #expect(then.code == 0, "\(then.err)")
        #expect(then.out.contains("  as of \(moment): decided at "), "\(then.out)")
        #expect(then.out.contains("What we did, and why then") && then.out.contains("decided: "), "\(then.out)")
        #expect(then.out.contains("\nDecision then\n"), "\(then.out)")
        let json = try await world.run("explain", "\(failed)", "--at", moment, "-o", "json")
        #expect(json.out.contains("\"as_of\" : {") && json.out.contains("\"kind\" : \"decision\""), "\(json.out)")
        // Policies of then that are in no file any more stand in the ledger alone.
        #expect(then.out.contains("/policies.yaml:2:5): "), "\(then.out)")
        try world.write("policies.yaml", World.policies.replacing("retry-orders", with: "others"))
        let changed = try await world.run("explain", "\(failed)", "--at", moment)
        let isOfLedger = changed.out.contains("retry-orders (enforce, as the ledger has it)")
        #expect(isOfLedger, "\(changed.err)\(changed.out)")
        let before = try await world.run("explain", "\(failed)", "--at", "2020-01-01T00:00:00Z")
        #expect(before.code == 1 && before.err.contains("the first decision about it was made at"), "\(before.err)")
        let never = try await world.run("explain", "4711", "--at", moment)
        #expect(never.code == 1 && never.err.contains("nothing had been decided about execution 4711"), "\(never.err)")
        try await world.remove()
    }

    @Test("while n8n cannot be asked, what the ledger has is told, and that it is no more than that")
    func unreached() async throws {
        let world = try World()
        let failed = world.failure()
        try await world.initialise()
        #expect(try await world.run("run", "--once").code == 0)
        try world.write("mendflow.yaml", World.configuration(url: "http://127.0.0.1:1"))
        let end = try await world.run("explain", "\(failed)")
        #expect(end.code == 69, "\(end.err)")
        #expect(end.out.contains("n8n cannot be asked now: ") && end.out.contains("\nDecision then\n"), "\(end.out)")
        #expect(end.out.contains("retry request: applied"), "\(end.out)")
        let json = try await world.run("explain", "\(failed)", "-o", "json")
        #expect(json.out.contains("\"unreachable\" : "), "\(json.out)")
        let never = try await world.run("explain", "4711")
        #expect(never.code == 69 && never.out.isEmpty && never.err.contains("no connection"), "\(never.err)")
        #expect(never.err.contains("execution 4711, and the ledger has nothing on it"), "\(never.err)")
        try await world.remove()
    }

    @Test("a bundle names no server")
    func bundle() async throws {
        let world = try World()
        let failed = world.failure()
        try await world.initialise()
        let end = try await world.run("explain", "\(failed)", "--bundle")
        #expect(end.code == 0 && end.out.hasPrefix("### mendflow explain \(failed)\n"), "\(end.err)\(end.out)")
        #expect(end.out.contains("http://host1.example/...") && end.out.contains("- name: retry-orders"), "\(end.out)")
        #expect(!end.out.contains("127.0.0.1"), "\(end.out)")
        // Nor does it where n8n has no such run any more, and nobody gets something else for it.
        #expect(try await world.run("run", "--once").code == 0)
        world.server.withSimulator { $0.database.remove(failed) }
        let gone = try await world.run("explain", "\(failed)", "--bundle")
        #expect(gone.code == 0 && gone.out.hasPrefix("### mendflow explain \(failed)\n"), "\(gone.err)\(gone.out)")
        #expect(gone.out.contains("What the ledger knows") && !gone.out.contains("127.0.0.1"), "\(gone.out)")
        let json = try await world.run("explain", "\(failed)", "--bundle", "-o", "json")
        #expect(json.code == 64 && json.out.isEmpty, "\(json.out)")
        try await world.remove()
    }
}
