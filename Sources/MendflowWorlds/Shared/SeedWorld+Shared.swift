import MendflowCore
import MendflowHost
import MendflowHostKit
import MendflowLedger
import MendflowOperations
import MendflowSimulator
import MendflowTestKit
import MendflowWorkspace
import Synchronization

extension SharedWorld {
    func database(_ clock: VirtualClock, seed: UInt64) -> SimulatedDatabase {
        SimulatedDatabase(clock, seed: seed, ahead: databaseAhead, keeping: loses ? SharedWorld.copies : 0)
    }

    /// The servers of the instances beside the one in which everything happens.
    var otherServers: [Simulator] {
        SharedWorld.others.map { _ in
            var simulator = Simulator(now: SeedWorld.start.milliseconds)
            simulator.configuration.keys = [.init(key: "key", name: "agent")]
            return simulator
        }
    }
}

/// A machine's wall clock beside the others'; all go at one rate.
struct MachineClock: AgentClock {
    let world: SeedWorld
    /// Nil for the machine of an operator.
    let machine: Int?
    func now() -> AgentTime {
        world.clock.now() + (machine.map { place in world.machines.withLock { $0.places[place].ahead } } ?? .zero)
    }
    func monotonic() -> Period { world.clock.monotonic() }
    func sleep(for period: Period) async throws { try await world.clock.sleep(for: period) }
}

extension SeedWorld {
    static let configurationOfSeveral =
        configuration
        + SharedWorld.others.map { name in
            """

              - name: \(name)
                url: http://\(name)
                api_key_env: KEY
                mode: dry_run
                tags: {needs-human: Tag0000000000001, looked-at: Tag0000000000002}
            """
        }.joined()
        + "\ncluster: {lease: \(SharedWorld.period), send_within: \(SharedWorld.margin)}\n"

    /// Where several hosts share a database: what they lead is known to the ledger, and the database is what it is from now on.
    func share() async {
        guard let database, let shared = plan.shared else { return }
        let since = ClockOffset.zero.server(clock.now())
        for name in SharedWorld.others {
            let baseline = InstanceBaseline(
                instance: InstanceKey(name: name, epoch: 1), url: "http://\(name)", since: since, highest: nil,
                fingerprints: [], at: since)
            let entry = LedgerEntry(.began(baseline, .initialised(by: "operator")), at: clock.now())
            _ = try? await Ledger(database.ledger, LedgerScope()).append([entry])
        }
        machines.withLock { machines in
            for (index, ahead) in shared.clocks.enumerated() where machines.places.indices.contains(index) {
                machines.places[index].ahead = ahead
            }
        }
        database.set(shared.faults)
        database.watch { [weak self] process, commit in self?.sees(commit, of: process) }
        inPassing { await $0.watchLeaders() }
    }

    /// The machine whose host leads the instance in which everything happens, or did so last.
    var leader: Int {
        guard let database else { return 0 }
        let process = database.board.leases["main"].flatMap { SharedWorld.process($0.holder) }
        return machines.withLock { machines in
            machines.places.firstIndex { $0.number == process } ?? machines.places.firstIndex { $0.host != nil } ?? 0
        }
    }

    private func machines(_ who: SharedEvent.Who) -> [Int] {
        let all = Array(0..<(plan.shared?.hosts ?? 1))
        return switch who {
        case .leader: [leader]
        case .other: Array(all.filter { $0 != leader }.prefix(1))
        case .all: all
        }
    }

    /// Lets something befall machines while all else goes on.
    func beside(_ what: SeedEvent) {
        machines.withLock { $0.troubles += 1 }
        inPassing { world in
            await world.happen(what)
            world.machines.withLock { $0.troubles -= 1 }
        }
    }

    /// Waits until what befell machines is over.
    func waitForMachines() async {
        guard plan.shared != nil else { return }
        while machines.withLock({ $0.troubles > 0 }) { await pass(.seconds(10)) }
    }

    func happen(_ what: SharedEvent) async {
        switch what {
        case .kill(let who, let back):
            let chosen = machines(who)
            for machine in chosen { killHost(machine) }
            await pass(back)
            for machine in chosen { startHost(machine) }
        case .stop(let who, let back):
            let chosen = machines(who)
            for machine in chosen { host(machine)?.stop() }
            await pass(back)
            for machine in chosen {
                killHost(machine, "stopped")
                startHost(machine)
            }
        case .freeze(let who, let effects, let period):
            let lives = machines(who).map { freezeHost($0, after: effects) }
            await pass(period)
            for life in lives { life.thaw() }
        case .guest(let period):
            let guest = plan.shared?.hosts ?? 0
            startHost(guest)
            await pass(period)
            host(guest)?.stop()
        case .jump(let who, let period):
            if max(period, .zero - period) > .seconds(5) { record.noteJump() }
            for machine in machines(who) {
                machines.withLock { $0.places[machine].ahead = $0.places[machine].ahead + period }
            }
        case .cutFromServer(let who, let hearsNothing, let period):
            let chosen = machines(who)
            for machine in chosen { network.cut(machine, hearsNothing ? .answers : .whole) }
            await pass(period)
            for machine in chosen { network.cut(machine, nil) }
        default: if let database { await happen(what, database) }
        }
    }

    private func happen(_ what: SharedEvent, _ database: SimulatedDatabase) async {
        switch what {
        case .cutFromDatabase(let who, let hearsNothing, let period):
            let chosen = machines(who)
            for machine in chosen { database.cut(machine, hearsNothing ? .answers : .whole) }
            await pass(period)
            for machine in chosen { database.cut(machine, nil) }
        case .databaseDown(let period):
            database.set(isDown: true)
            await pass(period)
            database.set(isDown: false)
        case .databaseAiling(let latency, let refused, let dies, let period):
            var faults = SimulatedDatabase.Faults()
            (faults.latency, faults.refused, faults.diesAfterCommit) = (latency, refused, dies)
            database.set(faults)
            watched.withLock { $0.isAiling = true }
            await pass(period)
            database.set(plan.shared?.faults ?? .init())
            watched.withLock { $0.isAiling = false }
        case .failOver(let ahead):
            database.set(isDown: true)
            await pass(.seconds(3))
            // As machines whose clocks are kept by NTP, and never ahead twice while one lease lasts.
            let now = clock.monotonic()
            let mayJump = watched.withLock { memory in
                guard ahead > .zero else { return true }
                defer { memory.jumpedAt = now }
                return now - memory.jumpedAt > SharedWorld.period + SharedWorld.period
            }
            if mayJump { database.jump(by: ahead) }
            database.failOver()
            database.set(isDown: false)
        case .failOverLosing(let commits): await lose(commits, database)
        default: break
        }
    }

    /// The database loses what it had acknowledged; somebody looks at it later, and lets everything go on.
    private func lose(_ commits: Int, _ database: SimulatedDatabase) async {
        guard database.failOver(losing: commits) != nil else { return }
        let (left, now) = (database.board.head.sequence, clock.monotonic())
        let pauses = record.contents.pauses.count
        let alive = Set(machines.withLock { $0.places.filter { !$0.life.isDead && $0.host != nil }.map(\.number) })
        watched.withLock { memory in
            memory.hasLost = true
            let knowing = memory.written.filter { $0.value.sequence > left && alive.contains($0.key) }
            memory.written = [:]
            memory.losses.append((now + SharedWorld.lossIsFoundWithin, Set(knowing.keys), pauses))
        }
        record.count("lost", at: "\(pauses == 0 ? "first" : "again")")
        await endPause(after: .minutes(10))
    }

    /// The leader falls asleep after one of its next effects, for as long as a lease lasts or not.
    func nap(_ machine: Int, _ id: Int) {
        if plan.wakesLate, let database, let lease = database.board.leases["main"] {
            return oversleep(machine, lease.ends - database.board.now, database)
        }
        let life = freezeHost(machine, after: id % 4)
        // Every other one wakes when the lease is about to end.
        let length = id.isMultiple(of: 2) ? 13_000 + id * 977 % 7000 : 5000 + id * 7919 % 60_000
        inPassing { world in
            await world.pass(.milliseconds(Int64(length)))
            life.thaw()
        }
    }

    /// The leader falls asleep before its request leaves, and wakes within the last second of its lease, with no way to prolong it.
    private func oversleep(_ machine: Int, _ rest: Period, _ database: SimulatedDatabase) {
        let life = freezeHost(machine, after: 0)
        let (left, woken) = (delay, max(rest, .seconds(2)))
        database.cut(machine, .whole)
        inPassing { world in
            await world.pass(woken - min(left, .seconds(1)))
            life.thaw()
            await world.pass(.seconds(10))
            database.cut(machine, nil)
        }
    }

    /// Whoever lets everything go on tries until it works. From the first try on nobody can tell.
    func endSharedPauses() async {
        for _ in 0..<60 {
            record.noteResumed(clock.monotonic())
            if let workspace = try? workspace(),
                (try? await KillSwitch.resume(workspace, instance: nil, force: true)) != nil
            {
                return record.noteResumed(clock.monotonic())
            }
            await pass(.seconds(10))
        }
    }

    func makeSharedPeace() {
        guard let database else { return }
        database.set(isDown: false)
        database.set(SimulatedDatabase.Faults())
        for machine in machines.withLock({ $0.places.indices }) { database.cut(machine, nil) }
        network.heal()
        let now = clock.monotonic()
        watched.withLock { memory in
            memory.isAiling = false
            memory.isInPeaceSince = now
        }
    }
}
