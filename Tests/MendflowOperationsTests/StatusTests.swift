import MendflowCore
import MendflowEnvironment
import MendflowHostKit
import MendflowLedger
import MendflowTestKit
import MendflowText
import MendflowWorkspace
import Testing

@testable import MendflowOperations

@Suite("Status at a glance")
struct StatusTests {
    let folder: Folder
    let workspace: Workspace
    let clock = VirtualClock(.noon)
    let key = InstanceKey(name: "production", epoch: 1)

    init() async throws {
        folder = try Folder()
        workspace = try await folder.workspace(clock: clock)
    }

    func status() async throws -> InstanceStatus {
        try #require(try await StatusQuery.run(workspace, instance: "production").first)
    }

    func started(_ mode: Mode, at time: AgentTime) async throws {
        let inForce = InForce(contents: "", modes: ["production": mode])
        let started = AgentStarted(inForce, version: "1", mode: mode)
        try await workspace.append([.lifecycle(.started(started))], at: time)
    }

    func draft(_ execution: ExecutionID, _ action: ActionKind = .retry, shadow: Bool = false) -> IntentDraft {
        var draft = IntentDraft(
            instance: key, action: action, execution: execution, root: execution, workflow: "w", policy: "a",
            policyVersion: "v")
        draft.isShadow = shadow
        return draft
    }

    func retry(_ execution: ExecutionID, _ settlement: Settlement, at time: AgentTime = .noon) async throws {
        let id = try #require(try await workspace.append([.reserve(draft(execution))], at: time).first)
        let ref = IntentRef(IntentID(id), draft(execution))
        try await workspace.append(
            [.sending(ref, watermark: execution, look: "complete"), .outcome(ref, settlement)], at: time)
    }

    func waits(_ execution: ExecutionID, until time: ServerTime, shadow: Bool = false) -> LedgerEvent {
        let part = DecidedExecution.Part(
            verdict: .init(policy: "a", version: "v", status: .error, phase: .held(.backoff)), label: "backoff",
            request: "POST /executions/\(execution)/retry", until: time, why: nil, takenFrom: nil, bulkHeld: nil)
        return .decided(
            DecidedExecution(
                instance: key, execution: execution, root: execution, isShadow: shadow, now: .noon, parts: [part],
                evidence: nil))
    }

    @Test("says whether an agent runs: told by its lock, by its last word, or by a tick of a moment ago")
    func life() {
        func life(
            _ held: Bool?, started: Int64? = nil, stopped: Int64? = nil, tick: Int64? = nil, errand: AgentErrand? = nil
        )
            -> AgentLife
        {
            func ago(_ minutes: Int64?) -> AgentTime? { minutes.map { .noon - .minutes($0) } }
            return AgentLife(
                isHeld: held, started: ago(started), stopped: ago(stopped), tick: ago(tick), .noon, fresh: .minutes(2),
                errand: errand)
        }
        #expect(life(true) == .running)
        #expect(life(true, started: 1, errand: .plan) == .busy(.plan))
        #expect(life(true, started: 60, stopped: 70, tick: 50) == .running)
        #expect(life(false) == .never)
        #expect(life(false, started: 60, stopped: 10, tick: 11) == .stopped(.noon - .minutes(10)))
        #expect(life(false, started: 60, stopped: 70, tick: 11) == .silent(.noon - .minutes(11)))
        // Killed a moment ago; and where nobody can tell who holds it.
        #expect(life(false, started: 60, tick: 1) == .silent(.noon - .minutes(1)))
        #expect(life(nil, started: 60, tick: 1) == .running && life(nil, started: 60, tick: 3) != .running)
    }

    @Test("never says that an agent runs where none holds the ledger, and goes by the mode of the one that does")
    func holder() async throws {
        #expect(try await status().standing == .notRunning)
        #expect(try await status().needs.first == .start(.never))
        let hold = try workspace.environment.ledgers.lock(workspace.ledgerPath)
        try await started(.dryRun, at: .noon)
        try hold.beginMarks(at: try await workspace.everything().head.chain)
        // Nobody answers at the address of the test's configuration.
        let blind = try await status()
        #expect(blind.mode == .dryRun && blind.acting.isEmpty && blind.life == .running && blind.standing == .blind)
        withExtendedLifetime(hold) {}
    }

    @Test("has one word for how an instance stands: what stops more comes first")
    func standing() async throws {
        var status = try await status()
        status.life = .running
        status.trouble = nil
        #expect(status.mode == .enforce && status.standing == .acting && status.needs.isEmpty)
        status.record?.refused = [.retry: "403"]
        #expect(status.standing == .suspended && status.needs == [.allow(.retry, "403")])
        status.record?.paused = "lunch"
        #expect(status.standing == .paused && status.needs == [.allow(.retry, "403")])
        status.record?.isInDoubt = true
        #expect(status.standing == .paused && status.needs.first == .doubt("lunch"))
        status.record?.isInDoubt = false
        status.trouble = "no answer"
        #expect(status.standing == .blind && status.needs.contains(.reach("no answer")))
        status.isKeyRefused = true
        #expect(status.standing == .blind && status.needs.first == .key("no answer"))
        status.isKeyRefused = false
        status.life = .silent(.noon)
        #expect(status.standing == .notRunning && status.needs.contains(.start(.silent(.noon))))
        status.record?.alarm = "another database"
        #expect(status.standing == .suspended && status.needs.first == .adopt("another database"))
        status.record = nil
        #expect(status.standing == .notSetUp && status.needs == [.setUp])
        #expect(Standing.allCases.filter(\.isWell) == [.acting, .dryRun, .off])
    }

    @Test("names a key that n8n does not take before anything else: to start an agent would not help")
    func key() async throws {
        var status = try await status()
        (status.trouble, status.isKeyRefused) = ("401", true)
        #expect(status.needs.prefix(2) == [.key("401"), .start(.never)])
        let loaded = try Workspace.load(
            path: folder.path + "/mendflow.yaml", environment: Environment.test(clock, [:]), needs: .configuration)
        let workspace = try #require(loaded.workspace)
        let found = try #require(try await StatusQuery.run(workspace, instance: nil).first)
        #expect(found.isKeyRefused && !found.isReachable)
        let doctor = try await Doctor.look(workspace, instance: nil).instances[0]
        #expect(doctor.isKeyRefused && doctor.checks.contains { $0.topic == .key && $0.level == .wrong })
    }

    @Test("names incidents that go on and workflows that did not run, but not what is missed in dry-run")
    func goesOn() async throws {
        let incident = Incident(
            key: "incident-41",
            traits: IncidentTraits([.errorClass, .nodeType], errorClass: .data, nodeType: "n8n-nodes-base.code"),
            extent: Incident.Extent(
                firstSeen: .noon, lastSeen: .noon, failures: 3, members: IDRanges(), workflows: ["Orders"]),
            at: .noon)
        var absence = Absence(
            AbsenceKey("nightly", "w"), version: "v", workflowName: "Backup", within: .hours(26), since: .noon,
            last: "7",
            lastStatus: .success, lastEnded: .noon)
        var status = try await status()
        (status.life, status.trouble) = (.running, nil)
        status.record?.incidents = [incident]
        status.record?.absences = [absence]
        #expect(status.needs == [.incident(incident), .missed(absence)])
        #expect(incident.words == "3 data failures in Code nodes in 1 workflow")
        absence.isShadow = true
        status.record?.absences = [absence]
        #expect(status.needs == [.incident(incident)])
    }

    @Test(
        "says that the files have errors, and what they would lose, for the agent that runs goes on without telling anybody"
    )
    func files() async throws {
        try folder.write("policies/a.yaml", "policies: [")
        let environment = Environment.test(clock)
        let loaded = try Workspace.load(
            path: folder.path + "/mendflow.yaml", environment: environment, needs: .configuration)
        let broken = try #require(loaded.workspace)
        #expect(try await StatusQuery.run(broken, instance: nil).first?.needs.contains(.mend(1)) == true)
        try await workspace.append([
            .lifecycle(.started(AgentStarted(InForce(contents: ""), version: "1", mode: .enforce))),
            .lifecycle(
                .reloaded(
                    FilesReloaded(
                        InForce(contents: "c"), why: .changed, waiting: [ReloadLoss(.policy("a"), "policy 'a'")]))),
        ])
        let hold = try workspace.environment.ledgers.lock(workspace.ledgerPath)
        #expect(try await status().needs.contains(.confirm(1)))
        #expect(
            DoctorChecks.agent(workspace, nil, try await FilesStanding.read(workspace))
                .contains { $0.message.hasPrefix("the files would lose 1 thing that the agent keeps") })
        _ = try await PendingReload.confirm(workspace, reason: nil)
        #expect(try await !status().needs.contains(.confirm(1)))
        // A second time nothing is written, and the answer says that it was confirmed before.
        let head = try await workspace.readLedger(LedgerScope())?.head
        #expect(try await PendingReload.confirm(workspace, reason: nil)?.isConfirmed == true)
        #expect(try await workspace.readLedger(LedgerScope())?.head == head)
        withExtendedLifetime(hold) {}
    }

    @Test("is blind where an agent runs and has read nothing for longer than two polls and a minute")
    func stale() async throws {
        var status = try await status()
        (status.life, status.trouble) = (.running, nil)
        status.record?.lastTick = TickState(
            tick: 1, at: .noon - status.fresh, accounted: nil, sweptAt: nil, rows: 0, live: [],
            clockOffset: .zero)
        #expect(status.standing == .acting)
        status.record?.lastTick?.at = .noon - status.fresh - .milliseconds(1)
        #expect(status.standing == .blind)
    }

    @Test("counts what happened in the last day and not what was before")
    func lastDay() async throws {
        let applied = Settlement(.applied, .answered(.running), child: "90")
        try await retry("1", applied, at: .noon - .hours(25))
        try await retry("2", Settlement(.applied, .answered(.running), child: "91"))
        try await retry("3", Settlement(.unresolved, .unanswered(status: 502, message: "bad gateway")))
        try await workspace.append([
            .reserved(
                Reservation(ProposedAction(draft: draft("5", .stop), due: ServerTime(milliseconds: 0)), isShadow: true)),
            .latched(key, Latch(.healed, "2", at: .noon), shadow: false),
            .latched(key, Latch(.healed, "77", at: .noon), shadow: false),
            .latched(key, Latch(.exhausted(policy: "a"), "6", at: .noon), shadow: false),
            .latched(key, Latch(.personRetried("8"), "7", at: .noon), shadow: false),
            .latched(key, Latch(.personRetried("10"), "9", at: .noon - .days(3)), shadow: false),
        ])
        let recent = try #require(try await status().recent)
        #expect(recent.done == [.retry: 1] && recent.wouldHave == [.stop: 1] && recent.unanswered == 1)
        #expect(recent.healed == 1 && recent.givenUp == 1 && recent.retriedByPeople == 1)
        #expect(try await status().needs.contains(.givenUp(1)))
        clock.advance(by: .minutes(10))
        #expect(try await status().needs.contains(.resolve(1)))
    }

    @Test("tells apart what people had retried before the epoch began: it says nothing of what an agent left to them")
    func retriedBefore() async throws {
        let next = InstanceKey(name: key.name, epoch: key.epoch + 1)
        let baseline = InstanceBaseline(
            instance: next, url: "", since: ServerTime(milliseconds: 0), highest: "50", fingerprints: [], at: .noon)
        try await workspace.append([
            .began(baseline, .adopted(by: "me", reason: "restored", from: key.epoch, alarm: nil)),
            .latched(next, Latch(.personRetried("60"), "11", at: .noon - .hours(1)), shadow: false),
            .latched(next, Latch(.personRetried("61"), "13", at: .noon + .minutes(1)), shadow: false),
        ])
        let recent = try #require(try await status().recent)
        #expect(recent.retriedBefore == 1 && recent.retriedByPeople == 1 && recent.retriedBySomebody == 0)
    }

    @Test(
        "says of retries that nobody of this epoch or this ledger sent, and that may be ours, that it cannot tell whose they are"
    )
    func inDoubt() async throws {
        let next = InstanceKey(name: key.name, epoch: key.epoch + 1)
        let baseline = InstanceBaseline(
            instance: next, url: "", since: ServerTime(milliseconds: 0), highest: "50", fingerprints: [],
            at: ServerTime(milliseconds: 0))
        func retried(_ parent: ExecutionID, _ child: ExecutionID, at time: ServerTime = .noon + .minutes(1))
            -> LedgerEvent
        {
            .latched(next, Latch(.personRetried(child), parent, at: time), shadow: false)
        }
        try await workspace.append([
            .began(baseline, .adopted(by: "me", reason: "restored", from: key.epoch, alarm: nil)), retried("1", "40"),
            retried("2", "60"),
        ])
        let adopted = try #require(try await status().recent)
        #expect(adopted.retriedByPeople == 1 && adopted.retriedBySomebody == 1)
        // An older copy is put back: of an hour nothing is known.
        try await workspace.append(
            [.paused(instance: nil, reason: "older", by: "me", isDoubt: true)], at: .noon + .hours(1))
        try await workspace.append(
            [retried("3", "70", at: .noon + .minutes(30)), retried("4", "80", at: .noon + .hours(2))],
            at: .noon + .hours(2))
        clock.advance(by: .hours(2))
        let older = try #require(try await status().recent)
        // What was on record before is known.
        #expect(older.retriedByPeople == 2 && older.retriedBySomebody == 2)
        let report = try await ActivityReport.read(workspace, instance: nil, since: .noon - .hours(1))
        #expect(report.retriedByPeople == 2 && report.retriedBySomebody == 2)
    }

    @Test("tells what waits for its time, the next first, without what was done or healed since")
    func due() async throws {
        try await workspace.append([
            waits("1", until: .noon + .hours(2)), waits("2", until: .noon + .minutes(5), shadow: true),
            waits("3", until: .noon + .minutes(1)), waits("4", until: .noon + .minutes(1)),
            waits("5", until: .noon - .minutes(1)),
            .latched(key, Latch(.healed, "3", at: .noon), shadow: false), .reserve(draft("4")),
        ])
        let due = try #require(try await status().recent).due
        #expect(due.map(\.execution) == ["2", "1"] && due.map(\.isDryRun) == [true, false])
        #expect(due.first?.at == .noon + .minutes(5))
    }

    @Test(
        "counts an execution once, by what will be done before what is only shown; what is due at once as it was decided"
    )
    func once() async throws {
        func held(_ execution: ExecutionID, _ label: String, phase: LedgerView.RecordedVerdict.Phase) -> LedgerEvent {
            let part = DecidedExecution.Part(
                verdict: .init(policy: "a", version: "v", status: .error, phase: phase), label: label,
                request: "POST /executions/\(execution)/retry", until: nil, why: nil, takenFrom: nil, bulkHeld: nil)
            return .decided(
                DecidedExecution(
                    instance: key, execution: execution, root: execution, isShadow: false, now: .noon, parts: [part],
                    evidence: nil))
        }
        let soon = ServerTime.noon + .minutes(5)
        try await workspace.append([
            waits("9", until: soon), waits("8", until: soon, shadow: true), waits("8", until: soon),
            held("7", "incident", phase: .held(.incident)), waits("7", until: soon, shadow: true),
            held("6", "max_actions", phase: .capped), waits("6", until: soon, shadow: true),
        ])
        let recent = try #require(try await status().recent)
        #expect(recent.due.map(\.execution) == ["9", "8"] && !recent.due.contains(where: \.isDryRun))
        #expect(recent.heldByIncidents == 1 && recent.capped == 1)
    }

    @Test("finds where a time begins among records, whatever the time")
    func byTime() async throws {
        let store = try await workspace.openLedger()
        for minute in 0..<20 {
            try await workspace.append(
                [.paused(instance: nil, reason: "x", by: "y")], at: .noon + .minutes(Int64(minute)))
        }
        let head = try await workspace.everything().head.chain
        let all = try await store.records(after: 0, limit: 100)
        for time in [AgentTime.noon - .days(2), .noon - .days(1), .noon, .noon + .minutes(7), .noon + .hours(1)] {
            let expected = try all.last { try $0.entry().at < time }?.sequence ?? 0
            #expect(try await RecordsByTime.last(before: time, in: store, head) == expected)
        }
    }
}
