import MendflowCore
import MendflowSimulator
import MendflowTestKit

// Worlds in which what the workflows call is down for a while, and in which failures that belong together are held.
extension SeedPlan {
    /// From this world on every fifth has incidents; those before it live as they did.
    private static let firstWithIncidents: UInt64 = 601

    /// Whether an agent looks for incidents in a seed's world, and holds what belongs to them.
    public static func hasIncidents(_ seed: UInt64) -> Bool { seed >= firstWithIncidents && seed % 5 == 1 }

    /// How many retries an hour may hold. Where incidents hold them, their pace is what is to be seen.
    var retriesPerHour: Int { SeedPlan.hasIncidents(seed) ? 40 : SeedWorld.retriesPerHour }

    /// One outage or two, people who retry what failed in it, and an agent that dies in its course; drawn apart. But for them
    /// little fails, and what is retried heals: an incident whose kind goes on failing is never over.
    mutating func addIncidents() {
        guard SeedPlan.hasIncidents(seed) else { return }
        var random = SplitMix64(seed: seed ^ 0x1C1D)
        failing = 1
        healing = 9
        // What people retry meanwhile may be kept in no row but that of the run that failed.
        keepsSuccesses = random.below(2) == 0
        // Where one long run holds up all others, what fails together does so hours later.
        if kind.mode != .regular { kind.mode = .queue(workers: 2, slots: 10) }
        for _ in 0..<1 + random.below(2) {
            let start = Period.minutes(Int64(2 + random.below(130)))
            let length = Period.minutes(Int64(8 + random.below(32)))
            let kinds = SeedEvent.Outage.allCases
            let kind = kinds[random.below(kinds.count)]
            events.append(
                Event(at: start, what: .outage(kind, length, every: .seconds(Int64(20 + random.below(90))))))
            events += (0..<random.below(4)).map { _ in
                Event(at: start + length + .minutes(Int64(random.below(20))), what: .person(.retries))
            }
            guard random.below(2) == 0 else { continue }
            let later = Period.minutes(Int64(3 + random.below(45)))
            events.append(Event(at: start + later, what: .kill(back: .seconds(Int64(10 + random.below(240))))))
        }
    }
}

extension SeedEvent {
    /// What is down, so that runs fail.
    public enum Outage: String, Sendable, CaseIterable {
        /// The shop answers 503.
        case host
        /// The shop takes the credential for none: no policy retries that.
        case credential
        /// The credential's quota is used up.
        case limit
        /// Nobody listens where the shop was.
        case service
        /// n8n's process dies under each run.
        case process

        /// What every run and every retry comes to.
        var outcome: Simulator.Outcome {
            switch self {
            case .host: .error(.http(503, method: "GET"), after: 100)
            case .credential: .error(.http(401, method: "GET"), after: 100)
            case .limit: .error(.http(429, method: "GET"), after: 100)
            case .service: .error(.refused(), after: 100)
            case .process: .crash(after: 100)
            }
        }
    }
}

extension SeedWorld {
    /// How failures belong together, and how they are held.
    static let incidents = """

        incidents: {at_least: 4, within: 10m, over_after: 15m, hold: true, probe_after: 3m, pace: {amount: \(pace.amount), per: \(pace.per)}}
        """

    /// How fast what an incident holds is let go.
    static let pace = IncidentPace(amount: 4, per: .minutes(6))
    /// When the first run of an incident may be tried.
    static let probeAfter = Period.minutes(3)
    /// How long nothing of it must have failed.
    static let overAfter = Period.minutes(15)

    /// What the workflow that is retried calls is down for a while, and its runs come thick and fast.
    func bring(_ outage: SeedEvent.Outage, for period: Period, every pause: Period) async {
        change { n8n, _ in n8n.outages[SeedCast.orders.rawValue] = outage.outcome }
        record.count("outage", at: outage.rawValue)
        var left = period
        while left > .zero {
            change { $0.trigger(SeedCast.orders.rawValue, now: $1) }
            await pass(pause)
            left = left - pause
        }
        change { n8n, _ in n8n.outages[SeedCast.orders.rawValue] = nil }
    }
}
