import MendflowCore
import MendflowHostKit
import MendflowLedger
import MendflowSimulator
import MendflowTestKit
import Testing

@testable import MendflowHost

@Suite("Hosts that share a ledger")
struct SharedLedgerTests {
    @Test("lead every instance exactly once, shared evenly, and heal what fails")
    func peace() throws {
        let world = try SharedLedgerWorld(instances: 4)
        try world.live(hosts: 3) {
            try await world.clock.sleep(for: .seconds(60))
            #expect(world.shares.values.sorted() == [1, 1, 2])
            let first = world.names.map { world.database.board.held($0) }
            try await world.clock.sleep(for: .minutes(60))
            #expect(world.names.map { world.database.board.held($0)?.epoch } == first.map { $0?.epoch })
            for place in world.names.indices { #expect(world.faults(place).isEmpty) }
        }
        let records = try world.database.ledger.everything()
        #expect(records.intents(in: [.applied]).count >= 4 * 9)
    }

    @Test("take over within two lease periods what a killed one has led")
    func killed() throws {
        let world = try SharedLedgerWorld(instances: 4)
        try world.live(hosts: 3) {
            try await world.clock.sleep(for: .minutes(10))
            let leader = try #require(world.leader("n8n-1"))
            try world.machine(leader).life.kill()
            try await world.clock.sleep(for: SharedLedgerWorld.period + SharedLedgerWorld.period)
            #expect(world.names.allSatisfy { world.leader($0) != nil && world.leader($0) != leader })
            #expect(world.shares.values.sorted() == [2, 2])
            try await world.clock.sleep(for: .minutes(30))
            for place in world.names.indices { #expect(world.faults(place).isEmpty) }
        }
    }

    @Test("take over at once what a stopped one gives back")
    func stopped() throws {
        let world = try SharedLedgerWorld(instances: 3)
        try world.live(hosts: 3) {
            try await world.clock.sleep(for: .minutes(10))
            let leader = try #require(world.leader("n8n-2"))
            try world.machine(leader).host.stop()
            try await world.clock.sleep(for: .seconds(1))
            #expect(world.names.allSatisfy { world.leader($0) != nil && world.leader($0) != leader })
            #expect(world.database.board.agents.count == 2)
        }
    }

    @Test("give a new one its share without taking anything from itself while it acts")
    func joins() throws {
        let world = try SharedLedgerWorld(instances: 4)
        try world.live(hosts: 1) {
            try await world.clock.sleep(for: .minutes(10))
            #expect(world.shares == [1: 4])
            try world.begin(2)
            try await world.clock.sleep(for: .seconds(60))
            #expect(world.shares == [1: 2, 2: 2])
            try await world.clock.sleep(for: .minutes(30))
            for place in world.names.indices { #expect(world.faults(place).isEmpty) }
        }
    }

    @Test("send and write nothing after a freeze that was longer than the lease, whatever they were about to do")
    func frozen() throws {
        // Frozen at one moment after the other, while a retry is decided, written down and sent.
        for moment in stride(from: 0, to: 60, by: TestScale.isFull ? 1 : 6) {
            let world = try SharedLedgerWorld(instances: 1, seed: UInt64(moment))
            try world.live(hosts: 2) {
                try await world.clock.sleep(for: .seconds(50))
                let leader = try #require(world.leader("n8n-1"))
                let life = try world.machine(leader).life
                life.freeze(after: moment)
                try await world.clock.sleep(for: .seconds(90))
                let other = 3 - leader
                guard life.isFrozen else { return }
                #expect(world.leader("n8n-1") == other, "at \(moment)")
                life.thaw()
                try await world.clock.sleep(for: .minutes(10))
                #expect(world.faults(0).isEmpty, "at \(moment)")
            }
        }
    }

    @Test(
        "act no more, cut off from the database, once the lease may be over",
        arguments: [SimulatedDatabase.Cut.whole, .answers])
    func cutOff(_ cut: SimulatedDatabase.Cut) throws {
        let world = try SharedLedgerWorld(instances: 2)
        try world.live(hosts: 2) {
            try await world.clock.sleep(for: .minutes(10))
            let leader = try #require(world.leader("n8n-1"))
            world.database.cut(leader, cut)
            try await world.clock.sleep(for: .minutes(20))
            #expect(world.names.allSatisfy { world.leader($0) == 3 - leader })
            for place in world.names.indices { #expect(world.faults(place).isEmpty) }
            world.database.cut(leader, nil)
            try await world.clock.sleep(for: .minutes(2))
            #expect(world.shares == [1: 1, 2: 1])
        }
    }

    @Test("find out that the database has lost what it had acknowledged, and pause")
    func loss() throws {
        let world = try SharedLedgerWorld(instances: 1, keeping: 40)
        try world.live(hosts: 2) {
            try await world.clock.sleep(for: .minutes(6))
            #expect(world.database.failOver(losing: 20) != nil)
            try await world.clock.sleep(for: SharedLedgerWorld.period)
            let state = try world.database.ledger.everything()
            #expect(state.allPauses().map(\.isDoubt) == [true])
            let before = world.simulation.box.withSimulator { $0.deeds.count { $0.by == .key("agent") } }
            try await world.clock.sleep(for: .minutes(20))
            #expect(try world.database.ledger.everything().allPauses().count == 1)
            #expect(world.simulation.box.withSimulator { $0.deeds.count { $0.by == .key("agent") } } == before)
        }
    }

    @Test(
        "hand an instance whose n8n its leader does not reach to one that does, and leave it there until the first reaches it again"
    )
    func blind() throws {
        let world = try SharedLedgerWorld(instances: 2)
        try world.live(hosts: 2) {
            try await world.clock.sleep(for: .minutes(10))
            let leader = try #require(world.leader("n8n-1"))
            world.cut(leader, from: "n8n-1")
            // Unread for a minute and three intervals, then asked for by both, and given on.
            try await world.clock.sleep(for: .minutes(5))
            #expect(world.leader("n8n-1") == 3 - leader)
            let lease = world.database.board.held("n8n-1")?.epoch
            #expect(world.events.named("lease.blind").map(\.instance) == ["n8n-1"])
            try await world.clock.sleep(for: .hours(1))
            #expect(world.database.board.held("n8n-1")?.epoch == lease, "it stays there")
            world.cut(leader, from: "n8n-1", false)
            try await world.clock.sleep(for: .minutes(15))
            #expect(world.shares == [1: 1, 2: 1], "and is shared again once it is reached")
            for place in world.names.indices { #expect(world.faults(place).isEmpty) }
        }
    }

    @Test("leave an instance where it is whose n8n nobody reaches, also when it comes back")
    func away() throws {
        let world = try SharedLedgerWorld(instances: 2)
        try world.live(hosts: 2) {
            try await world.clock.sleep(for: .minutes(10))
            let lease = world.database.board.held("n8n-1")?.epoch
            for host in 1...2 { world.cut(host, from: "n8n-1") }
            try await world.clock.sleep(for: .hours(1))
            for host in 1...2 { world.cut(host, from: "n8n-1", false) }
            try await world.clock.sleep(for: .minutes(20))
            #expect(world.database.board.held("n8n-1")?.epoch == lease)
            #expect(world.events.named("lease.blind").isEmpty)
            for place in world.names.indices { #expect(world.faults(place).isEmpty) }
        }
    }
}
