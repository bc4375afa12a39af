import MendflowCore
import MendflowHTTP
import MendflowLedger
import MendflowSimulator
import MendflowTestKit
import Synchronization
import Testing

@testable import MendflowAgent

/// A server of era D, which honours keys, and what befalls the first retry that it is sent.
struct KeyedWorld: Sendable {
    var reading = Simulator.KeyReading()
    var mode = Simulator.Mode.regular
    var release = Simulator.Era.d.release
    var fault: Simulator.Fault?
    /// After how many seconds the server is killed; it is back ten seconds later.
    var dies: Int64?
    /// At which step the first agent is killed; another one starts a few seconds later.
    var step: ActingStep?
    /// What happens after so many seconds.
    var then: (@Sendable (inout Simulator, Int64) -> Void)?
    var thenAt: Int64 = 75

    /// When the first retry leaves: the run fails at once, and is due a minute later, at the next tick.
    static let due: Int64 = 60

    /// Runs it for a time.
    func run(for period: Period = .minutes(10), mode agentMode: Mode = .enforce, seed: UInt64 = 3) throws -> World {
        var kind = Simulator.Configuration(release: release, mode: mode)
        kind.keyReading = reading
        let world = try World(seed: seed, kind: kind) { simulator in
            simulator.add(
                .orderSync(
                    .init(next: [.error(.http(503, method: "POST"), after: 0)], retries: [.success(after: 2000)])))
            // Other runs come and go, so that there are ids to account for.
            var other = Simulator.Workflow.orderSync(.always(.success(after: 10)))
            (other.id, other.name) = ("Wf00000000000002", "Other")
            simulator.add(other)
            simulator.trigger(other.id, every: 120_000, from: World.start.milliseconds + 30_000)
            if let fault { simulator.faults = [.init(fault, at: [.retry])] }
        }
        let set = try World.set([.retryOrders()])
        try world.simulation.run {
            world.box.withSimulator { _ = $0.trigger(World.workflow, now: world.clock.now().milliseconds) }
            let marks = MemoryHold()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await self.befall(world) }
                group.addTask {
                    let first = try await world.agent(set, mode: agentMode, marks: marks, hook: self.hook())
                    try await world.run(first, for: self.step == nil ? period : .seconds(90))
                    guard self.step != nil else { return }
                    let second = try await world.agent(set, mode: agentMode, marks: marks)
                    try await world.run(second, for: period)
                }
                try await group.waitForAll()
            }
        }
        return world
    }

    private func hook() -> StepHook? {
        guard let step else { return nil }
        let isDone = Mutex(false)
        return { (now: ActingStep, intent: Intent) async throws(AgentKilled) in
            guard now == step, !isDone.withLock({ $0 }) else { return }
            isDone.withLock { $0 = true }
            throw AgentKilled()
        }
    }

    private func befall(_ world: World) async throws {
        if let dies {
            try await world.clock.sleep(for: .seconds(dies))
            world.box.withSimulator { $0.kill(now: world.clock.now().milliseconds) }
            try await world.clock.sleep(for: .seconds(10))
            world.box.withSimulator { $0.start(now: world.clock.now().milliseconds) }
        } else if let then {
            try await world.clock.sleep(for: .seconds(thenAt))
            world.box.withSimulator { then(&$0, world.clock.now().milliseconds) }
        }
    }
}

extension World {
    /// What the ledger has records of, in order.
    func audit(_ kinds: Set<AuditKind>) async throws -> [LedgerEvent] {
        try await store.records(after: 0, limit: 1_000_000).map { try $0.entry() }
            .filter { kinds.contains($0.record(after: $0.at).kind) }.map(\.event)
    }
}

@Suite("A lost retry on a server that honours keys")
struct AskedAgainTests {
    @Test(
        "is asked for again under its key, runs once, and is settled within a minute",
        arguments: [
            Simulator.Fault.loseRequest(), .loseRequest(after: 20_000), .badGateway, .errorBefore,
            .answerBefore(.init(status: 504)),
        ])
    func asked(_ fault: Simulator.Fault) async throws {
        let world = try KeyedWorld(fault: fault).run()
        let intents = try world.intents()
        #expect(intents.map(\.state) == [.applied] && intents.first?.asked == 1)
        #expect(world.retries(of: 1).count == 1)
        let outcomes = try await world.store.records(after: 0, limit: 1000).map { try $0.entry() }.filter {
            if case .outcome(_, let settlement) = $0.event { settlement.state != .void } else { false }
        }
        let (lost, settled) = (try #require(outcomes.first?.at), try #require(outcomes.last?.at))
        #expect(outcomes.count >= 2 && settled - lost <= .minutes(1))
        let keys = Set(
            world.box.withSimulator { n8n in
                n8n.requests.filter { $0.endpoint == .retry }.map { $0.request.headers["Idempotency-Key"] }
            })
        #expect(keys.count == 1 && world.requests(.retry) == 2)
    }

    @Test("is not asked for where its run is seen", arguments: [Simulator.Fault.loseAnswer(), .errorAfter])
    func seen(_ fault: Simulator.Fault) throws {
        let world = try KeyedWorld(fault: fault).run()
        #expect(try world.intents().map(\.state) == [.applied])
        #expect(world.requests(.retry) == 1 && world.retries(of: 1).count == 1)
    }

    @Test("stands in the record with what proves that it runs once: a key of before, refused to another request")
    func onRecord() async throws {
        let world = try KeyedWorld(fault: .loseRequest()).run()
        let events = try await world.audit([.probe, .asking, .sending])
        let witnesses = events.compactMap { if case .sending(_, _, _, _, let witness) = $0 { witness } else { nil } }
        let proofs = events.compactMap { if case .asked(_, let proof) = $0 { proof } else { nil } }
        let (witness, proof) = (try #require(witnesses.first), try #require(proofs.first))
        #expect(proof.witness == witness && proof.status == 422)
        let probes = events.compactMap {
            if case .probed(_, let probe, let answer) = $0 { (probe, answer) } else { nil }
        }
        #expect(probes.map(\.0.body) == [.first, .other, .other])
        #expect(Set(probes.map(\.0.key)) == [witness.key] && probes.first?.1 == .taken)
        #expect(world.requests(.stopMany) == 3)
        // Before each there is a record that it may leave.
        #expect(events.count { if case .probing = $0 { true } else { false } } == 3)
    }

    @Test("is not asked for where the server is another one by then, which ignores keys")
    func switchedBack() throws {
        var place = KeyedWorld(fault: .loseRequest(after: 20_000))
        place.then = { $0.upgrade(to: Simulator.Era.c.release, now: $1) }
        let world = try place.run(for: .minutes(12))
        #expect(try world.intents().map(\.state) == [.unresolved])
        #expect(world.requests(.retry) == 1 && world.retries(of: 1).isEmpty)
    }

    @Test("is not asked for where the server has forgotten the keys of before")
    func forgotten() throws {
        var place = KeyedWorld(fault: .loseRequest(after: 20_000), dies: 75)
        place.reading.atRestart = .forgotten
        let world = try place.run(for: .minutes(12))
        #expect(try world.intents().map(\.state) == [.unresolved])
        #expect(world.requests(.retry) == 1)
    }

    @Test("is not asked for while acting is paused, and is once that is over")
    func paused() async throws {
        var place = KeyedWorld(fault: .loseRequest())
        place.thenAt = 0
        let world = try place.run(for: .seconds(80))
        #expect(try world.intents().map(\.state) == [.unresolved])
        let now = world.clock.now()
        try await world.store.append(.paused(instance: nil, reason: "r", by: "me"), at: now)
        let set = try World.set([.retryOrders()])
        try world.simulation.run { try await world.run(try await world.agent(set), for: .minutes(3)) }
        #expect(world.requests(.retry) == 1)
        try await world.store.append(.resumed(instance: nil, by: "me"), at: world.clock.now())
        try world.simulation.run { try await world.run(try await world.agent(set), for: .minutes(3)) }
        #expect(try world.intents().map(\.state) == [.applied] && world.retries(of: 1).count == 1)
    }

    @Test("leaves it to a person, as before, where the header is taken out on the way")
    func stripped() throws {
        var place = KeyedWorld(fault: .loseRequest())
        place.reading.isStripped = true
        let world = try place.run()
        #expect(try world.intents().map(\.state) == [.unresolved] && world.requests(.retry) == 1)
    }
}

@Suite("Whether a server honours keys")
struct KeyProbeTests {
    @Test("is asked once at each start of an agent that may write, by two requests that change nothing")
    func once() throws {
        let world = try KeyedWorld().run(for: .hours(3))
        #expect(world.requests(.stopMany) == 2)
        #expect(
            world.box.withSimulator { n8n in n8n.deeds.allSatisfy { if case .stopped = $0.what { false } else { true } }
            })
    }

    @Test("is never asked in dry-run")
    func dryRun() throws {
        #expect(try KeyedWorld().run(for: .hours(1), mode: .dryRun).requests(.stopMany) == 0)
    }

    @Test(
        "is not asked of a server whose API is older than keys, or that has no bulk stop",
        arguments: [Simulator.Era.a, .b])
    func older(_ era: Simulator.Era) throws {
        #expect(try KeyedWorld(release: era.release).run().requests(.stopMany) == 0)
    }
}

/// One cell of the table: how the server reads the documents, what befalls the request, who dies when.
struct KeyCell: Sendable, CustomTestStringConvertible {
    var reading: Simulator.KeyReading
    var mode: Simulator.Mode
    var mishap: Mishap
    /// After how many seconds the server dies; nil for never. The request leaves after 60.
    var dies: Int64?
    var step: ActingStep?

    var testDescription: String {
        "\(reading), \(mode), \(mishap.rawValue), server dies after \(dies.map(String.init) ?? "-") s, "
            + "agent at \(step?.rawValue ?? "-")"
    }

    static let all: [KeyCell] = Simulator.KeyReading.every.flatMap { reading in
        [Simulator.Mode.regular, .queue(workers: 1, slots: 1)].flatMap { mode in
            Mishap.allCases.flatMap { mishap in
                [nil, 61, 75].flatMap { (dies: Int64?) in
                    [nil, .opening, .answered].map { (step: ActingStep?) in
                        KeyCell(reading: reading, mode: mode, mishap: mishap, dies: dies, step: step)
                    }
                }
            }
        }
    }

    /// Some of each, spread over all of them.
    static let chosen: [KeyCell] = {
        let stride = TestScale.isFull ? 11 : 703
        return Swift.stride(from: 0, to: all.count, by: stride).map { all[$0] }
    }()
}

@Suite("The table of never twice where the server honours keys")
struct KeyedNeverTwiceTests {
    @Test("an execution is retried once at most, however the server reads the documents", arguments: KeyCell.chosen)
    func once(_ cell: KeyCell) throws {
        var place = KeyedWorld(reading: cell.reading, mode: cell.mode, fault: cell.mishap.fault)
        (place.dies, place.step) = (cell.dies, cell.step)
        let world = try place.run(for: .minutes(25))
        let children = world.retries(of: 1)
        #expect(children.count <= 1)
        let intents = try world.intents().filter { $0.draft.execution == "1" }
        if !children.isEmpty { #expect(!intents.allSatisfy { $0.state == .void }, "the ledger says that nothing ran") }
        #expect(intents.allSatisfy { !$0.state.isOpen })
    }

    @Test("holds cells of each reading, mishap and death")
    func spread() {
        #expect(Set(KeyCell.chosen.map(\.mishap)) == Set(Mishap.allCases))
        #expect(Set(KeyCell.chosen.map(\.dies)) == [nil, 61, 75])
        #expect(Set(KeyCell.chosen.map(\.step)) == [nil, .opening, .answered])
        #expect(Set(KeyCell.all.map(\.reading)).count == 108)
    }
}

extension MemoryLedgerStore {
    /// Appends one event behind whatever is there.
    fileprivate func append(_ event: LedgerEvent, at time: AgentTime) async throws {
        let head = try await load(LedgerScope(instances: [])).head
        _ = try await append([LedgerEntry(event, at: time)], expecting: head, fence: nil)
    }
}

@Suite("What is known of whether a server honours keys")
struct KeyKnowledgeTests {
    private static let witness = KeyWitness(
        RequestKey(probeAt: AgentTime(milliseconds: 1)), takenAt: AgentTime(milliseconds: 1))

    @Test("a witness that is not seen is asked for less and less often, and seldom where the server has forgotten it")
    func unseen() {
        var keys = KeyKnowledge()
        #expect(keys.mayProve(Self.witness, at: .zero))
        keys.note(nil, of: Self.witness, .zero)
        #expect(!keys.mayProve(Self.witness, at: .seconds(19)) && keys.mayProve(Self.witness, at: .seconds(20)))
        keys.note(.unclear("502"), of: Self.witness, .seconds(20))
        #expect(!keys.mayProve(Self.witness, at: .seconds(59)) && keys.mayProve(Self.witness, at: .seconds(60)))
        keys.note(.refused(status: 422, message: ""), of: Self.witness, .seconds(60))
        #expect(keys.mayProve(Self.witness, at: .seconds(60)))
        keys.note(.taken, of: Self.witness, .seconds(60))
        #expect(!keys.mayProve(Self.witness, at: .minutes(30)) && keys.mayProve(Self.witness, at: .minutes(31)))
    }
}
