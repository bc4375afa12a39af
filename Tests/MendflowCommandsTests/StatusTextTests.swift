import MendflowCore
import MendflowOperations
import MendflowText
import Testing

@testable import MendflowCommands

@Suite("What status says is to be done")
struct StatusTextTests {
    @Test("names the instance in the command where there are several", arguments: [false, true])
    func named(isOneOfSeveral: Bool) {
        var status = FixedWorld.status
        (status.instance, status.isOneOfSeveral, status.life) = ("staging", isOneOfSeveral, .never)
        let named = isOneOfSeveral ? " -i staging" : ""
        let alarmed = StatusText.render([status]).text()
        #expect(alarmed.contains("mendflow instance adopt\(named)\n"), "\(alarmed)")
        status.record = nil
        let new = StatusText.render([status]).text()
        #expect(new.contains("set it up: mendflow init\(isOneOfSeveral ? " --name staging" : "")\n"), "\(new)")
    }

    @Test("says that a command holds the ledger, what for, and that nothing else is done")
    func busy() {
        var status = FixedWorld.status
        status.record?.alarm = nil
        (status.life, status.errand) = (.busy(.replay("replay-2")), .replay("replay-2"))
        let busy = StatusText.render([status]).text()
        #expect(
            busy.contains("a command carries replay-2 out, and nothing else is done before an agent runs"), "\(busy)")
        #expect(busy.contains("start the agent once that command is done: mendflow run"), "\(busy)")
        status.life = .silent(status.now - .minutes(3))
        let silent = StatusText.render([status]).text()
        #expect(
            silent.contains("no agent runs; a command that carried replay-2 out was heard of 3m ago, and did not say"),
            "\(silent)")
    }

    /// The line of what comes next.
    private func next(_ change: (inout InstanceStatus) -> Void) -> String {
        var status = FixedWorld.status
        status.record?.alarm = nil
        status.record?.paused = nil
        status.record?.refused = [:]
        change(&status)
        let lines = StatusText.render([status]).text().split(separator: "\n")
        return lines.first { $0.hasPrefix("  next ") }.map { String($0.dropFirst(13)) } ?? ""
    }

    @Test("says of what comes next what has to happen before, or that nothing comes")
    func nextBefore() {
        #expect(next { _ in } == "103 by retry-orders in 4m12s, and 1 more later")
        #expect(
            next { $0.mode = .dryRun } == "104 by stop-stale-waiting in 1h, in dry-run", "what was to be sent is not")
        #expect(next { $0.mode = .off } == "nothing, as long as its mode is off")
        let due = (FixedWorld.agentNoon + .seconds(252)).rfc3339Seconds
        let then = "then 103 by retry-orders not before \(due), and 1 more later"
        #expect(next { $0.record?.paused = "lunch" } == "nothing before acting goes on; \(then)")
        #expect(next { $0.life = .never } == "nothing before an agent runs; \(then)")
        let idle = next { status in
            (status.life, status.recent) = (.never, RecentActivity())
        }
        #expect(idle == "nothing waits for its time")
    }

    @Test("counts among what comes next what waits for room in a cap, at a time that nobody can tell")
    func capped() {
        #expect(
            next { $0.recent?.capped = 2 }
                == "103 by retry-orders in 4m12s, and 1 more later; 2 executions wait for room in a cap such as `max_actions`: mendflow plan"
        )
        let alone = next { status in
            status.recent = RecentActivity()
            status.recent?.capped = 1
        }
        #expect(alone == "1 execution waits for room in a cap such as `max_actions`: mendflow plan")
    }

    @Test("says that the command line keeps the agent in dry-run, where the files say otherwise")
    func overruled() {
        var status = FixedWorld.status
        status.record?.alarm = nil
        status.record?.paused = nil
        (status.mode, status.isOverruled) = (.dryRun, true)
        let text = StatusText.render([status]).text()
        #expect(
            text.contains("DRY-RUN, nothing is sent, as the agent was started with --dry-run, whatever the files say;"))
    }

    @Test("names the configuration in the command where that is not the usual one")
    func configured() {
        var status = FixedWorld.status
        (status.record, status.life, status.trouble) = (nil, .never, "no answer")
        let text = StatusText.render([status], options: " --config /etc/m.yaml").text()
        #expect(text.contains("mendflow init --config /etc/m.yaml\n"), "\(text)")
        #expect(!text.contains("no answer --config"))
    }
}
