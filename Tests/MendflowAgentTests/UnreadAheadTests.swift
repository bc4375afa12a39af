import MendflowCore
import MendflowSimulator
import MendflowTestKit
import Testing

@Suite("Ids above the highest known that n8n cannot read")
struct UnreadAheadTests {
    @Test("hold a retry until they can be read: its run would be looked for from an id that is not the highest")
    func held() throws {
        let end = World.start + .minutes(30)
        let world = try World { simulator in
            simulator.add(
                .orderSync(
                    .init(thenAlways: [.error(.http(503, method: "POST"), after: 10)], retries: [.success(after: 10)])))
            simulator.faults = [
                .init(
                    .errorBefore, at: [.read], executions: [2], times: nil,
                    during: World.start.milliseconds..<end.milliseconds)
            ]
        }
        let set = try World.set([.retryOrders()])
        try world.simulation.run {
            world.box.withSimulator { _ = $0.trigger(World.workflow, now: world.clock.now().milliseconds) }
            try await world.run(try await world.agent(set), for: .minutes(90))
        }
        let retries = world.box.withSimulator { n8n in
            n8n.deeds.filter { if case .retried = $0.what { true } else { false } }.map(\.at)
        }
        #expect(retries.count == 1)
        #expect(retries.allSatisfy { $0 >= end.milliseconds })
    }
}
