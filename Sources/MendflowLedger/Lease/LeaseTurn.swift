import MendflowCore

/// What a turn of an agent does with a board, and what it answers the agent. Pure: every store runs it in its transaction.
///
/// Instances are shared evenly: a free one goes to the agent that leads the fewest of those that can lead it, and who leads at
/// least two more than another gives one back. All agents reckon alike, so that no two take turns with one instance.
///
/// Whoever does not reach an instance's n8n hands it on to one who does, and gets it back only once it reaches it again.
/// Where nobody reaches it, it stays where it is.
public struct LeaseTurn: Sendable, Hashable {
    /// The board after it.
    public private(set) var board: LeaseBoard
    /// What the agent holds from now on, by instance.
    public private(set) var held: [String: Lease] = [:]
    /// What the agent should bring to an end and give back, for another has less to do.
    public private(set) var surplus: String?
    /// Whether something was given back, which others may take at once.
    public private(set) var hasReturned = false
    /// The rows that changed: leases by instance, agents by name, and whether it is there at all.
    public private(set) var changedLeases: Set<String> = []

    /// Takes an agent's turn on a board.
    public init(_ wish: LeaseWish, on board: LeaseBoard) {
        self.board = board
        appear(wish)
        giveBack(wish)
        prolong(wish)
        guard !wish.isLeaving else { return }
        surplus = surplus(of: wish, take(wish))
    }

    private mutating func appear(_ wish: LeaseWish) {
        // Whoever was not heard of for long is forgotten, or the board would grow with every start.
        board.agents = board.agents.filter { $0.value.ends + LeaseTurn.memory > board.now }
        guard !wish.isLeaving else {
            board.agents[wish.agent] = nil
            return
        }
        let since = board.agents[wish.agent]?.since ?? board.now
        board.agents[wish.agent] = AgentPresence(
            name: wish.agent, place: wish.place, since: since, ends: board.now + wish.period, instances: wish.instances,
            blind: wish.blind.intersection(wish.instances), sees: wish.sees.intersection(wish.instances))
    }

    /// How long an agent that is there no more is remembered, for people to see.
    private static let memory = Period.hours(1)

    /// What an agent holds without knowing it, since the answer by which it was taken was lost, is free as well.
    private mutating func giveBack(_ wish: LeaseWish) {
        for (instance, lease) in board.leases.sorted(by: { $0.key < $1.key })
        where lease.holder == wish.agent && lease.isHeld(at: board.now)
            && (wish.holds[instance] != lease.epoch || wish.returns[instance] == lease.epoch)
        {
            board.leases[instance]?.ends = board.now
            changedLeases.insert(instance)
            hasReturned = true
        }
    }

    /// A lease that ended is over, also where nobody has taken it: what was done meanwhile was not fenced.
    private mutating func prolong(_ wish: LeaseWish) {
        for (instance, epoch) in wish.holds where isHeld(instance, epoch, wish.agent) {
            board.leases[instance]?.ends = board.now + wish.period
            changedLeases.insert(instance)
            held[instance] = board.leases[instance]
        }
    }

    private func isHeld(_ instance: String, _ epoch: Int64, _ agent: AgentName) -> Bool {
        board.held(instance).map { $0.epoch == epoch && $0.holder == agent } ?? false
    }

    /// Takes what is free and this agent's; answers how much each leads once the others have taken what is theirs.
    private mutating func take(_ wish: LeaseWish) -> [AgentName: Int] {
        var loads = self.loads
        for instance in Set(board.present.flatMap(\.instances)).sorted() where board.held(instance) == nil {
            guard let next = LeaseTurn.least(loads, among: candidates(for: instance)) else { continue }
            loads[next, default: 0] += 1
            guard next == wish.agent else { continue }
            let lease = Lease(
                instance: instance, epoch: (board.leases[instance]?.epoch ?? 0) + 1, holder: next, since: board.now,
                ends: board.now + wish.period)
            board.leases[instance] = lease
            changedLeases.insert(instance)
            held[instance] = lease
        }
        return loads
    }

    /// Who may lead an instance: who is known to reach its n8n before who is not known not to, and these before all others.
    private func candidates(for instance: String) -> [AgentPresence] {
        let all = board.present.filter { $0.instances.contains(instance) }
        let (seeing, hopeful) = (
            all.filter { $0.sees.contains(instance) }, all.filter { !$0.blind.contains(instance) }
        )
        return seeing.isEmpty ? hopeful.isEmpty ? all : hopeful : seeing
    }

    /// How much each agent leads now.
    private var loads: [AgentName: Int] {
        board.leases.values.filter { $0.isHeld(at: board.now) }.reduce(into: [:]) { $0[$1.holder, default: 0] += 1 }
    }

    private static func least(_ loads: [AgentName: Int], among agents: [AgentPresence]) -> AgentName? {
        agents.map(\.name).min { (loads[$0] ?? 0, $0) < (loads[$1] ?? 0, $1) }
    }

    /// One at a time, so that as little as possible changes hands. What another one reaches and this agent does not goes first.
    private func surplus(of wish: LeaseWish, _ loads: [AgentName: Int]) -> String? {
        let mine = loads[wish.agent] ?? 0
        let unseen = held.keys.sorted().first { instance in
            wish.blind.contains(instance) && candidates(for: instance).contains { $0.sees.contains(instance) }
        }
        return unseen
            ?? held.keys.sorted().last { instance in
                let others = board.present.filter {
                    $0.name != wish.agent && $0.instances.contains(instance) && !$0.blind.contains(instance)
                }
                return LeaseTurn.least(loads, among: others).map { (loads[$0] ?? 0) + 2 <= mine } ?? false
            }
    }
}
