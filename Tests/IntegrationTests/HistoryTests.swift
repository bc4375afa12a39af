import FoundationEssentials
import Glibc
import MendflowCore
import MendflowRehearsal
import MendflowSimulator
import Testing

/// `history export` and `backtest`, as processes, against a simulated n8n.
@Suite("A history", .timeLimit(.minutes(30)))
struct HistoryTests {
    @Test("is exported, says what it holds, and shows what the policies would have done")
    func life() async throws {
        let world = try World()
        let failed = world.failure()
        _ = world.staleWait()
        try await world.initialise()
        let export = try await world.run("history", "export", "--rate", "1000")
        #expect(export.code == 0 && export.out.contains("holds 2 executions"), "\(export.out)\(export.err)")
        let info = try await world.run("history", "info", world.folder + "/history/production")
        #expect(info.out.contains("1 waiting") && info.out.contains("1 transient"), "\(info.out)\(info.err)")
        let page = world.folder + "/report.html"
        let backtest = try await world.run("backtest", "--html", page)
        #expect(backtest.code == 0 && backtest.out.contains("1 run failed and nobody retried"), "\(backtest.out)")
        #expect(backtest.out.contains("1 stop"), "\(backtest.out)")
        #expect(try String(contentsOfFile: page, encoding: .utf8).contains("1 run failed"))
        let matches = try await world.run("backtest", "--matches-only")
        #expect(matches.code == 0 && matches.out.contains("2 executions from"), "\(matches.out)\(matches.err)")
        // Nothing of it was sent.
        #expect(world.server.withSimulator { $0.deeds.isEmpty })
        #expect(world.retries(failed).isEmpty)
        try await world.remove()
    }
}
