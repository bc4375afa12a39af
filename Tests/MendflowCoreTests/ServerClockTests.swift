import MendflowCore
import MendflowTestKit
import Testing

@Suite("n8n's clock")
struct ServerClockTests {
    /// What is judged where `Date` and the newest row show times so far ahead of the agent's clock.
    private func judged(
        date: Period, rows: Period?, before: ClockOffset = .zero
    ) -> ClockOffset {
        ServerClock.judge(
            date: noon + date, newestRow: rows.map { noon + $0 }, own: agentNoon, before: before)
    }

    private static let month = Period.days(40)

    @Test("is what `Date` and the agent's clock agree on, whatever a row tells")
    func agentAgrees() {
        for rows in [nil, .days(-3), .hours(9)] as [Period?] {
            #expect(judged(date: .minutes(4), rows: rows) == ClockOffset(ahead: .minutes(4)))
            #expect(judged(date: .minutes(-5), rows: rows) == ClockOffset(ahead: .minutes(-5)))
        }
    }

    @Test("agrees with what was known, where whole seconds are all that differs")
    func rounding() {
        #expect(judged(date: .milliseconds(1999), rows: nil) == .zero)
        let known = ClockOffset(ahead: .hours(2))
        #expect(judged(date: .hours(2) - .milliseconds(1999), rows: .hours(2), before: known) == known)
        let mad = ClockOffset(ahead: .zero, .overruled(date: Self.month))
        #expect(judged(date: Self.month + .seconds(1), rows: .zero, before: mad) == mad)
        let lost = ClockOffset(ahead: .zero, .disputed(date: Self.month))
        #expect(judged(date: Self.month - .seconds(1), rows: nil, before: lost) == lost)
    }

    @Test("is what `Date` says where a row that is minutes old bears it out, and the agent's own is the wrong one")
    func agentIsWrong() {
        for date in [Self.month, .zero - Self.month, .minutes(6)] {
            #expect(judged(date: date, rows: date - .minutes(1)) == ClockOffset(ahead: date))
            #expect(judged(date: date, rows: date + .minutes(5)) == ClockOffset(ahead: date))
        }
    }

    @Test("is the agent's where a row bears that out, and the date is a proxy's")
    func dateIsWrong() {
        for date in [Self.month, .zero - Self.month, .minutes(-6)] {
            #expect(
                judged(date: date, rows: .seconds(-30)) == ClockOffset(ahead: .zero, .overruled(date: date)), "\(date)")
        }
    }

    @Test(
        "is borne out by a row that is hours old where the clocks are weeks apart, and not where they are hours apart")
    func quietServer() {
        #expect(judged(date: Self.month, rows: .hours(-90)) == ClockOffset(ahead: .zero, .overruled(date: Self.month)))
        #expect(judged(date: Self.month, rows: Self.month - .hours(90)) == ClockOffset(ahead: Self.month))
        #expect(judged(date: Self.month, rows: .hours(-100)).isDisputed)
        #expect(judged(date: .hours(3), rows: .hours(-1)).isDisputed)
        #expect(judged(date: .hours(3), rows: .hours(2)).isDisputed)
    }

    @Test("is in dispute where nothing bears out either; the earliest that may be is gone by")
    func disputed() {
        #expect(judged(date: .hours(2), rows: nil) == ClockOffset(ahead: .zero, .disputed(date: .hours(2))))
        #expect(judged(date: .hours(-2), rows: nil) == ClockOffset(ahead: .hours(-2), .disputed(date: .hours(-2))))
        #expect(
            judged(date: .hours(-9), rows: .hours(-30)) == ClockOffset(ahead: .hours(-9), .disputed(date: .hours(-9))))
        // n8n's clock has come to what a row tells.
        #expect(
            judged(date: .days(-9), rows: .days(2)) == ClockOffset(ahead: .days(2), .disputed(date: .days(-9))))
    }

    @Test("stays apart from the agent's as it was found to be, though the server is quiet")
    func asBefore() {
        let known = ClockOffset(ahead: .hours(-2))
        #expect(judged(date: .minutes(-118), rows: .hours(-40), before: known) == ClockOffset(ahead: .minutes(-118)))
        #expect(
            judged(date: Self.month, rows: .hours(-2), before: known)
                == ClockOffset(ahead: .hours(-2), .overruled(date: Self.month)))
        // A date that stands still is left behind by what rows told minutes ago.
        #expect(
            judged(date: .minutes(-122), rows: .minutes(-116), before: known)
                == ClockOffset(ahead: .hours(-2), .overruled(date: .minutes(-122))))
        #expect(judged(date: .minutes(-122), rows: .minutes(-60), before: known).isDisputed)
    }

    @Test("is not what was gone by in a dispute")
    func afterDispute() {
        let lost = judged(date: .hours(-2), rows: nil)
        #expect(judged(date: .hours(-2), rows: nil, before: lost).isDisputed)
        #expect(
            judged(date: .hours(-2), rows: .zero, before: lost)
                == ClockOffset(ahead: .zero, .overruled(date: .hours(-2))))
        #expect(judged(date: .hours(-2), rows: .hours(-2), before: lost) == ClockOffset(ahead: .hours(-2)))
    }

    @Test("says what is wrong with it")
    func words() {
        #expect(ClockOffset(ahead: .hours(2)).trouble == nil)
        #expect(
            judged(date: Self.month, rows: .zero).trouble
                == "n8n's answers are dated (`Date`) 40d ahead of this machine's clock; executions do not bear that out, "
                + "so it is not believed")
        #expect(
            judged(date: .hours(-2), rows: nil).trouble
                == "n8n's answers are dated (`Date`) 2h behind this machine's clock, and no execution bears out either: "
                + "what depends on time is held until two of the three agree")
    }
}

@Suite("Where n8n's clock is in dispute")
struct DisputedClockTests {
    /// A world in which nobody can tell n8n's time, which is taken to be so much later.
    private static func disputed(_ world: World, later: Period = .zero) -> World {
        var world = world
        world.snapshot.now = world.snapshot.now + later
        world.snapshot.clockOffset = ClockOffset(
            ahead: world.snapshot.clockOffset.ahead + later, .disputed(date: .days(40)))
        return world
    }

    @Test("every retry and deletion is held, and of other actions what was compared with now")
    func held() {
        var world = World(
            policy("retry"), policy("clean", .delete, match: .status(.success)),
            policy("stop-old", .stop, match: .all([.status(.waiting), .when(.age, .period(.gt, .hours(1)))])),
            policy("stop-all", .stop, match: .status(.running)),
            policy("tag", nil, match: .status(.error), tags: ["flaky"]))
        world.snapshot.baseline = noon - .days(100)
        world.add("1", ago: .hours(2))
        world.add("2", .waiting, ago: .hours(2))
        world.add("3", .running, ago: .hours(2))
        world.add("4", .success, ago: .days(90))
        #expect(
            world.plan(.enforced).actions.map(\.draft.action).sorted()
                == [.retry, .stop, .stop, .tag, .delete].sorted())
        let plan = Self.disputed(world).plan(.enforced)
        #expect(plan.actions.map(\.draft.execution).sorted() == ["1", "3"])
        #expect(plan.actions.map(\.draft.action).sorted() == [ActionKind.tag, .stop].sorted())
        let held = plan.decisions.filter {
            if case .held(.clockDisputed, let why) = $0.verdict { why.contains("40d ahead") } else { false }
        }
        #expect(held.map(\.execution).sorted() == ["1", "2", "4"])
    }

    @Test("what has a clock in dispute before it is held: hours, a share of a day's runs, a group")
    func heldByGuards() {
        let window = TimeWindow(fromMinute: 600, toMinute: 900, zone: .utc)
        for (name, change) in [
            ("hours", { $0.guards.activeDuring = [window] }),
            ("share", { $0.guards.maxActions = [ActionCap(percent: 100, per: .window(.days(1)))] }),
            ("group", { $0.when = GroupCondition(count: [.number(.gte, 1)], within: .days(1)) }),
        ] as [(String, (inout Policy) -> Void)] {
            var world = World(policy("stop", .stop, match: .status(.running), change))
            world.add("3", .running, ago: .hours(2))
            #expect(world.plan(.enforced).actions.count == 1, "\(name)")
            #expect(Self.disputed(world).plan(.enforced).actions.isEmpty, "\(name)")
        }
    }

    @Test("a policy with hours holds the tags that it wants itself, and not those of the others")
    func heldTags() {
        var world = World(
            policy("by-day", nil, match: .status(.running), tags: ["flaky"]) {
                $0.guards.activeDuring = [TimeWindow(fromMinute: 600, toMinute: 900, zone: .utc)]
            },
            policy("always", nil, match: .status(.running), tags: ["seen"]))
        world.add("3", .running, ago: .hours(2))
        #expect(world.plan(.enforced).actions.map(\.draft.tags) == [["flaky", "seen"]])
        for later in [Period.zero, .hours(6)] {
            let plan = Self.disputed(world, later: later).plan(.enforced)
            #expect(plan.actions.map(\.draft.tags) == [["seen"]])
        }
    }

    @Test("nothing is exhausted by time, and nothing that is exhausted is latched")
    func exhaustion() {
        var world = World(policy("retry", .retry(1)) { $0.guards.giveUpAfter = .hours(1) })
        world.add("1", ago: .hours(2))
        #expect(world.plan(.enforced).latches.map(\.isExhausted) == [true])
        let plan = Self.disputed(world).plan(.enforced)
        #expect(plan.latches.isEmpty)
        #expect(plan.decisions.map(\.verdict.label) == ["clock_disputed"])
        // One whose retries are used up is, but on record it comes once the time is known.
        world.add("2", retryOf: "1", ago: .minutes(30))
        world.intend(.retry, "1", child: "2")
        #expect(world.plan(.enforced).latches.map(\.isExhausted) == [true])
        let used = Self.disputed(world).plan(.enforced)
        #expect(used.latches.isEmpty && used.decisions.map(\.verdict.label) == ["exhausted"])
    }

    @Test("the same is done whatever the time is", arguments: [Planner.Pass.enforced, .dryRun])
    func sameActions(pass: Planner.Pass) {
        var (acting, held) = (0, 0)
        for seed in 0..<(TestScale.isFull ? 2000 : 300) {
            var random = RandomWorlds(seed: UInt64(seed))
            var world = seed.isMultiple(of: 2) ? random.world() : random.everything()
            // Caps take the oldest, and how old a run is, nobody can tell.
            world.limits = InstanceLimits(maxInFlight: 1000, maxActions: [])
            for index in world.policies.indices {
                world.policies[index].guards = Guards(
                    maxActions: [], activeDuring: world.policies[index].guards.activeDuring)
            }
            let plan = Self.disputed(world).plan(pass)
            for later in [Period.days(40), .days(-40), .hours(3)] {
                let other = Self.disputed(world, later: later).plan(pass)
                let isSame = Set(other.actions.map(\.draft)) == Set(plan.actions.map(\.draft))
                #expect(isSame, "seed \(seed), \(later) later")
                #expect(Set(other.latches.map(\.name)) == Set(plan.latches.map(\.name)), "seed \(seed)")
            }
            acting += plan.actions.count
            held += plan.decisions.count { if case .held(.clockDisputed, _) = $0.verdict { true } else { false } }
        }
        // Worlds in which nothing is done, or nothing held, would show nothing.
        #expect(acting > 0 && held > 0)
    }
}
