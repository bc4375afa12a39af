import MendflowAgent
import MendflowCore
import MendflowRehearsal
import MendflowSimulator
import Synchronization

/// A wall clock that somebody moves, so that ticks of 30 seconds need not be waited for.
final class SteppedClock: AgentClock {
    private let time: Mutex<AgentTime>
    private let origin: AgentTime

    init(_ start: AgentTime) {
        origin = start
        time = Mutex(start)
    }

    func now() -> AgentTime { time.withLock { $0 } }
    func monotonic() -> Period { now() - origin }
    func sleep(for period: Period) async throws { try await ScaledClock(scale: 1).sleep(for: period) }
    func step(_ period: Period) { time.withLock { $0 = $0 + period } }
}

/// One simulated n8n and one agent in dry-run, a tick every 30 seconds of a clock that is moved by hand.
struct SteppedWorld {
    let clock: SteppedClock
    let server: SimulatorServer
    let agent: InstanceAgent

    init(_ configuration: Simulator.Configuration, queued: Bool, _ fill: (inout Simulator, Int64) -> Void) async throws
    {
        let clock = SteppedClock(ScaledClock(scale: 1).now())
        var simulator = Simulator(now: clock.now().milliseconds, configuration: configuration)
        for number in 1...20 {
            simulator.add(
                Simulator.Workflow(
                    id: "BenchFlow\(1_000_000 + number)", name: "Flow \(number)",
                    nodes: [
                        .webhook("hook-\(number)"), .http("Call API", method: "POST", url: "http://erp.example/api"),
                    ],
                    script: .init(thenAlways: [
                        number == 2 ? .error(.http(503), after: 50) : .success(after: 301_000)
                    ])))
        }
        fill(&simulator, clock.now().milliseconds)
        self.clock = clock
        // The simulator moves on at each request; nobody waits for it in between.
        server = try SimulatorServer.start(
            simulator, now: { clock.now().milliseconds }, sleepUntil: { _ in throw CancellationError() })
        agent = try await BenchAgent.make(
            url: server.url, policies: 10, mode: .dryRun, clock: clock, ledger: TickBench.folder() + "/ledger.sqlite",
            events: Quiet(), deadlines: ScaledClock(scale: 1), extra: queued ? BenchPolicies.onQueued : "")
    }

    /// What a tick cost n8n: requests by its own record, bytes of lists by the agent's count (none for a 304).
    struct Cost {
        var lists = 0, byID = 0, other = 0, bytes = 0
        var report: TickReport

        var words: String {
            "\(lists) lists, \(byID) by id, \(other) other; \((Double(bytes) / 1000).text(1)) kB of lists, "
                + "\(report.snapshot?.coverage.unknownIDs ?? 0) gaps left, \(report.completeness == .complete ? "complete" : "partial")"
        }
    }

    func tick() async -> Cost {
        let before = server.withSimulator { $0.requests.count }
        let report = await agent.tick()
        let asked = server.withSimulator { $0.requests[before...].map(\.endpoint) }
        clock.step(.seconds(30))
        server.box.advance()
        let lists = asked.count { $0 == .list }
        let byID = asked.count { $0 == .read }
        return Cost(lists: lists, byID: byID, other: asked.count - lists - byID, bytes: report.bytes, report: report)
    }
}

/// `eras`: what a tick costs each kind of server, idle and in a storm.
enum EraBench {
    static let flows = (1...20).map { "BenchFlow\(1_000_000 + $0)" }

    static func run(_ sizes: [Int], only: String?) async throws {
        for size in sizes {
            for (name, era, mode) in kinds where only == nil || only == name {
                for queued in [false, true] {
                    try await measure("\(name), \(size)\(queued ? ", queued watched" : "")", era, mode, size, queued)
                }
            }
        }
    }

    private static let kinds: [(String, Simulator.Era, Simulator.Mode)] = [
        ("A", .a, .regular), ("B", .b, .regular), ("C", .c, .regular), ("C queue", .c, .queue(workers: 1)),
    ]

    private static func measure(
        _ name: String, _ era: Simulator.Era, _ mode: Simulator.Mode, _ size: Int, _ queued: Bool
    ) async throws {
        let world = try await SteppedWorld(Simulator.Configuration(era: era, mode: mode), queued: queued) {
            $0.addHistory(size, of: flows, every: 129_600_000 / Int64(size), until: $1)
        }
        var first: [SteppedWorld.Cost] = []
        // 10,000 rows are read per tick, and the data of 100 failures.
        let calm = size > 10_000 ? 35 : 8
        for _ in 0..<calm { first.append(await world.tick()) }
        for (number, cost) in first.prefix(4).enumerated() { Bench.write("\(name): tick \(number + 1): \(cost.words)") }
        Bench.write("\(name): idle (tick \(calm)): \(first[calm - 1].words)")
        for round in 1...4 {
            let now = world.clock.now().milliseconds
            world.server.withSimulator { $0.addHistory(500, of: flows, every: 50, until: now, failing: 10) }
            let cost = await world.tick()
            if round > 2 { Bench.write("\(name): storm \(round): \(cost.words)") }
        }
        await world.server.stop()
    }
}

/// `late`: when the failure of a hidden queued run below 5,000 newer ids is decided about.
enum LateBench {
    static func run() async throws {
        for queued in [true, false] {
            for wait in [30, 150, 300] { try await measure(queued, ticksBefore: wait / 30) }
        }
    }

    private static func measure(_ queued: Bool, ticksBefore: Int) async throws {
        let mode = Simulator.Mode.queue(workers: 1, slots: 1)
        let world = try await SteppedWorld(Simulator.Configuration(era: .c, mode: mode), queued: queued) {
            $0.addHistory(1000, of: EraBench.flows, every: 60_000, until: $1)
        }
        for _ in 0..<ticksBefore { _ = await world.tick() }
        // The first takes the only place of the worker for five minutes; the second waits behind it and fails then.
        let now = world.clock.now().milliseconds
        let hidden = world.server.withSimulator { simulator -> Int in
            simulator.trigger("BenchFlow1000001", now: now)
            return simulator.addExecution(of: "BenchFlow1000002", status: .new, startedAt: nil)
        }
        world.server.withSimulator { $0.addHistory(5000, of: EraBench.flows, every: 5, until: now, failing: 10) }
        for _ in 0..<100 {
            let at = world.clock.now().milliseconds
            let cost = await world.tick()
            let isDecided = cost.report.plan.decisions.contains {
                $0.execution.text == "\(hidden)" && $0.status == .error
            }
            let ended = world.server.withSimulator { simulator in
                simulator.deeds.first { $0.what == .ended(hidden, .error) }?.at
            }
            if isDecided, let ended {
                Bench.write(
                    "queued watched \(queued), \(ticksBefore) ticks before: decided "
                        + "\((Double(at - ended) / 1000).text(1)) s after the failure, "
                        + "which came \((Double(ended - now) / 1000).text(1)) s after the run was queued")
                return await world.server.stop()
            }
        }
        Bench.write("queued watched \(queued), \(ticksBefore) ticks before: not decided within 100 ticks")
        await world.server.stop()
    }
}
