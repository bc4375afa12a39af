import MendflowAgent
import MendflowCore
import MendflowLedger
import MendflowSimulator
import MendflowTestKit
import Testing

@Suite("A policy that asks first")
struct ApprovalTests {
    private static let main = InstanceKey(name: "main", epoch: 1)

    /// A world in which so many runs failed an hour ago.
    private static func outage(_ count: Int = 1) throws -> World {
        try World { simulator in
            simulator.add(.orderSync(.init(retriesThenAlways: [.success(after: 3000)])))
            for index in 0..<count {
                let at = World.start.milliseconds - 3_600_000 + Int64(index * 1000)
                simulator.addExecution(of: World.workflow, status: .error, startedAt: at, stoppedAt: at + 100)
            }
        }
    }

    private static func policy(
        version: String = "v1", mode: Mode = .enforce, _ rule: ApprovalRule = ApprovalRule(expires: .hours(4))
    ) -> Policy {
        var policy = Policy(
            name: "careful", mode: mode, match: .test(FieldTest(.status, [.anyOf([.wildcard("error")])])),
            remediation: .retry(
                RetryAction(backoff: Backoff(jitter: .none), acceptedRisks: [.possible, .restart])),
            guards: Guards(maxActions: [], yieldToHumans: .zero), version: version)
        policy.approval = rule
        return policy
    }

    private static func asks(_ world: World) throws -> [Approval] { try world.store.everything().approvals(of: main) }

    private static func write(_ world: World, _ events: [LedgerEvent]) async throws {
        let ledger = try await Ledger(world.store, LedgerScope())
        try await ledger.append(events.map { LedgerEntry($0, at: world.clock.now()) })
    }

    private static func answer(_ world: World, _ approval: Approval, _ isYes: Bool) async throws {
        try await write(
            world, [.approvalAnswered(ApprovalRef(approval), ApprovalAnswer(isYes: isYes, by: "ann", note: "ok"))])
    }

    private static func agent(
        _ world: World, _ policy: Policy, mode: Mode = .enforce, every interval: Period = .seconds(30)
    ) async throws -> InstanceAgent {
        try await world.agent(try World.set([policy]), mode: mode, change: { $0.pollInterval = interval })
    }

    /// The last decision of the record about an execution.
    private static func label(_ world: World, _ id: ExecutionID) async throws -> String? {
        try await world.store.records(after: 0, limit: .max).compactMap { record -> String? in
            guard case .decided(let decided) = try record.entry().event, decided.execution == id else { return nil }
            return decided.parts.last?.label
        }.last
    }

    @Test("asks once, shows what it would send, and sends nothing before a yes")
    func asks() throws {
        let world = try Self.outage()
        try world.simulation.run {
            try await world.run(try await Self.agent(world, Self.policy()), for: .hours(1))
        }
        #expect(world.retries(of: 1).isEmpty)
        let asks = try Self.asks(world)
        let ask = try #require(asks.first)
        #expect(asks.count == 1 && ask.state == .open)
        #expect(ask.ask.request == #"POST /executions/1/retry {"loadWorkflow":false}"#)
        #expect(ask.ask.draft.policyVersion == "v1" && ask.ask.workflowName == "Order sync")
        #expect(ask.ask.expiresAt == ask.askedAt + .hours(4))
    }

    @Test("sends what was approved, once, after one more look, and asks anew about the next retry of the chain")
    func approved() throws {
        let world = try Self.outage()
        try world.simulation.run {
            let agent = try await Self.agent(world, Self.policy())
            try await world.run(agent, for: .minutes(2))
            try await Self.answer(world, try #require(try Self.asks(world).first), true)
            try await world.run(try await Self.agent(world, Self.policy(), every: .minutes(3)), for: .hours(6))
        }
        #expect(world.retries(of: 1).count == 1)
        let intent = try #require(try world.intents().first)
        let ask = try #require(try Self.asks(world).first)
        #expect(intent.draft.consent == .given(ask.id))
    }

    @Test("leaves what was declined, and what nobody answered in time")
    func notApproved() throws {
        let world = try Self.outage(2)
        try world.simulation.run {
            try await world.run(try await Self.agent(world, Self.policy()), for: .minutes(2))
            try await Self.answer(world, try #require(try Self.asks(world).first), false)
            try await world.run(try await Self.agent(world, Self.policy(), every: .minutes(3)), for: .hours(6))
            #expect(try await Self.label(world, "1") == "approval_declined")
            #expect(try await Self.label(world, "2") == "approval_expired")
        }
        #expect(try world.intents().isEmpty)
        #expect(try Self.asks(world).map(\.state) == [.declined, .expired])
    }

    @Test("says that a yes was not carried out where something holds it until the ask has expired, and says it once")
    func lapsed() throws {
        let world = try Self.outage()
        try world.simulation.run {
            try await world.run(try await Self.agent(world, Self.policy()), for: .minutes(2))
            try await Self.answer(world, try #require(try Self.asks(world).first), true)
            try await Self.write(world, [.paused(instance: nil, reason: "maintenance", by: "ann")])
            try await world.run(try await Self.agent(world, Self.policy(), every: .minutes(3)), for: .hours(6))
        }
        #expect(world.retries(of: 1).isEmpty)
        let ask = try #require(try Self.asks(world).first)
        #expect(ask.state == .expired && ask.note.hasPrefix("ann said yes, and it could not be sent before"))
        #expect(world.events.named("approval.lapsed").map(\.level) == [.warning])
    }

    @Test("a yes is for the policy as it stood: an edited one asks anew")
    func edited() throws {
        let world = try Self.outage()
        try world.simulation.run {
            try await world.run(try await Self.agent(world, Self.policy()), for: .minutes(2))
            try await Self.answer(world, try #require(try Self.asks(world).first), true)
            try await world.run(try await Self.agent(world, Self.policy(version: "v2")), for: .minutes(10))
        }
        #expect(world.retries(of: 1).isEmpty)
        let ask = try #require(try Self.asks(world).first)
        #expect(ask.state == .open && ask.ask.draft.policyVersion == "v2")
    }

    @Test("takes back what it asked where a person retried the run meanwhile")
    func withdrawn() throws {
        let world = try Self.outage()
        try world.simulation.run {
            try await world.run(try await Self.agent(world, Self.policy()), for: .minutes(2))
            let now = world.clock.now().milliseconds
            _ = world.box.withSimulator { $0.personRetries(1, now: now) }
            try await world.run(try await Self.agent(world, Self.policy()), for: .minutes(10))
        }
        #expect(try Self.asks(world).map(\.state) == [.withdrawn])
        #expect(world.retries(of: 1).isEmpty)
    }

    @Test("has no more asks open than it may, the oldest first")
    func bounded() throws {
        let world = try Self.outage(5)
        let rule = ApprovalRule(expires: .hours(4), maxOpen: 2)
        try world.simulation.run {
            try await world.run(try await Self.agent(world, Self.policy(rule)), for: .minutes(5))
            #expect(try Self.asks(world).map(\.ask.draft.execution) == ["1", "2"])
            try await Self.answer(world, try #require(try Self.asks(world).first), false)
            try await world.run(try await Self.agent(world, Self.policy(rule)), for: .minutes(5))
        }
        #expect(try Self.asks(world).map(\.ask.draft.execution) == ["1", "2", "3"])
    }

    @Test("asks nobody in dry-run: its shadow says that it would")
    func dryRun() throws {
        for (policy, mode) in [(Self.policy(mode: .dryRun), Mode.enforce), (Self.policy(), .dryRun)] {
            let world = try Self.outage()
            try world.simulation.run {
                try await world.run(try await Self.agent(world, policy, mode: mode), for: .minutes(10))
            }
            #expect(try Self.asks(world).isEmpty)
            let shadow = try #require(try world.intents().first)
            #expect(shadow.state == .shadow && shadow.draft.consent == .wouldAsk)
        }
    }

    // Going back to dry-run.

    /// A policy that has to heal half of what it retries, over so many chains.
    private static func measured(version: String = "v1") -> Policy {
        var policy = policy(version: version)
        policy.approval = nil
        policy.remediation = .retry(
            RetryAction(maxRetries: 1, backoff: Backoff(jitter: .none), acceptedRisks: [.possible, .restart]))
        policy.demotion = DemotionRule(
            healRate: PolicyExpectation(.healRate, [.number(.gte, 50)]), chains: 5, within: .days(7))
        return policy
    }

    @Test("a policy that heals too little goes back to dry-run by itself, until somebody promotes or edits it")
    func demoted() throws {
        let world = try World { simulator in
            simulator.add(
                .orderSync(.init(retriesThenAlways: [.error(.http(503, method: "GET"), after: 100)])))
            for index in 0..<12 {
                let at = World.start.milliseconds - 3_600_000 + Int64(index * 1000)
                simulator.addExecution(of: World.workflow, status: .error, startedAt: at, stoppedAt: at + 100)
            }
        }
        try world.simulation.run {
            try await world.run(try await Self.agent(world, Self.measured()), for: .hours(1))
            let sent = try world.intents().count
            let standing = try #require(try world.store.everything().standings(of: Self.main).first)
            #expect(standing.demotion.rate == 0 && standing.holds("v1"))
            #expect(sent < 12)
            #expect(world.events.named("policy.demoted").contains { $0.level == .error })
            #expect(try await Self.label(world, "12") == "demoted")
            let promotion = Promotion(policy: "careful", version: "v1", by: "ann", reason: "it was the network")
            try await Self.write(world, [.promoted(Self.main, promotion)])
            try await world.run(try await Self.agent(world, Self.measured()), for: .hours(1))
            #expect(try world.intents().count > sent)
        }
    }
}
