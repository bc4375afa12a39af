import MendflowAgent
import MendflowCore
import MendflowSimulator
import MendflowTestKit
import Testing

/// A reader on whose server 700 ms pass before each list is answered.
private struct SlowLists: ExecutionReader {
    let reader: any ExecutionReader
    let clock: VirtualClock

    func list(_ query: ListQuery) async throws(ReadFailure) -> ExecutionPage {
        try? await clock.sleep(for: .milliseconds(700))
        return try await reader.list(query)
    }
    func execution(_ id: ExecutionID) async throws(ReadFailure) -> Execution? { try await reader.execution(id) }
    func detail(_ id: ExecutionID) async throws(ReadFailure) -> DetailedExecution? { try await reader.detail(id) }
    func workflow(_ id: WorkflowID) async throws(ReadFailure) -> WorkflowInfo? { try await reader.workflow(id) }
    func workflows() async throws(ReadFailure) -> [WorkflowInfo] { try await reader.workflows() }
    func tags(of id: ExecutionID) async throws(ReadFailure) -> [AnnotationTag]? { try await reader.tags(of: id) }
    func capabilities() async throws(ReadFailure) -> ServerCapabilities { try await reader.capabilities() }
}

@Suite("Rows that change, or are written, while lists are read")
struct ListOrderTests {
    @Test("runs that begin and end between two lists are seen in the same tick: running ones are listed first")
    func shortRuns() throws {
        let world = try World { simulator in
            simulator.add(.orderSync(.always(.success(after: 1000))))
            simulator.trigger(World.workflow, every: 300, from: World.start.milliseconds)
        }
        let set = try World.set([.retryOrders()])
        let (missed, ended) = try world.simulation.run {
            let agent = try await world.agent(set, reader: { SlowLists(reader: $0, clock: world.clock) })
            var (missed, ended) = (Set<Int>(), 0)
            for _ in 0..<20 {
                let before = world.box.withSimulator { n8n in
                    n8n.database.ids.filter { n8n.database[$0]?.status == .running }
                }
                let seen = await agent.tick().snapshot?.executions
                missed.formUnion(before.filter { seen?[ExecutionID("\($0)")] == nil })
                ended += world.box.withSimulator { n8n in
                    before.count { n8n.database[$0]?.status == .success }
                }
                try await world.clock.sleep(for: .seconds(10))
            }
            return (missed, ended)
        }
        #expect(missed.isEmpty)
        #expect(ended > 20, "runs ended while lists were read")
    }

    @Test("a row that is written after one with a higher id is decided too", arguments: [5, 45_000] as [Int64])
    func outOfOrder(late: Int64) throws {
        let failure = Simulator.Outcome.error(.http(503, method: "POST"), after: 100)
        let world = try World { simulator in
            simulator.add(.orderSync(.init(next: [failure, failure], retries: [.success(after: 10)])))
        }
        let set = try World.set([.retryOrders()])
        try world.simulation.run {
            world.box.withSimulator { n8n in
                let now = world.clock.now().milliseconds
                n8n.commits = [1: now + 200 + late]
                for _ in 0..<2 { _ = n8n.trigger(World.workflow, now: now) }
            }
            try await world.clock.sleep(for: .milliseconds(200))
            try await world.run(try await world.agent(set), for: .minutes(10))
        }
        #expect([1, 2].map { world.retries(of: $0).count } == [1, 1])
    }
}
