import MendflowCore
import Testing

@Suite("Bulk stop")
struct BulkStopTests {
    private static let match = Condition.all([.status(.running, .queued), .workflow("Order sync")])

    private func world(_ match: Condition = match, _ action: BulkStopAction = BulkStopAction()) -> World {
        var world = World(policy("runaway", .bulkStop(action), match: match))
        for number in 1...3 { world.add(ExecutionID("\(number)"), .queued, ago: .minutes(Int64(10 * number))) }
        world.add("4", .running, ago: .minutes(5))
        return world
    }

    private func calls(_ world: World) -> [ActionKind] { world.plan().actions.map(\.draft.action) }

    @Test("what one request can name leaves as one request, with the ids that it will stop")
    func one() throws {
        let plan = world().plan()
        let action = try #require(plan.actions.first)
        #expect(plan.actions.count == 1)
        #expect(action.request == "POST /executions/stop {\"status\":[\"running\",\"queued\"],\"workflowId\":\"w\"}")
        #expect(action.draft.bulk?.predicted == ["3", "2", "1", "4"] && action.draft.execution == "3")
        #expect(plan.decisions.map(\.verdict.label) == ["act", "in_bulk", "in_bulk", "in_bulk"])
        #expect(plan.heldBulkStops.isEmpty)
    }

    @Test("where it would stop anything else, single stops go on and it says why")
    func others() {
        for change: (inout World) -> Void in [
            { $0.protections = [Protection(match: .when(.age, .period(.lt, .minutes(6))))] },
            { $0.policies[0].exceptions = [PolicyException(match: .status(.running), reason: "")] },
            {
                $0.policies.append(
                    policy("mine", .stop, match: .status(.running), priority: 1) { $0.guards.notDuring = [] })
            },
            { $0.view.closed = ["4": [.stop]] },
        ] {
            var world = world()
            change(&world)
            let plan = world.plan()
            #expect(!plan.actions.isEmpty && plan.actions.allSatisfy { $0.draft.action == .stop })
            #expect(plan.heldBulkStops.first?.why == "it would stop 4 too, which this policy does not stop now")
        }
    }

    @Test("that workflows are on is implied and not said to n8n; a run of one that is off is left, by single stops")
    func switchedOff() {
        let active = Condition.test(FieldTest(.workflowActive, [.flag(true)], isImplicit: true))
        var world = world(.all([.status(.running, .queued), active]), BulkStopAction(allWorkflows: true))
        #expect(calls(world) == [.bulkStop])
        world.add("9", .running, ago: .minutes(5), workflow: "v")
        #expect(calls(world) == [.bulkStop])
        world.snapshot.workflows?["v"]?.active = false
        #expect(calls(world) == [.stop, .stop, .stop, .stop])
        #expect(world.plan().heldBulkStops.first?.why == "it would stop 9 too, which this policy does not stop now")
        let written = Condition.test(FieldTest(.workflowActive, [.flag(true)]))
        #expect(!BulkStopScope(.all([.status(.running), written]), BulkStopAction()).objections.isEmpty)
    }

    @Test("ids that nobody has accounted for hold it: each may be a hidden queued run")
    func gaps() {
        var world = world()
        world.snapshot.coverage.unknownIDs = 3
        #expect(calls(world) == [.stop, .stop, .stop, .stop])
        #expect(world.plan().heldBulkStops.first?.why.hasPrefix("3 ids are not accounted for") == true)
    }

    @Test("runs that the server hides may be older than what is accounted for: the call would stop them unseen")
    func hidden() {
        var world = world(.all([.status(.waiting), .workflow("Order sync")]))
        for id in world.snapshot.executions.keys where world.snapshot.executions[id]?.status == .queued {
            world.snapshot.executions[id]?.status = .waiting
        }
        #expect(calls(world) == [.bulkStop])
        world.snapshot.coverage.hidesWaiting = true
        for from in [nil, "2", "9"] as [ExecutionID?] {
            world.snapshot.coverage.idsKnownFrom = from
            #expect(Set(calls(world)) == [.stop])
            #expect(world.plan().heldBulkStops.first?.why.hasPrefix("this server lists no waiting runs") == true)
        }
        for from in ["0", "1"] as [ExecutionID] {
            world.snapshot.coverage.idsKnownFrom = from
            #expect(calls(world) == [.bulkStop])
        }
    }

    @Test("a request bounded by a start that no hidden run below can have is sent")
    func hiddenAndBounded() {
        func calls(within period: Period, _ change: (inout World) -> Void = { _ in }) -> [ActionKind] {
            let match = Condition.all([
                .status(.waiting), .workflow("Order sync"), .when(.startedAgo, .period(.lt, period)),
            ])
            var world = world(match)
            world.add("20", .success, ago: .hours(5))
            world.add("30", .waiting, ago: .minutes(10))
            (world.snapshot.coverage.hidesWaiting, world.snapshot.coverage.idsKnownFrom) = (true, "20")
            change(&world)
            return self.calls(world)
        }
        #expect(calls(within: .hours(3)) == [.bulkStop])
        #expect(calls(within: .hours(5)) == [.stop])
        #expect(calls(within: .hours(3)) { $0.snapshot.coverage.idsKnownFrom = nil } == [.stop])
    }

    @Test("each execution is charged: a cap that is too low holds the call and truncates the single stops")
    func caps() {
        var world = world()
        world.policies[0].guards.maxActions = [ActionCap(amount: 3, per: .tick)]
        let plan = world.plan()
        #expect(plan.actions.map(\.draft.execution) == ["3", "2", "1"])
        #expect(plan.actions.allSatisfy { $0.draft.action == .stop })
        #expect(plan.heldBulkStops == [HeldBulkStop(policy: "runaway", why: "max_actions")])
        world.policies[0].guards.maxActions = [ActionCap(amount: 4, per: .tick)]
        #expect(calls(world) == [.bulkStop])
        world.limits.maxActions = [ActionCap(amount: 3, per: .tick)]
        #expect(calls(world) == [.stop, .stop, .stop])
    }

    @Test("it takes the place of the oldest run that it stops: what is older acts first")
    func order() {
        var world = world()
        world.policies.append(policy("retry"))
        world.add("9", ago: .hours(1))
        world.limits.maxActions = [ActionCap(amount: 4, per: .tick)]
        let plan = world.plan()
        #expect(plan.actions.map(\.draft.execution) == ["9", "3", "2", "1"])
        #expect(
            plan.actions.map(\.draft.action) == [.retry, .stop, .stop, .stop] && world.label("4") == "instance_limit")
        #expect(plan.heldBulkStops == [HeldBulkStop(policy: "runaway", why: "instance_limit")])
        world.add("9", ago: .minutes(25))
        #expect(calls(world) == [.bulkStop] && world.label("9") == "instance_limit")
    }

    @Test("what it was expected to stop counts as stopped by it: verified, sent once more, then ineffective")
    func verification() {
        var world = world()
        let draft = IntentDraft(
            instance: production, action: .bulkStop, execution: "3", root: "3", workflow: "w", policy: "runaway",
            policyVersion: "v",
            bulk: BulkStopCall(
                request: BulkStopRequest(statuses: [.running, .queued], workflow: "w"), predicted: ["3", "2", "1"]))
        func add(ago: Period) {
            world.view.intents.append(
                Intent(
                    id: IntentID(Int64(world.view.intents.count + 1)), draft: draft, state: .applied,
                    reservedAt: agentNoon - ago, sendingAt: agentNoon - ago, settledAt: agentNoon - ago))
        }
        add(ago: .seconds(30))
        #expect(world.label("1") == "verifying" && world.label("4") == "act")
        world.policies[0].guards.maxActions = [ActionCap(amount: 3, per: .window(.hours(1)))]
        #expect(world.label("4") == "max_actions")
        world.policies[0].guards.maxActions = []
        world.snapshot.now = noon + .minutes(2)
        #expect(calls(world) == [.bulkStop])
        add(ago: .seconds(10))
        #expect(world.label("1") == "ineffective")
    }

    @Test("an incomplete poll and a pause hold everything")
    func held() {
        var world = world()
        world.snapshot.completeness = .partial(["x"])
        #expect(world.plan().actions.isEmpty && world.plan().heldBulkStops.isEmpty)
        world.snapshot.completeness = .complete
        world.view.paused = "x"
        #expect(world.plan().actions.isEmpty)
    }

    @Test("all workflows only where the policy says so")
    func allWorkflows() {
        var world = world(.status(.running, .queued))
        world.add("5", .running, ago: .minutes(1), workflow: "other")
        #expect(Set(calls(world)) == [.stop])
        world.policies[0].remediation = .bulkStop(BulkStopAction(allWorkflows: true))
        #expect(world.plan().actions.map(\.request) == ["POST /executions/stop {\"status\":[\"running\",\"queued\"]}"])
        world.policies[0].guards.cooldown = .minutes(1)
        #expect(Set(calls(world)) == [.stop])
    }

    /// Stops of one workflow that did not take, enough to open a breaker of two.
    private func failures(_ world: inout World, workflow: WorkflowID, ago: Period) {
        world.policies[0].guards.circuitBreaker = CircuitBreaker(
            failureThreshold: 2, window: .hours(1), openFor: .minutes(30), groupBy: .workflow)
        for number in 90...91 {
            world.intend(
                .stop, ExecutionID("\(number)"), .ineffective, ago: ago, policy: "runaway", workflow: workflow)
        }
    }

    @Test("a breaker of each workflow's own is not run over by one request for all workflows")
    func breakerPerWorkflow() {
        var world = world(.status(.running, .queued), BulkStopAction(allWorkflows: true))
        world.add("5", .running, ago: .minutes(1), workflow: "other")
        failures(&world, workflow: "other", ago: .minutes(10))
        #expect(calls(world) == [.stop, .stop, .stop, .stop] && world.label("5") == "circuit_open")
        #expect(world.plan().heldBulkStops.first?.why.hasPrefix("limits per workflow") == true)
    }

    @Test("while a breaker is half-open one run is stopped as the trial, not all of them")
    func trial() {
        var world = world()
        failures(&world, workflow: "w", ago: .minutes(40))
        #expect(calls(world) == [.stop] && world.label("3") == "act" && world.label("2") == "circuit_open")
        #expect(world.plan().heldBulkStops == [HeldBulkStop(policy: "runaway", why: "circuit_open")])
    }

    @Test("a refused call says nothing of single stops, and is tried again later, at most three times")
    func refused() {
        var world = world()
        func refuse(ago: Period) {
            let request = BulkStopRequest(statuses: [.running, .queued], workflow: "w")
            let draft = IntentDraft(
                instance: production, action: .bulkStop, execution: "3", root: "3", workflow: "w", policy: "runaway",
                policyVersion: "v", bulk: BulkStopCall(request: request, predicted: ["3", "2", "1", "4"]))
            world.view.intents.append(
                Intent(
                    id: IntentID(Int64(world.view.intents.count + 1)), draft: draft, state: .void,
                    reservedAt: agentNoon - ago, sendingAt: agentNoon - ago, settledAt: agentNoon - ago,
                    evidence: .failed(message: "404")))
        }
        refuse(ago: .hours(2))
        #expect(calls(world) == [.bulkStop])
        refuse(ago: .seconds(30))
        #expect(calls(world) == [.stop, .stop, .stop, .stop])
        #expect(world.plan().heldBulkStops.first?.why == "n8n refused it: 404")
        world.snapshot.now = noon + .hours(9)
        #expect(calls(world) == [.bulkStop])
        refuse(ago: .seconds(30))
        #expect(calls(world) == [.stop, .stop, .stop, .stop])
    }

    @Test("a start is bounded as n8n bounds it, to the millisecond")
    func bounds() throws {
        let match = Condition.all([
            .status(.running), .workflow("Order sync"), .when(.startedAgo, .period(.gt, .minutes(20))),
        ])
        let scope = BulkStopScope(match, BulkStopAction())
        #expect(scope.objections.isEmpty)
        var world = world(match)
        let request = try #require(scope.request(at: noon, workflows: world.snapshot.workflows))
        #expect(request.startedBefore == noon - .minutes(20) - .milliseconds(1) && request.startedAfter == nil)
        world.add("6", .running, ago: .minutes(30))
        world.add("7", .running, ago: .minutes(20))
        #expect(world.plan().actions.map(\.draft.bulk?.predicted) == [["6"]])
    }

    @Test("a name that belongs to no workflow, or to two, makes no request")
    func names() {
        let scope = BulkStopScope(Self.match, BulkStopAction())
        let twin = WorkflowInfo(id: "v", name: "Order sync")
        #expect(scope.request(at: noon, workflows: [:]) == nil)
        #expect(scope.request(at: noon, workflows: ["v": twin, "w": WorkflowInfo(id: "w", name: "Order sync")]) == nil)
        #expect(scope.request(at: noon, workflows: ["v": twin])?.workflow == "v")
    }

    @Test("what n8n cannot say is objected to, with its place")
    func objections() {
        let place = SourcePlace(file: "a.yaml", line: 3, column: 5)
        func words(_ parts: Condition...) -> [String] {
            BulkStopScope(.all(parts), BulkStopAction()).objections.map(\.message)
        }
        let name = Condition.workflow("Order sync")
        #expect(words(.status(.running), name).isEmpty)
        #expect(words(name).first?.hasPrefix("name the statuses") == true)
        #expect(words(.status(.running)).first?.hasPrefix("without one workflow") == true)
        #expect(words(.status(.error), name).first?.contains("not error") == true)
        #expect(words(.status(.running), .workflow("Order*")).count == 2)
        #expect(words(.status(.running), name, .not(.status(.waiting))).first?.contains("no alternatives") == true)
        #expect(
            words(.status(.queued), name, .when(.startedAgo, .period(.gt, .hours(1)))).first?.contains("queued") == true
        )
        let mode = FieldTest(.executionMode, [.anyOf([.wildcard("webhook")])], place: place, isImplicit: true)
        let scope = BulkStopScope(.all([.status(.running), name, .test(mode)]), BulkStopAction())
        #expect(scope.objections.map(\.place) == [place])
        #expect(scope.objections.first?.message.contains("execution_mode: any") == true)
    }
}
