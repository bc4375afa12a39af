import MendflowAgent
import MendflowCore
import MendflowLedger
import MendflowSimulator
import MendflowTestKit
import Testing

@Suite("The decision that stood at a moment")
struct StandingDecisionTests {
    private static let key = InstanceKey(name: "main", epoch: 1)

    /// What an agent wrote that lived for a while with a run which fails again and again.
    private static func lived(_ policies: PolicySet, mode: Mode) throws -> DecisionReplay {
        let world = try World { simulator in
            simulator.add(.orderSync(.init(retriesThenAlways: [.error(.http(503, method: "POST"), after: 100)])))
            for index in 0..<3 {
                let at = World.start.milliseconds - 60_000 + Int64(index * 20)
                simulator.addExecution(
                    of: World.workflow, status: .error, startedAt: at, stoppedAt: at + 100,
                    error: .http(503, method: "POST"))
            }
        }
        let records = try world.simulation.run {
            try await world.run(try await world.agent(policies, mode: mode), for: .hours(2))
            return try await world.store.records(after: 0, limit: 100_000)
        }
        return try DecisionReplay(records)
    }

    private static func policies() throws -> PolicySet {
        var dry = Policy.retryOrders(name: "dry")
        dry.mode = .dryRun
        return try World.set([.retryOrders(maxRetries: 2), dry])
    }

    @Test(
        "is the newest that had been made, of the chain of whichever run is asked about, and comes out again",
        arguments: [Mode.enforce, .dryRun])
    func standing(mode: Mode) throws {
        let set = try Self.policies()
        let replay = try Self.lived(set, mode: mode)
        let made = try replay.all { _, _ in set }.filter { $0.recorded.root == "1" }
        #expect(made.count >= 3)
        for decision in made {
            let now = decision.recorded.now
            let found = try replay.standing(about: decision.recorded.execution, of: Self.key, at: now) { _ in set }
            let newest = try #require(made.last { $0.recorded.now <= now })
            #expect(found.map(\.number).max() == newest.number)
            let one = try #require(found.first { $0.number == newest.number })
            #expect(one.acts == (mode == .enforce) && !one.passes.isEmpty)
            let again = one.passes.flatMap(\.plan.decisions).filter {
                $0.execution == one.recorded.execution && $0.isWorthRecording
            }
            #expect(again.map(DecidedExecution.Part.init) == one.recorded.parts)
            // Where an agent acts, what dry-run thinks of it stands behind.
            let shadows = found.map(\.recorded.isShadow)
            let allowed: [[Bool]] = mode == .enforce ? [[false, true], [false], [true]] : [[true]]
            #expect(allowed.contains(shadows), "\(shadows)")
        }
        let first = try #require(replay.firstDecision(about: "1", of: Self.key))
        #expect(first == made.first?.recorded.now)
        #expect(try replay.standing(about: "1", of: Self.key, at: first - .seconds(1)) { _ in set }.isEmpty)
        #expect(try replay.standing(about: "99", of: Self.key, at: .noon + .days(900)) { _ in set }.isEmpty)
    }

    @Test("is told without what it saw where its policies cannot be made again, and the ledger as it stood then")
    func unknownPolicies() throws {
        let set = try Self.policies()
        let replay = try Self.lived(set, mode: .enforce)
        let far = ClockOffset.zero.server(World.start) + .days(1)
        let found = try replay.standing(about: "1", of: Self.key, at: far) { _ in nil }
        #expect(!found.isEmpty && found.allSatisfy { $0.policies == nil && $0.passes.isEmpty })
        let early = try replay.state(at: World.start).view(of: Self.key, shadow: false)
        let late = try replay.state(at: World.start + .days(1)).view(of: Self.key, shadow: false)
        #expect(early.intents.count < late.intents.count && late.intents.count >= 6)
    }
}
