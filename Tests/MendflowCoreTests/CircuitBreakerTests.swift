import MendflowCore
import Testing

@Suite("Circuit breaker")
struct CircuitBreakerTests {
    private func world(groupBy: RateLimit.Group = .policy) -> World {
        var world = World(
            policy("retry") {
                $0.guards.circuitBreaker = CircuitBreaker(
                    failureThreshold: 2, window: .hours(1), openFor: .minutes(30), groupBy: groupBy)
            })
        world.add("50")
        return world
    }

    /// A retry of ours that failed so long ago.
    private func failedRetry(
        _ world: inout World, _ id: Int, ago: Period, ended status: ExecutionStatus = .error,
        workflow: WorkflowID = "w", reserved: Period? = nil
    ) {
        let parent = ExecutionID("\(id)")
        let child = ExecutionID("\(id + 1)")
        world.add(parent, ago: .hours(5), workflow: workflow)
        world.add(child, status, retryOf: parent, ago: ago, workflow: workflow)
        world.intend(.retry, parent, ago: reserved ?? ago, child: child, workflow: workflow)
    }

    @Test("opens when enough of our own actions failed within the window, and for a time")
    func opens() {
        var world = world()
        failedRetry(&world, 10, ago: .minutes(20))
        #expect(world.label("50") == "act")
        failedRetry(&world, 12, ago: .minutes(10))
        #expect(world.label("50") == "circuit_open")
        #expect(world.decision("50")?.verdict.until == noon + .minutes(20))
        world.snapshot.now = noon + .minutes(19)
        #expect(world.label("50") == "circuit_open")
    }

    @Test("failures further apart than the window do not open it")
    func window() {
        var world = world()
        failedRetry(&world, 10, ago: .minutes(70))
        failedRetry(&world, 12, ago: .minutes(10))
        #expect(world.label("50") == "act")
    }

    @Test("other people's failures, successes, and what was never sent do not count")
    func othersFailures() {
        var world = world()
        world.add("10", ago: .minutes(5))
        world.add("11", retryOf: "10", ago: .minutes(4))
        failedRetry(&world, 12, ago: .minutes(3), ended: .success)
        failedRetry(&world, 14, ago: .minutes(2))
        world.add("20")
        world.intend(.retry, "20", .void, ago: .minutes(1), sent: false)
        #expect(world.label("50") == "act")
    }

    @Test("a retry whose run is not seen failed, unless the chain healed or it may show yet")
    func unseen() {
        var world = world()
        failedRetry(&world, 10, ago: .minutes(20))
        failedRetry(&world, 12, ago: .minutes(16))
        for child in ["11", "13"] as [ExecutionID] { world.snapshot.executions[child] = nil }
        #expect(world.label("50") == "circuit_open")
        world.snapshot.now = noon - .minutes(2)
        #expect(world.label("50") == "act")
        world.view.gone = ["13"]
        #expect(world.label("50") == "circuit_open")
        world.view.healed = ["12"]
        #expect(world.label("50") == "act")
    }

    @Test("refusals, lost answers and stops that do not take are failures")
    func kinds() {
        for state in [IntentState.void, .unresolved, .ineffective] {
            var world = world()
            failedRetry(&world, 10, ago: .minutes(20))
            world.add("20", ago: .hours(3))
            world.intend(.retry, "20", state, ago: .minutes(5))
            #expect(world.label("50") == "circuit_open", "\(state)")
            world.view.closed = ["20": [.retry]]
            #expect(world.label("50") == (state == .void ? "act" : "circuit_open"), "\(state)")
        }
    }

    @Test("after that time one trial goes, the oldest; while it runs nothing else does")
    func halfOpen() {
        var world = world()
        world.add("51", ago: .hours(2))
        failedRetry(&world, 10, ago: .minutes(50))
        failedRetry(&world, 12, ago: .minutes(40))
        #expect(world.label("51") == "act" && world.label("50") == "circuit_open")
        world.add("60", ago: .hours(3))
        world.intend(.retry, "60", .sending, ago: .minutes(1))
        #expect(world.label("51") == "circuit_open" && world.decision("51")?.verdict.until == nil)
    }

    @Test("a trial that succeeds closes it, one that fails opens it again")
    func trial() {
        for status in [ExecutionStatus.success, .error] {
            var world = world()
            failedRetry(&world, 10, ago: .minutes(50))
            failedRetry(&world, 12, ago: .minutes(40))
            failedRetry(&world, 14, ago: .minutes(2), ended: status, reserved: .minutes(5))
            #expect(world.label("50") == (status == .success ? "act" : "circuit_open"))
            if status == .error { #expect(world.decision("50")?.verdict.until == noon + .minutes(28)) }
        }
    }

    @Test("what began before it opened is no trial")
    func lateComer() {
        var world = world()
        failedRetry(&world, 10, ago: .minutes(20))
        failedRetry(&world, 12, ago: .minutes(15))
        failedRetry(&world, 14, ago: .minutes(1), ended: .success, reserved: .minutes(30))
        #expect(world.label("50") == "circuit_open")
    }

    @Test("each workflow may have its own")
    func groups() {
        var world = world(groupBy: .workflow)
        world.add("51", workflow: "other")
        failedRetry(&world, 10, ago: .minutes(20))
        failedRetry(&world, 12, ago: .minutes(10))
        #expect(world.label("50") == "circuit_open" && world.label("51") == "act")
    }

    @Test("the ledger is read as far back as the state depends on it")
    func longestWindow() {
        #expect(world().set.longestWindow == .minutes(90))
    }
}

@Suite("Caps by share")
struct ShareTests {
    private func world(_ cap: ActionCap, of number: Int) -> World {
        var world = World(policy("retry", match: .all([.failed, .workflow("Order sync")])))
        world.policies[0].guards.maxActions = [cap]
        for number in 1...number { world.add(ExecutionID("\(100 + number)"), ago: .minutes(Int64(number))) }
        for number in 1...50 { world.add(ExecutionID("\(200 + number)"), .success, workflow: "other") }
        return world
    }

    @Test("a share is of the chains of the workflows that the policy looks at, rounded down")
    func share() {
        #expect(world(ActionCap(percent: 10, per: .tick), of: 39).plan().actions.count == 3)
        #expect(world(ActionCap(percent: 10, per: .tick), of: 9).plan().actions.isEmpty)
        #expect(world(ActionCap(percent: 100, per: .tick), of: 9).plan().actions.count == 9)
    }

    @Test("with an amount the lower counts")
    func lower() {
        #expect(world(ActionCap(amount: 2, percent: 10, per: .tick), of: 39).plan().actions.count == 2)
        #expect(world(ActionCap(amount: 9, percent: 10, per: .tick), of: 39).plan().actions.count == 3)
    }

    @Test("in a window only chains that began within it count; retries never do")
    func window() {
        let cap = ActionCap(percent: 10, per: .window(.minutes(30)))
        var world = world(cap, of: 39)
        #expect(world.plan().actions.count == 2)
        for number in 1...9 { world.add(ExecutionID("\(300 + number)"), retryOf: "101", ago: .minutes(1)) }
        #expect(world.plan().actions.count == 2)
    }

    @Test("a share that rounds down to none has no time at which anything frees up")
    func none() throws {
        let world = world(ActionCap(percent: 10, per: .window(.hours(1))), of: 9)
        #expect(world.label("101") == "max_actions")
        #expect(try #require(world.decision("101")).verdict.until == nil)
    }

    @Test("it reads as it is meant")
    func words() {
        #expect(ActionCap(amount: 20, percent: 10, per: .tick).description == "20 or 10% per tick")
        #expect(ActionCap(percent: 10, per: .window(.hours(1))).description == "10% per 1h")
    }
}
