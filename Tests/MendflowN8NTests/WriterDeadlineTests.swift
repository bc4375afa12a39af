import MendflowCore
import MendflowHTTP
import Testing

@testable import MendflowN8N

@Suite("The deadlines of mutations")
struct WriterDeadlineTests {
    @Test("a retry that could not be sent for ten seconds was not sent")
    func neverBegan() async throws {
        let clock = ManualClock()
        let writer = try writer(ScriptedTransport(.hang(began: false, bytesSent: 0)), clock: clock)
        async let answer = writer.send(.retry("7", loadWorkflow: false))
        await clock.someoneSleeps()
        clock.advance(by: .seconds(10))
        guard case .nothing(.notSent, .thisTry, nil, let words, nil) = await answer else {
            Issue.record("no byte left")
            return
        }
        #expect(words.contains("given up after 10s"))
    }

    @Test("a retry under way is waited for six hours and then unanswered")
    func sixHours() async throws {
        let clock = ManualClock()
        let writer = try writer(ScriptedTransport(.hang(began: true, bytesSent: 180)), clock: clock)
        async let answer = writer.send(.retry("7", loadWorkflow: false))
        await clock.someoneSleeps()
        clock.advance(by: .seconds(10))
        await clock.someoneSleeps()
        clock.advance(by: .hours(6))
        guard case .unanswered(nil, let words) = await answer else {
            Issue.record("what was sent may have been done")
            return
        }
        #expect(words.contains("given up after 6h"))
        #expect(words.contains("180 bytes sent"))
    }

    @Test("a stop has thirty seconds, and so have all others", arguments: ActionKind.allCases)
    func stop(_ mutation: ActionKind) async throws {
        guard mutation != .retry else { return }
        let clock = ManualClock()
        let writer = try writer(ScriptedTransport(.hang(began: true, bytesSent: 90)), clock: clock)
        async let answer = mutation.send(by: writer, of: "7")
        await clock.someoneSleeps()
        clock.advance(by: .seconds(30))
        guard case .unanswered = await answer else {
            Issue.record("what was sent may have been done")
            return
        }
    }

    @Test("a cancelled retry still tells what was sent", arguments: [0, 55])
    func cancelled(_ bytesSent: Int) async throws {
        let clock = ManualClock()
        let writer = try writer(ScriptedTransport(.hang(began: true, bytesSent: bytesSent)), clock: clock)
        let task = Task { await writer.send(.retry("7", loadWorkflow: false)) }
        await clock.someoneSleeps()
        task.cancel()
        switch await task.value {
        case .nothing(.notSent, .thisTry, nil, _, nil): #expect(bytesSent == 0)
        case .unanswered(nil, _): #expect(bytesSent > 0)
        default: Issue.record("neither proof nor doubt")
        }
    }
}
