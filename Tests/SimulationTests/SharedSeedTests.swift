import Foundation
import MendflowTestKit
import MendflowWorlds
import Testing

@Suite("Whole hosts that share a database in simulated worlds")
struct SharedSeedTests {
    /// A few, among them such in which the database loses what it has acknowledged; where everything is tested, more.
    static let seeds: [UInt64] = Array(1...(TestScale.isFull ? 120 : 9))

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

    @Test("are a function of their seed")
    func deterministic() async throws {
        var digests: Set<String> = []
        for _ in 0..<2 {
            let world = SeedWorld(SeedPlan(seed: 5, hosts: 3))
            try world.run()
            digests.insert(try await world.digest())
        }
        #expect(digests.count == 1)
    }
}
