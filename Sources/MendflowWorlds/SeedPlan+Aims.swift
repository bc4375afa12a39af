import MendflowCore
import MendflowHostKit
import MendflowSimulator
import MendflowTestKit

// Worlds that are aimed at what their kind brings about too seldom by itself: moments in which a mistake that every other world
// forgives does harm.
extension SeedPlan {
    /// From this world on every second one of a kind is aimed; those before it live as they did.
    private static let firstAimed: UInt64 = 701
    /// From this world on every sixteenth has retries that are sent twice on their way.
    private static let firstWithCopies: UInt64 = 5001
    /// The same where several hosts share a database, of which every fourth is.
    private static let firstSharedAimed: UInt64 = 121

    /// Whether a world is aimed, among those of a kind that every so many worlds are of.
    private func isAimed(every: UInt64) -> Bool { seed >= SeedPlan.firstAimed && seed / every % 2 == 0 }

    /// Draws what is aimed at; apart from all else, and last.
    mutating func addAims() {
        if SeedPlan.honoursKeys(seed), isAimed(every: 4) { aimAtKeys() }
        if SeedPlan.honoursKeys(seed), seed >= SeedPlan.firstWithCopies, seed % 16 == 4 { aimAtCopies() }
        if seed % 5 == 2, isAimed(every: 5) { aimAtReplays() }
        if SeedPlan.tellsHints(seed), isAimed(every: 4) { aimAtHints() }
        if SeedPlan.hasIncidents(seed), isAimed(every: 5), !hasSlowRetries { aimAtEndsOfIncidents() }
        if isOnTornDisk, isAimed(every: 10) { aimAtCommits() }
    }

    /// Whether the retries of what an incident holds take longer than it takes the agent to look again.
    var hasSlowRetries: Bool { SeedPlan.hasIncidents(seed) && isAimed(every: 5) && seed / 10 % 2 == 0 }

    /// Whether another run begins after each retry: where n8n forgets single keys, and keeps no row of what ran, nothing else tells
    /// that a lost retry has run.
    var hasRunsToCompare: Bool { seed >= SeedPlan.firstAimed && kind.keyReading.forgetsSome }

    /// Whether much is said that is not so of the retries that were sent just before.
    var liesMuch: Bool { SeedPlan.tellsHints(seed) && isAimed(every: 4) }

    /// Whether the disk is full now and then by the time that a message has gone out.
    var fillsDiskWhenTold: Bool { shared == nil && seed % 8 == 7 && isAimed(every: 8) }

    /// Whether leaders that fall asleep with a request on record wake just before their lease is over.
    var wakesLate: Bool { shared != nil && seed >= SeedPlan.firstSharedAimed && seed % 4 == 1 }

    /// Servers that keep keys, and are busy when they are asked again for what something else holds; and servers that forget some
    /// keys, and keep no row of what ran.
    private mutating func aimAtKeys() {
        var random = SplitMix64(seed: seed ^ 0xA1_4B45)
        runWithoutQueue()
        faults.removeAll { if case .duplicate = $0.fault { true } else { false } }
        if seed / 8 % 2 == 0 {
            kind.keyReading.forgetsSome = true
            kind.keyReading.isStripped = false
            keepNoSuccesses()
            faults.removeAll { if case .passOnLater = $0.fault { true } else { false } }
            faults += (0..<8).map { _ in
                Simulator.FaultRule(
                    .loseAnswer(after: Int64(random.below(20_000))), at: [.retry], passing: random.below(3))
            }
        } else {
            kind.keyReading = .init()
            kind.rateLimit = nil
            events.removeAll(where: \.what.replacesServer)
            faults += (0..<6).flatMap { _ in
                [
                    Simulator.FaultRule(
                        .passOnLater(Int64(480_000 + random.below(340_000))), at: [.retry], passing: random.below(2)),
                    Simulator.FaultRule(.tooManyRequests(retryAfter: 20 + random.below(60)), at: [.retry]),
                ]
            }
        }
    }

    /// Retries that are sent twice on their way, to a server that takes so few changes a minute that it refuses one of the
    /// two, and keeps no row of the other.
    private mutating func aimAtCopies() {
        var random = SplitMix64(seed: seed ^ 0xA1_C0B1)
        runWithoutQueue()
        keepNoSuccesses()
        kind.release = Simulator.Release(2, 47)
        kind.keyReading = .init()
        kind.rateLimit = .init(reads: 200, writes: 1 + random.below(2))
        events.removeAll(where: \.what.replacesServer)
        faults += (0..<8).map { _ in Simulator.FaultRule(.duplicate, at: [.retry], passing: random.below(2)) }
    }

    /// Much fails, and n8n has no queue of which lists tell nothing.
    private mutating func runWithoutQueue() {
        kind.mode = .regular
        failing = 8
        faults.removeAll { if case .neverAnswered = $0.fault { true } else { false } }
    }

    /// Most retries succeed, and no row tells of it.
    private mutating func keepNoSuccesses() {
        keepsSuccesses = false
        healing = 9
    }

    /// Much that fails at once and goes on failing, replays of it that are to wait for their first retries, and hands that
    /// pause them.
    private mutating func aimAtReplays() {
        var random = SplitMix64(seed: seed ^ 0xA1_4EB1)
        failing = 9
        healing = 2
        for number in 0..<3 {
            let start = Period.minutes(Int64(8 + 55 * number + random.below(20)))
            events.append(Event(at: start, what: .burst(12)))
            let later = start + .minutes(Int64(6 + random.below(6)))
            let canary = number == 1 ? 0 : 1 + random.below(2)
            events.append(Event(at: later, what: .replay(canary: canary, inFlight: 1 + random.below(3))))
            let halt = later + .minutes(Int64(4 + random.below(8)))
            events.append(Event(at: halt, what: .haltReplay(back: .minutes(Int64(8 + random.below(12))))))
        }
    }

    /// Retries whose answers are lost, while somebody says that others' runs are theirs.
    private mutating func aimAtHints() {
        var random = SplitMix64(seed: seed ^ 0xA1_0417)
        failing = 8
        faults += (0..<8).map { _ in
            let after = Int64(random.below(20_000))
            return Simulator.FaultRule(
                random.below(3) == 0 ? .loseAnswer(after: after) : .loseRequest(after: after), at: [.retry],
                passing: random.below(3))
        }
    }

    /// Short outages, and one more failure of their kind some minutes after what they brought about is over.
    private mutating func aimAtEndsOfIncidents() {
        var random = SplitMix64(seed: seed ^ 0xA1_1C1D)
        failing = 0
        events.removeAll { if case .outage = $0.what { true } else { false } }
        for number in 0..<3 {
            let start = Period.minutes(Int64(8 + 52 * number + random.below(8)))
            let kind = SeedEvent.Outage.allCases[random.below(SeedEvent.Outage.allCases.count)]
            events.append(Event(at: start, what: .outage(kind, .seconds(75), every: .seconds(12))))
            let again = start + .seconds(75) + .seconds(Int64(16 * 60 + random.below(360)))
            events.append(Event(at: again, what: .outage(kind, .seconds(10), every: .seconds(10))))
        }
    }

    /// A disk that has no room for part of what is to be committed, or fails once it is.
    private mutating func aimAtCommits() {
        var random = SplitMix64(seed: seed ^ 0xA1_D15C)
        failing = 8
        events += (0..<4).map { number in
            let trouble = SeedEvent.disk(
                .sometimes(random.below(3) > 0 ? .full : .failsAfterWriting), .minutes(Int64(5 + random.below(10))))
            return Event(at: .minutes(Int64(5 + 40 * number + random.below(20))), what: trouble)
        }
    }

    /// Leaders that fall asleep again and again with a request on record that has not left, or die with it.
    mutating func aimAtLeases() {
        guard wakesLate else { return }
        var random = SplitMix64(seed: seed ^ 0xA1_5A4E)
        runWithoutQueue()
        keepNoSuccesses()
        events += (0..<14).map { number in
            Event(at: SeedPlan.moment(&random), what: .meddle(number % 3 == 2 ? .dies : .naps))
        }
    }
}
