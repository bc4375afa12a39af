import MendflowCore
import MendflowSimulator
import MendflowTestKit

extension SeedPlan {
    /// From this world on every fourth has a server that honours keys; those before it live as they did.
    private static let firstWithKeys: UInt64 = 106

    /// Whether a seed's world has a server that honours keys.
    public static func honoursKeys(_ seed: UInt64) -> Bool { seed >= firstWithKeys && seed % 4 == 0 }

    /// A server that honours keys, in each reading of the documents in turn, and many retries whose answers are lost; drawn
    /// apart.
    mutating func addKeys() {
        guard SeedPlan.honoursKeys(seed) else { return }
        var random = SplitMix64(seed: seed ^ 0x4B45)
        kind.release = Simulator.Era.d.release
        addRateLimit()
        let readings = Simulator.KeyReading.every
        kind.keyReading = readings[Int(seed / 4 % UInt64(readings.count))]
        faults += (0..<3 + random.below(5)).map { _ in
            Simulator.FaultRule(SeedPlan.loss(&random), at: [.retry], passing: random.below(4))
        }
        if random.below(3) == 0 {
            events.append(
                Event(at: SeedPlan.moment(&random), what: .killServer(back: .seconds(Int64(1 + random.below(60))))))
        }
        if random.below(4) == 0 {
            let release = random.below(2) == 0 ? Simulator.Era.c.release : Simulator.Era.d.release
            events.append(Event(at: SeedPlan.moment(&random), what: .upgrade(release, taking: .seconds(20))))
        }
        let reading = kind.keyReading
        let forgets = reading.atRestart != .kept || reading.forgetsSome || events.contains { $0.what.replacesServer }
        // A proxy that sends a request twice makes two runs of it wherever its key is not known.
        if forgets || reading.isStripped {
            faults.removeAll { if case .duplicate = $0.fault { true } else { false } }
        }
        // That a request is passed on to a server that has forgotten its key since is what is assumed not to be.
        if forgets { faults.removeAll { if case .passOnLater = $0.fault { true } else { false } } }
    }

    /// Every third of these servers gives each key so many requests a minute and no more; drawn apart.
    private mutating func addRateLimit() {
        var random = SplitMix64(seed: seed ^ 0x4C49)
        guard random.below(3) == 0 else { return }
        kind.release = Simulator.Release(2, 47)
        kind.rateLimit = .init(reads: 30 + random.below(100), writes: 2 + random.below(12))
    }

    /// How an answer to a retry is lost.
    private static func loss(_ random: inout SplitMix64) -> Simulator.Fault {
        let after = Int64(random.below(20_000))
        return switch random.below(7) {
        case 0, 1: .loseRequest(after: after)
        case 2: .loseAnswer(after: after)
        case 3: .badGateway
        case 4: .errorBefore
        case 5: .errorAfter
        default: .duplicate
        }
    }
}

extension SeedEvent {
    /// Whether n8n is another one afterwards, which has no keys of before.
    var replacesServer: Bool {
        switch self {
        case .upgrade, .restore: true
        default: false
        }
    }
}
