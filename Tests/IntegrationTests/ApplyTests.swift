import FoundationEssentials
import Glibc
import MendflowCore
import MendflowRehearsal
import MendflowSimulator
import Testing

/// `plan --out` and `apply`, as processes, against a simulated n8n.
@Suite("A saved plan", .timeLimit(.minutes(30)))
struct ApplyTests {
    private func saved(_ world: World) async throws -> String {
        let path = world.folder + "/today.plan"
        let end = try await world.run("plan", "--out", path)
        try #require(end.code == 2, "\(end.err)")
        return path
    }

    @Test("is done once, that and nothing else, and is on record with who did it")
    func applied() async throws {
        let world = try World()
        let (first, stale) = (world.failure(), world.staleWait())
        try await world.initialise()
        let plan = try await saved(world)
        // What fails after the plan was made is not in it.
        let later = world.failure()
        let end = try await world.run("apply", "--yes", plan)
        #expect(end.code == 0 && end.out.contains("2 of 2 done"), "\(end.out)\(end.err)")
        #expect(world.retries(first).count == 1)
        #expect(world.server.withSimulator { $0.database[stale]?.status } == .canceled)
        #expect(world.retries(later).isEmpty)
        let again = try await world.run("apply", "--yes", plan)
        #expect(again.code == 1 && again.out.contains("done before"), "\(again.out)")
        #expect(world.retries(first).count == 1)
        #expect(try await world.run("audit", "export").out.contains("\"applies\":\""))
        #expect(try await world.run("audit", "verify").code == 0)
        let table = world.folder + "/actions.csv"
        let report = try await world.run("report", "--csv", table)
        #expect(report.code == 0 && report.out.contains(": 1 retry, 1 stop"), "\(report.out)")
        #expect(report.out.contains("retry-orders") && report.out.contains("Order sync"), "\(report.out)")
        let rows = try String(contentsOfFile: table, encoding: .utf8).split(separator: "\r\n")
        #expect(rows.count == 3 && rows.contains { $0.contains(",retry,applied,\(first),") }, "\(rows)")
        #expect(rows[0].hasSuffix(",error_class,failed_at,node,message,link,sent,child,healed,outcome"), "\(rows[0])")
        let isTold = rows.contains { $0.contains(",transient,") && $0.contains(",HTTP Request,Service unavailable") }
        #expect(isTold, "\(rows)")
        let replay = try await world.run("audit", "replay")
        #expect(replay.code == 0 && replay.out.contains("all come out as they were recorded"), "\(replay.out)")
        try await world.remove()
    }

    @Test("holds nothing where nothing is due, in the place of an older one, and applying that is no failure")
    func empty() async throws {
        let world = try World()
        try await world.initialise()
        let path = world.folder + "/today.plan"
        try world.write("today.plan", "an older one")
        let end = try await world.run("plan", "--out", path)
        #expect(end.code == 0 && end.err.contains("holds no action, for nothing is due now"), "\(end.out)\(end.err)")
        let applied = try await world.run("apply", "--yes", path)
        #expect(applied.code == 0 && applied.out.contains("nothing to apply"), "\(applied.out)\(applied.err)")
        try await world.remove()
    }

    @Test("leaves what has changed since, and says how")
    func drifted() async throws {
        let world = try World()
        let (failed, stale) = (world.failure(), world.staleWait())
        try await world.initialise()
        let plan = try await saved(world)
        let now = World.now().milliseconds
        world.server.withSimulator { n8n in
            _ = n8n.addExecution(
                of: World.orders, status: .success, startedAt: now - 10, stoppedAt: now - 5, retryOf: failed)
        }
        let end = try await world.run("apply", "--yes", plan)
        #expect(end.code == 1 && end.out.contains("1 of 2 done"), "\(end.out)\(end.err)")
        #expect(end.out.contains("drifted") && end.out.contains("a later run of its chain stands for it"), "\(end.out)")
        #expect(end.out.contains("newest run: \(failed) -> "), "\(end.out)")
        #expect(world.retries(failed).isEmpty)
        #expect(world.server.withSimulator { $0.database[stale]?.status } == .canceled)
        try await world.remove()
    }

    @Test("is on record so that it can be decided again, whatever else took of the same caps and was not chosen")
    func decidedAgain() async throws {
        let capped = World.policies.replacing(
            "repeats: allow}}]", with: "repeats: allow}}, {tag: seen}]\n    guards: {max_in_flight: 1}"
        )
        let world = try World(policies: capped)
        try world.write(
            "mendflow.yaml",
            World.configuration(url: world.server.url).replacing(
                "mode: enforce}", with: "mode: enforce, tags: {seen: \"1\"}}"))
        world.server.withSimulator { $0.add(tag: "1", name: "seen") }
        let failed = [world.failure(), world.failure(), world.failure()]
        try await world.initialise()
        let plan = try await saved(world)
        let now = World.now().milliseconds
        world.server.withSimulator { n8n in
            _ = n8n.addExecution(
                of: World.orders, status: .success, startedAt: now - 10, stoppedAt: now - 5, retryOf: failed[0])
        }
        _ = try await world.run("apply", "--yes", plan)
        let replay = try await world.run("audit", "replay")
        #expect(replay.code == 0, "\(replay.out)")
        try await world.remove()
    }

    @Test("is refused where it was changed, where the policies or the ledger are others, and where nobody can be asked")
    func refused() async throws {
        let world = try World()
        _ = world.failure()
        try await world.initialise()
        let plan = try await saved(world)
        let text = try String(contentsOfFile: plan, encoding: .utf8)
        #expect(try await world.run("apply", plan).err.contains("no terminal to ask on"))
        try world.write("other.plan", text.replacing("Order sync", with: "Other sync"))
        let changed = try await world.run("apply", "--yes", world.folder + "/other.plan")
        #expect(changed.code == 65 && changed.err.contains("was changed since it was made"), "\(changed.err)")
        try world.write("policies.yaml", World.policies.replacing("max_retries: 3", with: "max_retries: 2"))
        let policies = try await world.run("apply", "--yes", plan)
        #expect(policies.code == 1 && policies.err.contains("other policies are in force"), "\(policies.err)")
        try world.write("policies.yaml", World.policies)
        try FileManager.default.removeItem(atPath: world.ledger)
        try await world.initialise()
        let ledger = try await world.run("apply", "--yes", plan)
        #expect(ledger.code == 1 && ledger.err.contains("made with another ledger"), "\(ledger.err)")
        #expect(world.server.withSimulator { $0.deeds.isEmpty })
        try await world.remove()
    }

    @Test("is not made of what is in dry-run")
    func nothing() async throws {
        let world = try World(policies: World.policies.replacing("mode: enforce", with: "mode: dry_run"))
        try await world.initialise()
        let path = world.folder + "/today.plan"
        _ = world.failure()
        let shown = try await world.run("plan", "--out", path)
        #expect(shown.code == 1 && shown.err.contains("was not written: 1 action is in dry-run"), "\(shown.err)")
        #expect(shown.out.contains("retry-orders"), "what it would hold is shown all the same: \(shown.out)")
        #expect(!FileManager.default.fileExists(atPath: path))
        try await world.remove()
    }
}
