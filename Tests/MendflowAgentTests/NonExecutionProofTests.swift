import MendflowAgent
import MendflowCore
import MendflowSimulator
import MendflowTestKit
import Testing

@Suite("500 in n8n's own words")
struct NonExecutionProofTests {
    /// A first retry is answered 500 before or after the deed; afterwards other runs come, kept or not.
    static func world(
        _ fault: Simulator.Fault, kind: Simulator.Configuration = .init(), child: Simulator.Fault? = nil,
        keepsOthers: Bool = true
    ) throws -> World {
        let world = try World(kind: kind) { simulator in
            simulator.add(
                .orderSync(
                    .init(next: [.error(.http(503, method: "POST"), after: 100)], retries: [.success(after: 1000)])))
            var other = Simulator.Workflow.orderSync(.always(.success(after: 10)))
            other.id = "Wf00000000000002"
            other.name = "Other"
            if !keepsOthers { other.settings = ["saveDataSuccessExecution": "none"] }
            simulator.add(other)
            simulator.faults = [.init(fault, at: [.retry])] + (child.map { [.init($0, at: [.retry])] } ?? [])
        }
        let set = try World.set([.retryOrders()])
        try world.simulation.run {
            world.box.withSimulator { n8n in
                _ = n8n.trigger(World.workflow, now: World.start.milliseconds)
                n8n.trigger("Wf00000000000002", every: 60_000, from: World.start.milliseconds + 10_000)
            }
            try await world.run(try await world.agent(set), for: .hours(1))
        }
        return world
    }

    @Test(
        "is proven to have done nothing once all ids are other runs, and the retry is sent again",
        arguments: [
            Simulator.Era.a, .b, .c,
        ])
    func proven(_ era: Simulator.Era) throws {
        let world = try Self.world(.errorBefore, kind: .init(era: era))
        let intents = try world.intents()
        #expect(intents.map(\.state) == [.void, .applied])
        #expect(intents.first?.note?.hasPrefix("nothing ran") == true)
        #expect(world.retries(of: 1).count == 1)
    }

    @Test("is not proven where the child is there")
    func ran() throws {
        let world = try Self.world(.errorAfter)
        #expect(try world.intents().map(\.state) == [.applied])
        #expect(world.retries(of: 1).count == 1)
    }

    @Test("is not proven where one id is nowhere, for it may have been the child")
    func gap() throws {
        let world = try Self.world(.errorBefore, keepsOthers: false)
        #expect(try world.intents().map(\.state) == [.unresolved])
        #expect(world.requests(.retry) == 1)
    }
}

@Suite("A retry that was lost")
struct LostRetryTests {
    private static func intents(_ fault: Simulator.Fault, keepsOthers: Bool = true) throws -> (World, [Intent]) {
        let world = try NonExecutionProofTests.world(fault, keepsOthers: keepsOthers)
        return (world, try world.intents())
    }

    @Test(
        "is proven to have done nothing once it can be on its way no longer and all ids are other runs",
        arguments: [
            Simulator.Fault.loseRequest(), .loseRequest(after: 30_000), .badGateway,
        ])
    func proven(_ fault: Simulator.Fault) throws {
        let (world, intents) = try Self.intents(fault)
        #expect(intents.map(\.state) == [.void, .applied])
        #expect(intents.first?.note?.hasPrefix("nothing ran") == true)
        let (first, second) = (try #require(intents.first?.sendingAt), try #require(intents.last?.sendingAt))
        #expect(second - first > .minutes(15))
        #expect(world.retries(of: 1).count == 1)
    }

    @Test("is settled by its run, however late something in front of n8n passes it on", arguments: [1, 8, 14])
    func passedOnLater(minutes: Int64) throws {
        let (world, intents) = try Self.intents(.passOnLater(minutes * 60_000))
        #expect(intents.map(\.state) == [.applied])
        #expect(world.retries(of: 1).count == 1)
    }

    @Test("is settled by its run where only the answer was lost")
    func ran() throws {
        let (world, intents) = try Self.intents(.loseAnswer())
        #expect(intents.map(\.state) == [.applied])
        #expect(world.retries(of: 1).count == 1)
    }

    @Test("is not proven where one id is nowhere, for it may have been its run")
    func gap() throws {
        let (world, intents) = try Self.intents(.loseRequest(), keepsOthers: false)
        #expect(intents.map(\.state) == [.unresolved])
        #expect(world.requests(.retry) == 1)
    }
}
