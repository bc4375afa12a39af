public import MendflowCore
import MendflowHTTPServer
import MendflowHost
import MendflowSimulator
import MendflowText
public import MendflowWorkspace

/// `simulate`: the model of n8n as a server on loopback, of any release, with a recorded past.
public enum Simulate {
    /// What is simulated.
    public struct Options: Sendable {
        /// Where to listen on loopback; 0 for any free port.
        public var port: Int
        /// How much faster time runs.
        public var speed: Int
        /// The release: an era's letter or a number such as `2.35.7`.
        public var release: String
        /// How many workers there are in queue mode; nil for regular mode.
        public var workers: Int?
        /// Queue mode: how many jobs a worker takes at a time; nil for n8n's own ten.
        public var slots: Int?
        /// Regular mode: how many production runs go at once; nil for no limit.
        public var concurrency: Int?
        /// Files of a recorded past; the built-in month and its live workflows where there are none.
        public var history: [String]
        /// When the past ends; nil for now.
        public var until: ServerTime?
        /// Whether the workflows of the recorded past go on as they went.
        public var isLive: Bool
        /// The scopes of the API key; all of them where there are none.
        public var scopes: [String]
        /// Where the agent's service takes hints in, and the token for them; nil where nothing is told.
        public var hints: (url: String, token: String)?

        /// Makes options.
        public init(
            port: Int, speed: Int, release: String, workers: Int? = nil, slots: Int? = nil, concurrency: Int? = nil,
            history: [String] = [], until: ServerTime? = nil, isLive: Bool = false, scopes: [String] = [],
            hints: (url: String, token: String)? = nil
        ) {
            self.port = port
            self.speed = speed
            self.release = release
            self.workers = workers
            self.slots = slots
            self.concurrency = concurrency
            self.history = history
            self.until = until
            self.isLive = isLive
            self.scopes = scopes
            self.hints = hints
        }
    }

    /// Why a word names no release of n8n that can be simulated; nil where it names one.
    public static func fault(inRelease word: String) -> String? {
        guard let release = Simulator.Release(word) else { return "is neither A, B, C or D nor a release like 2.35.7" }
        let oldest = Simulator.Release.oldestSimulated
        return release < oldest ? "is older than \(oldest), the oldest n8n that is simulated" : nil
    }

    /// Serves until a signal; `ready` gets what is served and the URL once it answers.
    public static func run(
        _ options: Options, ready: @escaping @Sendable (_ what: String, _ url: String) -> Void
    ) async throws(MendflowFailure) {
        let clock = ScaledClock(scale: options.speed)
        let now = clock.simulatedNow
        let simulator = try simulator(options, at: now)
        let server: SimulatorServer
        do {
            server = try DemoWorld.serve(simulator, clock, port: options.port)
        } catch let error as HTTPServerError {
            throw MendflowFailure(.failed, "the simulator \(error)")
        } catch {
            throw MendflowFailure(.failed, "the simulator cannot listen on port \(options.port): \(error)")
        }
        ready(summary(of: simulator, until: options.until ?? now, speed: options.speed), server.url)
        let carrier = options.hints.map { hints in
            Task { await ToldPosts(box: server.box, clock: clock, url: hints.url, token: hints.token).carry() }
        }
        await StopSignals.untilStopped { do { try await SystemClock().sleep(for: .days(365)) } catch {} }
        carrier?.cancel()
        await server.stop()
    }

    /// The server as it stands at the beginning.
    static func simulator(_ options: Options, at now: ServerTime) throws(MendflowFailure) -> Simulator {
        if let until = options.until, until > now {
            throw MendflowFailure(
                .usage,
                "--until \(until.rfc3339) lies in the future; the recorded past can end at \(now.rfc3339), "
                    + "which is now, or earlier")
        }
        let configuration = try configuration(options)
        var simulator: Simulator
        if options.history.isEmpty {
            do { simulator = try DemoWorld.simulator(at: now, until: options.until, configuration) } catch {
                throw MendflowFailure(.failed, "the built-in month cannot be read: \(error)")
            }
        } else {
            var past = RecordedPast()
            for path in options.history { try past.read(path) }
            simulator = try past.simulator(at: now, until: options.until, configuration)
            simulator.add(tag: DemoWorld.tagID, name: DemoWorld.tagName)
        }
        simulator.configuration.pruning = pruning(of: simulator, now)
        if options.isLive { simulator.goOn(from: now.milliseconds) }
        return simulator
    }

    private static func configuration(_ options: Options) throws(MendflowFailure) -> Simulator.Configuration {
        if let fault = fault(inRelease: options.release) {
            throw MendflowFailure(.usage, "\(options.release) \(fault)")
        }
        guard options.workers == nil || options.concurrency == nil else {
            throw MendflowFailure(.usage, "the concurrency limit belongs to regular mode: leave it out in queue mode")
        }
        guard options.workers != nil || options.slots == nil else {
            throw MendflowFailure(.usage, "--slots belongs to queue mode: add --queue-mode or --workers")
        }
        let known = Set(Simulator.Endpoint.allCases.compactMap(\.scope))
        if let scope = options.scopes.first(where: { !known.contains($0) }) {
            throw MendflowFailure(
                .usage,
                "no endpoint that is simulated needs the scope \(scope); they need "
                    + known.sorted().joined(separator: ", "))
        }
        var configuration = Simulator.Configuration(
            release: Simulator.Release(options.release) ?? Simulator.Era.c.release,
            mode: options.workers.map { .queue(workers: $0, slots: options.slots ?? 10) } ?? .regular,
            concurrencyLimit: options.concurrency)
        configuration.recordLimit = 1_000
        if options.hints != nil { configuration.telling = .init(batch: 300) }
        if !options.scopes.isEmpty { configuration.keys[0].scopes = Set(options.scopes) }
        return configuration
    }

    /// It may run for weeks, so rows grow old; those that were loaded stay as long as others.
    private static func pruning(of simulator: Simulator, _ now: ServerTime) -> Simulator.Pruning {
        let database = simulator.database
        let oldest = database.ids.lazy.compactMap { database[$0]?.stoppedAt }.min() ?? now.milliseconds
        return .init(
            maxAge: Period.days(60).milliseconds + max(0, now.milliseconds - oldest),
            maxCount: 100_000 + database.ids.count)
    }

    static func summary(of simulator: Simulator, until: ServerTime, speed: Int = 1) -> String {
        let release = simulator.configuration.release
        let database = simulator.database
        var lines = [
            "n8n \(release) (era \(release.era.rawValue)) in \(mode(of: simulator)), \(database.ids.count) executions "
                + "of \(database.workflows.count) workflows; the past ends at \(until.rfc3339)"
        ]
        let unknown = database.ids.count { id in
            database[id].map { $0.isDataUnknown && [.error, .crashed].contains($0.status) } ?? false
        }
        if unknown > 0 {
            lines.append(
                "\(unknown) failed \(unknown == 1 ? "run has" : "runs have") no recorded data: what failed in them is "
                    + "unknown until files with their details are given (GET /executions/ID?includeData=true)")
        }
        if speed > 1 {
            lines.append(
                "its time runs \(speed) times as fast and leaves this machine's behind: an agent holds what depends on time until "
                    + "runs that end bear that out (--live has some)")
        }
        lines.append("the annotation tag \(DemoWorld.tagName) has the id \(DemoWorld.tagID)")
        return lines.joined(separator: "\n")
    }

    private static func mode(of simulator: Simulator) -> String {
        switch simulator.configuration.mode {
        case .regular: "regular mode"
        case .queue(let workers, _): "queue mode with \(workers.words("worker", "workers"))"
        }
    }
}
