import MendflowAgent
import MendflowCore
import MendflowLedger
import MendflowSimulator
import MendflowTestKit
import Testing

@Suite("A retry with load_workflow runs what is saved: the last look asks for that anew")
struct SavedWorkflowTests {
    private static func policy(allowsDraft: Bool = false) -> Policy {
        var policy = Policy.retryOrders()
        policy.remediation = .retry(
            RetryAction(
                maxRetries: 3, loadWorkflow: true, backoff: Backoff(initialInterval: .minutes(1), jitter: .none),
                acceptedRisks: [.possible, .restart], allowDraft: allowsDraft))
        return policy
    }

    /// A run fails; the workflow is changed just before the retry that was decided is sent.
    private func world(
        allowsDraft: Bool = false, scopes: Set<String>? = nil,
        _ change: @escaping @Sendable (inout Simulator) -> Void
    ) throws -> World {
        let world = try World { simulator in
            simulator.add(
                .orderSync(
                    .init(next: [.error(.http(503, method: "POST"), after: 100)], retries: [.success(after: 10)])))
            simulator.configuration.keys = [.init(key: "test-key", name: "agent", scopes: scopes)]
        }
        let set = try World.set([Self.policy(allowsDraft: allowsDraft)])
        try world.simulation.run {
            world.box.withSimulator { _ = $0.trigger(World.workflow, now: world.clock.now().milliseconds) }
            let agent = try await world.agent(
                set,
                hook: { (step: ActingStep, _: Intent) async throws(AgentKilled) in
                    if step == .reserved { world.box.withSimulator { change(&$0) } }
                })
            try await world.run(agent, for: .minutes(20))
        }
        return world
    }

    private func phases(_ world: World) throws -> [String] {
        let view = try world.store.everything().view(of: InstanceKey(name: "main", epoch: 1), shadow: false)
        return view.verdicts["1"]?.parts.map(\.phase.rawValue) ?? []
    }

    @Test(
        "what is not the same any more is not run, and says what was changed; from then on it is held",
        arguments: [
            ("node 'Post order' is disabled in the saved workflow", "disable"),
            ("node 'Post order' is of another type in the saved workflow", "retype"),
            ("the saved workflow has no node 'Post order'", "rename"),
        ])
    func changed(words: String, change: String) throws {
        let world = try world { n8n in
            n8n.edit(workflow: World.workflow) { workflow in
                switch change {
                case "disable": workflow.nodes[1].json["disabled"] = true
                case "retype": workflow.nodes[1].json["type"] = "n8n-nodes-base.noOp"
                default: workflow.rename(node: "Post order", to: "Post it")
                }
            }
        }
        #expect(world.requests(.retry) == 0)
        let intents = try world.intents()
        #expect(intents.map(\.state) == [.void], "one try is dropped, not one after the other")
        #expect(intents.first?.note?.contains("workflow_changed: \(words)") == true, "\(intents)")
        #expect(try phases(world) == ["workflow_changed"])
    }

    @Test("nor is a draft that is not what is published, unless the policy says so", arguments: [false, true])
    func draft(isAllowed: Bool) throws {
        let world = try world(allowsDraft: isAllowed) { n8n in
            n8n.edit(workflow: World.workflow, publishing: false) { _ in }
        }
        #expect(world.requests(.retry) == (isAllowed ? 1 : 0))
        if !isAllowed { #expect(try phases(world) == ["draft_differs"]) }
    }

    @Test("a key that may only list workflows is enough")
    func listOnly() throws {
        let all = Set(Simulator.Endpoint.allCases.compactMap(\.scope)).subtracting(["workflow:read"])
        let changed = try world(scopes: all) { n8n in
            n8n.edit(workflow: World.workflow) { $0.nodes[1].json["disabled"] = true }
        }
        #expect(changed.requests(.retry) == 0 && changed.requests(.workflow) == 1)
        #expect(try world(scopes: all) { _ in }.requests(.retry) == 1)
    }
}
