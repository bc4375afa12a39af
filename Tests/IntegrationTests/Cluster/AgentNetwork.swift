import Glibc

/// Where the agents of a cluster live: each in a network namespace of its own, which reaches n8n under one address and the database
/// under another, so that either can be cut off from one agent alone, in one direction or in both. Only root can make that.
struct AgentNetwork: Sendable {
    /// What is cut off from an agent.
    enum Cut: CaseIterable, Sendable {
        /// Nothing reaches it, and nothing leaves it.
        case everything
        /// What it says reaches the database, and no answer comes back: it does not hear that its commits were done.
        case answersOfDatabase
        /// What it asks of n8n is done, and no answer comes back.
        case answersOfServer
    }

    /// Another one for each process: several may be at it on one machine.
    static let range = "10.\(200 + getpid() % 50)"
    static let server = "\(range).0.1", database = "\(range).0.2"
    private let name: String
    private let count: Int

    /// Whether this machine lets a test make networks.
    static let isPossible = getuid() == 0 && access("/usr/sbin/ip", X_OK) == 0

    init(agents count: Int) async throws {
        name = "mf\(getpid() % 100_000)"
        self.count = count
        try await AgentNetwork.ip(
            "addr replace \(AgentNetwork.server)/32 dev lo", "addr replace \(AgentNetwork.database)/32 dev lo")
        for agent in 0..<count {
            let (space, link) = (space(agent), link(agent))
            try await AgentNetwork.ip(
                "netns add \(space)", "link add \(link) type veth peer name inside netns \(space)",
                "addr add \(outside(agent))/30 dev \(link)", "link set \(link) up", "-n \(space) link set lo up",
                "-n \(space) addr add \(inside(agent))/30 dev inside", "-n \(space) link set inside up",
                "-n \(space) route add default via \(outside(agent))")
        }
    }

    /// The words before those of a program that is to run at an agent's place.
    func at(_ agent: Int) -> [String] { ["/usr/sbin/ip", "netns", "exec", space(agent)] }

    func cut(_ cut: Cut, off agent: Int) async throws { try await change(cut, agent, isCut: true) }
    func heal(_ cut: Cut, of agent: Int) async throws { try await change(cut, agent, isCut: false) }

    private func change(_ cut: Cut, _ agent: Int, isCut: Bool) async throws {
        let word = isCut ? "add" : "del"
        switch cut {
        case .everything:
            try await AgentNetwork.ip("link set \(link(agent)) \(isCut ? "down" : "up")")
        case .answersOfDatabase:
            try await AgentNetwork.ip("rule \(word) from \(AgentNetwork.database) to \(inside(agent)) blackhole")
        case .answersOfServer:
            try await AgentNetwork.ip("rule \(word) from \(AgentNetwork.server) to \(inside(agent)) blackhole")
        }
    }

    func remove() async {
        for agent in 0..<count { try? await AgentNetwork.ip("netns del \(space(agent))") }
    }

    private func space(_ agent: Int) -> String { "\(name)a\(agent)" }
    private func link(_ agent: Int) -> String { "\(name)v\(agent)" }
    private func outside(_ agent: Int) -> String { "\(AgentNetwork.range).\(agent + 1).1" }
    private func inside(_ agent: Int) -> String { "\(AgentNetwork.range).\(agent + 1).2" }

    private static func ip(_ commands: String...) async throws {
        for command in commands {
            let words = ["/usr/sbin/ip"] + command.split(separator: " ").map(String.init)
            let end = await (try Child(words, environment: [:])).end()
            guard end.code == 0 else { throw Failed(description: "ip \(command): \(end.err)") }
        }
    }

    struct Failed: Error, CustomStringConvertible { var description: String }
}
