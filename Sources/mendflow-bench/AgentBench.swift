import Glibc
import MendflowAgent
import MendflowCore
import MendflowHTTPClient
import MendflowHost
import MendflowLedger
import MendflowLedgerSQLite
import MendflowN8N
import MendflowRehearsal
import MendflowSimulator
import MendflowText
import Synchronization

/// The agent as `run` composes it: libcurl, SQLite, the whole loop. Only its clock may be a faster one.
enum BenchAgent {
    static func make(
        url: String, policies: Int, mode: Mode, clock: any AgentClock, ledger path: String,
        events: any EventSink, lookBack: Period = .hours(48), deadlines: ScaledClock, extra: String = ""
    ) async throws -> InstanceAgent {
        let store = try SQLiteLedgerStore.open(path: path, create: true)
        let now = clock.now()
        let serverNow = ClockOffset.zero.server(now)
        let baseline = InstanceBaseline(
            instance: PairBench.instance, url: url, since: serverNow - .hours(48), highest: nil, fingerprints: [],
            at: serverNow)
        try await Ledger(store, LedgerScope())
            .append([LedgerEntry(.began(baseline, .initialised(by: "bench")), at: now)])
        let connection = try N8NConnection(url: try ServerURL(url)) { "test-key" }
        func transport(_ role: CurlTransport.Role) -> CurlTransport {
            CurlTransport(CurlTransport.Configuration(role: role))
        }
        return try await InstanceAgent(
            configuration: AgentConfiguration(instance: "bench", mode: mode, lookBack: lookBack),
            reader: N8NReader(connection: connection, transport: transport(.reads), clock: deadlines) {
                SecretScrubber.scrub($0)
            },
            writer: mode == .enforce
                ? N8NWriter(connection: connection, transport: transport(.mutations), clock: deadlines) : nil,
            store: store, clock: clock, events: events, policies: try BenchPolicies.set(policies, extra),
            atRest: ProcessMemory.tidy)
    }
}

/// `requests`: what 1, 10 and 100 policies cost n8n, by its own record.
enum RequestBench {
    static func run() async throws {
        let clock = ScaledClock(scale: 1)
        for policies in [1, 10, 100] {
            let server = try Load.serve(executions: 2000, clock: clock, isBusy: false)
            let folder = try TickBench.folder()
            let agent = try await BenchAgent.make(
                url: server.url, policies: policies, mode: .dryRun, clock: clock, ledger: folder + "/ledger.sqlite",
                events: Quiet(), deadlines: clock.forDeadlines)
            var words: [String] = []
            for tick in 1...4 {
                let before = server.withSimulator { $0.requests.count }
                _ = await agent.tick()
                let asked = server.withSimulator { $0.requests[before...].map(\.endpoint) }
                func count(_ endpoint: Simulator.Endpoint) -> Int { asked.count { $0 == endpoint } }
                words.append(
                    "tick \(tick): \(count(.list)) lists, \(count(.workflows)) workflows, \(count(.read)) by id")
            }
            Bench.write("\(policies) policies: " + words.joined(separator: "; "))
            await server.stop()
        }
    }
}

/// `ticks`: the agent's memory and processor time over many ticks of its loop.
enum TickBench {
    static func run(url: String, ticks: Int, speed: Int, folder: String, mode: Mode) async throws {
        ProcessMemory.keepSmall()
        let clock = ScaledClock(scale: speed)
        let meter = Meter(ticks: ticks)
        let agent = try await BenchAgent.make(
            url: url, policies: 10, mode: mode, clock: clock, ledger: folder + "/ledger.sqlite", events: meter,
            // So that every execution stays observed, however slow the machine and however long the run.
            lookBack: .days(30), deadlines: clock.forDeadlines)
        Bench.write("before the first tick: \(Meter.memory())")
        let start = clock.monotonic()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await agent.run() }
            group.addTask { for await _ in meter.done {} }
            await group.next()
            group.cancelAll()
        }
        let real = Double((clock.monotonic() - start).milliseconds / Int64(speed)) / 1000
        let processor = Meter.processor() * 1000 / Double(ticks)
        Bench.write("\(ticks) ticks in \(real.text(0)) s; processor \(processor.text(1)) ms a tick")
        Bench.write("warnings and errors: \(meter.complaints)")
    }

    static func folder() throws -> String {
        var template = Array("/tmp/mendflow-bench-XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else { throw BenchFailure(description: "no folder: error \(errno)") }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// Says nothing.
struct Quiet: EventSink {
    func emit(_ event: AgentEvent) {}
}

/// Counts ticks by the agent's own events, and reads the process's memory now and then.
final class Meter: EventSink {
    let done: AsyncStream<Void>
    private let end: AsyncStream<Void>.Continuation
    private let ticks: Int
    private let state = Mutex((ticks: 0, counts: [String: Int]()))

    init(ticks: Int) {
        self.ticks = ticks
        (done, end) = AsyncStream.makeStream(of: Void.self)
    }

    var complaints: String {
        let counts = state.withLock { $0.counts }
        let words = counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        return words.isEmpty ? "none" : words.joined(separator: ", ")
    }

    func emit(_ event: AgentEvent) {
        if event.level >= .warning { state.withLock { $0.counts[event.name, default: 0] += 1 } }
        guard event.name == "tick" else { return }
        let count = state.withLock { state in
            state.ticks += 1
            return state.ticks
        }
        if [1, 10, 30, 100, 300, 1000, 3000].contains(count) || count == ticks {
            let fields = event.fields.map { "\($0.name) \($0.value)" }.joined(separator: ", ")
            Bench.write("tick \(count): \(Meter.memory()); \(fields)")
        }
        if count >= ticks { end.finish() }
    }

    /// What the kernel says of this process.
    static func memory() -> String {
        let file = unsafe open("/proc/self/status", O_RDONLY | O_CLOEXEC)
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 8192)
        let count = unsafe read(file, &bytes, bytes.count)
        let lines = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).split(separator: "\n")
        func megabytes(_ name: String) -> String {
            let line = lines.first { $0.hasPrefix(name + ":") }
            let words = line?.split { $0 == " " || $0 == "\t" } ?? []
            return words.count > 1 ? (Double(words[1]).map { ($0 / 1024).text(1) } ?? "?") : "?"
        }
        return
            "resident \(megabytes("VmRSS")) MB (peak \(megabytes("VmHWM")), heap and stacks \(megabytes("RssAnon")), "
            + "files \(megabytes("RssFile")))"
    }

    /// Processor seconds of this process.
    static func processor() -> Double {
        var usage = rusage()
        unsafe getrusage(CInt(RUSAGE_SELF.rawValue), &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }
}
