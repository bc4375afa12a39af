import MendflowAgent
import MendflowCore
import MendflowHTTP
import MendflowLedger
import MendflowSimulator
import MendflowTestKit
import MendflowText
import Testing

@Suite("A server that asks to be left alone")
struct SilenceTests {
    /// A world whose server answers 503 for a minute, and asks for patience until the year 9999.
    private func world() throws -> World {
        try World { simulator in
            simulator.add(
                .orderSync(
                    .init(next: [.error(.http(503, method: "POST"), after: 100)], retries: [.success(after: 10)])))
            _ = simulator.trigger(World.workflow, now: World.start.milliseconds)
            let start = World.start.milliseconds
            let answer = HTTPResponse(
                status: 503, headers: ["Retry-After": "Fri, 31 Dec 9999 23:59:59 GMT"], body: Array("busy".utf8))
            simulator.faults = [.storm(.answerBefore(answer), during: start + 30_000..<start + 90_000)]
        }
    }

    private func silences(_ world: World) async throws -> [AgentTime] {
        try await world.store.records(after: 0, limit: .max)
            .map { try CanonicalRecord(bytes: $0.bytes).record }
            .compactMap { record in
                guard record.fields["what"] == "server_asks_to_wait", case .integer(let time)? = record.fields["until"]
                else { return nil }
                return AgentTime(milliseconds: time)
            }
    }

    @Test("is left alone for 15 minutes from its answer, on record and in the log, and no longer")
    func bounded() throws {
        let world = try world()
        let set = try World.set([.retryOrders()])
        try world.simulation.run {
            try await world.run(try await world.agent(set), for: .minutes(14))
            #expect(world.retries(of: 1).isEmpty)
            #expect(world.events.named("server.asks_to_wait").count == 1)
            let end = try #require(try await silences(world).first)
            #expect(end >= World.start + .minutes(15) && end <= World.start + .minutes(16) + .seconds(30))
        }
        let again = try self.world()
        try again.simulation.run { try await again.run(try await again.agent(set), for: .minutes(18)) }
        #expect(again.retries(of: 1).count == 1)
    }

    @Test("is asked at once again where an operator wants a look")
    func rung() throws {
        let (world, bell) = (try world(), Bell())
        let set = try World.set([.retryOrders()])
        let asked = World.start + .minutes(3)
        try world.simulation.run {
            let agent = try await world.agent(set, bell: bell)
            async let run: Void = world.run(agent, for: .minutes(6))
            try await world.clock.sleep(for: asked - World.start)
            bell.ring()
            try await world.clock.sleep(for: .seconds(2))
            #expect(world.retries(of: 1).count == 1)
            try await run
        }
        #expect(world.retries(of: 1).count == 1)
    }
}
