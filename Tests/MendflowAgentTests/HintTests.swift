import MendflowAgent
import MendflowCore
import MendflowHTTP
import MendflowLedger
import MendflowSimulator
import MendflowTestKit
import Synchronization
import Testing

@Suite("A hint")
struct HintTests {
    private static func world(_ script: Simulator.Script, settings: Simulator.JSON = [:]) throws -> World {
        try World { $0.add(.orderSync(script, settings: settings)) }
    }

    private static let failure = Simulator.Outcome.error(.http(503, method: "POST"), after: 100)

    /// Runs an agent with an inbox while `story` happens.
    private func run(
        _ world: World, _ inbox: HintInbox, _ policies: PolicySet, for period: Period,
        change: @escaping @Sendable (inout AgentConfiguration) -> Void = { _ in }, refresh: PolicyRefresh? = nil,
        _ story: @escaping @Sendable () async throws -> Void
    ) async throws {
        let agent = try await world.agent(policies, refresh: refresh, change: change, hints: inbox)
        let clock = world.clock
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await agent.run() }
            group.addTask { try await story() }
            group.addTask { try await clock.sleep(for: period) }
            try await group.next()
            try await group.next()
            group.cancelAll()
        }
        try await world.expectReplay()
    }

    /// A run that fails at once, some time after the agent's first tick; its id.
    @discardableResult
    private func fail(_ world: World) async throws -> ExecutionID {
        let id = world.box.withSimulator { $0.trigger(World.workflow, now: world.clock.now().milliseconds) } ?? 0
        try await world.clock.sleep(for: .milliseconds(500))
        return ExecutionID("\(id)")
    }

    /// When the ledger first held a decision about an execution.
    private func decided(_ world: World, _ id: ExecutionID) async throws -> AgentTime? {
        for sealed in try await world.store.records(after: 0, limit: 10_000) {
            let record = try CanonicalRecord(bytes: sealed.bytes).record
            if record.kind == .decision, record.execution == id { return record.at }
        }
        return nil
    }

    @Test("wakes the agent, which looks and decides within two seconds")
    func wakes() throws {
        let (world, inbox) = (try Self.world(.init(next: [Self.failure])), HintInbox())
        let policies = try World.set([.retryOrders()])
        try world.simulation.run {
            try await run(world, inbox, policies, for: .seconds(20)) {
                try await world.clock.sleep(for: .seconds(10))
                let id = try await fail(world)
                let told = world.clock.now()
                inbox.put([Hint(.span, id, .error)], release: "2.41.1", at: told)
                try await world.clock.sleep(for: .seconds(5))
                let decided = try #require(try await decided(world, id))
                #expect(decided - told <= .seconds(2))
            }
        }
    }

    @Test("is asked for once, however many tell of the execution")
    func once() throws {
        // It is not kept, so that no list shows it.
        let world = try Self.world(
            .init(next: [Self.failure]), settings: ["saveDataErrorExecution": "none"])
        let (inbox, policies) = (HintInbox(), try World.set([.retryOrders()]))
        try world.simulation.run {
            try await run(world, inbox, policies, for: .minutes(5)) {
                try await world.clock.sleep(for: .seconds(10))
                let id = try await fail(world)
                for hint in [
                    Hint(.span, id, .error), Hint(.errorTrigger, id, .error), Hint(.errorTrigger, id, .crashed),
                ] {
                    inbox.put([hint, hint], release: nil, at: world.clock.now())
                    try await world.clock.sleep(for: .seconds(40))
                }
            }
        }
        let asked = world.box.withSimulator {
            $0.requests.filter { $0.endpoint == .read }.map { "\($0.at) \($0.request.url)" }
        }
        #expect(asked.count { $0.hasSuffix("/executions/1") } == 1, "\(asked)")
        // The first of six was taken, and found nothing; of the others everything was known.
        let counts = inbox.counts.tally.counts
        #expect(counts[.init(.span, .taken)] == 1 && counts[.init(.span, .unknown)] == 1, "\(counts)")
        #expect(counts[.init(.span, .duplicate)] == 1 && counts[.init(.errorTrigger, .duplicate)] == 4, "\(counts)")
        #expect(try world.intents().isEmpty)
    }

    @Test("of a run that n8n has not written down yet is looked at again a second later")
    func tooEarly() throws {
        let (world, inbox) = (try Self.world(.init(next: [.error(.http(503), after: 1_500)])), HintInbox())
        let policies = try World.set([.retryOrders()])
        try world.simulation.run {
            try await run(world, inbox, policies, for: .seconds(25)) {
                try await world.clock.sleep(for: .seconds(10))
                let id = try await fail(world)
                inbox.put([Hint(.errorTrigger, id, .error)], release: nil, at: world.clock.now())
                try await world.clock.sleep(for: .seconds(4))
                #expect(try await decided(world, id) != nil)
            }
        }
    }

    @Test("is never a fact: what was said of runs that went well, go on or never were changes nothing")
    func neverAFact() throws {
        let (world, inbox) = (
            try Self.world(.init(next: [.success(after: 100), .success(after: 600_000)])), HintInbox()
        )
        let policies = try World.set([.retryOrders()])
        try world.simulation.run {
            try await run(world, inbox, policies, for: .minutes(5)) {
                try await world.clock.sleep(for: .seconds(10))
                let (well, runs) = (try await fail(world), try await fail(world))
                let hints = [well, runs, "999", "18446744073709551000"].map { Hint(.errorTrigger, $0, .error) }
                inbox.put(hints + [Hint(.span, "3", .success, retryOf: well)], release: nil, at: world.clock.now())
            }
        }
        #expect(try world.intents().isEmpty)
        #expect(world.box.withSimulator { $0.requests.allSatisfy { $0.request.method == .get || $0.isProbe } })
        #expect(world.events.named("epoch.alarm").isEmpty)
    }

    @Test("makes no tick come sooner than a second after the one before, however many come")
    func paced() throws {
        let (world, inbox) = (try Self.world(.init(next: [])), HintInbox(limit: 50))
        let policies = try World.set([.retryOrders()])
        try world.simulation.run {
            try await run(world, inbox, policies, for: .seconds(60)) {
                for number in 0..<600 {
                    inbox.put([Hint(.span, ExecutionID("\(number + 1)"), .error)], release: nil, at: world.clock.now())
                    try await world.clock.sleep(for: .milliseconds(100))
                }
            }
        }
        let ticks = try world.store.everything().tick(of: InstanceKey(name: "main", epoch: 1))?.tick ?? 0
        #expect((30...62).contains(ticks))
        #expect(inbox.counts.received == 600)
    }

    @Test("makes no tick come sooner while n8n's database seems to be another one, and nothing may be asked for")
    func alarmed() throws {
        let (world, inbox) = (try Self.world(.init(next: [Self.failure])), HintInbox())
        let policies = try World.set([.retryOrders()])
        try world.simulation.run {
            world.box.withSimulator { _ = $0.trigger(World.workflow, now: world.clock.now().milliseconds) }
            try await run(world, inbox, policies, for: .minutes(30)) {
                try await world.clock.sleep(for: .minutes(2))
                world.box.withSimulator { EpochTests.replace(&$0, world.clock.now().milliseconds) }
                try await world.clock.sleep(for: .minutes(2))
                inbox.put([Hint(.span, "77", .error)], release: nil, at: world.clock.now())
            }
        }
        #expect(try world.store.everything().view(of: InstanceKey(name: "main", epoch: 1), shadow: false).alarm != nil)
        #expect(world.requests(.list) < 1000)
    }

    @Test("goes first where too many wait, and is counted")
    func bounded() {
        let inbox = HintInbox(limit: 3)
        let hints = (1...5).map { Hint(.span, ExecutionID("\($0)"), .error) }
        inbox.put(hints + [Hint(.span, "9", .success)], release: "2.41.1", at: World.start)
        #expect(inbox.counts.dropped == 2 && inbox.counts.received == 6)
        #expect(inbox.counts.release == "2.41.1" && inbox.counts.lastAt == World.start)
        let tally = inbox.counts.tally
        #expect(tally.counts == [.init(.span, .idle): 1, .init(.span, .dropped): 2])
        #expect(tally.inLastHour(at: World.start + .minutes(59)) == 6)
        #expect(tally.inLastHour(at: World.start + .hours(1)) == 0)
    }

    @Test("lets a quiet instance be looked at less often, never less than every two minutes")
    func thins() throws {
        for hears in [true, false] {
            let (world, inbox) = (try Self.world(.init(next: [])), HintInbox())
            let policies = try World.set([.retryOrders()])
            try world.simulation.run {
                try await run(world, inbox, policies, for: .minutes(60)) {
                    for _ in 0..<60 where hears {
                        inbox.put([Hint(.span, "1", .success)], release: nil, at: world.clock.now())
                        try await world.clock.sleep(for: .minutes(1))
                    }
                }
            }
            let ticks = try world.store.everything().tick(of: InstanceKey(name: "main", epoch: 1))?.tick ?? 0
            #expect(hears ? (30...35).contains(ticks) : (119...122).contains(ticks), "\(ticks) ticks")
        }
    }

    @Test(
        "makes nobody wait who orders something or changes files: a quiet rest ends within a poll interval",
        arguments: [true, false])
    func orders(byLedger: Bool) throws {
        let (world, inbox) = (try Self.world(.init(next: [])), HintInbox())
        let policies = try World.set([.retryOrders()])
        let fresh = Fresh()
        try world.simulation.run {
            try await run(
                world, inbox, policies, for: .minutes(30), refresh: { _ in fresh.next.withLock { $0.take() } }
            ) {
                for _ in 0..<15 {
                    inbox.put([Hint(.span, "1", .success)], release: nil, at: world.clock.now())
                    try await world.clock.sleep(for: .minutes(1))
                }
                // Just behind a tick, and two minutes before the next one.
                let ticks = world.requests(.list)
                while world.requests(.list) == ticks { try await world.clock.sleep(for: .seconds(1)) }
                try await world.clock.sleep(for: .seconds(5))
                let before = world.requests(.list)
                if byLedger {
                    try await OperatorPause.set(world.store)
                } else {
                    fresh.next.withLock { $0 = FreshPolicies(policies: policies, lookBack: .days(2)) }
                }
                try await world.clock.sleep(for: .seconds(31))
                #expect(world.requests(.list) > before)
            }
        }
    }

    /// What changed files say, until the agent takes it.
    private final class Fresh: Sendable { let next = Mutex<FreshPolicies?>(nil) }

    @Test("thins out nothing while a retry waits for its time or is not settled")
    func dueInTime() throws {
        let (world, inbox) = (try Self.world(.init(next: [Self.failure], retries: [.success(after: 50)])), HintInbox())
        let policies = try World.set([.retryOrders()])
        try world.simulation.run {
            try await run(world, inbox, policies, for: .minutes(20)) {
                for minute in 0..<20 {
                    inbox.put([Hint(.span, "900", .success)], release: nil, at: world.clock.now())
                    if minute == 10 {
                        let id = try await fail(world)
                        inbox.put([Hint(.span, id, .error)], release: nil, at: world.clock.now())
                    }
                    try await world.clock.sleep(for: .minutes(1))
                }
            }
        }
        let intent = try #require(try world.intents().first)
        let ended = try #require(world.box.withSimulator { $0.database[1]?.stoppedAt })
        #expect(intent.reservedAt.milliseconds - ended <= Period.seconds(90).milliseconds, "its backoff is a minute")
        #expect(intent.state == .applied)
    }
}

@Suite("A span that names what it retries")
struct ToldRetryTests {
    /// A retry whose answer is lost, and whose run succeeds and is not kept: nothing but a span tells of it.
    private func world() throws -> World {
        try World { simulator in
            simulator.add(
                .orderSync(
                    .init(next: [.error(.http(503, method: "POST"), after: 100)], retries: [.success(after: 50)]),
                    settings: ["saveDataSuccessExecution": "none"]))
            simulator.faults = [.init(.loseAnswer(), at: [.retry])]
        }
    }

    private func run(_ hints: @escaping @Sendable () -> [Hint]) throws -> World {
        let (world, inbox) = (try world(), HintInbox())
        let policies = try World.set([.retryOrders()])
        try world.simulation.run {
            world.box.withSimulator { _ = $0.trigger(World.workflow, now: world.clock.now().milliseconds) }
            let agent = try await world.agent(policies, hints: inbox)
            let clock = world.clock
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await agent.run() }
                group.addTask {
                    try await clock.sleep(for: .minutes(4))
                    inbox.put(hints(), release: nil, at: clock.now())
                    try await clock.sleep(for: .minutes(2))
                }
                try await group.next()
                group.cancelAll()
            }
            try await world.expectReplay()
        }
        #expect(world.retries(of: 1).count == 1)
        return world
    }

    @Test("settles a retry of ours whose answer was lost as having run, and it is not sent again")
    func settles() throws {
        let world = try run { [Hint(.span, "2", .success, workflow: WorkflowID(World.workflow), retryOf: "1")] }
        let intent = try #require(try world.intents().first)
        #expect(intent.state == .applied && intent.child == "2" && intent.hasDoubtfulChild)
        #expect(intent.evidence == .toldBySpan("2", .success, at: nil))
    }

    @Test(
        "settles nothing where it cannot be ours: of another execution, below the watermark, of another workflow, or no span"
    )
    func others() throws {
        let hints = [
            Hint(.span, "7", .success, retryOf: "3"), Hint(.span, "1", .success, retryOf: "1"),
            Hint(.span, "8", .success, workflow: "Other00000000001", retryOf: "1"),
            Hint(.errorTrigger, "9", .error, retryOf: "1"), Hint(.span, "10", .waiting, retryOf: "1"),
        ]
        for hint in hints {
            let world = try run { [hint] }
            #expect(try world.intents().map(\.state) == [.unresolved], "\(hint)")
        }
    }
}
