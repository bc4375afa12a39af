import MendflowCore
import MendflowLedger
import MendflowText
import Testing

@testable import MendflowCommands
@testable import MendflowOperations

@Suite("What reload says of the files")
struct ReloadTextTests {
    func text(_ standing: FilesStanding) -> String { ReloadText.render(standing).text() }

    @Test("that they are in force, where an agent runs that has read them and keeps nothing")
    func inForce() {
        let standing = FilesStanding(isRunning: true)
        #expect(text(standing).contains("is in force") && standing.exitStatus == .done)
        #expect(ReloadText.note(standing, on: "this plan") == nil)
        #expect(text(FilesStanding()).contains("No agent runs") && FilesStanding().exitStatus == .done)
    }

    @Test("that the agent has not read them, or refuses them, and is not done then")
    func notInForce() {
        let unread = FilesStanding(isRunning: true, isUnread: true)
        #expect(text(unread).contains("has not taken that in yet") && unread.exitStatus == .pending)
        let broken = FilesStanding(isRunning: true, errors: 2)
        #expect(text(broken).contains("2 errors, so none of their changes counts") && broken.exitStatus == .findings)
        let unusable = FilesStanding(errors: 1)
        #expect(text(unusable).contains("1 error, and no agent can start") && unusable.exitStatus == .findings)
    }

    @Test("that the command line of the agent counts, and not the mode of the files")
    func overruled() {
        var standing = FilesStanding(isRunning: true)
        standing.overruled = ["b": .dryRun, "a": .dryRun]
        let words = "the command line of the agent keeps a, b in dry_run (run --dry-run), whatever the files say"
        #expect(text(standing) == "Nothing waits, but \(words).")
        #expect(ReloadText.note(standing, on: "this plan") == "mendflow: this plan goes by the files; \(words)")
    }

    @Test("that the agent works on another ledger than they name, and is not done then")
    func otherLedger() {
        var standing = FilesStanding()
        standing.elsewhere = AgentElsewhere(ledger: "/old.sqlite", named: "/new.sqlite")
        #expect(
            text(standing).hasPrefix(
                "an agent runs on another ledger (/old.sqlite) than the files name now (/new.sqlite)"))
        #expect(
            standing.exitStatus == .pending
                && ReloadText.note(standing, on: "this plan")?.contains("/old.sqlite") == true)
    }

    @Test("that a change is let go, and the second time that it was before")
    func twice() {
        var pending = PendingReload(
            contents: "", since: AgentTime(milliseconds: 0), losses: [ReloadLoss(.policy("a"), "policy 'a'")],
            isConfirmed: false)
        func confirmed() -> String { ReloadText.confirmed(pending, within: .seconds(30)).text() }
        #expect(confirmed() == "Let go once the agent looks, within 30s:\n  policy 'a'")
        pending.isConfirmed = true
        // Without an agent it is the start that lets it go.
        var stopped = FilesStanding(pending: pending)
        stopped.lostAtStart = pending.losses
        let start =
            "No agent runs: one that starts takes the files as they are, and lets 1 thing go that the last one kept:"
        #expect(ReloadText.render(stopped).text() == start + "\n  policy 'a'")
        // Files with errors bring nothing into force.
        var standing = FilesStanding(pending: pending, isRunning: true, errors: 1)
        standing.looksWithin = .seconds(30)
        let broken = ReloadText.render(standing).text()
        #expect(broken.contains("nothing is let go while the files have errors") && !broken.contains("takes it in"))
        #expect(confirmed().hasPrefix("It was confirmed before, and is let go once the agent looks, within 30s:\n"))
    }
}
