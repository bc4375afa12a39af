import MendflowCore
import Testing

@Suite("An action that the server has no request for")
struct NotOfferedTests {
    private func world(_ policy: Policy, _ status: ExecutionStatus) -> World {
        var world = World(policy)
        world.add("7", status, ago: .days(4))
        world.snapshot.baseline = noon - .days(9)
        return world
    }

    @Test(
        "is held and never due, whatever its kind",
        arguments: [
            (ActionKind.retry, policy("p"), ExecutionStatus.error),
            (.stop, policy("p", .stop, match: .live), .running),
            (.delete, policy("p", .delete), .error),
        ])
    func held(kind: ActionKind, policy: Policy, status: ExecutionStatus) {
        var world = world(policy, status)
        #expect(world.label("7") == "act")
        world.snapshot.notOffered = Set(ActionKind.allCases).subtracting([kind])
        #expect(world.label("7") == "act")
        world.snapshot.notOffered = [kind]
        #expect(world.label("7") == "not_offered" && world.plan().actions.isEmpty)
    }

    @Test("holds tags by themselves: the retry beside them goes on")
    func tags() {
        var world = world(policy("p", tags: ["seen"]), .error)
        #expect(world.tagWrites.count == 1)
        world.snapshot.notOffered = [.tag]
        #expect(world.plan().actions.map(\.draft.action) == [.retry])
    }

    @Test("for many at once leaves the single stops, and says why")
    func bulk() {
        var world = World(policy("p", .bulkStop(BulkStopAction()), match: .all([.live, .workflow("Order sync")])))
        for id in ["7", "8"] as [ExecutionID] { world.add(id, .running) }
        #expect(world.plan().actions.map(\.draft.action) == [.bulkStop])
        world.snapshot.notOffered = [.bulkStop]
        #expect(world.plan().actions.map(\.draft.action) == [.stop, .stop])
        #expect(world.plan().heldBulkStops.first?.why == "this n8n has no such request")
    }

    @Test("makes tags of executions unknown, which nobody asks for then")
    func unknownTags() {
        let condition = Condition.when(.executionTag, .anyOf([.wildcard("keep")]))
        var world = world(policy("p", match: .all([.failed, condition])), .error)
        #expect(world.plan().needs == [.tags("7")])
        world.snapshot.notOffered = [.tag]
        #expect(world.plan().needs.isEmpty && world.plan().actions.isEmpty)
    }
}
