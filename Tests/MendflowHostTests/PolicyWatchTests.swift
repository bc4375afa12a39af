import MendflowCore
import MendflowEnvironment
import MendflowHostKit
import MendflowLedger
import MendflowOperations
import MendflowPolicy
import MendflowTestKit
import MendflowText
import MendflowWorkspace
import Synchronization
import Testing

@testable import MendflowHost

@Suite("Policies that change while the agent runs")
struct PolicyWatchTests {
    let folder: Folder
    let workspace: Workspace
    let events = Events()
    let clock = VirtualClock(.noon)
    let watch: PolicyWatch

    init() async throws {
        folder = try Folder()
        workspace = try await folder.workspace(clock: clock)
        watch = PolicyWatch(workspace, log: events, records: AgentRecords.reloads(workspace))
    }

    func records(_ kind: AuditKind) async throws -> [AuditRecord] {
        try await workspace.openLedger().records(after: 0, limit: 100)
            .map { try CanonicalRecord(bytes: $0.bytes).record }.filter { $0.kind == kind }
    }

    /// What the watch brings.
    func fresh() async throws -> PolicySet { try #require(await watch.fresh(for: "production")).policies }

    /// What an agent with these policies decides about a failed order that nobody has touched.
    func decision(_ set: PolicySet) -> String? {
        let row = Execution(
            id: "1", workflow: "w", status: .error, mode: "webhook", startedAt: .noon - .hours(1),
            stoppedAt: .noon - .hours(1))
        let detail = ExecutionDetail(
            error: ErrorEvidence(name: "NodeApiError", message: "x", httpCode: "503"),
            lastNode: NodeEvidence(name: "n", type: "n8n-nodes-base.httpRequest", method: "GET"), itemsToRepeat: 1,
            finishedNodes: 1, resumesAtNode: true)
        var snapshot = Snapshot(
            instance: InstanceKey(name: "production", epoch: 1), now: .noon, baseline: .noon - .days(1))
        snapshot.executions = ["1": row]
        snapshot.details = ["1": detail]
        snapshot.workflows = ["w": WorkflowInfo(id: "w", name: "Order sync")]
        snapshot.highest = "1"
        return Planner(set).plan(snapshot, LedgerView()).decisions.first.map {
            "\($0.policy?.name ?? "nobody"): \($0.verdict.label)"
        }
    }

    @Test("are left alone as long as the files are the same")
    func same() async throws {
        #expect(await watch.fresh(for: "production") == nil)
        try folder.write("policies/a.yaml", Folder.policy("a", "Order*", priority: 10))
        #expect(await watch.fresh(for: "production") == nil)
    }

    @Test("come into force at the next tick, once, and are on record with their text")
    func changed() async throws {
        try folder.write("policies/a.yaml", Folder.policy("a", "Order*", priority: 10, retries: 2))
        let fresh = try #require(await watch.fresh(for: "production"))
        #expect(fresh.policies.policies.map(\.name) == ["a", "b"])
        guard case .retry(let action)? = fresh.policies.policies[0].remediation else {
            Issue.record("no retry")
            return
        }
        #expect(action.maxRetries == 2)
        #expect(await watch.fresh(for: "production") == nil)
        let texts = try await records(.policy)
        #expect(
            texts.contains { $0.policy == "a" && $0.fields["version"] == .text(fresh.policies.policies[0].version) })
        let reload = try #require(try await records(.lifecycle).last)
        #expect(reload.fields["what"] == "policies_reloaded" && reload.fields["why"] == "changed")
    }

    /// A policy, and the beginning of it that is a policy as well: without its exceptions.
    private var whole: String {
        Folder.policy("a", "Order*", priority: 10)
            + "    exceptions: [{reason: by hand, match: {workflow: \"Order sync\"}}]\n"
    }
    private var half: String { Folder.policy("a", "Order*", priority: 10) + "    description: half\n" }

    @Test("that are being written come into force once they were written two seconds ago")
    func halfWritten() async throws {
        try folder.write("policies/a.yaml", half, at: .noon - .milliseconds(1900))
        #expect(await watch.fresh(for: "production") == nil)
        try folder.write("policies/a.yaml", whole, at: .noon)
        clock.advance(by: .seconds(1))
        #expect(await watch.fresh(for: "production") == nil)
        clock.advance(by: .seconds(1))
        #expect(decision(try await fresh()) == "a: excepted")
    }

    @Test("whose time is that of another clock come into force once they were the same for two seconds")
    func otherClock() async throws {
        let tomorrow = AgentTime.noon + .days(1)
        try folder.write("policies/a.yaml", half, at: tomorrow)
        #expect(await watch.fresh(for: "production") == nil)
        // Another instance's look in the same moment is no second reading.
        #expect(await watch.fresh(for: "production") == nil)
        clock.advance(by: .seconds(30))
        try folder.write("policies/a.yaml", whole, at: tomorrow)
        #expect(await watch.fresh(for: "production") == nil)
        clock.advance(by: .seconds(30))
        #expect(decision(try await fresh()) == "a: excepted")
    }

    @Test("are whole where an operator says so")
    func halfWrittenAsked() async throws {
        try folder.write("policies/a.yaml", whole, at: .noon)
        await watch.readAnew()
        let fresh = try #require(await watch.fresh(for: "production"))
        #expect(decision(fresh.policies) == "a: excepted")
    }

    @Test("are waited for at a start no longer than ten seconds where they go on changing")
    func neverWhole() async throws {
        let (path, environment) = (folder.path + "/mendflow.yaml", workspace.environment)
        try folder.write("policies/a.yaml", half, at: .noon)
        async let loaded = Workspace.loadSettled(path: path, environment: environment)
        for round in 1...5 {
            while clock.nextWake == nil { await Task.yield() }
            try folder.write(
                "policies/a.yaml", round.isMultiple(of: 2) ? half : whole, at: .noon + .seconds(Int64(2 * round)))
            clock.advance(by: .seconds(2))
        }
        do {
            _ = try await loaded
            Issue.record("files that go on changing were taken")
        } catch let failure as MendflowFailure {
            #expect(failure.kind == .findings && failure.message.contains("goes on changing"))
        }
    }

    @Test("are waited for at a start, as long as they are being written")
    func atStart() async throws {
        try folder.write("policies/a.yaml", half, at: .noon)
        let (path, environment) = (folder.path + "/mendflow.yaml", workspace.environment)
        async let loaded = Workspace.loadSettled(path: path, environment: environment)
        while clock.nextWake == nil { await Task.yield() }
        try folder.write("policies/a.yaml", whole, at: .noon + .seconds(1))
        clock.advance(by: .seconds(2))
        while clock.nextWake == nil { await Task.yield() }
        clock.advance(by: .seconds(2))
        let policies = try await loaded.workspace?.policies
        #expect(policies?.first?.exceptions.count == 1)
    }

    @Test("with an error are refused, said once, and what was in force stays; mended, they come into force")
    func bad() async throws {
        try folder.write("policies/a.yaml", Folder.policy("a", "Order*").replacing("match:", with: "mach:"))
        #expect(await watch.fresh(for: "production") == nil)
        #expect(await watch.fresh(for: "production") == nil)
        let said = events.named("policies.kept")
        #expect(said.count >= 1 && said.allSatisfy { $0.level == .error })
        #expect(said.contains { $0.message.contains("policies/a.yaml:5:5") })
        #expect(try await records(.lifecycle).isEmpty)
        let before = said.count
        #expect(await watch.fresh(for: "production") == nil)
        #expect(events.named("policies.kept").count == before)
        try folder.write("policies/a.yaml", Folder.policy("a", "Order*", priority: 10, retries: 4))
        #expect(await watch.fresh(for: "production") != nil)
    }

    @Test("whose file is gone hold what they match: no lower policy jumps in")
    func lost() async throws {
        #expect(decision(workspace.policySet(try workspace.instance(nil))) == "a: act")
        try folder.remove("policies/a.yaml")
        #expect(decision(try await fresh()) == "a: excepted")
        #expect(events.named("policy.lost").map(\.level) == [.error])
        #expect(try await records(.lifecycle).last?.fields["held"] == .texts(["a"]))
        // Still so after the next change of something else, and over when the file is back.
        try folder.write("policies/b.yaml", Folder.policy("b", "*", retries: 2))
        #expect(decision(try await fresh()) == "a: excepted")
        try folder.write("policies/a.yaml", Folder.policy("a", "Order*", priority: 10))
        #expect(decision(try await fresh()) == "a: act")
    }

    @Test("whose file is gone are dropped where a person says that it is meant, and at no SIGHUP")
    func droppedWhenConfirmed() async throws {
        try folder.remove("policies/a.yaml")
        await watch.readAnew()
        #expect(decision(try await fresh()) == "a: excepted")
        #expect(try await records(.lifecycle).last?.fields["why"] == "asked")
        let pending = try #require(try await PendingReload.confirm(workspace, reason: "retired"))
        #expect(pending.losses.count == 1 && pending.losses[0].words.hasPrefix("policy 'a': its file "))
        #expect(decision(try await fresh()) == "b: act")
        #expect(try await records(.lifecycle).last?.fields["why"] == "confirmed")
        let word = try #require(try await records(.lifecycle).first { $0.fields["what"] == "reload_confirmed" })
        #expect(word.fields["by"] == "test" && word.fields["reason"] == "retired")
        let confirmed = try await workspace.openLedger().records(after: 0, limit: 100).compactMap { sealed in
            if case .confirmed(let word)? = try sealed.lifecycle { word.losses } else { nil }
        }
        #expect(confirmed == [pending.losses])
        #expect(try await PendingReload.read(workspace) == nil)
    }

    @Test("that are taken out of their file hold what they match as well, until a person says that it is meant")
    func takenOut() async throws {
        try folder.write("policies/a.yaml", Folder.policy("c", "Nothing"))
        #expect(decision(try await fresh()) == "a: excepted")
        #expect(events.named("policy.lost").count == 1)
        _ = try await PendingReload.confirm(workspace, reason: nil)
        #expect(decision(try await fresh()) == "b: act")
    }

    @Test("that hold themselves back less stay as they were until a person says so; what else changed comes into force")
    func loosened() async throws {
        try folder.write("policies/a.yaml", Folder.policy("a", "Order*", priority: 10, retries: 5))
        try folder.write("policies/b.yaml", Folder.policy("b", "*", retries: 2))
        func retries(_ set: PolicySet) -> [Int] {
            set.policies.compactMap { if case .retry(let it)? = $0.remediation { it.maxRetries } else { nil } }
        }
        #expect(retries(try await fresh()) == [3, 2])
        #expect(events.named("reload.waits").map(\.message).joined().contains("max_retries was 3"))
        #expect(try await records(.lifecycle).last?.fields["held"] == .texts([]))
        _ = try await PendingReload.confirm(workspace, reason: nil)
        #expect(try await PendingReload.read(workspace)?.isConfirmed == true)
        #expect(retries(try await fresh()) == [5, 2])
        #expect(await watch.fresh(for: "production") == nil)
    }

    @Test("are let go by a word about that very reading of the files, and by no earlier one")
    func otherReading() async throws {
        try folder.remove("policies/a.yaml")
        #expect(decision(try await fresh()) == "a: excepted")
        _ = try await PendingReload.confirm(workspace, reason: nil)
        // Meanwhile something else is lost, too, which nobody was shown.
        try folder.write("policies/b.yaml", Folder.policy("b", "*", retries: 9))
        #expect(decision(try await fresh()) == "a: excepted")
        #expect(try await PendingReload.read(workspace)?.losses.count == 2)
        #expect(await watch.fresh(for: "production") == nil)
        try folder.write("policies/a.yaml", Folder.policy("a", "Order*", priority: 10))
        try folder.write("policies/b.yaml", Folder.policy("b", "*"))
        #expect(decision(try await fresh()) == "a: act")
        #expect(try await PendingReload.read(workspace) == nil)
    }

    @Test(
        "are let go by a word that another agent asked for before this one read them, and by none from before its last reading"
    )
    func wordBefore() async throws {
        let other = PolicyWatch(workspace, log: events, records: AgentRecords.reloads(workspace))
        await other.began(at: try await workspace.openLedger().load(LedgerScope(instances: [])).head.chain.sequence)
        func others() async throws -> String? {
            decision(try #require(await other.fresh(for: "production")).policies)
        }
        try folder.remove("policies/a.yaml")
        #expect(decision(try await fresh()) == "a: excepted")
        _ = try await PendingReload.confirm(workspace, reason: nil)
        #expect(decision(try await fresh()) == "b: act")
        #expect(try await others() == "b: act")
        #expect(try await records(.lifecycle).last?.fields["why"] == "confirmed")
        #expect(try await PendingReload.read(workspace) == nil)
        try folder.write("policies/a.yaml", Folder.policy("a", "Order*", priority: 10))
        #expect(try await others() == "a: act")
        try folder.remove("policies/a.yaml")
        #expect(try await others() == "a: excepted")
    }

    @Test("keep a protection that the file has no more; a new one comes into force at once")
    func protections() async throws {
        let text = Folder.configuration()
        try folder.write("mendflow.yaml", text + "\nprotect: [{workflow: \"Order*\"}]\n")
        #expect(decision(try await fresh()) == "a: protected")
        try folder.write("mendflow.yaml", text + "\nprotect: [{workflow: Payments}]\n")
        let set = try await fresh()
        #expect(set.protections.count == 2 && decision(set) == "a: protected")
        #expect(
            events.named("reload.waits").map(\.message).joined().contains("the protection by workflow.name 'Order*'"))
        _ = try await PendingReload.confirm(workspace, reason: nil)
        #expect(decision(try await fresh()) == "a: act")
    }

    @Test("that a symbolic link leads to come into force when it is swapped, and stay while it leads nowhere")
    func swappedLink() async throws {
        func swap(_ revision: String) throws {
            try folder.link("policies", to: revision)
        }
        try folder.makeFolder("rev1")
        try folder.makeFolder("rev2")
        for name in ["a", "b"] {
            let pattern = name == "a" ? "Order*" : "*"
            let text = Folder.policy(name, pattern, priority: name == "a" ? 10 : 0)
            try folder.write("rev1/\(name).yaml", text)
            try folder.write("rev2/\(name).yaml", text + "    description: second\n")
        }
        try folder.remove("policies")
        try swap("rev1")
        #expect(await watch.fresh(for: "production") == nil)
        try swap("rev2")
        #expect(try await fresh().policies.allSatisfy { $0.description == "second" })
        try swap("rev3")
        #expect(await watch.fresh(for: "production") == nil)
        #expect(events.named("policies.kept").count == 1)
        try swap("rev1")
        #expect(try await fresh().policies.allSatisfy { $0.description == nil })
        #expect(events.named("policy.lost").isEmpty)
    }

    @Test("stay where the whole folder is gone")
    func folderLost() async throws {
        try folder.remove("policies")
        #expect(await watch.fresh(for: "production") == nil)
        #expect(events.named("policies.kept").count == 1)
        // It is told where it is named.
        let said = events.named("policies.kept").map(\.message)
        #expect(said.allSatisfy { $0.contains("mendflow.yaml:") && $0.contains("names `policies/`") }, "\(said)")
    }

    @Test("move to a file of another name without being held")
    func renamed() async throws {
        try folder.remove("policies/a.yaml")
        try folder.write("policies/z.yaml", Folder.policy("a", "Order*", priority: 10))
        #expect(decision(try await fresh()) == "a: act")
        #expect(events.named("policy.lost").isEmpty)
    }

    @Test("are not in force before they are on record")
    func unrecorded() async throws {
        try folder.remove("mendflow.sqlite")
        try folder.write("policies/a.yaml", Folder.policy("a", "Order*", retries: 5))
        #expect(await watch.fresh(for: "production") == nil)
        #expect(events.named("policies.kept").count == 1)
    }

    @Test("that nobody has let go are let go by a start, which says so in the log and on record")
    func unconfirmed() async throws {
        try folder.remove("policies/a.yaml")
        #expect(decision(try await fresh()) == "a: excepted")
        var environment = workspace.environment
        environment.log = { [events] _, _ in events }
        let next = try #require(try Workspace.load(path: workspace.path, environment: environment).workspace)
        // Who is about to start it hears of that before.
        #expect(try await StatusQuery.run(next, instance: nil).first?.needs.contains(.losesAtStart(1)) == true)
        try await MendflowHost(next, asked: nil).runIgnoringServer()
        #expect(try await StatusQuery.run(next, instance: nil).first?.needs.contains(.losesAtStart(1)) == false)
        #expect(events.named("reload.unconfirmed").map(\.level) == [.error])
        let starts = try await workspace.openLedger().records(after: 0, limit: 100).compactMap { sealed in
            if case .started(let started)? = try sealed.lifecycle { started } else { nil }
        }
        let losses = try #require(starts.first).unconfirmed
        #expect(losses.count == 1)
        #expect(try await PendingReload.read(workspace) == nil)
        #expect(losses.allSatisfy { !$0.words.contains("meanwhile") })
        // With the same files there is nothing more to say.
        try await MendflowHost(next, asked: nil).runIgnoringServer()
        #expect(events.named("reload.unconfirmed").count == 1)
    }

    @Test("bring the log's level with them")
    func level() async throws {
        let levels = Mutex<[AgentEvent.Level]>([])
        let watch = PolicyWatch(
            workspace, log: events, records: AgentRecords.reloads(workspace),
            setLevel: { level in levels.withLock { $0.append(level) } })
        try folder.write("mendflow.yaml", Folder.configuration() + "\nlog: {level: debug}\n")
        #expect(await watch.fresh(for: "production") != nil)
        #expect(levels.withLock { $0 } == [.debug] && events.named("restart.needed").isEmpty)
        let log = LevelledLog(events, from: .warning)
        let event = AgentEvent(at: .noon, .info, "told", "x")
        log.emit(event)
        #expect(events.named("told").isEmpty)
        log.begin(from: .info)
        log.emit(event)
        #expect(events.named("told").count == 1)
    }
}

extension MendflowHost {
    /// Runs once; that no server is there is not what a test is about.
    fileprivate func runIgnoringServer() async throws {
        do throws(MendflowFailure) { try await run(once: true) } catch { #expect(error.kind == .unreachable) }
    }
}
