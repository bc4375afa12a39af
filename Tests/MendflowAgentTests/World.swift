import MendflowAgent
import MendflowCore
import MendflowHTTP
import MendflowLedger
import MendflowN8N
import MendflowPolicy
import MendflowSimulator
import MendflowTestKit
import MendflowText
import Synchronization
import Testing

/// A simulated n8n, a clock and a ledger in a file, in which agents are started, stopped and started again.
final class World: Sendable {
    /// 2026-11-02T08:00:00Z
    static let start = AgentTime(milliseconds: 1793606400_000)
    /// The same moment on the server's clock, which agrees unless a test sets the agent's.
    static let serverStart = ClockOffset.zero.server(start)
    static let workflow = "Wf00000000000001"

    let simulation: Simulation
    /// The ledger, which outlives every agent.
    let store: MemoryLedgerStore
    let events = EventLog()
    /// What the agents' writers have heard, newest last.
    let answers = Mutex<[WriteAnswer]>([])
    /// The policies that agents had, by their evidence.
    private let policies = Mutex<[EvidencePiece: PolicySet]>([:])

    var clock: VirtualClock { simulation.clock }
    var box: SimulatorBox { simulation.box }

    init(
        seed: UInt64 = 1, kind: Simulator.Configuration = .init(), since: Period = .hours(48),
        highest: ExecutionID? = nil,
        _ set: (inout Simulator) -> Void = { _ in }
    ) throws {
        var simulator = Simulator(now: World.start.milliseconds, configuration: kind)
        simulator.add(tag: "Tag0000000000001", name: "needs-human")
        set(&simulator)
        simulation = Simulation(seed: seed, start: World.start, simulator)
        let baseline = InstanceBaseline(
            instance: InstanceKey(name: "main", epoch: 1), url: "http://n8n", since: World.serverStart - since,
            highest: highest, fingerprints: [], at: World.serverStart)
        store = try MemoryLedgerStore([LedgerEntry(.began(baseline, .initialised(by: "test")), at: World.start)])
    }

    /// A policy set of the built-in tables.
    static func set(
        _ policies: [Policy], protections: [Protection] = [], limits: InstanceLimits = InstanceLimits()
    ) throws -> PolicySet {
        PolicySet(
            policies: policies, instance: "main", protections: protections, limits: limits,
            tagIDs: ["needs-human": "Tag0000000000001"], tables: try tables.get())
    }

    /// Made once: each of hundreds of worlds would index all rules anew.
    private static let tables = Result {
        let rules = try ErrorRuleTable.builtIn.map { spec in
            try spec.compiled { source throws(RegularExpressionError) in
                try RegularExpression(source, caseSensitive: false)
            }
        }
        return JudgementTables(classifier: ErrorClassifier(rules: rules), risks: RepeatRiskJudge())
    }

    /// An agent as a process would start it.
    func agent(
        _ policies: PolicySet, mode: Mode = .enforce, writer: (any ExecutionWriter)? = nil,
        marks: MemoryHold? = nil, hook: StepHook? = nil, refresh: PolicyRefresh? = nil,
        change: (inout AgentConfiguration) -> Void = { _ in },
        store: (any LedgerStore)? = nil, clock: (any AgentClock)? = nil, hints: HintInbox? = nil,
        bell: Bell? = nil,
        reader wrap: (any ExecutionReader) -> any ExecutionReader = { $0 }
    ) async throws -> InstanceAgent {
        know(policies)
        let clock = clock ?? self.clock
        var noted: PolicyRefresh?
        if let refresh {
            noted = { [self] replays in
                let fresh = await refresh(replays)
                if let fresh { know(fresh.policies) }
                return fresh
            }
        }
        var configuration = AgentConfiguration(instance: "main", mode: mode)
        change(&configuration)
        let connection = try N8NConnection(url: try ServerURL("http://n8n:5678")) { "test-key" }
        let transport = SimulatedTransport(box)
        let reader = N8NReader(connection: connection, transport: transport, clock: clock) { $0 }
        let real = N8NWriter(connection: connection, transport: transport, clock: clock)
        return try await InstanceAgent(
            configuration: configuration, reader: wrap(reader),
            writer: mode == .enforce ? writer ?? real : nil,
            store: store ?? self.store, clock: clock, events: events,
            policies: policies, hold: marks, marks: marks?.marks, hook: hook, refresh: noted, hints: hints, bell: bell)
    }

    /// The writer that agents use, for wrapping.
    func writer() throws -> N8NWriter {
        N8NWriter(
            connection: try N8NConnection(url: try ServerURL("http://n8n:5678")) { "test-key" },
            transport: SimulatedTransport(box),
            clock: clock)
    }

    /// Runs an agent's loop for a time.
    func run(_ agent: InstanceAgent, for period: Period) async throws {
        let clock = clock
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await agent.run() }
            group.addTask { try await clock.sleep(for: period) }
            try await group.next()
            group.cancelAll()
        }
        try await expectReplay()
    }

    private func know(_ set: PolicySet) { policies.withLock { $0[set.evidence] = set } }

    /// Every decision in the ledger comes out again from its bytes, word for word; answers what was made.
    @discardableResult
    func expectReplay() async throws -> [DecisionReplay.Made] {
        let sets = policies.withLock { $0 }
        let made = try DecisionReplay(try await store.records(after: 0, limit: 1_000_000)).all { sets[$1] }
        for decision in made {
            #expect(decision.isSame, "record \(decision.number): \(decision.recorded), again \(decision.again)")
        }
        return made
    }

    /// What the ledger holds.
    func intents(_ action: ActionKind = .retry) throws -> [Intent] {
        try store.everything().intents(in: Set(IntentState.allCases)).filter { $0.draft.action == action }
    }

    /// What the last tick could not read.
    func gap() throws -> ReadingGap? {
        try store.everything().tick(of: InstanceKey(name: "main", epoch: 1))?.gap
    }

    /// Retries of an execution that the agent started, as n8n saw them.
    func retries(of id: Int) -> [Int] { box.withSimulator { $0.retries(of: id, by: .key("agent")) } }

    /// Requests of one kind that reached n8n.
    func requests(_ endpoint: Simulator.Endpoint) -> Int {
        box.withSimulator { $0.requests.count { $0.endpoint == endpoint } }
    }

    /// Bulk stops that n8n was asked for, without the probes of its keys, which can stop nothing.
    var bulkStops: Int { box.withSimulator { $0.requests.count { $0.endpoint == .stopMany && !$0.isProbe } } }
}

extension Simulator.ReceivedRequest {
    /// Whether it asks n8n whether it honours keys.
    var isProbe: Bool { request.headers["Idempotency-Key"]?.hasPrefix("mendflow-probe-") == true }
}

/// Marks of requests that are about to leave, in memory.
final class MemoryHold: LedgerHold {
    private let kept: Mutex<SendMarks>
    init(start: AuditHead = .start) { kept = Mutex(SendMarks(start: start)) }
    var marks: SendMarks? { kept.withLock { $0 } }
    func beginMarks(at head: AuditHead) { kept.withLock { $0 = SendMarks(start: head) } }
    func mark(_ intent: IntentID) { kept.withLock { $0.mark(intent) } }
}

/// Keeps events for tests to read.
final class EventLog: EventSink {
    private let log = Mutex<[AgentEvent]>([])
    func emit(_ event: AgentEvent) { log.withLock { $0.append(event) } }
    var all: [AgentEvent] { log.withLock { $0 } }
    func named(_ name: String) -> [AgentEvent] { all.filter { $0.name == name } }
}

extension Simulator.Workflow {
    /// A workflow that calls an API once.
    static func orderSync(_ script: Simulator.Script, settings: Simulator.JSON = ["executionOrder": "v1"]) -> Self {
        Simulator.Workflow(
            id: World.workflow, name: "Order sync",
            nodes: [.webhook("orders"), .http("Post order", method: "POST", url: "http://shop.example/orders")],
            settings: settings, script: script)
    }
}

extension Policy {
    /// Retries everything that failed in "Order sync", up to three times, every minute.
    static func retryOrders(
        maxRetries: Int = 3, risks: Set<RepeatRisk> = [.possible, .restart], name: String = "retry-orders",
        statuses: [String] = ["error", "crashed"]
    ) -> Policy {
        Policy(
            name: name, mode: .enforce,
            match: .all([
                .test(FieldTest(.status, [.anyOf(statuses.map { .wildcard($0) })])),
                .test(FieldTest(.workflowName, [.anyOf([.wildcard("Order sync")])])),
            ]),
            remediation: .retry(
                RetryAction(
                    maxRetries: maxRetries, backoff: Backoff(initialInterval: .minutes(1), jitter: .none),
                    acceptedRisks: risks)),
            guards: Guards(giveUpAfter: .hours(24)))
    }

    /// Stops what has been waiting for more than two hours.
    static let stopStaleWaiting = Policy(
        name: "stop-stale-waiting", mode: .enforce,
        match: .all([
            .test(FieldTest(.status, [.anyOf([.wildcard("waiting")])])),
            .test(FieldTest(.age, [.period(.gte, .hours(2))])),
        ]), remediation: .stop)
}
