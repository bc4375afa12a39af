import MendflowCore
import MendflowTestKit
import Testing

@testable import MendflowWorkspace

@Suite("When files are read anew, and what a word about them counts for")
struct WatchedFilesTests {
    @Test("what is new is read once it was the same for two seconds, or at once where that is called for")
    func settles() {
        let clock = VirtualClock(.noon)
        var files = WatchedFiles([1])
        func isDue(_ found: UInt8, isCalled: Bool = false, _ writtenAt: AgentTime? = nil) -> Bool {
            files.isDue([found], isCalled: isCalled, writtenAt: writtenAt, clock)
        }
        let same = isDue(1)
        let first = isDue(2)
        clock.advance(by: .seconds(2))
        let second = isDue(2)
        #expect(!same && !first && second)
        files.took([2])
        let (read, called, old) = (isDue(2), isDue(2, isCalled: true), isDue(3, .noon))
        #expect(!read && called && old)
        files.forget()
        let again = isDue(2, .noon)
        #expect(again, "it could not be put on record")
    }

    @Test("what is the same again was not written in parts: the two seconds begin anew")
    func beginsAnew() {
        let clock = VirtualClock(.noon)
        var files = WatchedFiles([1])
        func isDue(_ found: UInt8) -> Bool { files.isDue([found], isCalled: false, writtenAt: nil, clock) }
        let first = isDue(2)
        clock.advance(by: .seconds(2))
        let back = isDue(1)
        let again = isDue(2)
        #expect(!first && !back && !again)
    }

    @Test(
        "a word counts for what waits still, and for the first that asks; where there is none, it is looked for behind that"
    )
    func word() {
        var word = AwaitedWord()
        let asked = AwaitedWord.Waiting(contents: "a", from: 3)
        word.waiting = asked
        let none = word.heard(false, of: asked, upTo: 9)
        #expect(!none && word.waiting?.from == 9)
        let some = word.heard(true, of: asked, upTo: 12)
        #expect(some)
        word.waiting = AwaitedWord.Waiting(contents: "b", from: 10)
        let late = word.heard(true, of: asked, upTo: 12)
        #expect(!late && word.waiting?.from == 10, "something else waits by now")
        word.waiting = nil
        let taken = word.heard(true, of: asked, upTo: 12)
        #expect(!taken, "another instance took it")
    }
}
