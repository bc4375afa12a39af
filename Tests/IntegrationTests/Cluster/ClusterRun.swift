import FoundationEssentials
import Glibc
import MendflowCore
import MendflowHTTPServer
import MendflowPostgresKit
import MendflowRehearsal
import MendflowSimulator
import MendflowTestKit

/// Three agents on one PostgreSQL, of which the one that leads is killed, frozen or cut off, over and over; judged from the
/// simulated n8n's own record and from the tables of the database.
final class ClusterRun {
    /// What befalls the agent that leads.
    enum Fault: Hashable {
        case killed
        /// For so many milliseconds.
        case frozen(Int)
        case cutOff(AgentNetwork.Cut, Int)

        var name: String {
            switch self {
            case .killed: "killed"
            case .frozen: "frozen"
            case .cutOff(.everything, _): "cut off"
            case .cutOff(.answersOfDatabase, _): "deaf to the database"
            case .cutOff(.answersOfServer, _): "deaf to n8n"
            }
        }
        /// Whether another agent has to take over: one that does not hear n8n leads on, for its lease is its own.
        func passesLead(_ lease: Int) -> Bool {
            switch self {
            case .killed: true
            case .frozen(let time): time > 2 * lease
            case .cutOff(.answersOfServer, _): false
            case .cutOff(_, let time): time > 2 * lease
            }
        }
    }

    let world: World
    private let database: PostgresTestServer
    private let network: AgentNetwork?
    private let user: String
    private var random: SplitMix64
    private var agents: [Child?] = [nil, nil, nil]
    private(set) var faults: [String: Int] = [:], restarts = 0
    /// From the fault to the first request of another agent, in milliseconds.
    private(set) var takeovers: [Int] = []
    private var judged = 0
    private var failures: Set<Int> = []
    private(set) var journal = Journal()
    private(set) var broken: [String] = []
    private var children: [Int: Int] = [:]
    private var deedOf: [Int: Simulator.Deed] = [:]

    /// The lease that the agents are given, in milliseconds.
    static let lease = 3000
    static let seed = getenv("MENDFLOW_CLUSTER_SEED").flatMap { UInt64(String(cString: $0)) } ?? 1
    /// How often a leader is befallen: what `make cluster-test` says, else what fits into seconds.
    static let count = getenv("MENDFLOW_CLUSTER_FAULTS").flatMap { Int(String(cString: $0)) } ?? 6

    init() async throws {
        network = AgentNetwork.isPossible ? try await AgentNetwork(agents: 3) : nil
        world = try World(retries: .success(after: 10), address: network == nil ? .loopback : .any)
        let host = network == nil ? "127.0.0.1" : AgentNetwork.database
        database = try await PostgresTestServer(
            ["max_connections=60"],
            rules: "host all all 127.0.0.1/32 trust\nhost all all \(AgentNetwork.range).0.0/16 trust",
            host: host)
        user = try await database.makeUser()
        let address = "postgres://\(user)@\(host):\(database.port)/postgres?sslmode=disable"
        random = SplitMix64(seed: ClusterRun.seed)
        world.makeUnreliable()
        let server = network == nil ? "127.0.0.1" : AgentNetwork.server
        try world.write("policies.yaml", World.eagerPolicies)
        let configuration = World.eagerConfiguration(url: "http://\(server):\(world.server.port)")
            .replacing("ledger: mendflow.sqlite", with: "ledger: \"\(address)\"")
        try world.write(
            "mendflow.yaml",
            configuration.replacing("level: error", with: "level: info")
                + "cluster: {lease: \(ClusterRun.lease)ms, send_within: 700ms}\n")
        world.server.withSimulator { n8n in
            n8n.configuration.keys = (0..<3).map { .init(key: World.key + "\($0)", name: "agent\($0)") }
        }
        let since = (World.now() - .hours(1)).rfc3339
        let end = try await world.run(
            [
                "init", world.folder, "--url", "http://\(server):\(world.server.port)", "--key-env", "N8N_API_KEY",
                "--since", since,
            ],
            environment: ["N8N_API_KEY": World.key + "0"])
        if end.code != 0 { broken.append("init ends with \(end.code): \(end.err)") }
        for agent in 0..<3 { try start(agent) }
    }

    private func start(_ agent: Int) throws {
        var words = [World.program, "run", "--config", world.config]
        if let network { words = network.at(agent) + words }
        agents[agent] = try Child(
            words,
            environment: [
                "N8N_API_KEY": World.key + "\(agent)", "HOSTNAME": "host\(agent)", "PATH": "/usr/bin:/bin",
            ], seconds: 20_000)
    }

    /// The agent that asked last: the one that leads.
    private var leader: Int? {
        world.server.withSimulator { n8n in
            n8n.requests.last { $0.key?.hasPrefix("agent") ?? false }?.key?.last.flatMap { $0.wholeNumberValue }
        }
    }

    private static func now() -> Int64 { World.now().milliseconds }

    /// Waits until something holds; false where it did not within some seconds.
    private func wait(_ seconds: Int, _ holds: () -> Bool) async throws -> Bool {
        for _ in 0..<seconds * 200 {
            if holds() { return true }
            try await Task.sleep(for: .milliseconds(5))
        }
        return false
    }
}

extension ClusterRun {
    /// Lets something befall the leader at a moment that the seed decides, and waits until everything is led again.
    func befall(_ number: Int) async throws {
        for _ in 0..<1 + random.below(2) { failures.insert(world.failure()) }
        if random.below(4) == 0 { _ = world.staleWait() }
        try await Task.sleep(for: .milliseconds(random.below(1500)))
        if number % 20 == 19 { try await restartDatabase() }
        guard let leader, let child = agents[leader] else { return broken.append("fault \(number): nobody leads") }
        let fault = draw()
        faults[fault.name, default: 0] += 1
        let at = ClusterRun.now()
        try await begin(fault, leader, child)
        let isPassed = try await wait(20) {
            firstRequest(notOf: leader, since: at) != nil || !fault.passesLead(ClusterRun.lease)
        }
        if let first = firstRequest(notOf: leader, since: at) { takeovers.append(Int(first - at)) }
        if !isPassed { broken.append("fault \(number): \(fault.name), and nobody took over within 20 s") }
        try await end(fault, leader, child)
        try await judge("fault \(number)")
    }

    private func draw() -> Fault {
        let time = 500 + random.below(4 * ClusterRun.lease)
        switch random.below(network == nil ? 6 : 10) {
        case 0...2: return .killed
        case 3...5: return .frozen(time)
        case 6...7: return .cutOff(.everything, time)
        case 8: return .cutOff(.answersOfDatabase, time)
        default: return .cutOff(.answersOfServer, time)
        }
    }

    private func begin(_ fault: Fault, _ leader: Int, _ child: Child) async throws {
        switch fault {
        case .killed: child.signal(SIGKILL)
        case .frozen(let time):
            child.signal(SIGSTOP)
            try await Task.sleep(for: .milliseconds(time))
        case .cutOff(let cut, let time):
            try await network?.cut(cut, off: leader)
            try await Task.sleep(for: .milliseconds(time))
        }
    }

    private func end(_ fault: Fault, _ leader: Int, _ child: Child) async throws {
        switch fault {
        case .killed:
            let end = await child.end()
            if end.code != -SIGKILL { broken.append("an agent had ended with \(end.code): \(end.err.suffix(2000))") }
            try start(leader)
        case .frozen: child.signal(SIGCONT)
        case .cutOff(let cut, _): try await network?.heal(cut, of: leader)
        }
        for (number, agent) in agents.enumerated() where agent?.hasEnded ?? true {
            broken.append("agent \(number) has ended: \(await agent?.end().err.suffix(2000) ?? "")")
            try start(number)
        }
    }

    /// When another agent first asked n8n after a time.
    private func firstRequest(notOf leader: Int, since: Int64) -> Int64? {
        world.server.withSimulator { n8n in
            n8n.requests.reversed().prefix { $0.at >= since }.last { ($0.key ?? "agent\(leader)") != "agent\(leader)" }?
                .at
        }
    }

    private func restartDatabase() async throws {
        restarts += 1
        try database.kill()
        try await Task.sleep(for: .milliseconds(random.below(1000)))
        try database.restart()
    }
}

extension ClusterRun {
    /// What has to hold at any moment.
    func judge(_ when: String) async throws {
        // What was done is looked at before the records: those of it stand there by then.
        let deeds = world.server.withSimulator { $0.deeds }
        broken += try await journal.read(database: database.clientAddress(of: user)).map { "\(when): \($0)" }
        for deed in deeds[judged...] {
            guard case .key = deed.by else { continue }
            switch deed.what {
            case .retried(let id, let child):
                if children.updateValue(child, forKey: id) != nil { broken.append("\(when): \(id) was retried twice") }
                done("retry", id, deed, when)
            case .stopped(let id): done("stop", id, deed, when)
            case .deleted, .tagged, .stoppedMany: broken.append("\(when): no policy asks for \(deed.what)")
            default: break
            }
        }
        judged = deeds.count
    }

    private func done(_ action: String, _ execution: Int, _ deed: Simulator.Deed, _ when: String) {
        if let intent = journal.intent(action, execution, at: deed.at) {
            deedOf[intent] = deed
        } else {
            broken.append("\(when): the \(action) of \(execution) is in no record")
        }
    }

    /// Lets the agents work in peace until nothing is left to do, and ends them.
    func settle() async throws {
        world.makeReliable()
        for _ in 0..<45 where !undecided.isEmpty {
            try await Task.sleep(for: .seconds(2))
            try await judge("in peace")
        }
        if !undecided.isEmpty { broken.append("nobody decided to retry \(undecided.sorted())") }
        try await comeToRest()
        for agent in agents { agent?.signal(SIGTERM) }
        for agent in agents {
            guard let end = await agent?.end(), end.code != 0 else { continue }
            broken.append("told to stop, an agent ends with \(end.code): \(end.err.suffix(2000))")
        }
        try await judge("at the end")
    }

    /// Failures of which neither n8n has a retry nor the ledger an intent. A request that n8n never got is an intent
    /// without a retry: nobody knows that it got lost, and it is not sent again.
    private var undecided: Set<Int> {
        let intended = Set(journal.intents.values.filter { $0.action == "retry" }.map(\.execution))
        return failures.subtracting(intended).subtracting(children.keys)
    }

    private func comeToRest() async throws {
        var before = (-1, -1)
        for _ in 0..<120 {
            try await judge("in peace")
            let now = (judged, journal.open.count)
            if now == before, now.1 == 0 { return }
            before = now
            try await Task.sleep(for: .seconds(2))
        }
        broken.append("it does not come to rest: \(journal.open) are open")
    }

    /// What has to hold once everything is at rest.
    func judgeEnd() async throws {
        broken += journal.contradictions(done: Set(deedOf.keys))
        let verified = try await world.run(["audit", "verify"], environment: ["N8N_API_KEY": World.key + "0"])
        if verified.code != 0 { broken.append("audit verify: \(verified.out)\(verified.err)") }
    }

    /// The time that so many of a hundred take-overs took at most.
    func takeover(of hundred: Int) -> Int {
        let sorted = takeovers.sorted()
        return sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, sorted.count * hundred / 100)]
    }

    /// The run in one line.
    var numbers: String {
        let told = faults.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        return "\(faults.values.reduce(0, +)) faults of the leader (\(told)), database restarted \(restarts) times; "
            + "\(failures.count) failures, \(children.count) retries, \(journal.last) records; take-over median "
            + "\(takeover(of: 50)) ms, p99 \(takeover(of: 99)) ms, longest \(takeovers.max() ?? 0) ms; "
            + "\(broken.count) broken promises"
    }

    func remove() async throws {
        for agent in agents { agent?.signal(SIGKILL) }
        await network?.remove()
        try database.stop()
        try await world.remove()
    }
}
