import MendflowAgent
import MendflowCore
import MendflowLedger
import MendflowSimulator
import MendflowTestKit
import Testing

@Suite("A chain that was retried and that its policy matches no longer")
struct GivenUpTests {
    /// A run that fails with 503, and whose retry fails with 401, which the policy does not retry.
    private func world(_ change: (inout Policy) -> Void = { _ in }) throws -> (World, PolicySet) {
        let world = try World { simulator in
            simulator.add(
                .orderSync(
                    .init(
                        next: [.error(.http(503, method: "POST"), after: 100)],
                        retries: [.error(.http(401, method: "POST"), after: 10)])))
        }
        var policy = Policy.retryOrders(statuses: ["error"])
        policy.match = policy.match.map {
            .all([$0, .test(FieldTest(.errorClass, [.anyOf([.wildcard("transient")])]))])
        }
        policy.onExhausted.tags = ["needs-human"]
        change(&policy)
        return (world, try World.set([policy]))
    }

    private func run(_ world: World, _ set: PolicySet) throws {
        try world.simulation.run {
            world.box.withSimulator { _ = $0.trigger(World.workflow, now: world.clock.now().milliseconds) }
            try await world.run(try await world.agent(set), for: .hours(1))
        }
    }

    @Test("is tagged as an exhausted one is, once, and the reason is on record")
    func tagged() throws {
        let (world, set) = try world()
        try run(world, set)
        #expect(world.retries(of: 1) == [2] && world.retries(of: 2).isEmpty)
        #expect(world.box.withSimulator { $0.database[2]?.tags } == ["Tag0000000000001"])
        #expect(world.requests(.writeTags) == 1)
        let state = try world.store.everything()
        let view = state.view(of: InstanceKey(name: "main", epoch: 1), shadow: false)
        #expect(view.exhausted["1"] == ["retry-orders"])
        #expect(
            view.verdicts["2"]?.parts.contains { $0.phase == .held(.ownerGone) && $0.policy == "retry-orders" } == true)
    }

    @Test("is left untagged where the policy says so")
    func untagged() throws {
        let (world, set) = try world { $0.onExhausted.when = [.retries] }
        try run(world, set)
        #expect(world.retries(of: 1) == [2] && world.requests(.writeTags) == 0)
    }
}
