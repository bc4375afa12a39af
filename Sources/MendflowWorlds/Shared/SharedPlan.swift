import MendflowCore
import MendflowHostKit
import MendflowSimulator
import MendflowTestKit

/// Several hosts in one world, with one database for all of them.
struct SharedWorld: Sendable {
    /// How many hosts there are from the beginning; one more comes now and then.
    var hosts: Int
    /// How the database is from the beginning.
    var faults: SimulatedDatabase.Faults
    /// How far the database's clock, and each host's, is ahead of the world's.
    var databaseAhead: Period, clocks: [Period]
    /// Whether it fails over to copies that lack what was acknowledged.
    var loses: Bool

    /// How long a lease lasts, and how long it must last still where something is sent.
    static let (period, margin) = (Period.seconds(20), Period.seconds(5))
    /// The instances beside the one in which everything happens: they are there to be led.
    static let others = ["second", "third"]
    /// How many copies a database keeps that loses.
    static let copies = 60
}

extension SeedPlan {
    /// Makes the plan of a seed for several hosts that share a database: all that befalls one host befalls the one that
    /// leads, and what befalls several comes to it.
    public init(seed: UInt64, hosts: Int) {
        self.init(seed: seed)
        kind.telling = nil
        events.removeAll(where: \.what.isOfOneHost)
        var random = SplitMix64(seed: seed ^ 0x5A4E_D0)
        shared = SharedWorld(hosts: hosts, seed: seed, &random)
        addSharing(&random)
        if random.below(3) == 0 { addNaps(&random) }
        if seed % 10 == 9 { addLosses(&random) }
        aimAtLeases()
        events.sort { $0.at < $1.at }
    }

    /// What befalls hosts and their database.
    private mutating func addSharing(_ random: inout SplitMix64) {
        events += (0..<4 + random.below(16)).map { _ in
            Event(at: SeedPlan.moment(&random), what: .shared(SharedEvent.common(&random)))
        }
    }

    /// The leader falls asleep with a request on record that has not left.
    private mutating func addNaps(_ random: inout SplitMix64) {
        events += (0..<3 + random.below(6)).map { _ in
            Event(at: SeedPlan.moment(&random), what: .meddle(.naps))
        }
    }

    private mutating func addLosses(_ random: inout SplitMix64) {
        shared?.loses = true
        events += (0..<1 + random.below(3)).map { _ in
            Event(
                at: SeedPlan.moment(&random), what: .shared(.failOverLosing(1 + random.below(SharedWorld.copies / 2))))
        }
    }
}

extension SharedWorld {
    fileprivate init(hosts: Int, seed: UInt64, _ random: inout SplitMix64) {
        self.hosts = hosts
        loses = false
        faults = .init()
        if random.below(3) == 0 { faults.latency = .milliseconds(Int64(random.below(400))) }
        if random.below(4) == 0 { faults.refused = 20 + random.below(100) }
        if random.below(4) == 0 { faults.diesAfterCommit = 20 + random.below(100) }
        databaseAhead = .seconds(Int64(random.below(7200)) - 3600)
        // As machines are whose clocks are kept by NTP.
        clocks = (0...hosts).map { _ in .milliseconds(Int64(random.below(3000)) - 1500) }
    }

    /// What it is, for people.
    var story: String {
        "\(hosts) hosts, a database that takes up to \(faults.latency) each way"
            + (faults.refused > 0 ? ", refuses one commit in \(faults.refused)" : "")
            + (faults.diesAfterCommit > 0 ? ", loses the connection after one in \(faults.diesAfterCommit)" : "")
            + ", its clock \(databaseAhead) ahead" + (loses ? ", and loses what it acknowledged" : "")
    }
}

extension SeedEvent {
    /// What has no meaning where a ledger is in a database that several share.
    fileprivate var isOfOneHost: Bool {
        switch self {
        case .second, .disk, .powerCut, .meddle(.fillsDisk): true
        default: false
        }
    }

    /// Whether it goes on beside what comes after it, where several hosts live.
    var isOfMachines: Bool {
        switch self {
        case .kill, .dieAfter, .stop, .freeze, .shared: true
        default: false
        }
    }
}
