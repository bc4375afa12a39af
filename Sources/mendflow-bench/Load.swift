import Glibc
import MendflowCore
import MendflowRehearsal
import MendflowSimulator

/// A simulated n8n with many executions of a hundred workflows.
enum Load {
    /// The last 36 hours of a server: 1 run in 40 failed, 1 in 1000 waits.
    static func simulator(executions count: Int, at now: AgentTime) -> Simulator {
        var dice = Dice(11)
        var simulator = Simulator(now: now.milliseconds)
        simulator.add(tag: "BenchTag00000001", name: "credential")
        for number in 1...100 {
            let failure = Simulator.Outcome.error(.http(503, method: "POST"), after: 300)
            var workflow = Simulator.Workflow(
                id: workflow(number), name: "Flow \(number)",
                nodes: [.webhook("hook-\(number)"), .http("Call API", method: "POST", url: "http://erp.example/api")],
                script: .init(
                    thenAlways: Array(repeating: .success(after: 500), count: 19) + [failure],
                    retriesThenAlways: [.success(after: 2000), failure]))
            if number % 10 == 0 { workflow.tags = ["orders"] }
            simulator.add(workflow)
        }
        let span = Period.hours(36).milliseconds
        for number in 0..<count {
            let at = (now - .hours(36)).milliseconds + span * Int64(number) / Int64(count)
            let kind = dice.roll(1000)
            simulator.addExecution(
                of: workflow(dice.roll(100) + 1), status: kind < 25 ? .error : kind < 26 ? .waiting : .success,
                startedAt: at, stoppedAt: at + 400, waitTill: kind == 25 ? (now + .hours(48)).milliseconds : nil,
                error: dice.roll(2) == 0 ? .http(503, method: "POST") : .http(401))
        }
        return simulator
    }

    /// A workflow whose runs all fail, after 100 ms.
    static let failing = "BenchFlow9999999"

    private static func workflow(_ number: Int) -> String { "BenchFlow\(1_000_000 + number)" }

    /// Serves a simulator on any free port; new runs come every ten seconds of its time where `isBusy`. Its past ended `since` ago,
    /// so that several can be told apart.
    static func serve(
        executions: Int, clock: ScaledClock, isBusy: Bool, telling: Simulator.Telling? = nil, since: Period = .zero
    ) throws -> SimulatorServer {
        let now = clock.now()
        var simulator = simulator(executions: executions, at: now - since)
        simulator.configuration.telling = telling
        simulator.add(
            Simulator.Workflow(
                id: failing, name: "Order sync",
                nodes: [.webhook("orders"), .http("Call API", method: "POST", url: "http://erp.example/api")],
                script: .always(.error(.http(503, method: "POST"), after: 100))))
        if isBusy {
            for number in 1...100 {
                let first = (now + .seconds(Int64(number) * 10)).milliseconds
                simulator.trigger(workflow(number), every: 1_000_000, from: first)
            }
        }
        return try SimulatorServer.start(
            simulator, now: { clock.now().milliseconds },
            sleepUntil: { time in
                let left = AgentTime(milliseconds: time) - clock.now()
                if left > .zero { try await clock.sleep(for: left) }
            })
    }
}

/// `serve`: the load as a process of its own, so that the agent's memory is the agent's alone.
enum LoadServer {
    static func run(executions: Int, speed: Int, isBusy: Bool) async throws {
        let server = try Load.serve(executions: executions, clock: ScaledClock(scale: speed), isBusy: isBusy)
        Bench.write(server.url)
        // Whoever started it holds the other end: this one never outlives it.
        while readLine() != nil {}
        let counts = server.withSimulator { ($0.requests.count, $0.deeds.count) }
        Bench.write("n8n's own record: \(counts.0) requests, \(counts.1) deeds")
        await server.stop()
    }
}

/// `many`: many quiet servers in one process, each with a past of its own.
enum ManyServers {
    static func run(servers count: Int, executions: Int) async throws {
        let clock = ScaledClock(scale: 1)
        var servers: [SimulatorServer] = []
        for number in 0..<count {
            let since = Period.seconds(Int64(number) * 7)
            servers.append(try Load.serve(executions: executions, clock: clock, isBusy: false, since: since))
        }
        for server in servers { Bench.write(server.url) }
        while readLine() != nil {}
        for server in servers { await server.stop() }
    }
}
