extension Simulator {
    /// How a server is set up: its release, who runs the workflows, what it keeps. All of it may change while it runs.
    public struct Configuration: Sendable {
        /// The release, which decides how the API behaves.
        public var release: Release
        /// Who runs the workflows.
        public var mode: Mode
        /// Regular mode: how many production runs go at once; the rest is queued. Nil for no limit.
        public var concurrencyLimit: Int?
        /// Which ended runs are kept, for workflows that do not say so themselves.
        public var saves: SaveSettings
        /// When old rows are pruned; nil for never.
        public var pruning: Pruning?
        /// How far the server's clock is ahead of everybody else's, in milliseconds: its rows and its `Date` header.
        public var clockAhead: Int64
        /// How far the `Date` header is ahead of the server's own clock, in milliseconds: a proxy dates answers anew.
        public var dateAhead: Int64 = 0
        /// Queue mode: how often the server looks for runs that nobody works on and marks them as crashed, in
        /// milliseconds.
        public var queueRecoveryInterval: Int64 = 10_800_000
        /// How many requests and how many deeds are remembered at least; nil for all. A server that runs for days
        /// forgets old ones.
        public var recordLimit: Int?
        /// Reported misbehaviour of single releases.
        public var quirks: Set<Quirk> = []
        /// From 2.45 on: how keys of requests are treated, where n8n's documents leave that open.
        public var keyReading = KeyReading()
        /// From 2.47 on: how many requests each API key may send; nil for any number.
        public var rateLimit: RateLimit?
        /// What it tells by itself of its runs; nil for nothing.
        public var telling: Telling?
        /// The seed of the only randomness there is: which requests a fault with `oneIn` applies to.
        public var seed: UInt64
        /// The Public API's path, without a slash at its end.
        public var base = "/api/v1"
        /// The API keys it knows.
        public var keys = [APIKey(key: "test-key", name: "agent")]

        /// Makes a set-up; without arguments 2.41.1 in regular mode that keeps everything.
        public init(
            release: Release = Era.c.release, mode: Mode = .regular, concurrencyLimit: Int? = nil,
            saves: SaveSettings = .init(), pruning: Pruning? = nil, clockAhead: Int64 = 0, seed: UInt64 = 1
        ) {
            self.release = release
            self.mode = mode
            self.concurrencyLimit = concurrencyLimit
            self.saves = saves
            self.pruning = pruning
            self.clockAhead = clockAhead
            self.seed = seed
        }

        /// Makes a set-up of the release that was recorded for an era.
        public init(era: Era, mode: Mode = .regular, saves: SaveSettings = .init(), seed: UInt64 = 1) {
            self.init(release: era.release, mode: mode, saves: saves, seed: seed)
        }

        /// Every recorded era in regular mode and in queue mode with one worker that does one thing at a time.
        public static let everyKind = Era.recorded.flatMap { era in
            [Mode.regular, .queue(workers: 1, slots: 1)].map { Configuration(era: era, mode: $0) }
        }
    }

    /// Who runs the workflows.
    public enum Mode: Sendable, Hashable {
        /// The main process itself.
        case regular
        /// So many workers, each with so many runs at once, that take jobs from Redis.
        case queue(workers: Int, slots: Int = 10)
    }

    /// What is kept of ended runs.
    public struct SaveSettings: Sendable, Hashable {
        /// Those that ended well, those that did not, those started by hand; and whether the progress is stored.
        public var successes: Bool, failures: Bool, manual: Bool, progress: Bool

        /// Makes settings; n8n's defaults.
        public init(successes: Bool = true, failures: Bool = true, manual: Bool = true, progress: Bool = false) {
            self.successes = successes
            self.failures = failures
            self.manual = manual
            self.progress = progress
        }
    }

    /// How rows that grow old vanish.
    public struct Pruning: Sendable, Hashable {
        /// How long a row stays after its end, in milliseconds.
        public var maxAge: Int64
        /// How many ended rows stay; nil for all.
        public var maxCount: Int?
        /// How often it is done, in milliseconds.
        public var every: Int64

        /// Makes a rule; n8n's defaults.
        public init(maxAge: Int64 = 336 * 3_600_000, maxCount: Int? = 10_000, every: Int64 = 3_600_000) {
            precondition(every > 0, "a period is longer than nothing")
            self.maxAge = maxAge
            self.maxCount = maxCount
            self.every = every
        }
    }

    /// Misbehaviour that users reported of single releases.
    public enum Quirk: String, Sendable, Hashable, CaseIterable {
        /// `GET /executions/{id}` answers 500 for every execution that was not started by hand.
        case readFails
        /// It does so only where data is asked for.
        case readWithDataFails
    }

    /// An API key.
    public struct APIKey: Sendable, Hashable {
        /// The key itself.
        public var key: String
        /// Whose it is, as the record of deeds names the caller.
        public var name: String
        /// The scopes it was given; nil for all.
        public var scopes: Set<String>?
        /// Whether its user may see what a workflow's policy redacts.
        public var reveals = true

        /// Makes a key.
        public init(key: String, name: String, scopes: Set<String>? = nil) {
            self.key = key
            self.name = name
            self.scopes = scopes
        }
    }
}

extension Simulator.Mode {
    var isQueue: Bool { self != .regular }

    var workers: Int {
        guard case .queue(let workers, _) = self else { return 0 }
        return workers
    }

    var slots: Int {
        guard case .queue(_, let slots) = self else { return 0 }
        return slots
    }
}
