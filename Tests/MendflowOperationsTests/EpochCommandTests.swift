import MendflowCore
import MendflowHost
import MendflowHostKit
import MendflowLedger
import MendflowPolicy
import MendflowRehearsal
import MendflowSimulator
import MendflowTestKit
import MendflowText
import MendflowWorkspace
import Testing

@testable import MendflowOperations

@Suite("Another database, and two entries for one server")
struct EpochCommandTests {
    static let key = InstanceKey(name: "production", epoch: 1)

    /// A simulated n8n with some failures, and a workspace that points at it.
    static func world(
        _ folder: Folder, instances: String = "", clockAhead: Period = .zero, dateAhead: Period = .zero,
        age: Period = .minutes(5)
    ) async throws -> (server: SimulatorServer, Workspace) {
        let clock = SystemClock()
        var simulator = Simulator(now: clock.now().milliseconds)
        simulator.configuration.clockAhead = clockAhead.milliseconds
        simulator.configuration.dateAhead = dateAhead.milliseconds
        simulator.configuration.keys = [.init(key: "secret-of-the-test", name: "agent")]
        simulator.add(Simulator.Workflow(id: "Wf00000000000001", name: "Orders", nodes: [.webhook("orders")]))
        let at = (clock.now() - age).milliseconds
        for number in 0..<4 {
            _ = simulator.addExecution(
                of: "Wf00000000000001", status: .success, startedAt: at + Int64(number), stoppedAt: at + 10)
        }
        let server = try SimulatorServer.start(simulator, now: { clock.now().milliseconds }) { _ in }
        try folder.write(
            "mendflow.yaml",
            Folder.configuration(instances: instances).replacing("http://127.0.0.1:1", with: server.url))
        return (server, try await folder.workspace(clock: clock))
    }

    func adoptions(_ workspace: Workspace) async throws -> [AuditRecord] {
        var records: [AuditRecord] = []
        try await Audit.entries(workspace) { if $0.record.fields["what"] == "adopted" { records.append($0.record) } }
        return records
    }

    @Test("adopting needs an alarm, writes the next epoch with who and why, and the old epoch sends nothing more")
    func adopt() async throws {
        let folder = try Folder()
        let (server, workspace) = try await Self.world(folder)
        func adopt(force: Bool = false) async throws -> Adopt.Outcome {
            try await Adopt.run(workspace, .init(instance: nil, reason: "restored", since: nil, force: force))
        }
        await #expect(throws: MendflowFailure.self) { try await adopt() }
        #expect(try await adoptions(workspace).isEmpty)
        let draft = IntentDraft(
            instance: Self.key, action: .retry, execution: "1", root: "1", workflow: "w", policy: "a",
            policyVersion: "v")
        try await workspace.append([
            .reserve(draft), .alarmed(Self.key, reason: "execution 9 is another", execution: "9"),
        ])
        #expect(try await Inbox.read(workspace).alarms.map(\.instance) == ["production"])
        #expect(try await KnownInstance.all(workspace)[0].alarm != nil)
        let outcome = try await adopt()
        #expect(outcome.from == 1 && outcome.epoch == 2 && outcome.highest == "4" && outcome.fingerprints == 4)
        #expect(outcome.alarm == "execution 9 is another" && outcome.leftUnanswered == 1)
        let baseline = try #require(try await workspace.everything().baseline(of: "production"))
        #expect(baseline.instance.epoch == 2 && baseline.highest == "4" && baseline.fingerprints.count == 4)
        let record = try #require(try await adoptions(workspace).first)
        #expect(record.instance?.epoch == 2 && record.fields["reason"] == "restored" && record.fields["who"] != nil)
        #expect(try await Inbox.read(workspace).alarms.isEmpty)
        var late = draft
        late.execution = "2"
        let old = late
        await #expect(throws: LedgerFailure.self) { try await workspace.append([.reserve(old)]) }
        late.instance.epoch = 2
        late.execution = "1"
        let new = late
        await #expect(throws: Never.self) { try await workspace.append([.reserve(new)]) }
        await #expect(throws: MendflowFailure.self) { try await adopt() }
        #expect(try await adopt(force: true).epoch == 3)
        await server.stop()
    }

    @Test("adopting ends what people were told that it cannot be read of the former database")
    func endsGaps() async throws {
        let folder = try Folder()
        let (server, workspace) = try await Self.world(folder)
        let rows = ReadingGap(.lists, since: workspace.clock.now() - .minutes(9), why: "500")
        let data = ReadingGap(.data(3), since: workspace.clock.now() - .minutes(8), why: "500")
        func over(_ gap: ReadingGap) -> LedgerEvent {
            .gap(Self.key, execution: nil, .readAgain(since: gap.since, ofData: gap.part.isData))
        }
        func opened(_ gap: ReadingGap) -> LedgerEvent { .gap(Self.key, execution: nil, .unread(gap)) }
        func ends(_ channels: [String] = ["ops"]) async throws -> [LedgerEvent] {
            let store = try await workspace.openLedger()
            return try await ToldGaps.ends(of: Self.key, try await workspace.everything(), store, channels)
        }
        let began = ChannelEntry("ops", .began, through: try await workspace.everything().head.sequence)
        try await workspace.append([.notified(began), opened(rows), opened(data), over(data)])
        #expect(try await ends([]).isEmpty)
        #expect(try await ends() == [over(rows)])
        // Told long ago, and not over.
        var told = ChannelEntry("ops", .delivered, through: try await workspace.everything().head.sequence)
        try await workspace.append([.notified(told)])
        #expect(try await ends().isEmpty)
        told.through += 1
        told.opened = ["abcd:" + Notice.unreadTopic(Self.key, ofData: false)]
        try await workspace.append([.notified(told)])
        #expect(try await ends() == [over(rows)])
        try await workspace.append([over(rows)])
        #expect(try await ends().isEmpty)
        await server.stop()
    }

    @Test("adopting writes those ends behind the new epoch, in one piece")
    func writesEnds() async throws {
        let folder = try Folder()
        let (server, _) = try await Self.world(folder)
        let clock = SystemClock()
        try folder.write(
            "mendflow.yaml",
            Folder.configuration().replacing("http://127.0.0.1:1", with: server.url)
                + "notify: [{name: ops, command: {run: [/bin/true]}}]\n")
        let workspace = try #require(try folder.load(clock: clock).workspace)
        let gap = ReadingGap(.lists, since: clock.now() - .minutes(9), why: "500")
        let began = ChannelEntry("ops", .began, through: try await workspace.everything().head.sequence)
        try await workspace.append([.notified(began), .gap(Self.key, execution: nil, .unread(gap))])
        _ = try await Adopt.run(workspace, .init(instance: nil, reason: "restored", since: nil, force: true))
        let head = try await workspace.everything().head.sequence
        let last = try await workspace.openLedger().records(after: head - 2, limit: 2).map { try $0.entry().event }
        guard case .began = last[0], case .gap(Self.key, nil, .readAgain(gap.since, false)) = last[1] else {
            Issue.record("\(last)")
            return
        }
        await server.stop()
    }

    static func baseline(_ name: String, _ ids: ClosedRange<Int>, epoch: Int = 2) -> LedgerEvent {
        .began(
            InstanceBaseline(
                instance: InstanceKey(name: name, epoch: epoch), url: "http://\(name)", since: .noon, highest: nil,
                fingerprints: ids.map {
                    .init(id: ExecutionID("\($0)"), workflow: "w", startedAt: .noon + .seconds(Int64($0)))
                }, at: .noon), .adopted(by: "test", reason: "swapped", from: epoch - 1, alarm: nil))
    }

    @Test("status sees another database by itself, before an agent has written that down")
    func statusSeesIt() async throws {
        let folder = try Folder()
        let (server, workspace) = try await Self.world(folder)
        // A baseline of which row 3 began at another time.
        try await workspace.append([Self.baseline("production", 3...3)])
        let status = try await StatusQuery.run(workspace, instance: nil)
        #expect(status.first?.record?.alarm?.hasPrefix("execution 3 is not what it was") == true)
        #expect(
            try await workspace.everything().view(of: InstanceKey(name: "production", epoch: 2), shadow: false).alarm
                == nil)
        await server.stop()
    }

    @Test("two instances that share three rows are one server: the agent does not start")
    func twins() async throws {
        let folder = try Folder()
        try folder.write(
            "mendflow.yaml",
            Folder.configuration(instances: "  - {name: staging, url: 'http://127.0.0.1:2', api_key_env: OTHER}\n"))
        let workspace = try await folder.workspace()
        try await workspace.append([Self.baseline("production", 1...5), Self.baseline("staging", 4...9)])
        await #expect(throws: Never.self) { try await DuplicateInstances.refuse(workspace) }
        try await workspace.append([Self.baseline("staging", 3...9, epoch: 3)])
        let error = await #expect(throws: MendflowFailure.self) { try await DuplicateInstances.refuse(workspace) }
        #expect(error?.kind == .findings)
        let ledger = try await workspace.everything()
        let names = ["production", "staging"]
        #expect(DuplicateInstances.pairs(names, ledger).map(\.other) == ["staging"])
        #expect(DuplicateInstances.twin(of: "staging", among: names, ledger) == "production")
        #expect(DuplicateInstances.twin(of: "production", among: names, ledger) == nil)
    }

    @Test("a second entry for a server that another instance knows gets no baseline")
    func secondEntry() async throws {
        let folder = try Folder()
        let (server, workspace) = try await Self.world(
            folder, instances: "  - {name: second, url: 'http://localhost:1', api_key_env: N8N_API_KEY}\n")
        let ledger = try await workspace.everything()
        let production = workspace.configuration.instances[0]
        let look = try await BaselineReading(workspace, production)
        await #expect(throws: Never.self) { try await DuplicateInstances.refuse(look, as: "second", workspace, ledger) }
        try await workspace.append([
            .began(
                try look.baseline(of: production, epoch: 2, since: nil),
                .adopted(by: "test", reason: "swapped", from: 1, alarm: nil))
        ])
        let known = try await workspace.everything()
        await #expect(throws: MendflowFailure.self) {
            try await DuplicateInstances.refuse(look, as: "second", workspace, known)
        }
        await server.stop()
    }

    @Test("the doctor looks at everything, and says what is wrong")
    func doctor() async throws {
        let folder = try Folder()
        let (server, workspace) = try await Self.world(folder)
        let well = try await Doctor.look(workspace, instance: nil)
        #expect(well.isWell && well.isReachable && well.instances[0].era == .c)
        #expect(well.instances[0].capabilities["started_after"] == true)
        // The policies name no workflow that is there but by wildcards, which may match later.
        #expect(!well.instances[0].checks.contains { $0.remark?.matter.id == "unknown-workflow" })
        try await workspace.append([.alarmed(Self.key, reason: "another", execution: nil)])
        let sick = try await Doctor.look(workspace, instance: "production")
        #expect(!sick.isWell && sick.isReachable)
        #expect(sick.instances[0].checks.contains { $0.level == .wrong && $0.message.contains("another") })
        await server.stop()
        let away = try await Doctor.look(workspace, instance: nil)
        #expect(!away.isReachable && !away.isWell)
    }

    @Test("the doctor looks at the rest where a policy has an error, and says that it has one")
    func doctorOfErrors() async throws {
        let folder = try Folder()
        let (server, workspace) = try await Self.world(folder)
        try folder.write("policies/b.yaml", "policies: [{nmae: b}]\n")
        let loaded = try Workspace.load(
            path: folder.path + "/mendflow.yaml", environment: workspace.environment, needs: .ledger)
        let doctor = try await Doctor.look(try #require(loaded.workspace), instance: nil)
        #expect(doctor.agent.map(\.level) == [.wrong, .note] && doctor.agent[0].message.contains(" error"))
        #expect(!doctor.isWell && doctor.instances.map(\.instance) == workspace.instanceNames)
        await server.stop()
    }
}
