import FoundationEssentials
import Glibc
import MendflowCore
import MendflowRehearsal
import MendflowSimulator
import Testing

/// `replay`, as processes, against a simulated n8n.
@Suite("A replay", .timeLimit(.minutes(30)))
struct ReplayTests {
    /// Nothing of these concerns what failed.
    private static let policies = """
        policies:
          - name: stop-waiting
            mode: enforce
            match: {status: waiting, older_than: 2h}
            actions: [stop]
        """

    /// A world in which so many runs failed a minute ago, and how retries of them end.
    private func outage(
        _ count: Int, retries: Simulator.Outcome = .success(after: 10)
    ) async throws -> (world: World, failed: [Int]) {
        let world = try World(retries: retries, policies: ReplayTests.policies)
        let failed = (0..<count).map { _ in world.failure() }
        try await world.initialise()
        return (world, failed)
    }

    @Test(
        "shows what it would retry, retries it once by itself, tells what became of each, and leaves nothing for another"
    )
    func whole() async throws {
        let (world, failed) = try await outage(6)
        let preview = try await world.run("replay", "--preview", "--repeats", "allow")
        #expect(preview.code == 0 && preview.out.contains("6 executions would be retried, each once"), "\(preview.out)")
        #expect(preview.out.contains("by class: transient 6"), "\(preview.out)")
        #expect(
            preview.out.contains("by repeat risk (whether a retry may do again what was done): possible 6"),
            "\(preview.out)")
        #expect(world.server.withSimulator { $0.deeds.isEmpty })
        let end = try await world.run("replay", "--yes", "--repeats", "allow", "--reason", "the shop was down")
        #expect(end.code == 0 && end.out.contains("replay-1 is ended"), "\(end.out)\(end.err)")
        #expect(end.err.contains("\(failed[0]) healed by"), "\(end.err)")
        #expect(failed.allSatisfy { world.retries($0).count == 1 })
        // What failed after the list was frozen is no part of it.
        _ = world.failure()
        let shown = try await world.run("replay", "show", "replay-1")
        let ids = failed.map { "\($0)" }.joined(separator: ", ")
        #expect(shown.out.contains("6  healed  \(ids)\n"), "\(shown.out)")
        let rest = try await world.run("replay", "--yes", "--rest", "replay-1", "--reason", "again")
        #expect(
            rest.code == 1 && rest.err.contains("nothing is left over of replay-1: 6 healed"), "\(rest.err)")
        // What it decided then is told of that time, and no more of others than was done.
        let moment = try await decided(failed[0], world)
        let then = try await world.run("explain", "\(failed[0])", "--at", moment)
        #expect(then.out.contains("Decision then\n  replay-1: act: POST /executions/\(failed[0])/retry"), "\(then.out)")
        #expect(then.out.contains("replay-1 (enforce, as the ledger has it): acted then"), "\(then.out)")
        #expect(try await world.run("audit", "verify").code == 0)
        #expect(try await world.run("audit", "replay").code == 0)
        try await world.remove()
    }

    @Test("leaves out what may do again what was done, classes that a retry does not help, and what has healed")
    func leftOut() async throws {
        let (world, failed) = try await outage(2)
        let ours = world.failure(.http(401, method: "GET"))
        let now = World.now().milliseconds
        world.server.withSimulator { n8n in
            _ = n8n.addExecution(
                of: World.orders, status: .success, startedAt: now - 10, stoppedAt: now - 5, retryOf: failed[0])
        }
        let preview = try await world.run("replay", "--preview")
        #expect(preview.out.contains("Nothing would be retried"), "\(preview.out)")
        #expect(preview.out.contains("1  may_repeat") && preview.out.contains("1  class_auth"), "\(preview.out)")
        let started = try await world.run("replay", "--yes", "--reason", "the shop was down")
        #expect(started.code == 1 && started.err.contains("nothing was started"), "\(started.err)")
        let named = try await world.run("replay", "--preview", "--execution", "\(failed[0])", "--execution", "\(ours)")
        #expect(named.out.contains("1 execution would be retried"), "\(named.out)")
        #expect(named.out.contains("such as \(failed[0])"), "\(named.out)")
        #expect(world.server.withSimulator { $0.deeds.isEmpty })
        try await world.remove()
    }

    @Test("pauses itself where the first does not heal, and what is left is taken up by the next one")
    func rest() async throws {
        let (world, failed) = try await outage(3, retries: .error(.http(503, method: "GET"), after: 10))
        let end = try await world.run("replay", "--yes", "--repeats", "allow", "--reason", "the shop was down")
        #expect(end.code == 1, "\(end.out)\(end.err)")
        #expect(end.out.contains("replay-1 is paused: the first had to heal, and 1 failed again"), "\(end.out)")
        #expect(failed.reduce(0) { $0 + world.retries($1).count } == 1)
        #expect(end.out.contains(" replay-1` goes on, with a canary again"), "\(end.out)")
        let open = try await world.run("replay", "--rest", "replay-1", "--yes", "--reason", "again")
        #expect(open.code == 1 && open.err.contains("is known once it is over"), "\(open.err)")
        #expect(try await world.run("replay", "abort", "replay-1").code == 0)
        let gone = try await world.run("replay", "resume", "replay-1")
        #expect(gone.code == 1 && gone.err.contains("replay-1 is aborted"), "\(gone.err)")
        world.server.withSimulator { n8n in
            n8n.edit(workflow: World.orders) { $0.script = .init(retriesThenAlways: [.success(after: 10)]) }
        }
        let rest = try await world.run(
            "replay", "--rest", "replay-1", "--yes", "--load-workflow", "--repeats", "allow", "--reason", "again")
        #expect(rest.code == 0 && rest.out.contains("3  healed"), "\(rest.out)\(rest.err)")
        #expect(failed.allSatisfy { world.retries($0).count == 1 })
        #expect(try await world.run("replay", "list").out.contains("replay-2"))
        let first = try await world.run("replay", "show", "replay-1").out
        #expect(first.contains("3 of what was left were taken up by replay-2, which has ended"), "\(first)")
        #expect(!first.contains("left over"), "\(first)")
        try await world.remove()
    }

    /// When it was decided that the replay acts: on a slow machine it decides once more while that retry runs.
    private func decided(_ execution: Int, _ world: World) async throws -> String {
        let story = try await world.run("explain", "\(execution)").out
        let line = story.split(separator: "\n").first { $0.contains("decided: replay-1: act") }
        return String(try #require(line?.split(separator: " ").first, "\(story)"))
    }

    @Test("an earlier moment tells what a replay decided of others' actions and did not begin as that")
    func notBegun() async throws {
        let tags = """
            policies:
              - name: mark
                mode: enforce
                match: {status: error}
                actions: [{tag: [seen]}]
            """
        let world = try World(
            policies: tags.replacing(
                "match:", with: "exceptions: [{match: {workflow: {tag: x}}, reason: no}]\n    match:"))
        try world.write(
            "mendflow.yaml",
            World.configuration(url: world.server.url).replacing("enforce}", with: "enforce, tags: {seen: t1}}"))
        let failed = world.failure()
        try await world.initialise()
        let end = try await world.run("replay", "--yes", "--repeats", "allow", "--reason", "the shop was down")
        #expect(end.code == 0, "\(end.out)\(end.err)")
        let then = try await world.run("explain", "\(failed)", "--at", try await decided(failed, world))
        #expect(then.out.contains("Decision then\n  replay-1: act: POST"), "\(then.err)\(then.out)")
        #expect(
            then.out.contains("mark (enforce, ") && then.out.contains("): was due then, and not begun: "), "\(then.out)"
        )
        try await world.remove()
    }

    @Test("is seen by plan and explain beyond the look-back, and so is what it leaves to the next one")
    func beyondTheLookBack() async throws {
        let world = try World(retries: .success(after: 10), policies: ReplayTests.policies)
        let failed = (0..<3).map { _ in world.failure(ago: .days(5)) }
        try await world.initialise()
        let end = try await world.run(
            "replay", "--yes", "--repeats", "allow", "--from", "10d", "--detach", "--reason", "the shop was down")
        #expect(end.code == 0, "\(end.out)\(end.err)")
        #expect(try await world.run("plan").out.contains("replay-1"), "it has three executions to retry")
        let told = try await world.run("explain", "\(failed[0])")
        #expect(told.out.contains("replay-1") && !told.out.contains("beyond_look_back"), "\(told.out)")
        #expect(try await world.run("replay", "abort", "replay-1").code == 0)
        let left = try await world.run("replay", "follow", "replay-1")
        #expect(left.code == 1 && left.out.contains("3  not run"), "\(left.out)")
        let rest = try await world.run("replay", "--rest", "replay-1", "--repeats", "allow", "--preview")
        #expect(rest.out.contains("3 executions would be retried"), "\(rest.out)")
        try await world.remove()
    }

    @Test("goes on after kill -9 where it was, and sends nothing twice")
    func killed() async throws {
        let (world, failed) = try await outage(8, retries: .success(after: 300))
        let first = try world.start(
            "replay", "--yes", "--repeats", "allow", "--canary", "0", "--in-flight", "1", "--reason",
            "the shop was down")
        try await world.until { n8n in failed.count { !n8n.retries(of: $0).isEmpty } >= 3 }
        first.signal(SIGKILL)
        _ = await first.end()
        let before = failed.reduce(0) { $0 + world.retries($1).count }
        #expect(before < 8)
        let alone = try await world.run("replay", "show", "replay-1")
        #expect(alone.out.contains("nobody carries it out now"), "\(alone.out)")
        let list = try await world.run("replay", "list")
        #expect(list.err.contains("nobody carries replay-1 out now"), "\(list.err)")
        let status = try await world.run("status")
        #expect(status.out.contains("nobody carries replay-1 out"), "\(status.out)")
        // Both tell the same of each execution.
        for words in ["healed", "running", "to be retried", "without an answer"] {
            let told = alone.out.split(separator: "\n").first { $0.contains("  \(words)  ") }
            let count = told.flatMap { $0.split(separator: " ").first } ?? "0"
            #expect(count == "0" || status.out.contains("\(count) \(words)"), "\(alone.out)\(status.out)")
        }
        let end = try await world.run("replay", "follow", "replay-1")
        let open = try await world.run("replay", "show", "replay-1", "--output", "json")
        #expect(failed.allSatisfy { world.retries($0).count <= 1 })
        // What was on its way when it died is found again, or waits in the inbox; everything else is healed.
        let lost = failed.count { world.retries($0).isEmpty }
        #expect(lost <= 1, "\(end.out)\(end.err)\(open.out)")
        #expect(end.out.contains("replay-1 is ended") || open.out.contains("unresolved"), "\(end.out)\(end.err)")
        #expect(try await world.run("audit", "verify").code == 0)
        let again = try await world.run("audit", "replay")
        #expect(again.code == 0, "\(again.out)")
        try await world.remove()
    }

    @Test("is on record so that it can be decided again, also where it was killed while the first one ran")
    func killedAtTheCanary() async throws {
        let (world, failed) = try await outage(3, retries: .success(after: 500))
        let first = try world.start("replay", "--yes", "--repeats", "allow", "--reason", "the shop was down")
        try await world.until { n8n in failed.contains { !n8n.retries(of: $0).isEmpty } }
        first.signal(SIGKILL)
        _ = await first.end()
        // Long enough for it to heal while nobody looks; then an agent takes it up, for which caps are compared, too.
        for _ in 0..<2 { _ = try await world.run("plan") }
        let agent = try world.start("run")
        try await world.until { n8n in failed.allSatisfy { !n8n.retries(of: $0).isEmpty } }
        agent.signal(SIGTERM)
        #expect(await agent.end().code == 0)
        #expect(failed.allSatisfy { world.retries($0).count == 1 })
        let again = try await world.run("audit", "replay")
        #expect(again.code == 0, "\(again.out)")
        try await world.remove()
    }

    @Test("lets what runs come to its end where it is paused, and reaches back before the agent's time")
    func pausedAtWork() async throws {
        let world = try World(retries: .success(after: 1500), policies: ReplayTests.policies)
        let failed = (0..<4).map { _ in world.failure() }
        // Policies leave alone what failed before.
        let end = try await world.run(
            "init", world.folder, "--url", world.server.url, "--key-env", "N8N_API_KEY", config: false)
        #expect(end.code == 0, "\(end.err)")
        let preview = try await world.run("replay", "--preview", "--repeats", "allow")
        try #require(preview.out.contains("4 executions would be retried"), "\(preview.out)")
        let replaying = try world.start(
            "replay", "--yes", "--repeats", "allow", "--canary", "0", "--reason", "the shop was down")
        try await world.until { n8n in failed.count { !n8n.retries(of: $0).isEmpty } == 2 }
        #expect(try await world.run("replay", "pause", "replay-1").code == 0)
        let paused = await replaying.end()
        #expect(paused.out.contains("2  to be retried") && !paused.out.contains("without an answer"), "\(paused.out)")
        #expect(try await world.run("status").out.contains("replay-1 is paused"))
        let aborted = try await world.run("replay", "abort", "replay-1")
        #expect(aborted.code == 0)
        for _ in 0..<2 { _ = try await world.run("run", "--once") }
        let shown = try await world.run("replay", "show", "replay-1")
        #expect(shown.out.contains("2  healed"), "\(shown.out)")
        #expect(shown.out.contains("2  not run") && !shown.out.contains("to be retried"), "\(shown.out)")
        // What was on its way when the pause came is told as that.
        let why = ["aborted before its turn", "not sent: replay-1 is paused"]
        #expect(shown.code == 0 && why.contains { shown.out.contains($0) }, "\(shown.out)")
        try await world.remove()
    }

    @Test("is taken up by an agent that runs, paused, let go on and aborted from another process")
    func agent() async throws {
        let (world, failed) = try await outage(30, retries: .success(after: 200))
        let agent = try world.start("run")
        try await agent.wrote("tick")
        let begun = try await world.run(
            "replay", "--yes", "--detach", "--repeats", "allow", "--in-flight", "1", "--reason", "the shop was down")
        #expect(begun.code == 0, "\(begun.err)")
        try await world.until { n8n in failed.count { !n8n.retries(of: $0).isEmpty } >= 2 }
        let paused = try await world.run("replay", "pause", "replay-1", "--reason", "lunch")
        #expect(paused.code == 0 && paused.out.contains("replay-1 is paused by"), "\(paused.out)\(paused.err)")
        let twice = try await world.run("replay", "pause", "replay-1")
        #expect(twice.code == 1 && twice.err.contains("lunch: nothing was changed"), "\(twice.err)")
        let sent = failed.reduce(0) { $0 + world.retries($1).count }
        // The ledger refuses from that moment on: however many ticks follow, nothing more is sent.
        for _ in 0..<3 { _ = try await world.run("status") }
        #expect(failed.reduce(0) { $0 + world.retries($1).count } <= sent + 1)
        let resumed = try await world.run("replay", "resume", "replay-1")
        #expect(resumed.code == 0, "\(resumed.err)")
        try await world.until { n8n in failed.count { !n8n.retries(of: $0).isEmpty } >= sent + 2 }
        let aborted = try await world.run("replay", "abort", "replay-1", "--reason", "enough")
        #expect(aborted.code == 0 && aborted.out.contains("replay-1 is aborted by"), "\(aborted.out)")
        // Whoever follows it hears what became of all that was sent, and not before.
        let followed = try await world.run("replay", "follow", "replay-1")
        #expect(
            followed.out.contains("replay-1 is aborted") && !followed.out.contains("  running  "), "\(followed.out)")
        let again = try await world.run("replay", "resume", "replay-1")
        #expect(again.code == 1 && again.err.contains("it is over; `mendflow replay --rest replay-1"), "\(again.err)")
        agent.signal(SIGTERM)
        #expect(await agent.end().code == 0)
        #expect(failed.allSatisfy { world.retries($0).count <= 1 })
        #expect(failed.contains { world.retries($0).isEmpty })
        #expect(try await world.run("audit", "verify").code == 0)
        try await world.remove()
    }

    @Test(
        "is watched beside an agent that was started in dry-run, and it is said that nothing is carried out, and what to do"
    )
    func besideDryRun() async throws {
        let (world, _) = try await outage(1)
        let begun = try await world.run(
            "replay", "--yes", "--detach", "--repeats", "allow", "--reason", "the shop was down")
        #expect(begun.code == 0, "\(begun.err)")
        let agent = try world.start("run", "--dry-run")
        try await agent.wrote("tick")
        let watching = try world.start("replay", "follow", "replay-1")
        try await watching.wrote("carries nothing of replay-1 out now; this only watches")
        try await watching.wrote("it goes on once the agent was started anew without --dry-run")
        #expect(try await world.run("replay", "abort", "replay-1").code == 0)
        let end = await watching.end()
        #expect(end.code == 1 && end.out.contains("1  not run"), "\(end.out)\(end.err)")
        agent.signal(SIGTERM)
        #expect(await agent.end().code == 0)
        #expect(world.server.withSimulator { $0.deeds.isEmpty })
        try await world.remove()
    }

    @Test("is refused without a reason, without anybody to ask, in dry-run, and with conditions that are none")
    func refused() async throws {
        let (world, _) = try await outage(1)
        let silent = try await world.run("replay", "--yes", "--repeats", "allow")
        #expect(silent.code == 64 && silent.err.contains("--reason says why"), "\(silent.err)")
        let alone = try await world.run("replay", "--repeats", "allow", "--reason", "the shop was down")
        #expect(alone.code == 64 && alone.err.contains("no terminal to ask on"), "\(alone.err)")
        let wrong = try await world.run("replay", "--preview", "--match", "{error: {mesage: x}}")
        #expect(wrong.code == 64 && wrong.err.contains("message"), "\(wrong.err)")
        let twoLines = try await world.run("replay", "--preview", "--match", "status: error\n    description: x")
        #expect(twoLines.code == 64 && twoLines.err.contains("--match is one line"), "\(twoLines.err)")
        let unknown = try await world.run("replay", "--preview", "--workflow", "order sync")
        let near = "no workflow is named 'order sync'; did you mean 'Order sync'?"
        #expect(unknown.code == 64 && unknown.err.contains(near), "\(unknown.err)\(unknown.out)")
        let none = try await world.run("replay", "show", "replay-7")
        #expect(none.code == 64 && none.err.contains("there is no replay yet"), "\(none.err)")
        try world.write(
            "mendflow.yaml",
            World.configuration(url: world.server.url).replacing("mode: enforce\npol", with: "mode: dry_run\npol"))
        let dry = try await world.run("replay", "--yes", "--repeats", "allow", "--reason", "the shop was down")
        #expect(dry.code == 1 && dry.err.contains("is in dry-run"), "\(dry.err)")
        #expect(world.server.withSimulator { $0.deeds.isEmpty })
        try await world.remove()
    }
}
