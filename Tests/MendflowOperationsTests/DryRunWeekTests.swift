import MendflowCore
import MendflowEnvironment
import MendflowHost
import MendflowHostKit
import MendflowLedger
import MendflowSimulator
import MendflowTestKit
import MendflowWorkspace
import Testing

@testable import MendflowOperations

/// A simulated n8n on which orders fail now and then, people retry most of what failed three hours later, and an agent looks on.
@Suite("A week of dry-run", .timeLimit(.minutes(30)))
struct DryRunWeekTests {
    private static let start = AgentTime(milliseconds: 1_793_606_400_000)
    private static let configuration = """
        mode: dry_run
        policies: [policies/]
        ledger: mendflow.sqlite
        poll_interval: 10m
        instances:
          - {name: main, url: 'http://n8n', api_key_env: KEY, mode: enforce}
        """
    private static let policies = """
        policies:
          - name: retry-orders
            mode: dry_run
            match: {status: error, workflow: Orders, error: {class: transient}}
            actions: [retry: {max_retries: 1, backoff: {initial_interval: 1m, jitter: none}}]
        """

    private static func workflow(_ number: Int, _ name: String, _ status: Int) -> Simulator.Workflow {
        Simulator.Workflow(
            id: "Wf0000000000000\(number)", name: name,
            nodes: [.webhook("hook\(number)"), .http("Call", method: "GET", url: "http://shop.example/\(number)")],
            script: .init(
                thenAlways: [.error(.http(status, method: "GET"), after: 400)],
                retriesThenAlways: [.success(after: 60_000)]))
    }

    /// What the ledger tells after the week.
    private static func report() throws -> ActivityReport {
        var simulator = Simulator(now: start.milliseconds)
        simulator.configuration.keys = [.init(key: "key", name: "agent")]
        let workflows = [workflow(1, "Orders", 503), workflow(2, "Invoices", 503)]
        for workflow in workflows { simulator.add(workflow) }
        let simulation = Simulation(seed: 1, start: start, simulator)
        let (disk, clock, box) = (MemoryDisk(), simulation.clock, simulation.box)
        let files = MemoryFiles(["/m/mendflow.yaml": configuration, "/m/policies/p.yaml": policies])
        @Sendable func environment(_ process: Int) -> Environment {
            Environment(
                clock: clock, files: files, variables: ["KEY": "key"], user: "operator",
                connect: { _ in SimulatedTransport(box) }, ledgers: disk.ledgers(process: process),
                log: { _, _ in Quiet() }, signals: { _ in () })
        }
        @Sendable func workspace(_ process: Int) throws -> Workspace {
            try #require(try Workspace.load(path: "/m/mendflow.yaml", environment: environment(process)).workspace)
        }
        let executor = simulation.executor
        return try simulation.run {
            let request = Initialise.Request(
                folder: "/m", name: "main", url: "http://n8n", keyVariable: "KEY", keyFile: nil, since: nil)
            _ = try await Initialise.run(request, environment: environment(0))
            box.withSimulator { n8n in
                for (place, workflow) in workflows.enumerated() {
                    n8n.trigger(
                        workflow.id, every: Period.hours(8).milliseconds,
                        from: start.milliseconds + Int64(place) * 60_000)
                }
            }
            let host = MendflowHost(try workspace(1), asked: nil)
            let task = Task(executorPreference: executor) { try? await host.run(once: false) }
            var retried: Set<Int> = []
            for hour in 0..<(7 * 24) {
                try await clock.sleep(for: .hours(1))
                // Three hours after each failure somebody looks, on all days but the last.
                guard hour % 8 == 2, hour < 6 * 24 else { continue }
                let now = clock.now().milliseconds
                let failed = box.withSimulator { n8n in n8n.database.ids.filter { n8n.database[$0]?.status == .error } }
                for run in failed where retried.insert(run).inserted {
                    box.withSimulator { _ = $0.personRetries(run, now: now) }
                }
            }
            host.stop()
            await task.value
            disk.release(process: 1)
            return try await ActivityReport.read(try workspace(2), instance: nil, since: start)
        }
    }

    @Test(
        "ends in a report: how many people retried, how many of them dry-run would have, how much earlier, and how many more"
    )
    func week() throws {
        let it = try Self.report().agreement
        #expect(it.byPeople == 36 && it.healed == 36)
        #expect(it.agreed == 18 && it.later == 0)
        #expect(it.missed == [.noPolicy: 18])
        #expect(it.more == 3)
        let earlier = try #require(it.earlier)
        #expect(earlier > .hours(2) + .minutes(40) && earlier < .hours(3) + .minutes(10))
        #expect(it.policies == [.init(name: "retry-orders", agreed: 18, more: 3)])
    }
}

private struct Quiet: EventSink {
    func emit(_ event: AgentEvent) {}
}
