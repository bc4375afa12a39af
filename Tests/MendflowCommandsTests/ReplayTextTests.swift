import MendflowCore
import MendflowOperations
import Testing

@testable import MendflowCommands

@Suite("How a replay is said to stand")
struct ReplayTextTests {
    @Test("is that it runs only where somebody carries it out, or nobody can tell")
    func standing() {
        let start = ReplayStart(
            name: "replay-1", version: "v", total: 2, earliest: FixedWorld.noon, by: "ana", reason: "outage",
            selection: "all")
        let replay = Replay(start, at: FixedWorld.agentNoon)
        func words(_ wait: ReplayWait?, _ isCarriedOut: Bool?) -> String {
            ReplayText.standing(replay, wait, isCarriedOut: isCarriedOut)
        }
        #expect(words(nil, true) == replay.standing && words(nil, nil) == replay.standing)
        #expect(words(nil, false) == "replay-1 is not over, and nobody carries it out")
        #expect(words(.commandLine, false) == "replay-1 waits: outage")
    }

    @Test("beside an agent that carries nothing of it out is not that the agent does")
    func watching() {
        #expect(ReplayText.watching("replay-1", nil).contains("carries it out"))
        let kept = ReplayText.watching("replay-1", nil, isKept: true)
        #expect(kept == "an agent holds the ledger, and carries nothing of replay-1 out now; this only watches")
        let words = ReplayText.words(.commandLine, "replay-1")
        #expect(words.contains("started with --dry-run") && words.contains("anew without --dry-run"))
    }
}
