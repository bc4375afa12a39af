public import MendflowHTTP

/// A model of one n8n server of any release since 1.123, in regular or queue mode, without sockets or clock.
///
/// It is the judge of the tests, so it shares no type with the agent's core
/// (docs/decisions/0011-independent-simulator.md). Whoever owns it hands it requests and the time; it keeps its own
/// record of what was done to it, and by that record tests judge the agent.
public struct Simulator: Sendable {
    /// What the database holds.
    public var database = Database()
    /// How the server is set up.
    public var configuration: Configuration
    /// From when on rows are there for those who ask, in milliseconds since 1970, where they are written later than their
    /// ids were given; all others are there at once.
    public var commits: [Int: Int64] = [:]
    /// Faults still to come; the first rule that applies to a request is used.
    public var faults: [FaultRule] = []
    /// What runs and retries of a workflow come to for now, whatever its script says: what they call is down.
    public var outages: [String: Outcome] = [:]
    /// How often which fault befell requests where.
    public internal(set) var faultCounts: [FaultPlace: Int] = [:]
    /// What was done, in order.
    public internal(set) var deeds: [Deed] = []
    /// The requests that arrived, in order.
    public internal(set) var requests: [ReceivedRequest] = []
    /// The time in milliseconds since 1970: that of the last call. The server's own clock may be ahead.
    public internal(set) var now: Int64
    /// Whether the server is up.
    public internal(set) var power = Power.up

    /// Runs that a process is working on now: the main process, or a worker in queue mode.
    var runs: [Int: Run] = [:]
    /// Runs whose process died under them. Their rows still say `running` until the server finds them and marks them as
    /// crashed.
    var killed: [Int: Run] = [:]
    var sleepers: [Int: Outcome] = [:]
    /// Regular mode: what waits for room under the concurrency limit.
    var queue: [Int] = []
    /// Regular mode: how many production runs hold room or wait for it.
    var roomTaken = 0
    /// Queue mode: the jobs in Redis that no worker took yet.
    var jobs: [Job] = []
    /// Queue mode: the workers that are down.
    var downWorkers: Set<Int> = []
    /// Executions that the main process holds in its memory. Lists hide some of them (n8n facts 2.6).
    var memory: Set<Int> = []
    /// Executions that have ended and that the main process takes to be running.
    var stuck: Set<Int> = []
    /// From 2.45 on: the keys of requests, and of those whose run goes on by that run.
    var keys: [KeyName: KeptKey] = [:]
    var keysAtWork: [Int: KeyName] = [:]
    /// From 2.47 on: how much of each API key's limits is used up.
    var limitUse: [LimitName: LimitUse] = [:]
    /// The calls that wait for an execution's end.
    var callers: [Int: [CallID]] = [:]
    /// Executions whose callers wait only until the run begins, as callers of a webhook do by default.
    var webhookStarts: Set<Int> = []
    var calls: [CallID: Call] = [:]
    var outbox: [(CallID, Reply)] = []
    var agenda = Agenda()
    /// What n8n is to tell by itself.
    var untold: [Untold] = []
    var schedules: [Schedule] = []
    var chainScripts: [Int: [Outcome]] = [:]
    /// What the retries of loaded executions came to where they were recorded.
    var recordedRetries: [Int: [Outcome]] = [:]
    /// The workflows whose past was loaded.
    var recordedWorkflows: Set<String> = []
    var counter = 0
    /// How often the main process was started again.
    var boots = 0
    /// How many of the oldest requests are no longer in `requests`.
    var forgotten = 0
    var random: UInt64
    var isPruning = false
    /// The fault that applies to the request that is being processed.
    var faultInHand: Fault?

    /// Makes an empty server.
    public init(now: Int64, configuration: Configuration = .init()) {
        self.now = now
        self.configuration = configuration
        random = configuration.seed
    }

    /// The server's clock, which may be ahead of the time.
    var clock: Int64 { now + configuration.clockAhead }

    /// A call that is not answered yet.
    public struct CallID: Sendable, Hashable, Comparable {
        var number: Int
        /// Earlier calls come first.
        public static func < (one: CallID, other: CallID) -> Bool { one.number < other.number }
    }

    /// What becomes of a request.
    public enum Reply: Sendable, Hashable {
        /// An answer.
        case answer(HTTPResponse)
        /// Nothing yet: `advance` tells when it is due.
        case held(CallID)
        /// The connection ends without an answer.
        case drop(Drop)
    }

    /// How a connection ends without an answer.
    public enum Drop: Sendable, Hashable {
        /// Nobody listens, so nothing of the request leaves the client.
        case refused
        /// The request left the client and was never processed.
        case lost
        /// The request was processed, or is being processed, and the answer never arrives.
        case cutOff
    }

    /// Whether the server is up.
    public enum Power: Sendable, Hashable {
        /// It answers.
        case up
        /// Nobody listens.
        case down
        /// It answers only that it is starting.
        case starting(StartUp)
    }

    /// What a server that is starting answers.
    public enum StartUp: Sendable, Hashable {
        /// 503 with a JSON text: the database is not connected yet.
        case databaseNotReady
        /// 200 with a plain text: migrations go on.
        case text
    }
}

extension Simulator {
    /// Takes a request that arrives at `now`; what the time until then brought is done first.
    ///
    /// A call that is held open goes on inside the server even if its client gives up. Answers that become due
    /// meanwhile are handed out by `advance`.
    public mutating func receive(_ request: HTTPRequest, now: Int64) -> Reply {
        proceed(to: now)
        counter += 1
        let id = CallID(number: counter)
        forgetOldRequests()
        calls[id] = Call(request: request, place: forgotten + requests.count)
        requests.append(ReceivedRequest(at: now, request: request, key: key(of: request)?.name))
        accept(id)
        proceed(to: now)
        guard let place = outbox.firstIndex(where: { $0.0 == id }) else { return .held(id) }
        return outbox.remove(at: place).1
    }

    /// Lets the time go on to `now` and returns the calls that fell due, in the order in which they did.
    public mutating func advance(to now: Int64) -> [(CallID, Reply)] {
        proceed(to: now)
        defer { outbox = [] }
        return outbox
    }

    /// When `advance` should be called next, in milliseconds since 1970; nil while nothing is under way.
    public var nextEvent: Int64? { outbox.isEmpty ? agenda.first?.at : now }

    mutating func schedule(_ kind: Event.Kind, at: Int64) { agenda.put(kind, at: at) }

    mutating func proceed(to time: Int64) {
        beginPruning()
        while let next = agenda.first, next.at <= time, let event = agenda.popFirst() {
            now = max(now, event.at)
            fire(event.kind)
        }
        now = time
    }

    private mutating func fire(_ kind: Event.Kind) {
        switch kind {
        case .runEnds(let id, let token): endRun(id, token: token)
        case .wakes(let id, let till): wake(id, till: till)
        case .triggers(let place): fire(schedule: place)
        case .replies(let call, let reply): deliver(call, reply)
        case .processes(let call): process(call)
        case .isUp(let boot): if boot == boots { comeUp() }
        case .workerIsUp(let worker): startWorker(worker, now: now)
        case .recovers: recoverDangling(now: now)
        case .prunes: pruneAsConfigured()
        case .processDies(let execution, let back): killProcess(of: execution, back: back)
        case .personRetries(let execution):
            guard power == .up else { return }
            _ = try? startRetry(execution, loadWorkflow: true, by: .person("person"))
        case .tells: break  // Whoever carries its messages takes what is due.
        }
    }
}
