import MendflowCore
import MendflowTestKit
import Testing

@Suite("Two clocks")
struct ClockOffsetTests {
    private let ahead = ClockOffset(ahead: .hours(2))

    @Test("that are apart show other times at the same moment, and the offset leads there and back")
    func conversion() {
        #expect(ahead.server(agentNoon) == noon + .hours(2))
        #expect(ahead.agent(noon) == agentNoon - .hours(2))
        #expect(ClockOffset(noon, agentNoon + .minutes(3)) == ClockOffset(ahead: .minutes(-3)))
        #expect(ClockOffset.zero.server(agentNoon) == noon)
        let (first, last) = (AgentTime(milliseconds: .min), AgentTime(milliseconds: .max))
        #expect(ahead.server(last) == ServerTime(milliseconds: .max))
        #expect(ClockOffset(ahead: .hours(-2)).server(first) == ServerTime(milliseconds: .min))
    }

    @Test(
        "decide nothing by how far they are apart", arguments: [Planner.Pass.enforced, .dryRun],
        [Period.hours(9), .minutes(-50), .days(-400)])
    func sameDecisions(pass: Planner.Pass, apart: Period) {
        var mixedUp = 0
        for seed in 0..<(TestScale.isFull ? 1000 : 150) {
            var random = RandomWorlds(seed: UInt64(seed))
            var world = seed.isMultiple(of: 2) ? random.world() : random.everything()
            // A deletion is for ever, and wants all clocks to agree.
            world.policies.removeAll { $0.remediation == .delete }
            // An ask tells its end in words, by the agent's clock.
            world.view.approvals = [:]
            let plan = world.plan(pass)
            var other = world
            other.setClocksApart(by: apart)
            #expect(other.plan(pass) == plan, "seed \(seed)")
            var wrong = world
            wrong.snapshot.clockOffset = other.snapshot.clockOffset
            if wrong.plan(pass) != plan { mixedUp += 1 }
        }
        // Who takes the one clock for the other decides otherwise: else this compares nothing.
        #expect(mixedUp > 0)
    }

    @Test("tell until when a cap, a refusal and a stop's verification hold in n8n's time")
    func until() {
        var world = World(
            policy("retry") { $0.guards.maxActions = [ActionCap(amount: 1, per: .window(.hours(1)))] },
            policy("stop", .stop, match: .live))
        for id: ExecutionID in ["1", "2"] { world.add(id) }
        world.add("3", .running, ago: .hours(3))
        world.intend(.retry, "2", .void, ago: .seconds(30))
        world.intend(.retry, "9", ago: .minutes(20))
        world.intend(.stop, "3", ago: .seconds(10), policy: "stop")
        world.setClocksApart(by: .days(-3))
        #expect(world.decision("1")?.verdict.until == noon + .seconds(3600 - 30))
        #expect(world.decision("2")?.verdict.until == noon + .seconds(30))
        #expect(world.decision("3")?.verdict.until == noon + .seconds(50))
    }
}
