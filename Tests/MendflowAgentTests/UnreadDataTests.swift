import MendflowAgent
import MendflowCore
import MendflowSimulator
import MendflowTestKit
import Synchronization
import Testing

@Suite("Data of failed runs that n8n does not answer")
struct UnreadDataTests {
    private func world(_ count: Int, until end: AgentTime) throws -> World {
        try World { simulator in
            simulator.add(
                .orderSync(
                    .init(thenAlways: [.error(.http(503, method: "POST"), after: 10)], retries: [.success(after: 10)])))
            simulator.faults = [
                .init(
                    .errorBefore, at: [.read], executions: Set(1...count), times: nil,
                    during: World.start.milliseconds..<end.milliseconds)
            ]
        }
    }

    /// What is on record of it after some minutes, and what it is at the end.
    private func told(
        _ count: Int, after first: Period, until end: AgentTime, _ policy: Policy
    ) throws -> [ReadingGap?] {
        let world = try world(count, until: end)
        let set = try World.set([policy])
        let gaps = Mutex<[ReadingGap?]>([])
        try world.simulation.run {
            world.box.withSimulator { simulator in
                for _ in 0..<count { _ = simulator.trigger(World.workflow, now: world.clock.now().milliseconds) }
            }
            let agent = try await world.agent(set)
            try await world.run(agent, for: first)
            let told = try world.gap()
            try await world.run(agent, for: .hours(2))
            let end = try world.gap()
            gaps.withLock { $0 = [told, end] }
        }
        for id in 1...count { #expect(world.retries(of: id).count == 1) }
        return gaps.withLock { $0 }
    }

    /// One that looks at errors.
    private var looking: Policy {
        var policy = Policy.retryOrders()
        policy.match = policy.match.map {
            .all([$0, .test(FieldTest(.errorClass, [.anyOf([.wildcard("transient")])]))])
        }
        return policy
    }

    @Test("is told with how many runs that concerns, until it can be read; then they are acted on")
    func many() throws {
        let told = try told(4, after: .minutes(4), until: World.start + .minutes(20), looking)
        let gap = try #require(told[0])
        #expect(gap.part == .data(4) && gap.since < World.start + .minutes(2) && gap.why.contains("500"), "\(gap)")
        #expect(told[1] == nil)
    }

    @Test("is told no more where nobody asks for it when it is time, for something else decided")
    func forgotten() throws {
        let told = try told(4, after: .minutes(4), until: World.start + .hours(3), .retryOrders())
        #expect(told[0]?.part == .data(4) && told[1] == nil)
    }

    @Test("of a single run is told once it was asked for again: it may be a passing fault before")
    func single() throws {
        #expect(try told(1, after: .minutes(4), until: World.start + .minutes(20), looking)[0] == nil)
        #expect(try told(1, after: .minutes(8), until: World.start + .minutes(20), looking)[0]?.part == .data(1))
    }
}
