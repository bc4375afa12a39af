import MendflowCore
import MendflowPolicy
import Testing

@Suite("Roll-out, approval, and going back to dry-run")
struct LettingActTests {
    private let error = "match: {status: error, workflow: A}"

    @Test("a roll-out is a whole percentage")
    func rollout() throws {
        #expect(try policy(error, "actions: [retry]", "rollout: {percent: 10}").rollout == RollOut(percent: 10))
        #expect(try policy(error, "actions: [retry]").rollout == nil)
    }

    @Test("an approval has to say when an ask expires, and lets 20 be open unless it says otherwise")
    func approval() throws {
        let bare = try policy(error, "actions: [retry]", "approval: {expires: 4h}")
        #expect(bare.approval == ApprovalRule(expires: .hours(4), maxOpen: 20))
        let own = try policy(error, "actions: [retry]", "approval: {expires: 90m, max_open: 3}")
        #expect(own.approval == ApprovalRule(expires: .minutes(90), maxOpen: 3))
    }

    @Test("a heal rate alone is for backtests; with else_dry_run the agent goes by it")
    func demotion() throws {
        let expected = "expect: {heal_rate: {gte: 50}, else_dry_run: {chains: 20, within: 7d}}"
        let measured = try policy(error, "actions: [retry]", expected)
        #expect(measured.demotion?.chains == 20 && measured.demotion?.within == .days(7))
        #expect(measured.demotion?.healRate.wanted == ">= 50" && measured.expect.count == 1)
        #expect(try policy(error, "actions: [retry]", "expect: {heal_rate: {gte: 50}}").demotion == nil)
    }
}
