import MendflowAgent
import MendflowCore
import MendflowLedger
import MendflowPolicy
import MendflowSimulator
import MendflowTestKit
import Synchronization
import Testing

@Suite("A replay after an outage")
struct ReplayTests {
    private static let main = InstanceKey(name: "main", epoch: 1)

    /// A world in which so many runs failed an hour ago.
    private static func outage(_ count: Int, retried outcome: Simulator.Outcome = .success(after: 3000)) throws -> World
    {
        try World { simulator in
            simulator.add(.orderSync(.init(retriesThenAlways: [outcome])))
            for index in 0..<count {
                let at = World.start.milliseconds - 3_600_000 + Int64(index * 1000)
                simulator.addExecution(of: World.workflow, status: .error, startedAt: at, stoppedAt: at + 100)
            }
        }
    }

    private static func policy(_ ids: some Sequence<Int>, _ pace: ReplayPace) -> Policy {
        var policy = Policy(
            name: "replay-1", mode: .enforce, priority: 1_000_000,
            match: .all([
                .test(FieldTest(.executionID, [.numberIn(ids.map(Int64.init))])),
                .test(FieldTest(.status, [.anyOf([.wildcard("error"), .wildcard("crashed")])])),
            ]),
            remediation: .retry(RetryAction(maxRetries: 1, acceptedRisks: [.possible, .restart])),
            guards: Guards(maxActions: [], yieldToHumans: .zero), version: "v1")
        policy.replay = pace
        return policy
    }

    /// Writes what `replay` writes.
    private static func begin(_ world: World, _ total: Int) async throws {
        let text = LedgerEvent.policy(PolicyText(version: "v1", name: "replay-1", text: "", place: "replay-1"))
        let start = ReplayStart(
            name: "replay-1", version: "v1", total: total, earliest: World.serverStart - .hours(1), by: "tim",
            reason: "the CRM was down", selection: "all")
        try await write(world, [text, .replayBegan(main, start)])
    }

    private static func move(_ world: World, to state: Replay.State) async throws {
        try await write(world, [.replayMoved(main, ReplayMove("replay-1", state, by: "tim", why: "lunch"))])
    }

    private static func write(_ world: World, _ events: [LedgerEvent]) async throws {
        let ledger = try await Ledger(world.store, LedgerScope())
        try await ledger.append(events.map { LedgerEntry($0, at: world.clock.now()) })
    }

    private static func replay(_ world: World) throws -> Replay {
        try #require(try world.store.everything().replays(of: main).first)
    }

    /// An agent with policies of its own, which takes the replay up as it finds it.
    private static func agent(
        _ world: World, _ policy: Policy, beside others: [Policy] = [], hook: StepHook? = nil
    ) async throws -> InstanceAgent {
        let set = try World.set(others, limits: InstanceLimits(maxInFlight: 5, maxActions: []))
        let given = Mutex<[String]?>(nil)
        return try await world.agent(
            set, hook: hook,
            refresh: { replays in
                let names = replays.map(\.name)
                let isSame = given.withLock { given in
                    defer { given = names }
                    return given == names
                }
                if isSame { return nil }
                return FreshPolicies(
                    policies: set.including(names.isEmpty ? [] : [policy]), lookBack: .hours(48))
            })
    }

    @Test(
        "retries each once, the first alone until it has healed, then so many of a workflow at once, and ends by itself"
    )
    func whole() throws {
        let world = try Self.outage(12)
        let policy = Self.policy(1...12, ReplayPace(canary: 1, inFlightPerWorkflow: 3, stopAfterFailures: 2))
        try world.simulation.run {
            try await Self.begin(world, 12)
            let agent = try await Self.agent(world, policy)
            try await world.run(agent, for: .minutes(3))
        }
        #expect((1...12).allSatisfy { world.retries(of: $0).count == 1 })
        #expect(try Self.replay(world).state == .ended)
        // By n8n's own times, for what the agent sees depends on which of its tasks runs first.
        let runs = world.box.withSimulator { n8n in
            n8n.database.executions.values.filter { $0.retryOf != nil }
                .map { (began: $0.startedAt ?? .max, ended: $0.stoppedAt ?? .max) }.sorted { $0.began < $1.began }
        }
        #expect(runs[1].began >= runs[0].ended)
        let atOnce = runs.map { run in runs.count { $0.began <= run.began && run.began < $0.ended } }
        #expect(atOnce.max() == 3)
    }

    @Test("stops by itself where the first does not heal, and where so many fail again")
    func stops() throws {
        for (pace, sent, why) in [
            (ReplayPace(canary: 1), 1, "the first had to heal, and 1 failed again"),
            (ReplayPace(canary: 0, inFlightPerWorkflow: 1, stopAfterFailures: 3), 3, "3 failed again"),
        ] {
            let world = try Self.outage(8, retried: .error(.http(503, method: "POST"), after: 1000))
            try world.simulation.run {
                try await Self.begin(world, 8)
                try await world.run(try await Self.agent(world, Self.policy(1...8, pace)), for: .minutes(3))
            }
            let replay = try Self.replay(world)
            #expect(replay.state == .paused && replay.why == why && replay.movedBy.isEmpty)
            #expect((1...8).reduce(0) { $0 + world.retries(of: $1).count } == sent)
        }
    }

    @Test("is paused from the moment on at which that is written, and goes on within seconds of being let")
    func paused() throws {
        let world = try Self.outage(10)
        let policy = Self.policy(1...10, ReplayPace(canary: 0, inFlightPerWorkflow: 1))
        try world.simulation.run {
            try await Self.begin(world, 10)
            let agent = try await Self.agent(world, policy)
            let clock = world.clock
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await world.run(agent, for: .minutes(4)) }
                group.addTask {
                    try await clock.sleep(for: .seconds(10))
                    try await Self.move(world, to: .paused)
                    let sent = try world.intents().count { $0.sendingAt != nil }
                    try await clock.sleep(for: .minutes(1))
                    #expect(try world.intents().count { $0.sendingAt != nil } == sent)
                    #expect(sent > 0 && sent < 10)
                    try await Self.move(world, to: .running)
                    let before = try world.intents().count
                    try await clock.sleep(for: .seconds(3))
                    #expect(try world.intents().count > before)
                }
                try await group.waitForAll()
            }
        }
        #expect((1...10).allSatisfy { world.retries(of: $0).count == 1 })
        #expect(try Self.replay(world).state == .ended)
    }

    @Test("goes on where an agent was killed, at any step, and sends nothing twice", arguments: ActingStep.allCases)
    func killed(step: ActingStep) throws {
        let world = try Self.outage(6)
        let policy = Self.policy(1...6, ReplayPace(canary: 0, inFlightPerWorkflow: 2))
        try world.simulation.run {
            try await Self.begin(world, 6)
            let count = Mutex(0)
            let first = try await Self.agent(
                world, policy,
                hook: { (present, _) throws(AgentKilled) in
                    let isTime =
                        present == step
                        && count.withLock { count in
                            count += 1
                            return count == 3
                        }
                    if isTime { throw AgentKilled() }
                })
            try await world.run(first, for: .minutes(1))
            try await world.run(try await Self.agent(world, policy), for: .minutes(3))
        }
        #expect((1...6).allSatisfy { world.retries(of: $0).count <= 1 })
        // What may have been sent when the agent died is settled or waits for a person; all others are retried.
        let open = try world.intents().count { $0.state == .unresolved }
        #expect((1...6).count { world.retries(of: $0).count == 1 } + open >= 6)
    }

    @Test("leaves out what healed meanwhile, retries what a policy has given up, and leaves chains to their owners")
    func others() throws {
        let world = try Self.outage(3)
        let policy = Self.policy(1...3, ReplayPace())
        try world.simulation.run {
            world.box.withSimulator { n8n in
                let at = World.start.milliseconds - 1000
                _ = n8n.addExecution(
                    of: World.workflow, status: .success, startedAt: at, stoppedAt: at + 500, retryOf: 1)
            }
            try await Self.write(world, [.owned(Self.main, root: "2", policy: "retry-orders", shadow: false)])
            try await Self.begin(world, 3)
            let never = Policy.retryOrders(statuses: ["canceled"])
            try await world.run(try await Self.agent(world, policy, beside: [never]), for: .minutes(1))
        }
        #expect(world.retries(of: 1).isEmpty)
        #expect(world.retries(of: 2).count == 1 && world.retries(of: 3).count == 1)
        #expect(try Self.replay(world).state == .ended)
        let view = try world.store.everything().view(of: Self.main, shadow: false)
        #expect(view.owners == ["2": "retry-orders"])
    }
}
