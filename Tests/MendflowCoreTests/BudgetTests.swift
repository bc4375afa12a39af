import MendflowCore
import Testing

@Suite("Caps on actions")
struct BudgetTests {
    /// Five failed runs of five workflows, the oldest with the highest id.
    private func world(_ change: (inout Guards) -> Void = { _ in }) -> World {
        var world = World(policy("p"))
        change(&world.policies[0].guards)
        for number in 1...5 {
            world.add(
                ExecutionID(String(20 - number)), ago: .hours(1) + .minutes(Int64(number)),
                workflow: WorkflowID("w\(number)"))
        }
        return world
    }
    private func acting(_ world: World) -> [ExecutionID] { world.plan().actions.map(\.draft.execution) }

    @Test("a cap per tick lets the oldest act, ties by id, and the newest wait")
    func perTick() {
        var world = world { $0.maxActions = [ActionCap(amount: 2, per: .tick)] }
        #expect(acting(world) == ["15", "16"] && world.label("17") == "max_actions")
        world.add("9", ago: .hours(1) + .minutes(5))
        #expect(acting(world) == ["9", "15"])
    }

    @Test("a cap per window counts what was sent, refused too, until it leaves the window")
    func perWindow() {
        var world = world { $0.maxActions = [ActionCap(amount: 2, per: .window(.hours(1)))] }
        world.intend(.retry, "3", .void, ago: .minutes(50), policy: "p")
        #expect(acting(world) == ["15"])
        #expect(world.decision("16")?.verdict.until == noon + .minutes(10))
        world.view.intents[0].reservedAt = agentNoon - .hours(1)
        #expect(acting(world) == ["15"], "a machine that slept sent it ten minutes later")
        world.view.intents[0].sendingAt = agentNoon - .hours(1)
        #expect(acting(world) == ["15", "16"])
        world.policies[0].guards.maxActions = [ActionCap(amount: 0, per: .window(.hours(1)))]
        #expect(acting(world) == [])
    }

    @Test("of several caps the one that holds longest is told")
    func longest() {
        var world = world {
            $0.maxActions = [ActionCap(amount: 1, per: .tick), ActionCap(amount: 2, per: .window(.hours(1)))]
            $0.cooldown = .hours(2)
        }
        world.limits.maxActions = [ActionCap(amount: 1, per: .window(.hours(3)))]
        world.limits.maxInFlight = 1
        world.intend(.retry, "3", .void, ago: .minutes(50), policy: "p", workflow: "w5")
        #expect(acting(world) == [])
        #expect(world.label("15") == "instance_limit" && world.decision("15")?.verdict.until == noon + .minutes(130))
        world.limits.maxActions = []
        #expect(world.label("15") == "cooldown" && world.decision("15")?.verdict.until == noon + .minutes(70))
        // No time is known of these, so the first that holds is told.
        world.policies[0].guards = Guards(maxActions: [ActionCap(amount: 1, per: .tick)])
        #expect(acting(world) == ["15"] && world.label("16") == "max_actions")
    }

    @Test("what is granted behind a capped action is counted too: the latest of the times is told")
    func filledBehind() {
        var world = world {
            $0.maxActions = [ActionCap(amount: 2, per: .window(.hours(1)))]
            $0.rateLimits = [RateLimit(max: 1, per: .minutes(10), groupBy: .workflow)]
        }
        // The second oldest is of the oldest's workflow, whose limit frees up before the cap that the third one fills.
        world.add("30", ago: .hours(1) + .minutes(5) - .seconds(1), workflow: "w5")
        #expect(acting(world) == ["15", "16"])
        #expect(world.label("30") == "max_actions" && world.decision("30")?.verdict.until == noon + .hours(1))
    }

    @Test("where a cap frees up outside the policy's hours, these are waited for")
    func hours() {
        var world = world { $0.maxActions = [ActionCap(amount: 1, per: .window(.hours(1)))] }
        world.policies[0].guards.notDuring = [
            TimeWindow(fromMinute: 12 * 60 + 50, toMinute: 13 * 60 + 30, zone: .utc)
        ]
        #expect(acting(world) == ["15"] && world.label("16") == "outside_window")
        #expect(world.decision("16")?.verdict.until == noon + .minutes(90))
    }

    @Test("actions of other policies do not count for a policy, but for the instance")
    func perInstance() {
        var world = world { $0.maxActions = [ActionCap(amount: 2, per: .window(.hours(1)))] }
        for _ in 0..<4 { world.intend(.retry, "3", ago: .minutes(30), policy: "q", child: "4") }
        #expect(acting(world).count == 2)
        world.limits.maxActions = [ActionCap(amount: 5, per: .window(.hours(1)))]
        #expect(acting(world).count == 1 && world.label("16") == "instance_limit")
        #expect(world.decision("16")?.verdict.until == noon + .minutes(30))
        world.limits.maxActions = [ActionCap(amount: 1, per: .tick)]
        #expect(acting(world) == ["15"] && world.label("19") == "instance_limit")
    }

    @Test("rate limits count per policy, workflow or type of the failed node")
    func rateLimits() {
        var world = world { $0.rateLimits = [RateLimit(max: 1, per: .hours(1), groupBy: .workflow)] }
        world.intend(.retry, "3", ago: .minutes(30), policy: "p", child: "4", workflow: "w5")
        #expect(acting(world) == ["16", "17", "18", "19"] && world.label("15") == "rate_limit")
        world.policies[0].guards.rateLimits[0].groupBy = .nodeType
        #expect(acting(world) == ["15"])
        world.view.intents[0].draft.nodeType = "n8n-nodes-base.httpRequest"
        #expect(acting(world) == [] && world.decision("15")?.verdict.until == noon + .minutes(30))
        world.policies[0].guards.rateLimits[0].groupBy = .policy
        #expect(acting(world) == [])
    }

    @Test("a cooldown keeps two actions on one workflow apart, tags aside")
    func cooldown() {
        var world = world { $0.cooldown = .hours(1) }
        world.intend(.tag, "3", ago: .minutes(10), policy: "p", tags: ["seen"], workflow: "w5")
        #expect(acting(world).count == 5)
        world.intend(.retry, "3", ago: .minutes(30), policy: "p", child: "4", workflow: "w5")
        #expect(world.label("15") == "cooldown" && world.decision("15")?.verdict.until == noon + .minutes(30))
        world.add("14", ago: .hours(1), workflow: "w4")
        #expect(acting(world) == ["16", "17", "18", "19"] && world.label("14") == "cooldown")
    }

    @Test("retries in flight are capped until their answer came and their child ended")
    func inFlight() {
        var world = world { $0.maxInFlight = 2 }
        world.intend(.retry, "3", .sending, policy: "p")
        #expect(acting(world) == ["15"] && world.label("16") == "max_in_flight")
        world.view.intents = []
        world.intend(.retry, "3", policy: "p", child: "4")
        world.add("4", .running, retryOf: "3")
        #expect(acting(world) == ["15"])
        world.add("4", .success, retryOf: "3")
        #expect(acting(world) == ["15", "16"])
        world.policies[0].guards.maxInFlight = nil
        world.limits.maxInFlight = 3
        world.intend(.retry, "5", .reserved, policy: "q")
        #expect(acting(world) == ["15", "16"])
    }

    @Test("a retry that was never answered counts as in flight for an hour, unless its child is seen to have ended")
    func unansweredInFlight() {
        var world = world { $0.maxInFlight = 2 }
        world.intend(.retry, "3", .unresolved, ago: .minutes(59), policy: "p")
        #expect(acting(world) == ["15"] && world.label("16") == "max_in_flight")
        world.view.intents[0].sendingAt = agentNoon - .minutes(60)
        #expect(acting(world) == ["15", "16"])
    }

    @Test("it holds its place no longer than something live or hidden could be its run, once it must have arrived")
    func unansweredWithoutRun() {
        var world = world { $0.maxInFlight = 1 }
        world.intend(.retry, "3", .unresolved, ago: .seconds(119), policy: "p", watermark: "20")
        #expect(acting(world).isEmpty)
        world.view.intents[0].sendingAt = agentNoon - .minutes(2)
        #expect(acting(world) == ["15"])
        world.add("21", .running, retryOf: "3")
        #expect(acting(world).isEmpty)
        world.add("21", .running, retryOf: "4")
        #expect(acting(world) == ["15"])
        world.snapshot.executions["21"]?.hidesRetryOf = true
        world.snapshot.executions["21"]?.retryOf = nil
        #expect(acting(world).isEmpty)
        world.snapshot.executions["21"] = nil
        #expect(acting(world) == ["15"])
        for coverage in [Coverage(unknownIDs: 1), Coverage(hidesWaiting: true)] {
            world.snapshot.coverage = coverage
            #expect(acting(world).isEmpty)
        }
    }

    @Test("what the last look dropped, or never left before the agent ended, takes nothing")
    func neverSent() {
        var world = world {
            $0.maxActions = [ActionCap(amount: 2, per: .window(.hours(1)))]
            $0.cooldown = .minutes(30)
        }
        world.intend(.retry, "3", .void, ago: .minutes(1), policy: "p", sent: false)
        world.drop(.retry, "4", ago: .minutes(1), policy: "p")
        #expect(acting(world) == ["15", "16"])
        for index in 0...1 { world.view.intents[index].sendingAt = agentNoon - .minutes(1) }
        #expect(acting(world).isEmpty && world.label("15") == "max_actions")
    }

    @Test("a tag write charges every policy that shares it; one that is full is not part of it")
    func tags() {
        var world = World(policy("a", nil, tags: ["seen"]), policy("b", nil, tags: ["flaky"]))
        world.add("7")
        world.add("8", ago: .minutes(50))
        world.policies[1].guards.maxActions = [ActionCap(amount: 1, per: .tick)]
        #expect(world.tagWrites.map(\.draft.contributors) == [["a", "b"], ["a"]])
        world.policies[1].guards.maxActions = [ActionCap(amount: 1, per: .window(.hours(1)))]
        world.intend(.tag, "3", policy: "a", tags: ["seen"], contributors: ["a", "b"])
        #expect(world.tagWrites.map(\.draft.contributors) == [["a"], ["a"]])
    }
}
