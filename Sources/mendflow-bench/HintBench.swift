import MendflowAgent
import MendflowCore
import MendflowHTTP
import MendflowHTTPClient
import MendflowHTTPServer
import MendflowHintIntake
import MendflowLedger
import MendflowLedgerSQLite
import MendflowN8N
import MendflowPolicy
import MendflowRehearsal
import MendflowService
import MendflowSimulator
import MendflowText
import Synchronization

/// `hints`: how long after its end a failure is decided about, where n8n tells of it and where it does not; over loopback, with
/// the ledger in SQLite and 10,000 executions in the look-back.
enum HintBench {
    private static let token = "0123456789abcdef0123456789abcdef"

    /// How n8n tells.
    private enum Way: String, CaseIterable {
        case errorTrigger = "an error workflow posts"
        case quickTraces = "spans every 300 ms"
        case traces = "spans every 5 s, n8n's default"
        case both = "both, spans every 300 ms"
        case nothing = "nothing: polls every 30 s"

        var telling: Simulator.Telling? {
            switch self {
            case .errorTrigger: .init(traces: false)
            case .quickTraces: .init(failures: false, batch: 300)
            case .traces: .init(failures: false)
            case .both: .init(batch: 300)
            case .nothing: nil
            }
        }
    }

    static func run(failures: Int) async throws {
        for way in Way.allCases {
            let times = try await measure(way, failures)
            func quantile(_ share: Double) -> String {
                times[min(times.count - 1, Int(Double(times.count) * share))].text(2)
            }
            Bench.write(
                "\(way.rawValue): \(times.count) failures, decided after \(quantile(0.5)) s (median), "
                    + "\(quantile(0.99)) s (p99), \((times.last ?? 0).text(2)) s (most)")
        }
    }

    /// Seconds from a run's end to the tick that has its decision on record, ascending.
    private static func measure(_ way: Way, _ failures: Int) async throws -> [Double] {
        let clock = ScaledClock(scale: 1)
        let server = try Load.serve(executions: 10_000, clock: clock, isBusy: false, telling: way.telling)
        let inbox = HintInbox()
        let part = HintPart([.init(instance: "bench", token: { token }, inbox: inbox)], clock: clock, log: Quiet())
        let service = Service([part], guard: .init(), clock: clock, random: { 7 })
        let intake = try HTTPServer.start(.init(bodyBytes: service.bodyBytes)) { .respond(await service.answer($0)) }
        let watch = DecisionWatch(clock)
        let agent = try await agent(server.url, clock, inbox, watch)
        let posts = ToldPosts(box: server.box, clock: clock, url: "http://127.0.0.1:\(intake.port)", token: token)
        let ends = try await withThrowingTaskGroup(of: [ExecutionID: Int64]?.self) { group in
            group.addTask {
                await agent.run()
                return nil
            }
            group.addTask {
                await posts.carry()
                return nil
            }
            group.addTask { try await fail(failures, server, clock, watch) }
            var ends: [ExecutionID: Int64] = [:]
            for try await found in group {
                guard let found else { continue }
                ends = found
                group.cancelAll()
            }
            return ends
        }
        await intake.stop()
        await server.stop()
        let decided = watch.all
        return ends.compactMap { id, end in decided[id].map { Double($0 - end) / 1000 } }.sorted()
    }

    /// Lets runs fail, one or two a second, and waits until all are decided about; when each had failed.
    private static func fail(
        _ count: Int, _ server: SimulatorServer, _ clock: ScaledClock, _ watch: DecisionWatch
    ) async throws -> [ExecutionID: Int64] {
        while watch.ticks < 2 { try await clock.sleep(for: .milliseconds(200)) }
        var dice = Dice(7)
        var ids: [Int] = []
        for _ in 0..<count {
            try await clock.sleep(for: .milliseconds(300 + Int64(dice.roll(900))))
            let id = server.withSimulator { $0.trigger(Load.failing, now: clock.now().milliseconds) }
            if let id { ids.append(id) }
        }
        let deadline = clock.now() + .minutes(2)
        while !ids.allSatisfy({ watch.all[ExecutionID("\($0)")] != nil }), clock.now() < deadline {
            try await clock.sleep(for: .milliseconds(200))
        }
        let rows = server.withSimulator { n8n in ids.map { n8n.database[$0]?.stoppedAt } }
        let ended = zip(ids, rows).compactMap { id, end in end.map { (ExecutionID("\(id)"), $0) } }
        return Dictionary(uniqueKeysWithValues: ended)
    }

    private static func agent(
        _ url: String, _ clock: ScaledClock, _ inbox: HintInbox, _ watch: DecisionWatch
    ) async throws -> InstanceAgent {
        let store = try SQLiteLedgerStore.open(path: TickBench.folder() + "/ledger.sqlite", create: true)
        let now = ClockOffset.zero.server(clock.now())
        let baseline = InstanceBaseline(
            instance: PairBench.instance, url: url, since: now - .hours(48), highest: nil, fingerprints: [], at: now)
        try await Ledger(store, LedgerScope()).append([
            LedgerEntry(.began(baseline, .initialised(by: "bench")), at: clock.now())
        ])
        let connection = try N8NConnection(url: try ServerURL(url)) { "test-key" }
        let reader = N8NReader(
            connection: connection, transport: CurlTransport(.init(role: .reads)), clock: clock
        ) { $0 }
        return try await InstanceAgent(
            configuration: AgentConfiguration(instance: "bench", mode: .dryRun), reader: reader, writer: nil,
            store: store, clock: clock, events: Quiet(), policies: try BenchPolicies.set(10), observer: watch,
            hints: inbox)
    }
}

/// Notes at the end of which tick an execution was first decided about.
private final class DecisionWatch: AgentObserver {
    private let state = Mutex<(decided: [ExecutionID: Int64], ticks: Int)>(([:], 0))
    private let clock: ScaledClock

    init(_ clock: ScaledClock) { self.clock = clock }

    var all: [ExecutionID: Int64] { state.withLock { $0.decided } }
    var ticks: Int { state.withLock { $0.ticks } }

    func begins() async {}
    func rests(until next: Period, isAsked: Bool) async {}
    func ended(_ report: TickReport) async {
        let now = clock.now().milliseconds
        state.withLock { state in
            state.ticks += 1
            for decision in report.plan.decisions + report.dryRunPlan.decisions
            where state.decided[decision.execution] == nil { state.decided[decision.execution] = now }
        }
    }
}
