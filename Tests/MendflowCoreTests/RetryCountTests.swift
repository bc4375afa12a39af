import MendflowCore
import Testing

@Suite("How many retries a chain has had")
struct RetryCountTests {
    @Test("children are counted whoever made them, with sends that left no child; voids and shadows are not")
    func counting() {
        var world = World(policy("p"))
        world.add("1", ago: .hours(5))
        world.add("2", retryOf: "1", ago: .hours(4))
        #expect(world.subject("2").retriesMade == 1)
        world.intend(.retry, "1", child: "2")
        #expect(world.subject("2").retriesMade == 1)
        for (state, counts) in [
            (IntentState.applied, true), (.unresolved, true), (.sending, true), (.reserved, true), (.void, false),
            (.superseded, false), (.shadow, false),
        ] {
            var after = world
            after.intend(.retry, "2", state)
            #expect(after.subject("2").retriesMade == (counts ? 2 : 1), "\(state)")
        }
        world.intend(.stop, "2")
        world.intend(.retry, "99")
        #expect(world.subject("2").retriesMade == 1)
    }

    @Test("a child above the watermark is not counted twice before its intent knows it")
    func watermark() {
        var world = World(policy("p"))
        world.add("1", ago: .hours(5))
        world.intend(.retry, "1", .sending, watermark: "8")
        world.add("9", .running, retryOf: "1")
        #expect(world.subject("1").retriesMade == 1)
        world.add("9", retryOf: "1")
        world.add("8", retryOf: "1")
        #expect(world.subject("1").retriesMade == 2)
    }

    @Test("exhausted after `max_retries`, people's included, and latched once")
    func exhausted() {
        var world = World(policy("p", .retry(2)))
        world.add("1", ago: .hours(5))
        world.add("2", retryOf: "1", ago: .hours(4))
        #expect(world.label("2") == "act")
        world.add("3", retryOf: "2", ago: .hours(3))
        #expect(world.decision("3")?.verdict == .held(.exhausted, "2 of 2 retries made"))
        #expect(world.plan().latches == [Latch(.exhausted(policy: "p"), "1", at: noon)])
        world.view.exhausted["1"] = ["p"]
        #expect(world.label("3") == "exhausted" && world.plan().latches.isEmpty)
    }

    @Test("an incomplete poll latches no exhaustion and acts on nothing")
    func partial() {
        var world = World(policy("p", .retry(1)))
        world.add("1", ago: .hours(5))
        world.snapshot.completeness = .partial(["list cut off"])
        #expect(world.decision("1")?.verdict == .held(.incompletePoll, "list cut off"))
        world.add("2", retryOf: "1", ago: .hours(3))
        #expect(world.label("2") == "exhausted" && world.plan().latches.isEmpty)
    }

    @Test("given up after the first failure's age, to the millisecond")
    func giveUp() {
        var world = World(policy("p") { $0.guards.giveUpAfter = .hours(5) })
        world.add("1", ago: .hours(5) - .milliseconds(1))
        world.add("2", retryOf: "1", ago: .hours(1))
        #expect(world.label("2") == "act")
        world.add("1", ago: .hours(5))
        #expect(world.label("2") == "exhausted")
    }

}
