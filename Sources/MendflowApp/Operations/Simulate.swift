import MendflowCore
import MendflowHTTPServer
import MendflowSimulator
import MendflowSimulatorServer

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
        /// Regular mode: how many production runs go at once; nil for no limit.
        public var concurrency: Int?
        /// Files of a recorded past; the built-in month and its live workflows where there are none.
        public var history: [String]
        /// Whether the workflows of the recorded past go on as they went.
        public var isLive: Bool

        /// Makes options.
        public init(
            port: Int, speed: Int, release: String, workers: Int? = nil, concurrency: Int? = nil,
            history: [String] = [], isLive: Bool = false
        ) {
            self.port = port
            self.speed = speed
            self.release = release
            self.workers = workers
            self.concurrency = concurrency
            self.history = history
            self.isLive = isLive
        }
    }

    /// Whether a word names a release of n8n that can be simulated.
    public static func knows(release: String) -> Bool { Simulator.Release(release) != nil }

    /// Serves until a signal; `ready` gets what is served and the URL once it answers.
    public static func run(
        _ options: Options, ready: @escaping @Sendable (_ what: String, _ url: String) -> Void
    ) async throws(MendflowFailure) {
        let clock = ScaledClock(scale: options.speed)
        let simulator = try simulator(options, at: clock.now())
        let server: SimulatorServer
        do {
            server = try DemoWorld.serve(simulator, clock, port: options.port)
        } catch {
            throw MendflowFailure(.failed, "the simulator cannot listen on port \(options.port): \(error)")
        }
        ready(summary(of: simulator), server.url)
        await RunAgent.untilStopped { do { try await SystemClock().sleep(for: .days(365)) } catch {} }
        await server.stop()
    }

    /// The server as it stands at the beginning.
    static func simulator(_ options: Options, at now: Timestamp) throws(MendflowFailure) -> Simulator {
        guard let release = Simulator.Release(options.release) else {
            throw MendflowFailure(.usage, "\(options.release) is neither A, B or C nor a release such as 2.35.7")
        }
        guard options.workers == nil || options.concurrency == nil else {
            throw MendflowFailure(.usage, "the concurrency limit belongs to regular mode: leave it out in queue mode")
        }
        var configuration = Simulator.Configuration(
            release: release, mode: options.workers.map { .queue(workers: $0) } ?? .regular,
            concurrencyLimit: options.concurrency)
        // It may run for weeks.
        configuration.pruning = .init(maxAge: Period.days(60).milliseconds, maxCount: 100_000)
        configuration.recordLimit = 1_000
        var simulator: Simulator
        if options.history.isEmpty {
            do { simulator = try DemoWorld.simulator(at: now, configuration) } catch {
                throw MendflowFailure(.failed, "the built-in month cannot be read: \(error)")
            }
        } else {
            var past = RecordedPast()
            for path in options.history { try past.read(path) }
            simulator = try past.simulator(at: now, configuration)
        }
        if options.isLive { simulator.goOn(from: now.milliseconds) }
        return simulator
    }

    private static func summary(of simulator: Simulator) -> String {
        let mode =
            switch simulator.configuration.mode {
            case .regular: "regular mode"
            case .queue(let workers, _): "queue mode with \(workers) \(workers == 1 ? "worker" : "workers")"
            }
        let release = simulator.configuration.release
        let database = simulator.database
        return "n8n \(release) (era \(release.era.rawValue)) in \(mode), \(database.ids.count) executions of "
            + "\(database.workflows.count) workflows"
    }
}
