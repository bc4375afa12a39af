import MendflowCore
import MendflowLedger
import MendflowTestKit
import Testing

@testable import MendflowAgent

@Suite("A person who wants a look at once")
struct BellTests {
    /// How many ticks an agent took up to now.
    private func ticks(_ world: World) throws -> Int {
        Int(try world.store.everything().tick(of: InstanceKey(name: "main", epoch: 1))?.tick ?? 0)
    }

    /// Runs an agent without hints while something happens.
    private func run(_ world: World, _ bell: Bell, _ story: @escaping @Sendable () async throws -> Void) throws {
        let policies = try World.set([.retryOrders()])
        try world.simulation.run {
            let agent = try await world.agent(policies, bell: bell)
            async let run: Void = world.run(agent, for: .minutes(2))
            try await story()
            try await run
        }
    }

    @Test("gets it at once, and the next one a poll interval later")
    func once() throws {
        let (world, bell) = (try World { _ in }, Bell())
        try run(world, bell) {
            try await world.clock.sleep(for: .seconds(10))
            #expect(try ticks(world) == 1)
            bell.ring()
            try await world.clock.sleep(for: .milliseconds(100))
            #expect(try ticks(world) == 2)
            try await world.clock.sleep(for: .seconds(29))
            #expect(try ticks(world) == 2)
            try await world.clock.sleep(for: .seconds(1))
            #expect(try ticks(world) == 3)
        }
    }

    @Test("who asks again and again gets one each second")
    func paced() throws {
        let (world, bell) = (try World { _ in }, Bell())
        try run(world, bell) {
            for _ in 0..<200 {
                bell.ring()
                try await world.clock.sleep(for: .milliseconds(100))
            }
            let taken = try ticks(world)
            #expect((19...22).contains(taken), "\(taken)")
        }
    }

    @Test("is heard by everybody who waits or is at work, and forgotten by nobody who has not heeded it")
    func everybody() async {
        let bell = Bell()
        #expect(bell.rung == 0)
        async let first: Void = bell.isRung(beyond: 0)
        async let second: Void = bell.isRung(beyond: 0)
        bell.ring()
        _ = await (first, second)
        // Who was at work meanwhile.
        await bell.isRung(beyond: 0)
        #expect(bell.rung == 1)
        // Who waits no longer is let go.
        let waiting = Task { await bell.isRung(beyond: 1) }
        waiting.cancel()
        await waiting.value
    }
}
