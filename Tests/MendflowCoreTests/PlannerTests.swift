import MendflowCore
import MendflowTestKit
import Testing

@Suite("Dry-run")
struct DryRunTests {
    @Test("policies in dry-run never own, and are judged apart as if enforced")
    func apart() {
        var world = World(
            policy("live"), policy("trial", mode: .dryRun, priority: 9), policy("off", mode: .off, priority: 10))
        world.add("7")
        #expect(world.plan().decisions.map(\.policy?.name) == ["live"])
        let trial = world.plan(.dryRun).decisions
        #expect(trial.map(\.policy?.name) == ["trial"] && trial.first?.takenFrom == "live")
        #expect(trial.first?.verdict.label == "act")
        world.policies[1].priority = -1
        #expect(world.plan(.dryRun).decisions.isEmpty)
        world.policies[0].match = .status(.crashed)
        #expect(world.plan(.dryRun).decisions.first?.takenFrom == nil)
    }

    @Test("a shadow is kept once per execution; it counts against caps, not as a retry, and exhausts nothing")
    func shadow() {
        var world = World(policy("trial", .retry(1), mode: .dryRun) { $0.guards.giveUpAfter = .hours(2) })
        world.add("7")
        world.intend(.retry, "7", .shadow, policy: "trial")
        #expect(world.label("7", .dryRun) == "shadowed")
        world.snapshot.now = noon + .hours(9)
        #expect(world.label("7", .dryRun) == "shadowed" && world.plan(.dryRun).latches.isEmpty)
        world.snapshot.now = noon
        world.add("8")
        #expect(world.label("8", .dryRun) == "act")
        world.policies[0].guards.maxActions = [ActionCap(amount: 1, per: .window(.hours(1)))]
        #expect(world.label("8", .dryRun) == "max_actions")
    }
}

@Suite("Planning as a whole")
struct PlannerTests {
    /// A few hundred chains in all states, from a seed.
    private func world(seed: UInt64) -> World {
        var random = SplitMix64(seed: seed)
        var world = World(
            policy("retry", .retry(2), match: .all([.failed, .not(.workflow("Workflow w1"))])) {
                $0.onExhausted = OnExhausted(tags: ["needs-human"], continues: true)
                $0.guards.maxActions = [ActionCap(amount: 30, per: .window(.hours(1)))]
            },
            policy("second", .retry(4) { $0.acceptedRisks = [.possible] }, tags: ["seen"]),
            policy("stop", .stop, match: .all([.live, .when(.age, .period(.gt, .hours(2)))]), tags: ["flaky"]),
            policy("trial", .retry(9), match: .failed, mode: .dryRun, priority: 1))
        world.limits = InstanceLimits(maxInFlight: 60, maxActions: [ActionCap(amount: 60, per: .tick)])
        var ids: [ExecutionID] = []
        let statuses: [ExecutionStatus] = [.error, .error, .crashed, .canceled, .running, .waiting, .queued, .success]
        for number in 1...300 {
            let id = ExecutionID(String(number))
            let parent = Int.random(in: 0..<3, using: &random) == 0 ? ids.randomElement(using: &random) : nil
            world.add(
                id, statuses.randomElement(using: &random) ?? .error, retryOf: parent,
                ago: .minutes(.random(in: 1...600, using: &random)),
                workflow: WorkflowID("w\(Int.random(in: 0..<4, using: &random))"),
                detail: [.harmless, .harmful, nil].randomElement(using: &random) ?? nil)
            if Int.random(in: 0..<4, using: &random) == 0 {
                world.intend(
                    .retry, id, [.applied, .void, .unresolved, .sending].randomElement(using: &random) ?? .void,
                    ago: .minutes(.random(in: 1...90, using: &random)))
            }
            ids.append(id)
        }
        return world
    }

    /// The same world, its dictionaries filled in another order and to another capacity.
    private func shuffled(_ world: World, seed: UInt64) -> World {
        var random = SplitMix64(seed: seed)
        func again<Key: Hashable, Value>(_ old: [Key: Value]) -> [Key: Value] {
            var new: [Key: Value] = [:]
            new.reserveCapacity(old.count * Int.random(in: 1...9, using: &random))
            for (key, value) in old.shuffled(using: &random) { new[key] = value }
            return new
        }
        var other = world
        other.snapshot.executions = ExecutionTable(world.snapshot.executions.values.shuffled(using: &random))
        other.snapshot.details = again(world.snapshot.details)
        other.snapshot.workflows = again(world.snapshot.workflows ?? [:])
        other.view.exhausted = again(world.view.exhausted)
        other.view.owners = again(world.view.owners)
        return other
    }

    /// What the agent would write down, as shadows, so that no outcome changes the rows.
    private func applied(_ plan: Plan, to world: World) -> World {
        var world = world
        for latch in plan.latches { world.view.apply(latch) }
        for action in plan.actions {
            let draft = action.draft
            if draft.action == .retry, world.view.owners[draft.root] == nil {
                world.view.owners[draft.root] = draft.policy
            }
            world.intend(
                draft.action, draft.execution, .shadow, ago: .zero, policy: draft.policy, root: draft.root,
                tags: draft.tags, contributors: draft.contributors, workflow: draft.workflow)
        }
        return world
    }

    @Test("the same input gives the same plan, whatever the order of its dictionaries", arguments: 1...10)
    func pure(seed: UInt64) {
        let world = world(seed: seed)
        for pass in [Planner.Pass.enforced, .dryRun] {
            let plan = world.plan(pass)
            #expect(!plan.actions.isEmpty && !plan.needs.isEmpty)
            for other in 1...4 { #expect(shuffled(world, seed: UInt64(other)).plan(pass) == plan) }
        }
    }

    @Test("what was written down is not proposed again", arguments: 1...10)
    func settles(seed: UInt64) {
        var world = world(seed: seed)
        world.policies[0].guards.maxActions = []
        world.limits = InstanceLimits(maxInFlight: 10_000, maxActions: [])
        var done: Set<String> = []
        for round in 0..<4 {
            let plan = world.plan()
            for action in plan.actions {
                #expect(
                    done.insert(action.request + action.draft.policy).inserted, "\(action.request) in round \(round)")
            }
            world = applied(plan, to: world)
        }
        #expect(world.plan().actions.isEmpty && world.plan().latches.isEmpty)
    }

    @Test("no execution is the target of two remediations, and every one that acts is owned", arguments: 1...10)
    func oneEach(seed: UInt64) {
        let plan = world(seed: seed).plan()
        let targets = plan.actions.filter { $0.draft.action != .tag }.map(\.draft.execution)
        #expect(Set(targets).count == targets.count)
        let roots = plan.actions.filter { $0.draft.action == .retry }.map(\.draft.root)
        #expect(Set(roots).count == roots.count)
        #expect(plan.decisions.map(\.since) == plan.decisions.map(\.since).sorted())
    }

    @Test("facts that are missing are asked for, in order, and only once")
    func needs() {
        let plan = world(seed: 1).plan()
        #expect(plan.needs == Array(Set(plan.needs)).sorted())
    }
}
