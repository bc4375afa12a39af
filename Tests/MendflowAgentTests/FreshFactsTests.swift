import MendflowAgent
import MendflowCore
import MendflowLedger
import MendflowSimulator
import MendflowTestKit
import Testing

@Suite("What somebody protects while an action is on its way is left alone: the last look asks for that anew")
struct FreshFactsTests {
    /// What somebody does a moment after a retry of execution 1 was decided.
    enum Change: String, CaseIterable {
        case switchesOff, archives, renames, tagsWorkflow, tagsExecution
        case notesNothing

        func happen(_ n8n: inout Simulator) {
            switch self {
            case .switchesOff: n8n.edit(workflow: World.workflow, publishing: false) { $0.active = false }
            case .archives: n8n.edit(workflow: World.workflow, publishing: false) { $0.isArchived = true }
            case .renames: n8n.edit(workflow: World.workflow, publishing: false) { $0.name = "Order sync (old)" }
            case .tagsWorkflow: n8n.edit(workflow: World.workflow, publishing: false) { $0.tags = ["hold"] }
            case .tagsExecution: n8n.personTags(1, ["Tag0000000000002"])
            case .notesNothing: break
            }
        }

        var words: String? {
            switch self {
            case .switchesOff, .archives: "workflow 'Order sync' was switched off or archived since"
            case .renames: "workflow 'Order sync' is named 'Order sync (old)' since"
            case .tagsWorkflow: "the tags of workflow 'Order sync' were changed since"
            case .tagsExecution: "execution 1 bears the tag 'hold' since"
            case .notesNothing: nil
            }
        }
    }

    private static let hold = [FieldOperator.anyOf([.wildcard("hold")])]

    private static var policies: PolicySet {
        get throws {
            var policy = Policy.retryOrders()
            policy.match = policy.match.map { .all([$0, .test(FieldTest(.workflowActive, [.flag(true)]))]) }
            return try World.set(
                [policy],
                protections: [
                    Protection(match: .test(FieldTest(.workflowTag, hold))),
                    Protection(match: .test(FieldTest(.executionTag, hold))),
                ])
        }
    }

    private static func world(
        failures: Int = 1, retries: [Simulator.Outcome] = [.success(after: 10)]
    ) throws -> World {
        try World { simulator in
            simulator.add(tag: "Tag0000000000002", name: "hold")
            simulator.add(
                .orderSync(
                    .init(
                        next: Array(repeating: .error(.http(503, method: "POST"), after: 100), count: failures),
                        retries: retries)))
        }
    }

    @Test("and the next tick decides by what was found", arguments: Change.allCases)
    func changed(change: Change) throws {
        let world = try Self.world()
        try world.simulation.run {
            world.box.withSimulator { _ = $0.trigger(World.workflow, now: world.clock.now().milliseconds) }
            let agent = try await world.agent(
                try Self.policies,
                hook: { (step: ActingStep, _: Intent) async throws(AgentKilled) in
                    if step == .reserved { world.box.withSimulator { change.happen(&$0) } }
                }, change: { $0.workflowRefresh = .hours(5) })
            try await world.run(agent, for: .minutes(20))
        }
        #expect(world.requests(.retry) == (change == .notesNothing ? 1 : 0))
        let intents = try world.intents()
        #expect(intents.count == 1, "one try is dropped, not one after the other")
        if let words = change.words {
            #expect(intents.first?.note?.contains("facts_changed: \(words)") == true, "\(intents)")
        }
    }

    @Test("a workflow is asked for once for all its actions that begin together")
    func once() throws {
        let world = try Self.world(failures: 3, retries: Array(repeating: .success(after: 10), count: 3))
        try world.simulation.run {
            for _ in 0..<3 {
                world.box.withSimulator { _ = $0.trigger(World.workflow, now: world.clock.now().milliseconds) }
            }
            let agent = try await world.agent(try Self.policies)
            try await world.run(agent, for: .minutes(4))
        }
        #expect(world.requests(.retry) == 3)
        #expect(world.requests(.workflow) == 1)
    }

    @Test("a machine that sleeps between the look and the request looks again before it acts")
    func suspended() throws {
        let world = try Self.world()
        try world.simulation.run {
            world.box.withSimulator { _ = $0.trigger(World.workflow, now: world.clock.now().milliseconds) }
            let agent = try await world.agent(
                try Self.policies,
                hook: { (step: ActingStep, intent: Intent) async throws(AgentKilled) in
                    guard step == .looked, intent.id.number < 20 else { return }
                    world.box.withSimulator { $0.personTags(1, ["Tag0000000000002"]) }
                    try? await world.clock.sleep(for: .hours(1))
                })
            try await world.run(agent, for: .hours(3))
        }
        #expect(world.requests(.retry) == 0)
        let intents = try world.intents()
        #expect(
            intents.map(\.state) == [.void] && intents.first?.note?.contains("the last look is 1h") == true,
            "\(intents)")
    }
}
