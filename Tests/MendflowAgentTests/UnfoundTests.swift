import MendflowAgent
import MendflowCore
import MendflowHTTP
import MendflowLedger
import MendflowSimulator
import MendflowTestKit
import Testing

@Suite("An execution that lists show and that n8n denies by id")
struct UnfoundTests {
    private static let denied = HTTPResponse(
        status: 404, headers: ["Content-Type": "application/json; charset=utf-8"],
        body: Array(#"{"message":"Not Found"}"#.utf8))

    private func world(during: Range<Int64>? = nil) throws -> World {
        try World { simulator in
            simulator.add(
                .orderSync(
                    .init(next: [.error(.http(503, method: "POST"), after: 100)], retries: [.success(after: 10)])))
            simulator.faults.append(
                .init(.answerBefore(Self.denied), at: [.read], executions: [1], times: nil, during: during))
        }
    }

    @Test("stays in the plan as unfound, is not retried, and is asked for less and less often")
    func stays() throws {
        let world = try world()
        let set = try World.set([.retryOrders()])
        let last = try world.simulation.run {
            world.box.withSimulator { _ = $0.trigger(World.workflow, now: world.clock.now().milliseconds) }
            let agent = try await world.agent(set)
            try await world.run(agent, for: .hours(1))
            return await agent.tick()
        }
        guard case .held(.unfound, let why)? = last.plan.decisions.first(where: { $0.execution == "1" })?.verdict else {
            Issue.record("not held as unfound: \(last.plan.decisions)")
            return
        }
        #expect(why.contains("by id n8n answers 404") && why.contains("asked for again"))
        #expect(world.requests(.retry) == 0 && (2..<30).contains(world.requests(.read)))
        #expect(world.events.named("detail.unreadable").count == 1)
    }

    @Test("is acted on once n8n shows it by id again")
    func comesBack() throws {
        let start = World.start.milliseconds
        let world = try world(during: start..<(start + 4 * 60_000))
        try world.simulation.run {
            world.box.withSimulator { _ = $0.trigger(World.workflow, now: world.clock.now().milliseconds) }
            try await world.run(try await world.agent(try World.set([.retryOrders()])), for: .minutes(20))
        }
        #expect(world.retries(of: 1).count == 1)
    }
}
