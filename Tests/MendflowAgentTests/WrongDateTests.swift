import MendflowCore
import MendflowLedger
import MendflowSimulator
import MendflowTestKit
import Testing

@testable import MendflowAgent

@Suite("A `Date` that is not n8n's time")
struct WrongDateTests {
    /// Runs that ended so long ago, and newer ones every ten minutes where the server is busy; the `Date` of answers is so
    /// far ahead of n8n's own clock, and that of the agent's.
    private static func world(
        dateAhead: Period, clockAhead: Period = .zero, ages: [Period], isBusy: Bool = true,
        kind: Simulator.Configuration = .init()
    ) throws -> World {
        var kind = kind
        kind.dateAhead = dateAhead.milliseconds
        kind.clockAhead = clockAhead.milliseconds
        let world = try World(kind: kind, since: .days(90)) { simulator in
            simulator.add(
                .orderSync(.init(next: [.success(after: 10)], retries: [.success(after: 1000)])))
            let now = (World.start + clockAhead).milliseconds
            for age in ages {
                simulator.addExecution(
                    of: World.workflow, status: .error, startedAt: now - age.milliseconds - 10,
                    stoppedAt: now - age.milliseconds)
            }
        }
        if isBusy {
            world.box.withSimulator {
                $0.trigger(
                    World.workflow, every: Period.minutes(10).milliseconds, from: World.start.milliseconds + 1000)
            }
        }
        return world
    }

    private static let deleteOld = Policy(
        name: "clean-up", mode: .enforce,
        match: .all([
            .test(FieldTest(.status, [.anyOf([.wildcard("error")])])),
            .test(FieldTest(.age, [.period(.gt, .days(30))])),
        ]), remediation: .delete)

    private static func clocks(_ world: World) throws -> ClockOffset? {
        let ledger = try world.store.everything()
        return try ledger.tick(of: #require(ledger.baseline(of: "main")?.instance))?.clockOffset
    }

    @Test(
        "40 days ahead or behind deletes no fresh run, and one that is old enough is deleted all the same",
        arguments: [Period.days(40), .days(-40)])
    func deletes(ahead: Period) throws {
        let world = try Self.world(dateAhead: ahead, ages: [.days(35), .days(5), .days(3), .hours(3)])
        let set = try World.set([Self.deleteOld])
        try world.simulation.run { try await world.run(try await world.agent(set), for: .hours(1)) }
        #expect(try world.intents(.delete).map(\.draft.execution) == ["1"])
        #expect(world.box.withSimulator { n8n in [2, 3, 4].allSatisfy { n8n.database[$0] != nil } })
        #expect(world.events.named("clock.overruled").count == 1)
        #expect(try Self.clocks(world)?.unbelievedDate == ahead)
    }

    @Test(
        "holds what depends on time where no run is there to bear out either clock, until one is",
        arguments: [Period.days(40), .hours(-3)])
    func disputed(ahead: Period) throws {
        let world = try Self.world(dateAhead: ahead, ages: [.days(39), .days(38)], isBusy: false)
        let set = try World.set([Self.deleteOld])
        try world.simulation.run { try await world.run(try await world.agent(set), for: .hours(2)) }
        #expect(try world.intents(.delete).isEmpty)
        #expect(world.events.named("clock.disputed").count == 1)
        #expect(try Self.clocks(world)?.isDisputed == true)
        try world.simulation.run {
            world.box.withSimulator { _ = $0.trigger(World.workflow, now: world.clock.now().milliseconds) }
            try await world.run(try await world.agent(set), for: .hours(1))
        }
        #expect(try world.intents(.delete).map(\.draft.execution) == ["1", "2"])
        #expect(world.events.named("clock.overruled").count == 1)
    }

    @Test("holds every retry where no run is there to bear out either clock")
    func heldRetry() throws {
        let world = try Self.world(dateAhead: .minutes(40), ages: [.minutes(30)], isBusy: false)
        let set = try World.set([.retryOrders()])
        try world.simulation.run { try await world.run(try await world.agent(set), for: .hours(2)) }
        #expect(world.requests(.retry) == 0)
        try world.simulation.run {
            world.box.withSimulator { _ = $0.trigger(World.workflow, now: world.clock.now().milliseconds) }
            try await world.run(try await world.agent(set), for: .hours(1))
        }
        #expect(world.retries(of: 1).count == 1)
    }

    @Test(
        "is told apart from an agent whose own clock is wrong: two of three are right, but for deletions",
        arguments: [Period.days(40), .days(-40)], [true, false])
    func agentIsWrong(ahead: Period, deletes: Bool) throws {
        let world = try Self.world(dateAhead: .zero, clockAhead: ahead, ages: [.days(35), .days(5), .minutes(2)])
        let set = try World.set([deletes ? Self.deleteOld : .retryOrders()])
        try world.simulation.run { try await world.run(try await world.agent(set), for: .hours(1)) }
        // A deletion is for ever: all three have to agree.
        #expect(try world.intents(.delete).isEmpty)
        #expect(world.retries(of: 3).count == (deletes ? 0 : 1))
        #expect(world.events.all.allSatisfy { !$0.name.hasPrefix("clock.") })
        #expect(try Self.clocks(world) == ClockOffset(ahead: ahead))
    }

    @Test("what was read before the agent's clock turned out to be wrong is read again, and dated by n8n's")
    func learnedLate() throws {
        let world = try Self.world(dateAhead: .zero, clockAhead: .days(2), ages: [.minutes(1)], isBusy: false)
        let now = World.serverStart + .days(2)
        world.box.withSimulator { n8n in
            _ = n8n.addExecution(
                of: World.workflow, status: .running, startedAt: (now - .hours(5)).milliseconds)
        }
        let set = try World.set([.retryOrders()])
        try world.simulation.run { _ = await (try await world.agent(set)).tick() }
        let ledger = try world.store.everything()
        let baseline = try #require(ledger.baseline(of: "main"))
        let live = try #require(ledger.tick(of: baseline.instance)?.live)
        #expect(live.map(\.execution.id) == ["2"])
        #expect(live.allSatisfy { ($0.firstSeen - now).magnitude < .minutes(1) })
    }

    @Test("is compared with the newest time that rows told, which goes on while nothing runs")
    func rowClock() throws {
        let told = World.serverStart
        let row = Execution(id: "7", workflow: "w", status: .success, startedAt: told - .hours(1), stoppedAt: told)
        let clock = try #require(RowClock([row], before: nil, at: .seconds(10)))
        #expect(clock.time(at: .seconds(70)) == told + .minutes(1))
        let older = Execution(id: "8", workflow: "w", status: .queued, createdAt: told + .seconds(30))
        #expect(RowClock([older], before: clock, at: .seconds(70))?.time(at: .seconds(80)) == told + .seconds(70))
        #expect(RowClock([], before: clock, at: .seconds(70))?.time(at: .seconds(80)) == told + .seconds(70))
        #expect(RowClock([], before: nil, at: .zero) == nil)
    }

    @Test(
        "what rows told before n8n's clock was set back stands against it until it is minutes beyond them, and no longer"
    )
    func setBack() throws {
        func row(_ time: Period) -> Execution {
            Execution(id: "1", workflow: "w", status: .success, startedAt: World.serverStart + time)
        }
        // By that clock it was half past when it was set back by half an hour.
        var clock = try #require(RowClock([row(.minutes(30))], before: nil, at: .zero))
        #expect(clock.anew(at: .zero) == nil, "nothing is in dispute")
        clock.note(isDisputed: true)
        func read(_ time: Period, at minutes: Int64) throws -> RowClock {
            try #require(RowClock([row(time)], before: clock, at: .minutes(minutes)))
        }
        #expect(try read(.minutes(10), at: 10).anew(at: .minutes(10)) == nil)
        #expect(try read(.minutes(34), at: 34).anew(at: .minutes(34)) == nil, "not well beyond what was told")
        let later = try read(.minutes(36), at: 36)
        #expect(later.time(at: .minutes(36)) == World.serverStart + .minutes(66))
        #expect(later.anew(at: .minutes(36))?.time(at: .minutes(37)) == World.serverStart + .minutes(37))
        #expect(later.anew(at: .minutes(42)) == nil, "that row was read long ago")
        var agreed = later
        agreed.note(isDisputed: false)
        #expect(agreed.anew(at: .minutes(36)) == nil)
    }

    @Test("need not be proven again by an agent that is started anew on a quiet server")
    func startedAnew() throws {
        let world = try Self.world(dateAhead: .zero, clockAhead: .days(2), ages: [.minutes(1)], isBusy: false)
        let set = try World.set([.retryOrders()])
        try world.simulation.run {
            try await world.run(try await world.agent(set), for: .minutes(5))
            try await world.clock.sleep(for: .hours(20))
            try await world.run(try await world.agent(set), for: .minutes(5))
        }
        #expect(world.retries(of: 1).count == 1)
        #expect(try Self.clocks(world) == ClockOffset(ahead: .days(2)))
        #expect(world.events.named("clock.disputed").isEmpty)
    }

    @Test("that lies behind does not date an answer: what was made before it would prove that nothing ran")
    func proof() throws {
        let world = try World(kind: .init()) { simulator in
            simulator.configuration.dateAhead = Period.days(-40).milliseconds
            simulator.add(
                .orderSync(
                    .init(next: [.error(.http(503, method: "POST"), after: 100)], retries: [.success(after: 600_000)])))
            var other = Simulator.Workflow.orderSync(.always(.success(after: 10)))
            (other.id, other.name) = ("Wf00000000000002", "Other")
            simulator.add(other)
            simulator.faults = [.init(.errorBefore, at: [.retry])]
        }
        let set = try World.set([.retryOrders()])
        try world.simulation.run {
            world.box.withSimulator { n8n in
                _ = n8n.trigger(World.workflow, now: World.start.milliseconds)
                n8n.trigger("Wf00000000000002", every: 60_000, from: World.start.milliseconds + 10_000)
            }
            try await world.run(try await world.agent(set), for: .hours(1))
        }
        let answered = try world.simulation.run {
            try await world.store.records(after: 0, limit: 1000).compactMap { sealed -> ServerTime? in
                let entry = try LedgerEntry(try CanonicalRecord(bytes: sealed.bytes).record)
                guard case .outcome(_, let settlement) = entry.event else { return nil }
                return settlement.answeredAt
            }
        }
        #expect(answered.count == 1 && answered.allSatisfy { $0 >= World.serverStart })
        // By n8n's own time it is proven still.
        #expect(try world.intents().first?.note?.hasPrefix("nothing ran") == true && world.retries(of: 1).count == 1)
    }
}
