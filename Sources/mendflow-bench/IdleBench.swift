import Glibc
import MendflowAgent
import MendflowCore
import MendflowCycle
import MendflowHost
import MendflowLedger
import MendflowLedgerSQLite
import MendflowPolicy
import Synchronization

/// `idle`: what a tick costs where nothing has changed, and what the table of executions weighs.
enum IdleBench {
    private static let measured = 50

    static func run(executions count: Int, store name: String, files: [String]) async throws {
        ProcessMemory.keepSmall()
        let clock = HandClock()
        let server = QuietServer(count, now: ClockOffset.zero.server(clock.now()))
        Bench.write("\(count) executions, ledger in \(name); before the agent: \(Meter.memory())")
        let agent = try await agent(
            server, clock, try await store(name, clock.now()), policies: try BenchPolicies.set(files: files))
        let filling = Meter.processor()
        var filled = 0, quiet = 0
        // Until every failure's data is there, every id is accounted for and nothing new is decided.
        while quiet < 3, filled < 1000 {
            let report = await agent.tick()
            quiet = report.details == 0 && report.metrics?.unknownIDs == 0 ? quiet + 1 : 0
            filled += 1
            clock.step(.seconds(30))
        }
        Bench.write("\(filled) ticks to read everything: \((Meter.processor() - filling).text(2)) s; \(Meter.memory())")
        var times: [Double] = []
        var whole = 0
        for _ in 0..<measured {
            let start = Meter.processor()
            let report = await agent.tick()
            times.append((Meter.processor() - start) * 1000)
            if report.metrics?.isTakenOver != true { whole += 1 }
            guard report.failures.isEmpty, report.snapshot?.executions.count == count else {
                throw BenchFailure(description: "a tick is not whole: \(report.failures)")
            }
            clock.step(.seconds(30))
        }
        times.sort()
        Bench.write(
            "idle tick: \(times[measured / 2].text(2)) ms of processor time (median of \(measured); "
                + "\(times[0].text(2)) to \(times[measured - 1].text(2))); \(whole) judged everything; "
                + Meter.memory())
    }

    private static func store(_ name: String, _ now: AgentTime) async throws -> any LedgerStore {
        let store: any LedgerStore =
            name == "sqlite"
            ? try SQLiteLedgerStore.open(path: TickBench.folder() + "/ledger.sqlite", create: true)
            : MemoryLedgerStore()
        let serverNow = ClockOffset.zero.server(now)
        let baseline = InstanceBaseline(
            instance: PairBench.instance, url: "http://bench", since: serverNow - .hours(48), highest: nil,
            fingerprints: [], at: serverNow)
        try await Ledger(store, LedgerScope())
            .append([LedgerEntry(.began(baseline, .initialised(by: "bench")), at: now)])
        return store
    }

    private static func agent(
        _ server: QuietServer, _ clock: HandClock, _ store: any LedgerStore, policies: PolicySet
    ) async throws -> InstanceAgent {
        try await InstanceAgent(
            configuration: AgentConfiguration(instance: "bench", mode: .dryRun, lookBack: .hours(48)), reader: server,
            writer: nil, store: store, clock: clock, events: Quiet(),
            policies: policies)
    }
}

/// A clock that goes on only where it is told to.
private final class HandClock: AgentClock {
    private let time = Mutex(AgentTime(milliseconds: 1_780_000_000_000))

    func now() -> AgentTime { time.withLock { $0 } }
    func monotonic() -> Period { Period(milliseconds: now().milliseconds) }
    func sleep(for period: Period) async throws { step(period) }
    func step(_ period: Period) { time.withLock { $0 = $0 + period } }
}

/// A server on which nothing happens: it gives pages that were read already at no cost, as answers 304 do.
private struct QuietServer: ExecutionReader {
    /// Newest first.
    private let rows: [Execution]
    private let flows: [WorkflowInfo]
    private let failed: [Execution]
    private let now: ServerTime

    /// A history of 36 hours, in which one run in 40 failed.
    init(_ count: Int, now: ServerTime) {
        self.now = now
        var dice = Dice(11)
        let names = ["Order sync", "Import", "Heartbeat"]
        let flows = (0..<40).map { number in
            WorkflowInfo(
                id: WorkflowID("BenchFlow\(1_000_000 + number)"), name: number < 3 ? names[number] : "Flow \(number)",
                savesSuccesses: true, savesFailures: true)
        }
        let span = Period.hours(36).milliseconds
        rows = (0..<count).map { place in
            let start = now - Period(milliseconds: 600_000 + span / Int64(count) * Int64(place))
            let isFailed = dice.roll(40) == 0
            return Execution(
                id: ExecutionID("\(1_000_000 + count - place)"), workflow: flows[dice.roll(40)].id,
                status: isFailed ? .error : .success, startedAt: start, stoppedAt: start + .seconds(3))
        }
        failed = rows.filter { $0.status == .error }
        self.flows = flows
    }

    func list(_ query: ListQuery) async throws(ReadFailure) -> ExecutionPage {
        let all: [Execution]
        switch query.status {
        case nil: all = rows
        case .error: all = failed
        default: return ExecutionPage(executions: [], nextCursor: nil)
        }
        // The whole history lies within the look-back.
        if query.startedBefore != nil { return ExecutionPage(executions: [], nextCursor: nil) }
        let start = query.cursor.flatMap { Int($0) } ?? 0
        var page = all[start..<min(start + query.limit, all.count)]
        let isWhole = start + query.limit >= all.count
        if let bound = query.startedAfter {
            let kept = page.prefix { ($0.startedAt ?? bound) >= bound }
            if kept.count < page.count { return ExecutionPage(executions: Array(kept), nextCursor: nil) }
            page = kept
        }
        return ExecutionPage(executions: Array(page), nextCursor: isWhole ? nil : "\(start + query.limit)")
    }

    func execution(_ id: ExecutionID) async throws(ReadFailure) -> Execution? {
        guard let place = id.number.map({ rows.count - Int($0) + 1_000_000 }), rows.indices.contains(place) else {
            return nil
        }
        return rows[place]
    }

    func detail(_ id: ExecutionID) async throws(ReadFailure) -> DetailedExecution? {
        guard let row = try await execution(id) else { return nil }
        var dice = Dice(row.id.number ?? 0)
        return DetailedExecution(
            execution: row, detail: PairBench.detail(row.status, &dice, row.stoppedAt ?? now))
    }

    func workflow(_ id: WorkflowID) async throws(ReadFailure) -> WorkflowInfo? { flows.first { $0.id == id } }
    func workflows() async throws(ReadFailure) -> [WorkflowInfo] { flows }
    func tags(of id: ExecutionID) async throws(ReadFailure) -> [AnnotationTag]? { [] }
    func capabilities() async throws(ReadFailure) -> ServerCapabilities { ServerCapabilities() }
}
