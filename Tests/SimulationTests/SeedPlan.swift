import MendflowCore
import MendflowSimulator
import MendflowTestKit

/// What befalls one simulated world: a pure function of a seed.
struct SeedPlan: Sendable, Equatable {
    /// Something that happens at a moment after the start.
    struct Event: Sendable, Equatable {
        var at: Period
        var what: What
    }

    /// What may happen.
    enum What: Sendable, Equatable {
        /// The host is killed and started again after a while.
        case kill(back: Period)
        /// The host dies by itself after so many effects, and is started again after a while.
        case dieAfter(effects: Int, back: Period)
        /// The host is stopped in good order and started again.
        case stop(back: Period)
        /// A second host is started on the same ledger: it must be refused.
        case second
        /// An operator pauses everything, and resumes after a while.
        case pause(Period)
        /// An operator settles the oldest unanswered request.
        case resolve(ran: Bool)
        /// The policies are edited, broken, or removed.
        case policies(String?)
        /// Configuration and policies are read anew.
        case reload
        /// n8n's process dies and comes back.
        case killServer(back: Period)
        /// A person retries, stops or deletes a failed run.
        case personRetries, personDeletes
        /// The agent's wall clock jumps.
        case jump(Period)
        /// n8n prunes what ended more than so long ago.
        case prune(Period)
    }

    var seed: UInt64
    var kind: Simulator.Configuration
    var faults: [(Simulator.Fault, Simulator.Endpoint)]
    var events: [Event]
    /// How often a run of the workflow fails, of ten; how often a retry heals, of ten; whether successes are kept.
    var failing: Int, healing: Int, keepsSuccesses: Bool

    /// What befalls this world, in the order of time.
    var story: String {
        (faults.map { "fault at \($0.1): \($0.0)" } + events.map { "after \($0.at): \($0.what)" })
            .joined(separator: "\n")
    }

    static func == (one: SeedPlan, other: SeedPlan) -> Bool { one.seed == other.seed && one.events == other.events }

    /// For so long the world is full of faults; afterwards it is left in peace for as long again.
    static let turmoil = Period.hours(3)

    init(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        self.seed = seed
        let kinds = Simulator.Configuration.everyKind
        kind = kinds[random.below(kinds.count)]
        failing = 2 + random.below(7)
        healing = random.below(11)
        keepsSuccesses = random.below(4) > 0
        faults = (0..<random.below(7)).map { _ in
            let endpoints: [Simulator.Endpoint] = [.retry, .retry, .retry, .stop, .list, .read, .writeTags]
            return (SeedPlan.fault(&random), endpoints[random.below(endpoints.count)])
        }
        events = (0..<random.below(8)).map { _ in
            let at = Period.seconds(Int64(random.below(Int(SeedPlan.turmoil.milliseconds / 1000))))
            return Event(at: at, what: SeedPlan.event(&random))
        }
        events.sort { $0.at < $1.at }
        addOddities()
    }

    /// What some servers do besides: some of era A are of the first generation, and in queue mode n8n may never answer. Drawn
    /// apart, so that all else follows from the seed as it would without.
    private mutating func addOddities() {
        var random = SplitMix64(seed: seed ^ 0x0DD)
        if kind.release.era == .a, random.below(3) == 0 { kind.release = Simulator.Release(1, 123, 81) }
        guard kind.mode != .regular else { return }
        faults += (0..<random.below(3)).map { _ in (.neverAnswered, .retry) }
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
        case 11: .tooManyRequests(retryAfter: random.below(120))
        case 12: .childNotSaved
        default: .personRetriesAfter(delay)
        }
    }

    private static func event(_ random: inout SplitMix64) -> What {
        let back = Period.seconds(Int64(1 + random.below(900)))
        return switch random.below(16) {
        case 0, 1: .kill(back: back)
        case 2, 3, 4: .dieAfter(effects: 1 + random.below(40), back: back)
        case 5: .stop(back: back)
        case 6: .second
        case 7: .pause(back)
        case 8: .resolve(ran: random.below(2) == 0)
        case 9: .policies(random.below(3) == 0 ? nil : random.below(2) == 0 ? "policies: [" : SeedWorld.policies(1))
        case 10: .reload
        case 11: .killServer(back: back)
        case 12: .personRetries
        case 13: .personDeletes
        case 14: .jump(.seconds(Int64(random.below(7200)) - 3600))
        default: .prune(.minutes(Int64(10 + random.below(120))))
        }
    }
}
