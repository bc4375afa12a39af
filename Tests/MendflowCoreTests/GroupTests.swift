import MendflowCore
import Testing

@Suite("Conditions on many executions together")
struct GroupTests {
    /// A policy that retries once so many chains failed within ten minutes.
    private func storm(
        _ least: Int64 = 3, groupBy: GroupCondition.Group = .policy, distinct: GroupCondition.Distinct = .execution
    ) -> Policy {
        policy("storm") {
            $0.when = GroupCondition(
                count: [.number(.gte, least)], distinct: distinct, within: .minutes(10), groupBy: groupBy)
        }
    }

    @Test("none matches until enough have failed within the time; then all do")
    func threshold() {
        var world = World(storm())
        world.add("1", ago: .minutes(8))
        world.add("2", ago: .minutes(4))
        world.add("3", ago: .minutes(11))
        #expect(world.label("1") == "no_policy" && world.plan().groups.first?.count == 2)
        world.add("4", ago: .minutes(2))
        #expect(["1", "2", "4"].allSatisfy { world.label($0) == "act" })
        #expect(world.label("3") == "act")
        #expect(world.plan().groups == [GroupCount(policy: "storm", workflow: nil, count: 3, pending: 0, holds: true)])
    }

    @Test("a policy whose group is too small leaves its executions to the next")
    func next() {
        var world = World(storm(), policy("plain"))
        world.add("1")
        #expect(world.decision("1")?.policy?.name == "plain")
    }

    @Test("workflows are counted apart, or are what is counted")
    func byWorkflow() {
        var world = World(storm(2, groupBy: .workflow))
        world.add("1", ago: .minutes(3))
        world.add("2", ago: .minutes(3), workflow: "other")
        #expect(world.plan().actions.isEmpty)
        world.add("3", ago: .minutes(2))
        #expect(world.label("1") == "act" && world.label("3") == "act" && world.label("2") == "no_policy")
        #expect(world.plan().groups.map(\.workflow) == ["other", "w"])
        world.policies = [storm(2, distinct: .workflow)]
        #expect(world.label("1") == "act" && world.label("2") == "act")
        world.snapshot.executions["2"] = nil
        #expect(world.label("1") == "no_policy")
    }

    @Test("retries count for nothing, ours and people's: a policy cannot excite itself")
    func selfExcitement() {
        var world = World(storm(2))
        world.add("1", ago: .minutes(9))
        for number in 2...5 {
            world.add(ExecutionID("\(number)"), retryOf: ExecutionID("\(number - 1)"), ago: .minutes(6 - Int64(number)))
        }
        #expect(world.plan().groups.first?.count == 1)
        #expect(world.plan().actions.isEmpty)
        world.add("6", ago: .minutes(1), mode: "error")
        #expect(world.plan().groups.first?.count == 1)
    }

    @Test("a chain that acted once goes on, whatever became of the others")
    func goesOn() {
        var world = World(storm())
        world.add("1", ago: .hours(1))
        #expect(world.label("1") == "no_policy")
        world.view.owners["1"] = "storm"
        #expect(world.label("1") == "act")
    }

    @Test("a fact that could decide the number is asked for; one that cannot is not waited for")
    func pending() {
        var world = World(storm())
        world.policies[0].match = .all([.failed, .when(.errorHTTPCode, .anyOf([.wildcard("503")]))])
        world.add("1", ago: .minutes(1))
        world.add("2", ago: .minutes(1))
        world.add("3", ago: .minutes(1), detail: nil)
        #expect(world.label("1") == "fact_pending" && world.plan().needs == [.detail("3")])
        #expect(world.plan().groups.first?.holds == nil)
        world.add("4", ago: .minutes(1))
        #expect(world.label("1") == "act")
    }

    /// A policy that retries while fewer than so many chains failed, for then the service is not down.
    private func calm(
        _ most: Int64 = 3, match: Condition = .all([.failed, .when(.errorHTTPCode, .anyOf([.wildcard("5*")]))])
    )
        -> World
    {
        var world = World(
            policy("calm", match: match) {
                $0.when = GroupCondition(count: [.number(.lt, most)], within: .minutes(10))
            })
        world.add("1", ago: .minutes(2))
        return world
    }

    @Test("what nobody can judge may be a member: an upper bound has to hold with all of them")
    func unknown() {
        var world = calm()
        #expect(world.label("1") == "act")
        let hidden = ExecutionDetail(readability: .redacted)
        for number in 2...3 { world.add(ExecutionID("\(number)"), ago: .minutes(1), detail: hidden) }
        #expect(world.label("1") == "no_policy")
        #expect(
            world.plan().groups == [
                GroupCount(policy: "calm", workflow: nil, count: 1, pending: 0, unknown: 2, holds: false)
            ])
        world.add("3", .success, ago: .minutes(1))
        #expect(world.label("1") == "act")
        world.add("4", ago: .minutes(1), detail: nil)
        #expect(world.label("1") == "fact_pending")
        world.add("5", ago: .minutes(1))
        world.snapshot.details["4"] = nil
        #expect(world.label("1") == "no_policy")
    }

    @Test("nor can runs of workflows that could not be read be judged")
    func unknownWorkflows() {
        var world = calm(match: .all([.failed, .not(.workflow("Nightly"))]))
        for number in 2...3 { world.add(ExecutionID("\(number)"), ago: .minutes(1), workflow: "lost") }
        #expect(world.label("1") == "no_policy")
        world.snapshot.workflows?["lost"] = nil
        #expect(world.label("1") == "no_policy" && world.plan().groups.first?.unknown == 2)
        world.snapshot.workflows?["lost"] = WorkflowInfo(id: "lost", name: "Nightly")
        #expect(world.label("1") == "act")
    }

    @Test("an upper bound holds of nothing that was not read to the end; a lower bound does")
    func coverage() {
        for change: (inout Snapshot) -> Void in [
            { $0.coverage.retriesKnownFrom = "0" }, { $0.coverage.rowsKnownFrom = "0" },
        ] {
            var world = calm()
            change(&world.snapshot)
            #expect(world.label("1") == "match_unknown" && world.plan().groups.first?.isComplete == false)
            world.policies[0].when?.count = [.number(.gte, 1)]
            #expect(world.label("1") == "act")
        }
        var world = calm()
        world.snapshot.coverage.unknownIDs = 5
        #expect(world.label("1") == "act")
        world.policies[0].match = .all([.status(.error, .queued), .workflow("Order sync")])
        #expect(world.label("1") == "match_unknown")
    }

    @Test("live executions count from when their status began")
    func live() {
        var world = World(
            policy("runaway", .stop, match: .status(.queued)) {
                $0.when = GroupCondition(count: [.number(.gt, 2)], within: .minutes(5), groupBy: .workflow)
            })
        for number in 1...3 { world.add(ExecutionID("\(number)"), .queued, ago: .minutes(Int64(number))) }
        #expect(world.plan().actions.count == 3)
        world.snapshot.now = noon + .minutes(3)
        #expect(world.plan().actions.isEmpty)
    }

    @Test("what ended before the baseline counts for nothing")
    func baseline() {
        var world = World(storm(1))
        world.snapshot.baseline = noon - .minutes(5)
        world.add("1", ago: .minutes(6))
        #expect(world.plan().groups.isEmpty)
    }
}

@Suite("Run time against the workflow's own history")
struct RunTimeTests {
    /// A run that has taken so long, after a number of successful runs of one to so many seconds.
    private func world(running: Period, after runs: Int) -> World {
        var world = World(
            policy("slow", .stop, match: .all([.status(.running), .when(.ranForOfP95, .number(.gt, 1000))])))
        world.add("900", .running, ago: running)
        for number in 1...max(1, runs) {
            let start = noon - .hours(10)
            world.snapshot.executions[ExecutionID("\(number)")] = Execution(
                id: ExecutionID("\(number)"), workflow: "w", status: .success, startedAt: start,
                stoppedAt: start + .seconds(Int64(number)))
        }
        return world
    }

    @Test("a run is compared with the time that 95 of 100 successful ones did not exceed")
    func p95() {
        #expect(world(running: .seconds(951), after: 100).label("900") == "act")
        #expect(world(running: .seconds(950), after: 100).label("900") == "no_policy")
        #expect(world(running: .seconds(951), after: 100).fact(.ranForOfP95, "900") == .known(.number(1001)))
    }

    @Test("too few runs say nothing, retries count for nothing, and a longer memory than the rows beats them")
    func samples() {
        #expect(world(running: .hours(9), after: 19).fact(.ranForOfP95, "900") == .unknown)
        #expect(world(running: .hours(9), after: 20).label("900") == "act")
        var world = world(running: .hours(9), after: 20)
        world.snapshot.executions["3"]?.retryOf = "2"
        #expect(world.label("900") == "match_unknown")
        world.snapshot.runTimes["w"] = RunTimes(samples: 300, p95: .minutes(1))
        #expect(world.label("900") == "act")
        world.snapshot.runTimes["w"] = RunTimes(samples: 300, p95: .hours(5))
        #expect(world.label("900") == "no_policy")
    }

    @Test("the p95 is a time that was measured: of 20 runs the 19th")
    func rank() {
        #expect(RunTimes((1...20).map { .seconds($0) })?.p95 == .seconds(19))
        #expect(RunTimes([.seconds(7)])?.p95 == .seconds(7))
        #expect(RunTimes([]) == nil)
        #expect(RunTimes(samples: 20, p95: .zero).hundredths(.seconds(1)) == 100_000)
    }
}
