import MendflowCore
import MendflowSimulator
import MendflowTestKit
import Synchronization
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
        let gap = Mutex<ReadingGap?>(nil)
        try world.simulation.run {
            world.box.withSimulator { _ = $0.trigger(World.workflow, now: world.clock.now().milliseconds) }
            let agent = try await world.agent(set)
            async let lives: Void = world.run(agent, for: .minutes(90))
            try await world.clock.sleep(for: .minutes(20))
            let told = try world.gap()
            gap.withLock { $0 = told }
            try await lives
            let end = try world.gap()
            #expect(end == nil, "\(String(describing: end))")
        }
        let retries = world.box.withSimulator { n8n in
            n8n.deeds.filter { if case .retried = $0.what { true } else { false } }.map(\.at)
        }
        #expect(retries.count == 1)
        #expect(retries.allSatisfy { $0 >= end.milliseconds })
        let told = try #require(gap.withLock { $0 })
        #expect(told.part == .above("1") && told.since > World.start && told.why.contains("500"), "\(told)")
    }
}
