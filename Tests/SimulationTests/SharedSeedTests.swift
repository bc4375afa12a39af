import Foundation
import MendflowTestKit
import MendflowWorlds
import Testing

@Suite("Whole hosts that share a database in simulated worlds")
struct SharedSeedTests {
    /// Worlds in which a promise broke once.
    static let regressions: [UInt64] = [
        // A run that was first seen when it had crashed was not given its five minutes by the agent that took over.
        259,
        // A tick that could read nothing was taken for a look, so that a crash since passed for older than any look.
        474,
        // A person's retry had healed a chain and was pruned; the judge missed a decision.
        20020,
        // A server forgot the one key of a retry whose run it kept in no row: the judge had not heard of that limit.
        368,
        // As 4296 of one host: what an incident held was gone from n8n.
        781,
        // A person's retry was over, and n8n had no row of it, by the time of a last look that a slow database had kept waiting.
        1200,
        // Retries waited in n8n's queue for hours, behind a run that never ended; the judge took that for the agent's.
        943,
    ]

    /// A few, among them such in which the database loses what it has acknowledged; where everything is tested, more.
    static let seeds: [UInt64] = Array(1...(TestScale.isFull ? 120 : 6)) + SeedTests.some(of: regressions)

    @Test("keep every promise, whatever befalls them and their database", arguments: seeds)
    func promises(seed: UInt64) async throws {
        let result = await SeedResult.of(SeedPlan(seed: seed, hosts: 3))
        let broken = result.broken.map(\.description).joined(separator: "\n")
        #expect(
            result.broken.isEmpty,
            "\(broken)\n\(result.plan.story)\nagain with: make simulate SHARED=1 SEED=\(seed)")
    }

    @Test("keep every promise in worlds that nobody has lived before", arguments: SeedTests.newSeeds(30))
    func news(seed: UInt64) async throws { try await promises(seed: seed) }

    // Which of several leases was taken first once went by the order of a dictionary in 7 and 15.
    @Test(
        "are a function of their seed: the same seed leaves the same ledger in another process, byte for byte",
        arguments: TestScale.isFull ? [5, 7, 15] as [UInt64] : [7])
    func deterministic(seed: UInt64) async throws {
        let world = SeedWorld(SeedPlan(seed: seed, hosts: 3))
        try world.run()
        let here = try await world.digest()
        #expect(try SeedTests.said(["--shared", "--seed", "\(seed)", "--digest"]) == "world \(seed): \(here)\n")
    }
}
