import MendflowCore
import MendflowHTTPServer
import MendflowSimulator

/// The n8n of `demo` and `simulate`: a recorded month as the past, and live workflows that fail in different ways.
enum DemoWorld {
    static let orders = "DemoOrders000001", invoices = "DemoInvoices0001", reports = "DemoReports00001"
    static let reminders = "DemoReminders001", payments = "DemoPayments0001"

    /// The annotation tag that every simulated n8n has, so that tagging can be rehearsed.
    static let tagID = "DemoTag000000001", tagName = "needs-human"

    /// The workflow tag that the demo's configuration protects.
    static let protection = "no-auto-retry"

    /// A simulator as it stands when the demo begins; its past ends at `until`.
    static func simulator(
        at now: ServerTime, until: ServerTime? = nil, _ configuration: Simulator.Configuration = .init()
    ) throws -> Simulator {
        let until = until ?? now
        var simulator = Simulator(now: now.milliseconds, configuration: configuration)
        try loadMonth(into: &simulator, until)
        simulator.add(tag: tagID, name: tagName)
        let url = "http://erp.example/api"
        let unavailable = Simulator.ErrorShape.http(503, method: "POST", url: url)
        let call = Simulator.Node.http("Call API", method: "POST", url: url)
        func add(
            _ id: String, _ name: String, _ script: Simulator.Script, _ node: Simulator.Node = call,
            _ tags: [String] = []
        ) {
            var workflow = Simulator.Workflow(id: id, name: name, nodes: [.webhook(id), node], script: script)
            workflow.tags = tags
            simulator.add(workflow)
        }
        add(
            orders, "Demo: order sync",
            .init(
                thenAlways: [.error(.reset(method: "POST", url: url), after: 400)],
                retriesThenAlways: [.success(after: 3000)]))
        add(invoices, "Demo: invoice export", .always(.error(unavailable, after: 400)))
        add(
            reports, "Demo: nightly report", .always(.error(.timedOut(method: "POST", url: url), after: 400)))
        add(
            reminders, "Demo: reminders", .always(.wait(for: 86_400_000, after: 10, then: .success(after: 10))),
            .wait(hours: 24))
        add(payments, "Demo: card payments", .always(.error(unavailable, after: 400)), call, [protection])
        for hours in [Int64(3), 5, 9] {
            let at = (until - .hours(hours)).milliseconds
            simulator.addExecution(
                of: reminders, status: .waiting, startedAt: at, stoppedAt: at,
                waitTill: (until + .hours(20)).milliseconds)
        }
        return simulator
    }

    /// The failures of the demo: what heals, what never does, what is lost, what is protected.
    static func begin(_ box: SimulatorBox, _ now: ServerTime) {
        box.withSimulator { simulator in
            for minutes in [Int64(1), 6, 11, 16, 21] {
                let at = (now + .minutes(minutes)).milliseconds
                simulator.trigger(orders, every: .max / 4, from: at)
            }
            // The request for the nightly report's retry arrives nowhere, and nobody can tell.
            if let report = simulator.trigger(reports, now: now.milliseconds) {
                simulator.faults = [.init(.loseRequest(after: 2000), at: [.retry], executions: [report])]
            }
            for (workflow, minutes) in [(invoices, Int64(2)), (payments, 4), (payments, 9)] {
                simulator.trigger(workflow, every: .max / 4, from: (now + .minutes(minutes)).milliseconds)
            }
        }
    }

    static func serve(_ simulator: Simulator, _ clock: ScaledClock, port: Int) throws -> SimulatorServer {
        try SimulatorServer.start(
            simulator, configuration: HTTPServerConfiguration(port: UInt16(port), bodyBytes: SimulatorServer.bodyBytes),
            now: { clock.simulatedNow.milliseconds },
            sleepUntil: { time in
                let left = ServerTime(milliseconds: time) - clock.simulatedNow
                if left > .zero { try await clock.sleep(for: left) }
            })
    }

    private static func loadMonth(into simulator: inout Simulator, _ until: ServerTime) throws {
        let values = try HistoryRows.lines(RecordedMonth.rows()).map { try Simulator.JSON(parsing: $0.text) }
        let last = values.compactMap { $0["stoppedAt"]?.text.flatMap { ServerTime(rfc3339: $0) } }.max() ?? until
        _ = simulator.load(
            workflows: try Simulator.JSON(parsing: RecordedMonth.workflows()).elements ?? [],
            rows: values,
            details: try HistoryRows.lines(RecordedMonth.details()).map { try Simulator.JSON(parsing: $0.text) },
            shift: (until - last).milliseconds)
    }
}
