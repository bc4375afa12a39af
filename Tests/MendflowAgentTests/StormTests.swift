import MendflowAgent
import MendflowCore
import MendflowSimulator
import MendflowTestKit
import Synchronization
import Testing

@Suite("A storm of failures")
struct StormTests {
    /// A world in which thousands of runs have just failed.
    static func storm(_ count: Int) throws -> World {
        try World { simulator in
            simulator.add(.orderSync(.always(.success(after: 100))))
            for index in 0..<count {
                let at = World.start.milliseconds - 60_000 + Int64(index * 20)
                simulator.addExecution(
                    of: World.workflow, status: .error, startedAt: at, stoppedAt: at + 100)
            }
        }
    }

    @Test("2,500 failures are decided within a minute, with four requests open at once at most")
    func storm() throws {
        let world = try Self.storm(2500)
        let meter = SlowReader.Meter()
        let (decided, pending) = try world.simulation.run {
            let agent = try await world.agent(
                try World.set([.retryOrders()]), mode: .dryRun,
                reader: { reader in
                    SlowReader(reader: reader, clock: world.clock, meter: meter)
                })
            try await world.run(agent, for: .seconds(60))
            let report = await agent.tick()
            return (
                Set(report.plan.decisions.filter { $0.verdict.label != "fact_pending" }.map(\.execution)).count,
                report.details
            )
        }
        #expect(decided == 2500)
        #expect(pending == 0)
        #expect(meter.mostOpen == 4)
    }

    @Test("a slow answer holds up no other: the next question is asked as soon as one is answered")
    func streams() throws {
        let world = try Self.storm(40)
        let meter = SlowReader.Meter()
        let took = try world.simulation.run {
            let agent = try await world.agent(
                try World.set([.retryOrders()]), mode: .dryRun,
                reader: { reader in
                    SlowReader(reader: reader, clock: world.clock, meter: meter, slow: ["4", "8"])
                })
            let start = world.clock.monotonic()
            _ = await agent.tick()
            return world.clock.monotonic() - start
        }
        // Two answers of a second each, beside the others.
        #expect(took < .milliseconds(1500))
        #expect(meter.details == 40)
    }

    @Test("where n8n asks for patience nothing more is asked, and the next tick waits as long as it says")
    func isPolite() throws {
        let world = try Self.storm(400)
        let meter = SlowReader.Meter()
        let asked = try world.simulation.run {
            let agent = try await world.agent(
                try World.set([.retryOrders()]), mode: .dryRun,
                reader: { reader in
                    SlowReader(reader: reader, clock: world.clock, meter: meter, refusesAfter: 10)
                })
            try await world.run(agent, for: .seconds(110))
            return meter.details
        }
        #expect(asked <= 14)
    }
}

/// A reader whose answers by id take 25 milliseconds.
private struct SlowReader: ExecutionReader {
    /// What was asked.
    final class Meter: Sendable {
        private let counts = Mutex((open: 0, most: 0, details: 0))
        var mostOpen: Int { counts.withLock { $0.most } }
        var details: Int { counts.withLock { $0.details } }
        func begin() -> Int {
            counts.withLock { counts in
                counts.open += 1
                counts.details += 1
                counts.most = max(counts.most, counts.open)
                return counts.details
            }
        }
        func end() { counts.withLock { $0.open -= 1 } }
    }
    let reader: any ExecutionReader
    let clock: VirtualClock
    let meter: Meter
    var slow: Set<ExecutionID> = []
    var refusesAfter = Int.max

    func list(_ query: ListQuery) async throws(ReadFailure) -> ExecutionPage { try await reader.list(query) }
    func execution(_ id: ExecutionID) async throws(ReadFailure) -> Execution? { try await reader.execution(id) }
    func workflow(_ id: WorkflowID) async throws(ReadFailure) -> WorkflowInfo? { try await reader.workflow(id) }
    func workflows() async throws(ReadFailure) -> [WorkflowInfo] { try await reader.workflows() }
    func tags(of id: ExecutionID) async throws(ReadFailure) -> [AnnotationTag]? { try await reader.tags(of: id) }
    func capabilities() async throws(ReadFailure) -> ServerCapabilities { try await reader.capabilities() }

    func detail(_ id: ExecutionID) async throws(ReadFailure) -> DetailedExecution? {
        let number = meter.begin()
        defer { meter.end() }
        try? await clock.sleep(for: slow.contains(id) ? .seconds(1) : .milliseconds(25))
        guard number <= refusesAfter else {
            throw ReadFailure(
                .throttled, request: "GET /executions/\(id)", status: 429, message: "too many",
                retryAfter: .minutes(2))
        }
        return try await reader.detail(id)
    }
}
