import FoundationEssentials
import Glibc
import MendflowRehearsal
import MendflowSimulator
import MendflowTestKit

/// A row of kills, judged after each of them from the simulated n8n's own record and from the ledger's file as the dead
/// process left it.
struct KillRun {
    private let world: World
    private var random: SplitMix64
    private var judged = 0
    private(set) var kills = 0
    /// Kills that found an action sent and without an outcome.
    private(set) var cutShort = 0
    private(set) var journal = Journal()
    private(set) var broken: [String] = []
    /// The child of each execution that was retried, and what came of each intent, by n8n's own record.
    private var children: [Int: Int] = [:]
    private var deedOf: [Int: Simulator.Deed] = [:]

    init(_ world: World) {
        self.world = world
        random = SplitMix64(seed: World.killSeed)
    }

    /// Starts the program, waits for a moment that the seed decides, and kills it.
    mutating func killOnce() async throws {
        kills += 1
        if random.below(4) > 0 { _ = world.failure() }
        if random.below(4) == 0 { _ = world.staleWait() }
        let moment = Moment(&random, world.server.withSimulator { ($0.requests.count, $0.deeds.count) })
        // Between two requests there is work, too: some of the moments are a while after one.
        let later = random.below(2) == 0 ? Duration.microseconds(random.below(20_000)) : .zero
        let child = try world.start("run")
        // Bounded: what the moment waits for may never come.
        for _ in 0..<1500 where !child.hasEnded {
            if world.server.withSimulator({ moment.isReached(by: $0) }) { break }
            try await Task.sleep(for: .milliseconds(1))
        }
        try await Task.sleep(for: later)
        child.signal(SIGKILL)
        let end = await child.end()
        if end.code != -SIGKILL { broken.append("kill \(kills): it had ended with \(end.code): \(end.err)") }
    }

    /// Lets the program work in peace until nothing is left to do.
    mutating func settle() async throws {
        world.makeReliable()
        for _ in 0..<40 {
            let deeds = world.server.withSimulator { $0.deeds.count }
            let end = try await world.run("run", "--once")
            if end.code != 0 { broken.append("in peace it ends with \(end.code): \(end.err)") }
            try journal.read(world.ledger)
            if world.server.withSimulator({ $0.deeds.count }) == deeds, journal.open.isEmpty { return }
            // The next retry of a chain is due a second after the last one, or some.
            try await Task.sleep(for: .seconds(1))
        }
        broken.append("it does not come to rest")
    }
}

extension KillRun {
    /// What has to hold whenever the process is dead.
    mutating func judge() throws {
        broken += try journal.read(world.ledger).map { "kill \(kills): \($0)" }
        if !journal.open.isEmpty { cutShort += 1 }
        let deeds = world.server.withSimulator { $0.deeds }
        for deed in deeds[judged...] where deed.by == .key("agent") {
            switch deed.what {
            case .retried(let id, let child):
                if children.updateValue(child, forKey: id) != nil {
                    broken.append("kill \(kills): \(id) was retried twice")
                }
                done("retry", id, deed)
            case .stopped(let id): done("stop", id, deed)
            case .deleted, .tagged, .stoppedMany: broken.append("kill \(kills): no policy asks for \(deed.what)")
            default: break
            }
        }
        judged = deeds.count
    }

    private mutating func done(_ action: String, _ execution: Int, _ deed: Simulator.Deed) {
        if let intent = journal.intent(action, execution, at: deed.at) {
            deedOf[intent] = deed
        } else {
            broken.append("kill \(kills): the \(action) of \(execution) is in no record")
        }
    }

    /// What has to hold once everything is at rest.
    mutating func judgeEnd() {
        broken += journal.contradictions(done: Set(deedOf.keys))
        for (number, intent) in journal.intents.sorted(by: { $0.key < $1.key }) {
            guard let child = journal.outcomes[number]?.child, child != children[intent.execution] else { continue }
            broken.append("\(intent.execution) is on record as retried by \(child), which is none of ours")
        }
    }

    /// The run in one line.
    var numbers: String {
        let states = Dictionary(grouping: journal.outcomes.values, by: \.state).mapValues(\.count)
        let told = states.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        return "\(kills) kills, \(cutShort) with an action under way; \(journal.intents.count) intents (\(told)); "
            + "\(children.count) retries; \(journal.last) records; \(broken.count) broken promises"
    }
}

/// When the program is killed.
private enum Moment: Sendable {
    case atOnce
    /// When so many requests were received.
    case requests(Int)
    /// When so many requests that act were received.
    case acting(Int, from: Int)
    /// When n8n has done so much.
    case deeds(Int)

    init(_ random: inout SplitMix64, _ now: (requests: Int, deeds: Int)) {
        switch random.below(8) {
        case 0: self = .atOnce
        case 1...3: self = .requests(now.requests + 1 + random.below(30))
        case 4...5: self = .acting(1 + random.below(3), from: now.requests)
        default: self = .deeds(now.deeds + 1 + random.below(6))
        }
    }

    func isReached(by n8n: Simulator) -> Bool {
        switch self {
        case .atOnce: true
        case .requests(let count): n8n.requests.count >= count
        case .acting(let count, let from):
            n8n.requests[from...].count { [.retry, .stop].contains($0.endpoint) } >= count
        case .deeds(let count): n8n.deeds.count >= count
        }
    }
}
