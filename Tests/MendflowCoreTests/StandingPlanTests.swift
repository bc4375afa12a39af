import MendflowCore
import MendflowTestKit
import Testing

@Suite("A plan that is made again when only time has gone on")
struct StandingPlanTests {
    private static let seeds = 0..<(TestScale.isFull ? 1000 : 60)

    private func world(_ seed: Int) -> World {
        var random = RandomWorlds(seed: UInt64(seed))
        return seed.isMultiple(of: 2) ? random.world() : random.everything()
    }

    @Test("is the plan that judges everything anew", arguments: [Planner.Pass.enforced, .dryRun])
    func samePlan(pass: Planner.Pass) {
        var (judged, stood) = (0, 0)
        for seed in StandingPlanTests.seeds {
            var world = world(seed)
            var random = SplitMix64(seed: UInt64(seed))
            let planner = Planner(world.set, pass: pass)
            var standing = planner.plan(world.snapshot, world.view, since: nil)
            for _ in 0..<6 {
                // From a millisecond to some hours.
                let step = Int64(random.below(1 << (1 + random.below(24)))) + 1
                world.snapshot.now = world.snapshot.now + .milliseconds(step)
                standing = planner.plan(world.snapshot, world.view, since: standing)
                let whole = Planner(world.set, pass: pass).plan(world.snapshot, world.view)
                let isSame = standing.plan == whole
                #expect(isSame, "seed \(seed), \(step) ms later: \(difference(standing.plan, whole))")
                if let few = standing.judged { (judged, stood) = (judged + few.count, stood + 1) }
            }
        }
        // Most plans are renewed, and of few rows: otherwise this compares nothing.
        #expect(stood > StandingPlanTests.seeds.count * 3)
        #expect(judged < stood * 20)
    }

    @Test(
        "is the plan that judges everything anew also where rows and facts have changed",
        arguments: [Planner.Pass.enforced, .dryRun])
    func changed(pass: Planner.Pass) {
        var (judged, all, stood) = (0, 0, 0)
        for seed in StandingPlanTests.seeds {
            var world = world(seed)
            var changes = RandomChanges(seed: UInt64(seed))
            let planner = Planner(world.set, pass: pass)
            var standing = planner.plan(world.snapshot, world.view, since: nil)
            for _ in 0..<8 {
                let before = world.snapshot
                let story = changes.change(&world.snapshot)
                let found = world.snapshot.changes(since: before)
                standing = planner.plan(
                    world.snapshot, world.view, since: found == nil ? nil : standing, changes: found ?? .none)
                let whole = Planner(world.set, pass: pass).plan(world.snapshot, world.view)
                let isSame = standing.plan == whole
                #expect(isSame, "seed \(seed), \(story): \(difference(standing.plan, whole))")
                guard let few = standing.judged else { continue }
                (judged, all, stood) = (judged + few.count, all + world.snapshot.executions.count, stood + 1)
            }
        }
        #expect(stood > StandingPlanTests.seeds.count * 4)
        #expect(judged * 2 < all)
    }

    private func difference(_ one: Plan, _ other: Plan) -> String {
        for (first, second) in zip(one.decisions, other.decisions) where first != second {
            return "\(first.execution) \(first.verdict), then \(second.execution) \(second.verdict)"
        }
        return "decisions \(one.decisions.count), \(other.decisions.count); rows \(one.rowsJudged), \(other.rowsJudged)"
    }

    /// The rows that are judged again some time later; nil where all are.
    private func judged(_ world: World, after period: Period) -> [ExecutionID]? {
        var later = world.snapshot
        later.now = noon + period
        let planner = Planner(world.set)
        let standing = planner.plan(world.snapshot, world.view, since: nil)
        return planner.plan(later, world.view, since: standing).judged?.sorted()
    }

    @Test("judges a run again when a condition on its age comes true, and the others not")
    func age() {
        var world = World(policy("p", .stop, match: .all([.status(.running), .when(.age, .period(.gte, .hours(2)))])))
        world.add("1", .running, ago: .minutes(115))
        world.add("2", .running, ago: .minutes(30))
        #expect(judged(world, after: .minutes(4)) == [])
        #expect(judged(world, after: .minutes(5)) == ["1"])
    }

    @Test("judges a failure again when its wait is over")
    func wait() {
        var world = World(policy("p", .retry(3) { $0.backoff.initialInterval = .minutes(8) }))
        world.add("1", .error, ago: .minutes(2), detail: .harmless)
        #expect(judged(world, after: .minutes(5)) == [])
        #expect(judged(world, after: .minutes(6)) == ["1"])
    }

    @Test("judges all again when the hours of a policy begin")
    func hours() {
        var world = World(
            policy("p", .retry(1)) {
                $0.guards.activeDuring = [TimeWindow(fromMinute: 12 * 60 + 4, toMinute: 900, zone: .utc)]
            })
        world.add("1", .error, ago: .hours(1), detail: .harmless)
        #expect(judged(world, after: .minutes(3)) == [])
        #expect(judged(world, after: .minutes(4)) == nil)
    }

    @Test("asks the budgets at every moment about what is due: they refill with time")
    func due() {
        var world = World(policy("p", .stop, match: .status(.running)))
        world.add("1", .running, ago: .hours(1))
        #expect(judged(world, after: .milliseconds(1)) == ["1"])
        // The decision is the budgets'; the run itself is not looked at again.
        let planner = Planner(world.set)
        let standing = planner.plan(world.snapshot, world.view, since: nil)
        world.snapshot.now = world.snapshot.now + .seconds(1)
        let again = planner.plan(world.snapshot, world.view, since: standing)
        #expect(again.plan.actions.map(\.due) == [world.snapshot.now])
        #expect(again.standing.isEmpty && again.plan.decisions.count == 1)
    }
}
