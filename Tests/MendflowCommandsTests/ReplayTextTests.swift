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
}
