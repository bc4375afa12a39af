import MendflowCore
import Testing

@Suite("Tagging")
struct TagTests {
    @Test("tags of all matching enforced policies add up to one write")
    func union() throws {
        var world = World(
            policy("b", nil, tags: ["flaky", "seen"]), policy("a", .retry(), tags: ["seen"]),
            policy("c", nil, match: .status(.crashed), tags: ["needs-human"]),
            policy("d", nil, tags: ["needs-human"], mode: .dryRun))
        world.add("7")
        let write = try #require(world.tagWrites.first)
        #expect(world.tagWrites.count == 1 && write.draft.tags == ["flaky", "seen"])
        #expect(write.draft.contributors == ["a", "b"] && write.draft.policy == "b")
        #expect(world.label("7") == "act")
    }

    @Test("each tag is written once per policy and execution; a void write is none")
    func once() {
        var world = World(policy("a", nil, tags: ["flaky", "seen"]))
        world.add("7")
        world.intend(.tag, "7", .applied, policy: "a", tags: ["seen"])
        #expect(world.tagWrites.map(\.draft.tags) == [["flaky"]])
        world.intend(.tag, "7", .void, policy: "a", tags: ["flaky"])
        #expect(world.tagWrites.map(\.draft.tags) == [["flaky"]])
        world.intend(.tag, "7", .unresolved, policy: "a", tags: ["flaky"])
        #expect(world.tagWrites.isEmpty)
        world.intend(.tag, "7", .applied, policy: "other", tags: ["flaky", "seen"])
        world.view.intents.removeFirst()
        #expect(world.tagWrites.map(\.draft.tags) == [["seen"]])
    }

    @Test("refused writes wait before the next try, and end after three")
    func refused() {
        var world = World(policy("a", nil, tags: ["seen"]))
        world.add("7")
        func label() -> String? { world.plan().decisions.first { $0.policy?.name == "a" }?.verdict.label }
        world.intend(.tag, "7", .void, ago: .seconds(30), policy: "a", tags: ["seen"])
        #expect(label() == "refused_recently")
        for _ in 0..<2 { world.intend(.tag, "7", .void, policy: "a", tags: ["seen"]) }
        #expect(label() == "refused")
    }

    @Test("a name without an id holds that tag only")
    func unmapped() {
        var world = World(policy("a", nil, tags: ["nowhere", "seen"]), policy("b", nil, tags: ["flaky"]))
        world.add("7")
        #expect(world.tagWrites.map(\.draft.tags) == [["flaky", "seen"]])
        let held = world.plan().decisions.first { $0.verdict.label == "unmapped_tag" }
        #expect(held?.policy?.name == "a")
    }

    @Test("one policy's exception holds its own tags, not the others'")
    func exception() {
        var world = World(policy("a", nil, tags: ["seen"]), policy("b", nil, tags: ["flaky"]))
        world.policies[0].exceptions = [PolicyException(match: .failed, reason: "")]
        world.add("7")
        #expect(world.tagWrites.map(\.draft.tags) == [["flaky"]])
        #expect(world.tagWrites.map(\.draft.contributors) == [["b"]])
        #expect(world.plan().decisions.contains { $0.policy?.name == "a" && $0.verdict.label == "excepted" })
    }

    @Test("outside a policy's hours its own tags wait, not the others'")
    func windows() throws {
        var world = World(policy("a", nil, tags: ["seen"]), policy("b", nil, tags: ["flaky"]))
        world.policies[0].guards.notDuring = [TimeWindow(fromMinute: 11 * 60, toMinute: 13 * 60, zone: .utc)]
        world.add("7")
        #expect(world.tagWrites.map(\.draft.tags) == [["flaky"]])
        let waits = try #require(world.plan().decisions.first { $0.policy?.name == "a" })
        #expect(waits.verdict.label == "outside_window" && waits.verdict.until == noon + .hours(1))
        #expect(waits.verdict.action?.draft.tags == ["seen"])
        world.policies[0].guards.notDuring = []
        world.policies[0].guards.activeDuring = [TimeWindow(fromMinute: 0, toMinute: 60, zone: .utc)]
        #expect(world.tagWrites.map(\.draft.tags) == [["flaky"]])
    }

    @Test("a policy whose cap is full waits with its own tags: the others' are not held by it")
    func caps() throws {
        var world = World(policy("a", nil, tags: ["seen"]), policy("b", nil, tags: ["flaky", "seen"]))
        world.policies[0].guards.maxActions = [ActionCap(amount: 1, per: .window(.hours(1)))]
        world.add("7")
        #expect(world.tagWrites.map(\.draft.contributors) == [["a", "b"]])
        world.intend(.tag, "3", policy: "a", tags: ["seen"])
        #expect(world.tagWrites.map(\.draft.tags) == [["flaky", "seen"]])
        #expect(world.tagWrites.map(\.draft.contributors) == [["b"]] && world.tagWrites.first?.draft.policy == "b")
        let waits = try #require(world.plan().decisions.first { $0.policy?.name == "a" })
        #expect(waits.verdict.label == "max_actions" && waits.verdict.action?.draft.tags == ["seen"])
        world.policies[1].guards.maxActions = [ActionCap(amount: 0, per: .tick)]
        #expect(world.tagWrites.isEmpty)
        world.policies[1].guards.maxActions = []
        world.limits.maxActions = [ActionCap(amount: 0, per: .tick)]
        #expect(world.tagWrites.isEmpty)
    }

    @Test("exhaustion tags the newest leaf once per chain")
    func exhausted() {
        var world = World(policy("p", .retry(1)) { $0.onExhausted.tags = ["needs-human"] })
        world.add("1", ago: .hours(9))
        world.add("2", retryOf: "1", ago: .hours(8))
        #expect(world.tagWrites.isEmpty)
        for latch in world.plan().latches { world.view.apply(latch) }
        #expect(world.tagWrites.map(\.draft.execution) == ["2"])
        #expect(world.tagWrites.map(\.draft.tags) == [["needs-human"]])
        world.intend(.tag, "2", policy: "p", tags: ["needs-human"])
        #expect(world.tagWrites.isEmpty)
        world.add("3", retryOf: "2", ago: .hours(1))
        #expect(world.tagWrites.isEmpty)
        world.view.intents = []
        #expect(world.tagWrites.map(\.draft.execution) == ["3"])
        world.view.healed = ["1"]
        #expect(world.tagWrites.isEmpty)
    }

    @Test("a pause, a refused key and an incomplete poll hold tags too")
    func held() {
        var world = World(policy("a", nil, tags: ["seen"]))
        world.add("7")
        world.view.paused = "release"
        #expect(world.tagWrites.isEmpty)
        world.view = LedgerView(suspended: [.tag: "403"])
        #expect(world.tagWrites.isEmpty)
        world.view = LedgerView(closed: ["7": [.tag]])
        #expect(world.tagWrites.isEmpty)
        world.view = LedgerView()
        world.snapshot.completeness = .partial(["cut"])
        #expect(world.tagWrites.isEmpty)
    }
}
