import MendflowAgent
import MendflowCore
import MendflowHTTP
import MendflowSimulator
import MendflowTestKit
import Testing

@Suite("A key whose requests n8n limits")
struct KeyLimitPaceTests {
    /// A world of half an hour in which runs fail and are retried, with so many reads and writes a minute.
    private static func world(reads: Int, writes: Int) throws -> World {
        var kind = Simulator.Configuration(release: Simulator.Release(2, 47))
        kind.rateLimit = .init(reads: reads, writes: writes)
        let world = try World(kind: kind) { simulator in
            let failed = Simulator.Outcome.error(.http(503, method: "POST"), after: 100)
            simulator.add(
                .orderSync(
                    .init(
                        next: (0..<10).map { _ in failed }, thenAlways: [.success(after: 10)],
                        retries: [.success(after: 100)])))
            simulator.trigger(World.workflow, every: 20_000, from: World.start.milliseconds)
        }
        let set = try World.set([.retryOrders()])
        try world.simulation.run { try await world.run(try await world.agent(set), for: .minutes(30)) }
        return world
    }

    private static func refusals(_ world: World) -> Int {
        world.box.withSimulator { n8n in
            n8n.requests.count { if case .answer(let answer) = $0.reply { answer.status == 429 } else { false } }
        }
    }

    @Test("is paced by what is left: hardly a request is refused, and everything is retried", arguments: [40, 60, 200])
    func paced(_ reads: Int) throws {
        let world = try Self.world(reads: reads, writes: 20)
        // Without pacing every second tick of half an hour would be.
        #expect(Self.refusals(world) <= 6)
        #expect(try world.intents().filter { $0.state == .applied }.count == 10)
    }

    /// An agent that looks at sixty failures for a time, and may read forty times a minute.
    private static func backlog(every interval: Period, for time: Period) throws -> World {
        var kind = Simulator.Configuration(release: Simulator.Release(2, 47))
        kind.rateLimit = .init(reads: 40, writes: 20)
        let world = try World(kind: kind) { simulator in
            let failed = Simulator.Outcome.error(.http(503, method: "POST"), after: 100)
            simulator.add(.orderSync(.init(next: (0..<60).map { _ in failed }, thenAlways: [failed])))
        }
        world.box.withSimulator { n8n in
            for _ in 0..<60 { n8n.trigger(World.workflow, now: World.start.milliseconds) }
        }
        let set = try World.set([.retryOrders()])
        try world.simulation.run {
            try await world.run(try await world.agent(set, change: { $0.pollInterval = interval }), for: time)
        }
        return world
    }

    private static func dataRead(_ world: World) -> Int {
        world.box.withSimulator { n8n in n8n.requests.count { $0.endpoint == .read } }
    }

    @Test("reads the data of what failed with all that a window leaves")
    func whole() throws {
        let world = try Self.backlog(every: .seconds(30), for: .minutes(5))
        // Eight lists are read in each window as well, and last looks before what is due.
        #expect(Self.dataRead(world) >= 40)
        #expect(Self.refusals(world) <= 3)
    }

    @Test("goes on with the rest in the next window, also where a tick is due much later")
    func nextWindow() throws {
        // The failures are there at the second tick, after ten minutes.
        #expect(Self.dataRead(try Self.backlog(every: .minutes(10), for: .minutes(14))) >= 60)
    }

    @Test("lets what changes something wait for the next window, and loses none of it")
    func writes() throws {
        let world = try Self.world(reads: 200, writes: 1)
        let retried = (1...200).filter { !world.retries(of: $0).isEmpty }
        #expect(retried.count >= 5)
        #expect(try world.intents().allSatisfy { $0.state != .unresolved })
    }
}
