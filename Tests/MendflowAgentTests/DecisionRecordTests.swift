import MendflowAgent
import MendflowCore
import MendflowLedger
import MendflowSimulator
import MendflowTestKit
import Testing

/// What is on record of a decision. That it comes out again from there is held wherever a world is run (`World.run`).
@Suite("Records of decisions")
struct DecisionRecordTests {
    /// A world in which two thirds of many failures heal at the first retry.
    private static func storm(_ count: Int) throws -> World {
        let retries: [Simulator.Outcome] = [
            .success(after: 100), .success(after: 100), .error(.http(503, method: "POST"), after: 100),
        ]
        return try World { simulator in
            simulator.add(.orderSync(.init(retriesThenAlways: retries)))
            for index in 0..<count {
                let at = World.start.milliseconds - 60_000 + Int64(index * 20)
                simulator.addExecution(
                    of: World.workflow, status: .error, startedAt: at, stoppedAt: at + 100,
                    error: .http(503, method: "POST"))
            }
        }
    }

    /// The labels of what was decided and made again; what is due is named by its action.
    private func labels(
        _ world: World, _ policies: PolicySet, mode: Mode = .enforce, for period: Period
    ) throws -> Set<String> {
        let made = try world.simulation.run {
            try await world.run(try await world.agent(policies, mode: mode), for: period)
            return try await world.expectReplay()
        }
        return Set(
            made.flatMap(\.again).map { decision in
                if case .act(let action) = decision.verdict {
                    action.draft.action.rawValue
                } else {
                    decision.verdict.label
                }
            })
    }

    @Test("a decision costs less than 700 bytes, evidence included, since what was judged is written once")
    func cost() throws {
        let world = try Self.storm(150)
        _ = try labels(world, try World.set([.retryOrders()], limits: InstanceLimits(maxInFlight: 5)), for: .hours(1))
        let records = try world.simulation.run { try await world.store.records(after: 0, limit: 100_000) }
        var (decisions, bytes) = (0, 0)
        for record in records {
            let kind = try CanonicalRecord(bytes: record.bytes).record.kind
            if kind == .decision { decisions += 1 }
            if kind == .decision || kind == .planning { bytes += record.bytes.count }
        }
        #expect(decisions > 300)
        #expect(bytes / decisions < 700)
    }

    @Test("no piece of evidence is written twice, also by an agent that was started again")
    func once() throws {
        let world = try Self.storm(20)
        var policy = Policy.retryOrders(maxRetries: 1)
        policy.onExhausted = OnExhausted(tags: ["needs-human"])
        let policies = try World.set([policy])
        var seen: Set<String> = []
        for _ in 0..<3 { seen.formUnion(try labels(world, policies, for: .minutes(10))) }
        #expect(seen.isSuperset(of: ["retry", "tag", "exhausted"]), "\(seen)")
        let records = try world.simulation.run { try await world.store.records(after: 0, limit: 100_000) }
        let pieces = try records.flatMap { record in
            guard
                case .planned(_, let planning) = try LedgerEntry(try CanonicalRecord(bytes: record.bytes).record).event
            else { return [EvidencePiece]() }
            return planning.pieces
        }
        #expect(pieces.count > 20)
        #expect(Set(pieces.map(\.hash)).count == pieces.count)
    }

    @Test(
        "retries that are due, that wait and that are held are made again",
        arguments: [Mode.enforce, .dryRun])
    func retries(mode: Mode) throws {
        var capped = Policy.retryOrders(maxRetries: 1)
        capped.guards.maxActions = [
            ActionCap(amount: 3, per: .tick), ActionCap(percent: 40, per: .window(.hours(1))),
        ]
        capped.onExhausted = OnExhausted(tags: ["needs-human"])
        var dry = Policy.retryOrders(name: "dry")
        dry.mode = .dryRun
        let labels = try labels(try Self.storm(30), try World.set([capped, dry]), mode: mode, for: .hours(3))
        #expect(labels.isSuperset(of: ["backoff", "retry", "max_actions"]))
        if mode == .enforce { #expect(labels.contains("exhausted"), "\(labels)") }
    }

    @Test(
        "what was done is found again with what was seen then, whatever became of it, as far as its policies are known")
    func acted() throws {
        let world = try Self.storm(3)
        let set = try World.set([.retryOrders()])
        _ = try labels(world, set, for: .minutes(30))
        let records = try world.simulation.run { try await world.store.records(after: 0, limit: 100_000) }
        let replay = try DecisionReplay(records)
        let done = try replay.acted(on: ["1"], of: InstanceKey(name: "main", epoch: 1), last: 5) {
            $0 == set.evidence ? set : nil
        }
        let one = try #require(done.last)
        #expect(one.recorded.execution == "1" && one.slices.first?.executions["1"]?.status == .error)
        guard case .act(let action)? = one.again.first?.verdict else {
            Issue.record("\(one.again)")
            return
        }
        #expect(action.request == one.recorded.parts.first { $0.label == "act" }?.request)
        #expect(action.classification != nil)
        let unknown = try replay.acted(on: ["1"], of: InstanceKey(name: "main", epoch: 1), last: 1) { _ in nil }
        #expect(unknown.map(\.number) == [one.number] && unknown.allSatisfy(\.again.isEmpty))
        #expect(try replay.acted(on: ["99"], of: InstanceKey(name: "main", epoch: 1), last: 5) { _ in set }.isEmpty)
        // What dry-run shows was not done.
        let dry = try Self.storm(3)
        _ = try labels(dry, set, mode: .dryRun, for: .minutes(30))
        let shown = try dry.simulation.run { try await dry.store.records(after: 0, limit: 100_000) }
        let none = try DecisionReplay(shown).acted(on: ["1"], of: InstanceKey(name: "main", epoch: 1), last: 5) { _ in
            set
        }
        #expect(none.isEmpty)
    }

    @Test("stops one by one and in one request, and what stands in their way, are made again")
    func stops() throws {
        func world() throws -> World {
            try World { simulator in
                simulator.add(.orderSync(.always(.hang)))
                for _ in 0..<6 { _ = simulator.trigger(World.workflow, now: World.start.milliseconds) }
            }
        }
        let bulk = try World.set([BulkStopTests.bulkStop(["running"])])
        #expect(try labels(try world(), bulk, for: .minutes(10)).isSuperset(of: ["bulk_stop", "in_bulk"]))
        let one = try World.set(
            [BulkStopTests.bulkStop(["running"])],
            limits: InstanceLimits(maxActions: [ActionCap(amount: 2, per: .tick)]))
        #expect(try labels(try world(), one, for: .minutes(10)).isSuperset(of: ["stop", "instance_limit"]))
    }
}
