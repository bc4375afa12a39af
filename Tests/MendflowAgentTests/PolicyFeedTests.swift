import MendflowCore
import MendflowTestKit
import Testing

@testable import MendflowAgent

@Suite("The replays that an agent knows of")
struct PolicyFeedTests {
    @Test("stay while the ledger cannot be read, and go where it says that none is open")
    func unread() {
        let start = ReplayStart(
            name: "replay-1", version: "ab", total: 1, earliest: ServerTime(milliseconds: 0), by: "somebody",
            reason: "test",
            selection: "all")
        var feed = PolicyFeed(nil)
        feed.learn([Replay(start, at: .noon)])
        feed.learn(nil)
        #expect(feed.replays.map(\.name) == ["replay-1"])
        feed.learn([])
        #expect(feed.replays.isEmpty)
    }
}
