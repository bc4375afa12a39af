import MendflowCore
import MendflowLedger
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
        let found = Mutex<[(at: AgentTime, gap: CoverageGap)]>([])
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
            for sealed in try await world.store.records(after: 0, limit: 1_000_000) {
                let entry = try sealed.entry()
                guard case .gap(_, nil, let gap) = entry.event else { continue }
                found.withLock { $0.append((entry.at, gap)) }
            }
        }
        let retries = world.box.withSimulator { n8n in
            n8n.deeds.filter { if case .retried = $0.what { true } else { false } }.map(\.at)
        }
        #expect(retries.count == 1)
        #expect(retries.allSatisfy { $0 >= end.milliseconds })
        let told = try #require(gap.withLock { $0 })
        #expect(told.isTold)
        // It is on record by itself once it lasts, and once it is over, however often it is looked at meanwhile.
        let records = found.withLock { $0 }
        try #require(records.count == 2, "\(records)")
        guard case .unread(let opened) = records[0].gap, case .readAgain(let since, false) = records[1].gap else {
            Issue.record("\(records)")
            return
        }
        #expect(opened.since == told.since && since == told.since && opened.part == .above("1"))
        #expect(records[0].at > told.since + .minutes(1) && records[0].at < told.since + .minutes(4))
        #expect(records[1].at >= end)
        #expect(told.part == .above("1") && told.since > World.start && told.why.contains("500"), "\(told)")
    }
}
