import MendflowSimulator
import MendflowTestKit

extension SeedPlan {
    /// From this world on every fourth has an n8n that tells of its runs by itself; those before it live as they did.
    private static let firstWithHints: UInt64 = 559

    /// Whether n8n tells of its runs in a seed's world, and somebody lies about them.
    public static func tellsHints(_ seed: UInt64) -> Bool { seed >= firstWithHints && seed % 4 == 3 }

    /// An n8n whose tracing is on, or whose workflows have an error workflow, or both; drawn apart.
    mutating func addHints() {
        guard SeedPlan.tellsHints(seed) else { return }
        var random = SplitMix64(seed: seed ^ 0x417)
        let kind = random.below(4)
        self.kind.telling = .init(
            traces: kind != 0, failures: kind != 1, batch: random.below(2) == 0 ? 300 : 5_000)
    }
}
