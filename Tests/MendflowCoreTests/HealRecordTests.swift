import MendflowCore
import Testing

@Suite("What a policy healed")
struct HealRecordTests {
    private let rule = DemotionRule(
        healRate: PolicyExpectation(.healRate, [.number(.gte, 50)]), chains: 3, within: .days(1))

    private var world: World {
        var world = World(policy("p") { $0.version = "v" })
        for number in 1...4 { world.intend(.retry, ExecutionID("\(number)"), policy: "p") }
        return world
    }

    private func record(_ world: World) -> HealRecord { HealRecord(world.policies[0], rule, world.view, at: agentNoon) }

    @Test("counts chains that healed and chains that were given up, and no others")
    func settled() {
        var world = world
        #expect(record(world).settled == 0 && record(world).rate == nil)
        world.view.healed = ["1", "77"]
        world.view.exhausted = ["2": ["p"], "3": ["q"], "78": ["p"]]
        #expect(record(world).healed == 1 && record(world).settled == 2 && record(world).rate == 50)
    }

    @Test("demotes by nothing but settled chains, enough of them, and fewer healed than expected")
    func demotes() {
        var world = world
        world.view.exhausted = ["1": ["p"], "2": ["p"]]
        #expect(record(world).demotion(of: world.policies[0], rule) == nil)
        world.view.exhausted["3"] = ["p"]
        let demotion = record(world).demotion(of: world.policies[0], rule)
        #expect(demotion?.rate == 0 && demotion?.settled == 3 && demotion?.expected == ">= 50")
        world.view.exhausted = ["1": ["p"]]
        world.view.healed = ["2", "3"]
        #expect(record(world).demotion(of: world.policies[0], rule) == nil)
    }

    @Test("a lost answer counts for neither: nobody knows what it did")
    func unresolved() {
        var world = World(policy("p") { $0.version = "v" })
        for number in 1...4 {
            world.intend(.retry, ExecutionID("\(number)"), .unresolved, policy: "p")
            world.view.exhausted[ExecutionID("\(number)")] = ["p"]
        }
        #expect(record(world).settled == 0)
        world.view.exhausted["1"] = nil
        world.view.healed = ["1"]
        #expect(record(world).settled == 1 && record(world).healed == 1)
    }

    @Test("what was given up stays so, whoever heals it later")
    func givenUp() {
        var world = world
        world.view.exhausted = ["1": ["p"]]
        world.view.healed = ["1"]
        #expect(record(world).settled == 1 && record(world).healed == 0)
    }

    @Test("leaves out other versions, what lies further back, and what was before a promotion")
    func window() {
        var world = world
        world.view.exhausted = ["1": ["p"], "2": ["p"], "3": ["p"], "4": ["p"]]
        world.view.intents[0].draft.policyVersion = "u"
        world.view.intents[1].reservedAt = agentNoon - .days(2)
        #expect(record(world).settled == 2)
        var standing = PolicyStanding(
            Demotion(policy: "p", version: "v", expected: "", rate: 0, healed: 0, settled: 3, since: agentNoon),
            at: agentNoon - .hours(2))
        standing.promotedAt = agentNoon - .minutes(10)
        world.view.standings = ["p": standing]
        #expect(record(world).settled == 0)
    }
}
