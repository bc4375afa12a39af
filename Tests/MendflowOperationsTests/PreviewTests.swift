import MendflowCore
import MendflowHost
import MendflowHostKit
import MendflowLedger
import MendflowRehearsal
import MendflowReview
import MendflowSimulator
import MendflowTestKit
import MendflowWorkspace
import Synchronization
import Testing

@testable import MendflowOperations

@Suite("What plan shows is what would be done")
struct PreviewTests {
    /// A simulated n8n with a run that has waited for three hours, and a policy in dry-run that would stop it.
    private static func world(_ folder: Folder) async throws -> (server: SimulatorServer, Workspace) {
        let clock = SystemClock()
        var simulator = Simulator(now: clock.now().milliseconds)
        simulator.configuration.keys = [.init(key: "secret-of-the-test", name: "agent")]
        simulator.add(Simulator.Workflow(id: "Wf00000000000001", name: "Orders", nodes: [.webhook("orders")]))
        let at = (clock.now() - .hours(3)).milliseconds
        simulator.addExecution(of: "Wf00000000000001", status: .waiting, startedAt: at, stoppedAt: at)
        let server = try SimulatorServer.start(simulator, now: { clock.now().milliseconds }) { _ in }
        try folder.write(
            "policies/b.yaml",
            """
            policies:
              - name: stop-stale
                mode: dry_run
                match: {status: waiting, older_than: 2h}
                actions: [stop]

            """)
        try folder.write(
            "mendflow.yaml", Folder.configuration().replacing("http://127.0.0.1:1", with: server.url))
        return (server, try await folder.workspace(clock: clock))
    }

    @Test(
        "explain tells the records of an execution while n8n cannot be asked, and fails as before where there are none")
    func unreached() async throws {
        let folder = try Folder()
        let workspace = try await folder.workspace(clock: SystemClock())
        let draft = IntentDraft(
            instance: InstanceKey(name: "production", epoch: 1), action: .retry, execution: "7", root: "7",
            workflow: "w",
            policy: "a", policyVersion: "v")
        try await workspace.append([.reserve(draft)], at: workspace.clock.now())
        guard case .vanished(let found) = try await Preview.explain(workspace, execution: "7", instance: nil) else {
            Issue.record("it is not told by its records")
            return
        }
        #expect(found.intents.count == 1 && found.unreached?.contains("127.0.0.1:1") == true)
        let error = await #expect(throws: MendflowFailure.self) {
            try await Preview.explain(workspace, execution: "8", instance: nil)
        }
        #expect(error?.kind == .unreachable)
    }

    @Test("what dry-run has decided hides nothing, and `--as enforce` plans as if it were enforced")
    func shadows() async throws {
        let folder = try Folder()
        let (server, workspace) = try await Self.world(folder)
        func entries(asIfEnforced: Bool = false) async throws -> [PlanReport.Entry] {
            try await Preview.plan(workspace, instance: nil, asIfEnforced: asIfEnforced).entries
        }
        let before = try await entries()
        #expect(before.map(\.isDryRun) == [true] && before.allSatisfy(\.isDue))
        var draft = try #require(before.first).action.draft
        draft.isShadow = true
        try await workspace.append([.reserve(draft)], at: workspace.clock.now())
        let after = try await entries()
        #expect(after.map(\.action.draft.execution) == ["1"] && after.allSatisfy(\.isDue))
        #expect(try await entries(asIfEnforced: true).map(\.isDryRun) == [false])
        // `explain` says the same, and tells what dry-run has written all the same.
        try folder.write(
            "mendflow.yaml", Folder.configuration(mode: "dry_run").replacing("http://127.0.0.1:1", with: server.url))
        let dry = try #require(try folder.load(clock: SystemClock()).workspace)
        guard case .explanation(let it) = try await Preview.explain(dry, execution: "1", instance: nil) else {
            Issue.record("it is not explained")
            return
        }
        #expect(it.outcomes.map(\.isDue) == [true] && it.outcomes.map(\.isDryRun) == [true])
        #expect(it.timeline.contains { $0.kind == .request && $0.status == IntentState.shadow.rawValue })
        await server.stop()
    }

    @Test(
        "an exhausted chain's tags are planned before any agent has seen it, in dry-run too",
        arguments: [Mode.dryRun, .enforce])
    func exhausted(mode: Mode) async throws {
        let folder = try Folder()
        let (server, _) = try await Self.world(folder)
        server.withSimulator { n8n in
            for number: Int64 in 1...3 {
                let at = (SystemClock().now() - .hours(2)).milliseconds + number * 60_000
                n8n.addExecution(
                    of: "Wf00000000000001", status: .error, startedAt: at, stoppedAt: at + 5,
                    id: 10 + Int(number), retryOf: number > 1 ? 9 + Int(number) : nil)
            }
        }
        try folder.write(
            "policies/a.yaml",
            """
            policies:
              - name: retry-orders
                mode: \(mode.rawValue)
                match: {status: error, workflow: Orders}
                actions: [{retry: {max_retries: 2}}]
                on_exhausted: [{tag: [needs-human]}]

            """)
        try folder.write(
            "mendflow.yaml",
            Folder.configuration().replacing("http://127.0.0.1:1", with: server.url)
                + "    tags: {needs-human: Tag0000000000001}\n")
        let workspace = try #require(try folder.load(clock: SystemClock()).workspace)
        for _ in 1...2 {
            let plan = try await Preview.plan(workspace, instance: nil, policy: "retry-orders")
            #expect(plan.entries.map(\.action.draft.action) == [.tag], "\(plan.entries)")
            #expect(plan.entries.map(\.action.draft.execution) == ["13"] && !plan.entries[0].isThereAlready)
        }
        // Where the tags are there by now an agent finds that just before, and sends nothing.
        server.withSimulator { n8n in
            n8n.add(tag: "Tag0000000000001", name: "needs-human")
            if var run = n8n.database[13] {
                run.tags = ["Tag0000000000001"]
                n8n.database.put(run)
            }
        }
        let plan = try await Preview.plan(workspace, instance: nil, policy: "retry-orders")
        #expect(plan.entries.map(\.isThereAlready) == [true])
        await server.stop()
    }

    @Test(
        "of every tag write that is due it is asked whether the tags are there, and of how many it could not be is told"
    )
    func manyTags() async throws {
        let folder = try Folder()
        let (server, _) = try await Self.world(folder)
        server.withSimulator { n8n in
            n8n.add(tag: "Tag0000000000001", name: "seen")
            for number: Int64 in 1...60 {
                let at = (SystemClock().now() - .hours(2)).milliseconds + number * 1000
                n8n.addExecution(
                    of: "Wf00000000000001", status: .error, startedAt: at, stoppedAt: at + 5, id: 10 + Int(number))
                if var run = n8n.database[10 + Int(number)] {
                    run.tags = ["Tag0000000000001"]
                    n8n.database.put(run)
                }
            }
        }
        try folder.write(
            "policies/a.yaml",
            "policies: [{name: mark, mode: enforce, match: {status: error}, actions: [{tag: [seen]}], "
                + "guards: {max_actions: {amount: 1000, per: 1h}}}]\n")
        try folder.write(
            "mendflow.yaml",
            Folder.configuration().replacing("http://127.0.0.1:1", with: server.url)
                + "    tags: {seen: Tag0000000000001}\n    limits: {max_actions: {amount: 1000, per: 1h}}\n")
        let workspace = try #require(try folder.load(clock: SystemClock()).workspace)
        let asked = Mutex(0)
        let plan = try await Preview.plan(workspace, instance: nil) { progress in
            asked.withLock { $0 = max($0, progress.tags) }
        }
        let due = plan.entries.filter { $0.isDue && $0.action.draft.action == .tag }
        #expect(due.count == 60 && due.allSatisfy(\.isThereAlready) && plan.tagWritesNotLookedAt == 0)
        #expect(asked.withLock { $0 } == 60)
        // What belongs to another policy is not shown, and nobody asks for it.
        asked.withLock { $0 = 0 }
        _ = try await Preview.plan(workspace, instance: nil, policy: "stop-stale") { progress in
            asked.withLock { $0 = max($0, progress.tags) }
        }
        #expect(asked.withLock { $0 } == 0)
        await server.stop()
    }

    @Test("it says when n8n wakes a waiting run by itself, and of one that waits for an event nothing")
    func waking() throws {
        let draft = IntentDraft(
            instance: InstanceKey(name: "main", epoch: 1), action: .stop, execution: "1", root: "1", workflow: "w",
            policy: "p", policyVersion: "v")
        let decision = Decision(
            execution: "1", root: "1", workflow: "w", status: .waiting, since: .init(milliseconds: 0), policy: nil,
            verdict: .act(ProposedAction(draft: draft, due: .init(milliseconds: 0))))
        var plan = Plan()
        plan.decisions = [decision]
        var report = PlanReport(
            header: .init(instance: "main", url: "http://n8n", now: .init(milliseconds: 0), mode: .enforce), plan: plan,
            dryRunPlan: Plan(), workflows: nil)
        var snapshot = Snapshot(
            instance: draft.instance, now: .init(milliseconds: 0), baseline: .init(milliseconds: 0))
        for (till, wakes) in [
            ("2026-12-03T00:00:00Z", "2026-12-03T00:00:00.000Z"), ("3000-01-01T00:00:00Z", nil),
        ] as [(String, String?)] {
            snapshot.executions["1"] = Execution(
                id: "1", workflow: "w", status: .waiting, waitTill: ServerTime(rfc3339: till))
            report.tellWaking(snapshot)
            #expect(report.entries.map(\.wakes) == [wakes.flatMap { ServerTime(rfc3339: $0) }])
        }
    }

    @Test("a policy that is not there is named, with the nearest that is")
    func unknownPolicy() async throws {
        let folder = try Folder()
        let (server, workspace) = try await Self.world(folder)
        do throws(MendflowFailure) {
            _ = try await Preview.plan(workspace, instance: nil, policy: "stop-stail")
            Issue.record("it was taken")
        } catch {
            #expect(error.description.contains("did you mean 'stop-stale'?"))
        }
        #expect(try await Preview.plan(workspace, instance: nil, policy: "a").entries.isEmpty)
        await server.stop()
    }
}
