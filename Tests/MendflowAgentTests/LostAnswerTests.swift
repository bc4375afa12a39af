import MendflowAgent
import MendflowCore
import MendflowHTTP
import MendflowLedger
import MendflowSimulator
import MendflowTestKit
import Testing

/// An hour in which runs fail one after the other, and the answer to each first retry is lost in some way.
private struct LostAnswers {
    /// Answers that were lost, those that were settled within a minute of that, and executions that were retried twice.
    var lost = 0, inTime = 0, twice = 0
    /// Those that took longer.
    var slow: [String] = []
    private let seed: UInt64

    static let runs = 50

    /// Lives the hour of a seed, with a server that reads the documents as they suggest.
    init(seed: UInt64) async throws {
        self.seed = seed
        var random = SplitMix64(seed: seed)
        let failures = Self.runs
        let world = try World(
            seed: seed,
            kind: .init(
                era: .d, mode: random.below(2) == 0 ? .regular : .queue(workers: 2, slots: 4))
        ) { simulator in
            let failed = Simulator.Outcome.error(.http(503, method: "POST"), after: 50)
            simulator.add(
                .orderSync(
                    .init(
                        next: (0..<failures).map { _ in failed }, thenAlways: [.success(after: 20)],
                        retries: (0..<failures).map { _ in .success(after: Int64(20 + random.below(8_000))) })))
            simulator.trigger(World.workflow, every: 60_000, from: World.start.milliseconds + 1_000)
            var other = Simulator.Workflow.orderSync(.always(.success(after: 10)))
            (other.id, other.name) = ("Wf00000000000002", "Other")
            simulator.add(other)
            simulator.trigger(other.id, every: 7_000, from: World.start.milliseconds + 3_000)
            // The first request for each run is lost, or its answer is.
            simulator.faults = (1...900).map {
                Simulator.FaultRule(Self.fault(&random), at: [.retry], executions: [$0])
            }
        }
        let set = try World.set([.retryOrders()], limits: InstanceLimits(maxInFlight: 50, maxActions: []))
        try world.simulation.run { try await world.run(try await world.agent(set), for: .minutes(70)) }
        try await count(in: world)
    }

    private static func fault(_ random: inout SplitMix64) -> Simulator.Fault {
        let after = Int64(random.below(10_000))
        return switch random.below(6) {
        case 0: .loseRequest(after: after)
        case 1: .loseAnswer(after: after)
        case 2: .badGateway
        case 3: .errorBefore
        case 4: .errorAfter
        default: .answerBefore(.init(status: 504))
        }
    }

    private mutating func count(in world: World) async throws {
        var lostAt: [IntentID: AgentTime] = [:], settledAt: [IntentID: AgentTime] = [:]
        for record in try await world.store.records(after: 0, limit: 1_000_000) {
            let entry = try record.entry()
            guard case .outcome(let intent, let settlement) = entry.event, intent.action == .retry else { continue }
            if settlement.state == .unresolved {
                lostAt[intent.id] = lostAt[intent.id] ?? entry.at
            } else {
                settledAt[intent.id] = settledAt[intent.id] ?? entry.at
            }
        }
        // What was lost in the last minute has not had its minute.
        let end = world.clock.now() - .minutes(1)
        lostAt = lostAt.filter { $0.value <= end }
        lost = lostAt.count
        for (id, time) in lostAt.sorted(by: { $0.key < $1.key }) {
            if let took = settledAt[id].map({ $0 - time }), took <= .minutes(1) {
                inTime += 1
            } else {
                slow.append(
                    "hour \(seed): intent \(id), lost at \(time), \(settledAt[id].map { "settled at \($0)" } ?? "open")"
                )
            }
        }
        twice = world.box.withSimulator { $0.retriedTwice(by: .key("agent")).count }
    }
}

@Suite("Lost answers where n8n honours keys")
struct LostAnswerTests {
    /// 400 hours lose ten thousand, in ten minutes.
    private static let hours: UInt64 = TestScale.isFull ? 400 : 3

    @Test("are settled within a minute, nearly all of them, and none runs twice")
    func settled() async throws {
        var (lost, inTime) = (0, 0)
        var slow: [String] = []
        for seed in 1...Self.hours {
            let hour = try await LostAnswers(seed: seed)
            #expect(hour.twice == 0)
            lost += hour.lost
            inTime += hour.inTime
            slow += hour.slow
        }
        #expect(lost >= Int(Self.hours) * 20)
        #expect(Double(inTime) >= 0.999 * Double(lost), "\(inTime) of \(lost): \(slow.joined(separator: "\n"))")
        if TestScale.isFull {
            print(slow.joined(separator: "\n") + "\n\(inTime) of \(lost) lost answers were settled within a minute")
        }
    }

    @Test("keep the places that they took in the caps: an older run that waits for one does not get it")
    func places() async throws {
        let other = "Wf00000000000002"
        let world = try World(kind: .init(era: .d)) { simulator in
            let failing = Simulator.Script(
                thenAlways: [.error(.http(503, method: "POST"), after: 10)], retries: [.success(after: 10)])
            simulator.add(.orderSync(failing))
            var second = Simulator.Workflow.orderSync(failing)
            (second.id, second.name) = (other, "Other")
            simulator.add(second)
            simulator.faults = [Simulator.FaultRule(.loseRequest(after: 10), at: [.retry], executions: [2], times: 3)]
        }
        // The older run is due later, after the first two times that the lost one is asked for again.
        var patient = Policy.retryOrders(name: "retry-other")
        patient.match = .test(FieldTest(.workflowName, [.anyOf([.wildcard("Other")])]))
        patient.remediation = .retry(
            RetryAction(
                maxRetries: 3, backoff: Backoff(initialInterval: .minutes(5), jitter: .none),
                acceptedRisks: [.possible, .restart]))
        let set = try World.set(
            [.retryOrders(), patient],
            limits: InstanceLimits(maxActions: [ActionCap(amount: 1, per: .window(.hours(1)))]))
        try world.simulation.run {
            let agent = try await world.agent(set)
            world.box.withSimulator { _ = $0.trigger(other, now: world.clock.now().milliseconds) }
            try await world.run(agent, for: .minutes(2))
            world.box.withSimulator { _ = $0.trigger(World.workflow, now: world.clock.now().milliseconds) }
            try await world.run(agent, for: .minutes(8))
        }
        let retried = world.box.withSimulator { n8n in
            n8n.deeds.compactMap { if case .retried(let id, _) = $0.what { id } else { nil } }
        }
        #expect(retried == [2])
    }
}
