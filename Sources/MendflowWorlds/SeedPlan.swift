public import MendflowCore
public import MendflowSimulator
import MendflowTestKit

/// What befalls one simulated world: a pure function of a seed.
public struct SeedPlan: Sendable {
    /// Something that happens at a moment after the start.
    public struct Event: Sendable, Equatable {
        /// When, after the start.
        public var at: Period
        /// What.
        public var what: SeedEvent
    }

    /// The seed.
    public var seed: UInt64
    /// The n8n.
    public var kind: Simulator.Configuration
    /// What goes wrong with requests.
    public var faults: [Simulator.FaultRule]
    /// What happens, oldest first.
    public var events: [Event]
    /// The hosts and their database, where several share one.
    var shared: SharedWorld?
    /// How often a run of the workflow fails, of ten; how often a retry heals, of ten; whether successes are kept.
    var failing: Int, healing: Int, keepsSuccesses: Bool

    /// What befalls this world, in the order of time.
    public var story: String {
        let server =
            "n8n \(kind.release), \(kind.mode == .regular ? "regular mode" : "queue mode")"
            + (kind.clockAhead == 0 ? "" : ", its clock \(Period(milliseconds: kind.clockAhead)) ahead")
            + (kind.pruning.map { ", prunes after \(Period(milliseconds: $0.maxAge))" } ?? "")
            + (kind.release.era == .d ? ", \(kind.keyReading)" : "")
            + (kind.telling == nil ? "" : ", tells of its runs, and somebody lies about them")
            + (kind.rateLimit.map { ", \($0.reads) reads and \($0.writes) writes a minute" } ?? "")
        let runs =
            "\(failing) of 10 runs fail, \(healing) of 10 retries heal, successes are \(keepsSuccesses ? "" : "not ")kept"
            + (isOnTornDisk ? ", the ledger in SQLite on a disk that loses what was not flushed" : "")
            + (tellsPeople ? ", people are told by a server that loses some of it" : "")
            + (SeedPlan.hasIncidents(seed) ? ", what fails together is held" : "")
        let hosts = shared.map { [$0.story] } ?? []
        let faults = faults.map { rule in
            let places = rule.endpoints?.map(\.rawValue).sorted().joined(separator: ", ") ?? "every endpoint"
            let times = rule.times.map { $0 == 1 ? "once" : "\($0) times" } ?? "one in \(rule.oneIn)"
            let during = rule.during.map { range in
                let from = AgentTime(milliseconds: range.lowerBound) - SeedWorld.start
                return ", for \(Period(milliseconds: Int64(range.count))) after \(from)"
            }
            return "fault at \(places), \(times)\(during ?? ""): \(rule.fault.name)"
        }
        return ([server, runs] + hosts + faults + events.map { "after \($0.at): \($0.what)" }).joined(separator: "\n")
    }

    /// Whether people are told by a server that fails now and then, as in every eighth world, and in every other one with
    /// incidents.
    var tellsPeople: Bool { seed % 8 == 7 || SeedPlan.hasIncidents(seed) && seed % 2 == 0 }

    /// For so long the world is full of faults; afterwards it is left in peace for as long again.
    public static let turmoil = Period.hours(3)

    /// Makes the plan of a seed.
    public init(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        self.seed = seed
        let kinds = Simulator.Configuration.everyKind
        kind = kinds[random.below(kinds.count)]
        failing = 2 + random.below(7)
        healing = random.below(11)
        keepsSuccesses = random.below(4) > 0
        faults = (0..<random.below(7)).map { _ in
            let endpoints: [Simulator.Endpoint] = [.retry, .retry, .retry, .stop, .list, .read, .writeTags]
            return Simulator.FaultRule(SeedPlan.fault(&random), at: [endpoints[random.below(endpoints.count)]])
        }
        events = (0..<random.below(8)).map { _ in
            Event(at: SeedPlan.moment(&random), what: SeedEvent.common(&random))
        }
        addOddities()
        addRarities()
        addUntimely()
        addKeys()
        addPowerCuts()
        addCoincidences()
        addReplays()
        addAnswers()
        addHints()
        addIncidents()
        addAims()
        events.sort { $0.at < $1.at }
    }

    static func moment(_ random: inout SplitMix64) -> Period {
        .seconds(Int64(random.below(Int(turmoil.milliseconds / 1000))))
    }

    /// What some servers do besides: some of era A are of the first generation, and in queue mode n8n may never answer. Drawn
    /// apart, so that all else follows from the seed as it would without.
    private mutating func addOddities() {
        var random = SplitMix64(seed: seed ^ 0x0DD)
        if kind.release.era == .a, random.below(3) == 0 { kind.release = Simulator.Release(1, 123, 81) }
        guard kind.mode != .regular else { return }
        faults += (0..<random.below(3)).map { _ in Simulator.FaultRule(.neverAnswered, at: [.retry]) }
    }

    /// Storms, clocks that are apart, pruning, and what happens rarely; drawn apart, too.
    private mutating func addRarities() {
        var random = SplitMix64(seed: seed ^ 0x4A4E)
        if random.below(3) == 0 {
            let start = (SeedWorld.start + SeedPlan.moment(&random)).milliseconds
            let length = Int64(60_000 * (1 + random.below(40)))
            faults.append(
                .storm(SeedPlan.fault(&random), during: start..<start + length, oneIn: 1 + random.below(5)))
        }
        if random.below(3) == 0 {
            let time = Int64(random.below(14 * 60_000))
            faults.append(Simulator.FaultRule(.passOnLater(time), at: [.retry], passing: random.below(5)))
        }
        if random.below(4) == 0 { kind.clockAhead = Int64(random.below(7_200_000)) - 3_600_000 }
        if random.below(5) == 0 { kind.pruning = .init(maxAge: 3_600_000 * Int64(1 + random.below(6)), every: 900_000) }
        if kind.release >= Simulator.Release(2, 10) {
            faults += (0..<random.below(2)).map { _ in
                Simulator.FaultRule(random.below(2) == 0 ? .stopIgnored : .stopUndone, at: [.stop])
            }
        }
        faults += (0..<random.below(2)).map { _ in
            Simulator.FaultRule(.processDies(after: Int64(random.below(2000))), at: [.retry])
        }
        events += (0..<random.below(4)).map { _ in
            Event(at: SeedPlan.moment(&random), what: SeedEvent.rare(&random, of: kind))
        }
    }

    /// What comes at the worst of moments, and faults that befall later requests than the first; drawn apart, too.
    private mutating func addUntimely() {
        var random = SplitMix64(seed: seed ^ 0x71E5)
        for place in faults.indices where faults[place].times == 1 && faults[place].passing == 0 {
            faults[place].passing = random.below(3) * random.below(8)
        }
        faults += (0..<random.below(4)).map { _ in
            Simulator.FaultRule(SeedPlan.fault(&random), at: [.retry], passing: random.below(20))
        }
        events += (0..<random.below(7)).map { _ in
            Event(at: SeedPlan.moment(&random), what: SeedEvent.untimely(&random))
        }
    }

    /// What few worlds bring about by themselves: hands that move in the one moment that matters. Every seventh world has more of
    /// them; drawn apart, too.
    private mutating func addCoincidences() {
        if seed % 30 == 13 { addFloods() }
        guard seed % 7 == 1 else { return }
        var random = SplitMix64(seed: seed ^ 0xC01C)
        let hands: [SeedEvent.Hand] = [.tags, .fillsDisk, .sleeps]
        events += (0..<2 * hands.count).map { number in
            Event(at: SeedPlan.moment(&random), what: .meddle(hands[number % hands.count]))
        }
    }

    /// Thousands of runs between one tick and the next; every thirtieth world has them.
    private mutating func addFloods() {
        var random = SplitMix64(seed: seed ^ 0xF100)
        events += (0..<1 + random.below(2)).map { _ in
            Event(at: SeedPlan.moment(&random), what: .flood(500 + random.below(2500)))
        }
    }

    private static func fault(_ random: inout SplitMix64) -> Simulator.Fault {
        let delay = Int64(random.below(60_000))
        return switch random.below(14) {
        case 0: .refuse
        case 1: .loseRequest(after: delay)
        case 2: .loseAnswer(after: delay)
        case 3: .delayRequest(delay)
        case 4: .delayAnswer(delay)
        case 5: .errorBefore
        case 6: .errorAfter
        case 7: .gatewayTimeout
        case 8: .badGateway
        case 9: .truncate(to: random.below(200))
        case 10: .startingUp
        case 11: .tooManyRequests(retryAfter: random.below(900))
        case 12: .childNotSaved
        default: .personRetriesAfter(delay)
        }
    }
}
