import MendflowAgent
import MendflowCore
import MendflowLedger
import MendflowSimulator
import MendflowTestKit
import Testing

@Suite("An agent that is killed between writing down that a request may leave and opening the connection")
struct SendMarksTests {
    /// The intents for a failed run, after an agent was killed at a step and another one has followed it.
    private static func intents(killedAt kill: ActingStep, marks: MemoryHold?) throws -> (World, [Intent]) {
        let world = try World { simulator in
            simulator.add(
                .orderSync(
                    .init(next: [.error(.http(503, method: "POST"), after: 100)], retries: [.success(after: 10)])))
        }
        let set = try World.set([.retryOrders()])
        try world.simulation.run {
            world.box.withSimulator { _ = $0.trigger(World.workflow, now: world.clock.now().milliseconds) }
            let first = try await world.agent(
                set, marks: marks,
                hook: { (step: ActingStep, _: Intent) async throws(AgentKilled) in
                    if step == kill { throw AgentKilled() }
                })
            try await world.run(first, for: .minutes(4))
            try await world.run(try await world.agent(set, marks: marks), for: .minutes(20))
        }
        return (world, try world.intents())
    }

    @Test("has sent nothing, as the missing mark proves: the retry is made")
    func unsent() throws {
        let (world, intents) = try Self.intents(killedAt: .sending, marks: MemoryHold())
        #expect(intents.map(\.state) == [.void, .applied])
        #expect(intents.first?.evidence == .notSent(objection: nil) && intents.first?.sendingAt != nil)
        #expect(world.retries(of: 1).count == 1)
    }

    @Test("may have sent it where the mark is there, where nobody marks, or where it was reserved before marks began")
    func maybe() throws {
        let late = MemoryHold(start: AuditHead(sequence: 1_000_000, hash: AuditHead.start.hash))
        let cases: [(ActingStep, MemoryHold?)] = [(.opening, MemoryHold()), (.sending, nil), (.sending, late)]
        for (step, marks) in cases {
            let (world, intents) = try Self.intents(killedAt: step, marks: marks)
            #expect(intents.map(\.state) == [.unresolved], "\(step)")
            #expect(world.requests(.retry) == 0)
        }
    }
}
