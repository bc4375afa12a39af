import MendflowPostgresKit
import Testing

/// Three agents on one PostgreSQL, whose leader is killed, frozen and cut off, over and over.
@Suite("Several agents on one ledger", .timeLimit(.minutes(300)), .serialized)
struct ClusterTests {
    @Test(
        "do nothing twice and miss nothing, whatever befalls the one that leads",
        .enabled(if: PostgresTestServer.programs != nil, "no PostgreSQL: scripts/setup installs one"))
    func faults() async throws {
        let run = try await ClusterRun()
        var told = 0
        for number in 0..<ClusterRun.count {
            try await run.befall(number)
            // A thousand faults take hours: what breaks is told while it can still be looked at.
            for promise in run.broken[told...] { print(promise) }
            told = run.broken.count
            if number % 50 == 49 { print(run.numbers) }
        }
        try await run.settle()
        try await run.judgeEnd()
        #expect(run.broken.isEmpty, "seed \(ClusterRun.seed): \(run.broken.joined(separator: "\n"))")
        // A run in which nobody took over would prove nothing.
        #expect(run.takeovers.count * 3 > ClusterRun.count)
        if ClusterRun.count > 20 { print(run.numbers) }
        try await run.remove()
    }
}
