import MendflowAgent
import MendflowCore
import MendflowHTTP
import MendflowSimulator
import MendflowTestKit
import Synchronization
import Testing

/// What befalls the first retry request.
enum Mishap: String, CaseIterable, Sendable {
    case none, refused, requestLost, answerLost, error500Before, error500After, gatewayTimeout, badGateway
    case childNotSaved, personRetries, personRetriesFirst, personRetriesAfter, truncated, startingUp, tooMany
    case redirected, delayed, processDies

    var fault: Simulator.Fault? {
        switch self {
        case .none, .personRetries: nil
        case .refused: .refuse
        case .requestLost: .loseRequest(after: 500)
        case .answerLost: .loseAnswer(after: 500)
        case .error500Before: .errorBefore
        case .error500After: .errorAfter
        case .gatewayTimeout: .gatewayTimeout
        case .badGateway: .badGateway
        case .childNotSaved: .childNotSaved
        case .personRetriesFirst: .personRetriesFirst
        case .personRetriesAfter: .personRetriesAfter(2000)
        case .truncated: .truncate(to: 40)
        case .startingUp: .startingUp
        case .tooMany: .tooManyRequests(retryAfter: 60)
        case .redirected: .redirect(to: "http://elsewhere/api/v1")
        case .delayed: .delayRequest(90_000)
        case .processDies: .processDies(after: 1000)
        }
    }
    /// Whether n8n, or the ids that it gave meanwhile, can prove that nothing was done, so that another request is right.
    var canBeProvenVoid: Bool {
        switch self {
        case .refused, .startingUp, .tooMany, .redirected, .error500Before: true
        default: false
        }
    }
}

/// One cell of the table: the kind of server, where the agent is stopped dead, what befalls its request.
struct Cell: Sendable, CustomTestStringConvertible {
    var kind: Simulator.Configuration
    var step: ActingStep?
    var mishap: Mishap
    var seed: UInt64
    var testDescription: String {
        "era \(kind.release.era.rawValue), \(kind.mode), stopped at \(step?.rawValue ?? "no step"), "
            + "\(mishap.rawValue), seed \(seed)"
    }

    /// Every step where the most is known of the server; elsewhere the steps after which a request may have left.
    static let all: [Cell] = Simulator.Configuration.everyKind.flatMap { kind in
        let steps: [ActingStep?] =
            kind.release.era == .c && kind.mode == .regular
            ? ActingStep.allCases.map { $0 } + [nil] : [.opening, .answered, nil]
        return steps.flatMap { step in
            Mishap.allCases.map { Cell(kind: kind, step: step, mishap: $0, seed: 7) }
        }
    }

    /// All of them, or where not everything is run some of each kind and step, and of each mishap.
    static let chosen = TestScale.isFull ? all : stride(from: 0, to: all.count, by: 7).map { all[$0] }
}

/// Answers a lost request by sending it again, which is the fault that the table must find.
struct Resending: ExecutionWriter {
    let base: any ExecutionWriter
    func send(_ probe: KeyProbe) async -> KeyAnswer { await base.send(probe) }
    func send(_ request: ExecutionRequest, key: RequestKey?) async -> WriteAnswer {
        let answer = await base.send(request, key: key)
        guard request.kind == .retry, case .unanswered = answer else { return answer }
        return await base.send(request, key: key)
    }
}

@Suite("The table of never twice")
struct NeverTwiceTests {
    /// Runs one cell and answers what n8n's own record says against the promise.
    static func violations(
        _ cell: Cell, _ wrap: @escaping @Sendable (any ExecutionWriter) -> any ExecutionWriter = { $0 }
    ) throws -> [String] {
        let world = try World(seed: cell.seed, kind: cell.kind) { simulator in
            simulator.add(
                .orderSync(
                    .init(next: [.error(.http(503, method: "POST"), after: 100)], retries: [.success(after: 5000)])))
            // Other runs come and go, so that there are ids to account for.
            var other = Simulator.Workflow.orderSync(.always(.success(after: 10)))
            other.id = "Wf00000000000002"
            other.name = "Other"
            simulator.add(other)
            simulator.trigger(other.id, every: 120_000, from: World.start.milliseconds + 30_000)
            if let fault = cell.mishap.fault { simulator.faults = [.init(fault, at: [.retry])] }
        }
        let set = try World.set([.retryOrders()])
        try world.simulation.run {
            world.box.withSimulator { _ = $0.trigger(World.workflow, now: world.clock.now().milliseconds) }
            let marks = MemoryHold()
            let first = try await world.agent(
                set, writer: wrap(try world.writer()), marks: marks, hook: hook(cell, world))
            try await world.run(first, for: .minutes(4))
            let second = try await world.agent(set, writer: wrap(try world.writer()), marks: marks)
            try await world.run(second, for: .minutes(15))
        }
        return try judge(world, cell)
    }

    /// Stops the agent dead at the cell's step, and lets a person retry between last look and request.
    static func hook(_ cell: Cell, _ world: World) -> StepHook {
        let isDone = Mutex(false)
        return { (step: ActingStep, intent: Intent) async throws(AgentKilled) in
            guard intent.draft.action == .retry, !isDone.withLock({ $0 }) else { return }
            if cell.mishap == .personRetries, step == .looked {
                let now = world.clock.now().milliseconds
                world.box.withSimulator { _ = $0.personRetries(1, now: now) }
            }
            if step == cell.step {
                isDone.withLock { $0 = true }
                throw AgentKilled()
            }
        }
    }

    /// Judges from the simulator's record alone, but for the ledger's word on what it proved void.
    static func judge(_ world: World, _ cell: Cell) throws -> [String] {
        var found: [String] = []
        let children = world.retries(of: 1)
        if children.count > 1 { found.append("execution 1 was retried \(children.count) times") }
        let requests = world.box.withSimulator { simulator in
            simulator.requests.count { $0.endpoint == .retry && $0.request.url.hasSuffix("/executions/1/retry") }
        }
        let intents = try world.intents().filter { $0.draft.execution == "1" }
        let voided = intents.count { $0.state == .void && $0.sendingAt != nil }
        if requests > 1 + (cell.mishap.canBeProvenVoid ? voided : 0) {
            found.append("\(requests) requests for execution 1, \(voided) of them void")
        }
        if !children.isEmpty, intents.allSatisfy({ $0.state == .void }) {
            found.append("the ledger says that nothing ran, n8n that \(children) did")
        }
        let standing = intents.filter { $0.state != .void && $0.state != .superseded }
        if standing.count > 1 { found.append("\(standing.count) intents stand for execution 1") }
        if intents.contains(where: \.state.isOpen) { found.append("an intent was left open") }
        return found
    }

    @Test(
        "an execution is retried once at most, wherever the agent is stopped and whatever befalls its request",
        arguments: Cell.chosen)
    func once(cell: Cell) throws {
        #expect(try NeverTwiceTests.violations(cell) == [])
    }

    @Test("also where not everything is run, every mishap befalls, and every kind of server is stopped at every step")
    func chosen() {
        func places(_ cells: [Cell]) -> Set<String> { Set(cells.map { "\($0.kind) \($0.step?.rawValue ?? "none")" }) }
        #expect(Set(Cell.chosen.map(\.mishap)) == Set(Mishap.allCases))
        #expect(places(Cell.chosen) == places(Cell.all))
    }

    @Test(
        "what is never answered ends unresolved, and nobody sends it again",
        arguments: [Mishap.requestLost, .error500Before])
    func unresolved(mishap: Mishap) throws {
        let world = try World { simulator in
            simulator.add(.orderSync(.always(.error(.http(503, method: "POST"), after: 100))))
            simulator.faults = [.init(mishap.fault!, at: [.retry])]
        }
        let set = try World.set([.retryOrders()])
        try world.simulation.run {
            world.box.withSimulator { _ = $0.trigger(World.workflow, now: world.clock.now().milliseconds) }
            try await world.run(try await world.agent(set), for: .hours(4))
        }
        #expect(try world.intents().map(\.state) == [.unresolved])
        #expect(world.requests(.retry) == 1)
    }

    @Test("a writer that sends again on a lost answer turns the table red")
    func plantedFault() throws {
        let cell = Cell(kind: .init(), step: nil, mishap: .answerLost, seed: 7)
        #expect(try !NeverTwiceTests.violations(cell) { Resending(base: $0) }.isEmpty)
    }

    @Test(
        "a person's retry between decision and last look is seen, and nothing is sent", arguments: [Int64(1), 600_000])
    func lastLook(duration: Int64) throws {
        let world = try World { simulator in
            simulator.add(
                .orderSync(
                    .init(
                        next: [.error(.http(503, method: "POST"), after: 100)], retries: [.success(after: duration)])))
        }
        let set = try World.set([.retryOrders()])
        try world.simulation.run {
            world.box.withSimulator { _ = $0.trigger(World.workflow, now: world.clock.now().milliseconds) }
            let agent = try await world.agent(set) { (step: ActingStep, _: Intent) async throws(AgentKilled) in
                guard step == .reserved else { return }
                let now = world.clock.now().milliseconds
                world.box.withSimulator { _ = $0.personRetries(1, now: now) }
            }
            try await world.run(agent, for: .minutes(5))
        }
        #expect(world.requests(.retry) == 0)
        let intents = try world.intents()
        #expect(intents.map(\.state) == [.void])
        #expect(intents.first?.note?.hasPrefix("not sent") == true)
    }

    @Test("a pause that comes between decision and request stops the request")
    func pause() throws {
        let world = try World { simulator in
            simulator.add(.orderSync(.always(.error(.http(503, method: "POST"), after: 100))))
        }
        let set = try World.set([.retryOrders()])
        let store = world.store
        try world.simulation.run {
            world.box.withSimulator { _ = $0.trigger(World.workflow, now: world.clock.now().milliseconds) }
            let agent = try await world.agent(set) { (step: ActingStep, _: Intent) async throws(AgentKilled) in
                guard step == .looked else { return }
                do { try await OperatorPause.set(store) } catch { Issue.record(error) }
            }
            try await world.run(agent, for: .minutes(10))
        }
        #expect(world.requests(.retry) == 0)
        #expect(try world.intents().map(\.state) == [.void])
    }
}
