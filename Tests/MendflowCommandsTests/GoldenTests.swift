import FoundationEssentials
import MendflowCommandLine
import MendflowCore
import MendflowOperations
import MendflowReview
import MendflowTestKit
import MendflowText
import Testing

@testable import MendflowCommands

/// What people and programs read, word for word: a change here is a change of what they rely on.
@Suite("The output of a fixed world")
struct GoldenTests {
    /// Compares with Tests/Fixtures/golden/NAME.
    func expect(_ text: String, is name: String) throws {
        #expect(try Repository.difference(of: text + "\n", from: "Tests/Fixtures/golden/\(name)") == nil)
    }

    @Test("of plan is, as text")
    func planText() throws { try expect(PlanText.render(FixedWorld.report, all: false).text(), is: "plan.txt") }

    @Test("of plan --all lists what is not acted on one by one")
    func planAll() throws {
        try expect(PlanText.render(FixedWorld.report, all: true).text(), is: "plan-all.txt")
    }

    @Test("of plan --explain says all about each action")
    func planExplain() throws {
        try expect(PlanText.render(FixedWorld.report, all: false, explains: true).text(), is: "plan-explain.txt")
    }

    @Test("of plan begins with what a person reads in five seconds, whatever stops all of it included")
    func planSummary() {
        var report = FixedWorld.report
        report.header.alarm = nil
        #expect(
            TextReport(PlanSummary.lines(report)).text().split(separator: "\n") == [
                "production: 1 to retry; in dry-run 1 to stop; 2 not acted on (1 may_repeat, 1 no_policy)"
            ])
        report.header.isAsIfEnforced = true
        report.header.paused = "maintenance"
        report.header.completeness = .partial(["the list: 503"])
        report.entries.removeAll()
        report.held.removeAll()
        #expect(
            TextReport(PlanSummary.lines(report)).text().split(separator: "\n") == [
                "production, as if all were enforced: nothing is due", "PAUSED: maintenance",
                "PARTIAL, so nothing is acted on: the list: 503",
            ])
    }

    @Test("of plan names who holds the places in flight, and when n8n wakes what waits")
    func planPlaces() throws {
        var report = FixedWorld.report
        var lost = Intent(
            id: IntentID(7), draft: report.entries[0].action.draft, state: .unresolved,
            reservedAt: AgentTime(milliseconds: 0))
        report.header.placeHolders = [.init(lost)]
        lost.child = "110"
        report.header.placeHolders.append(.init(lost))
        report.entries[1].wakes = ServerTime(rfc3339: "2026-05-05T12:00:00Z")
        let text = PlanText.render(report, all: false).text()
        #expect(
            text.contains(
                "in flight: retry of 103 (intent 7: no answer came, and its run may go on); "
                    + "retry of 103 (intent 7: its run 110 goes on)"))
        #expect(text.contains("n8n wakes it at 2026-05-05T12:00:00.000Z"))
        let json = try Console.jsonText(PlanJSON(report, all: false, findings: []))
        #expect(json.contains("\"run\" : \"110\"") && json.contains("\"wakes\" : \"2026-05-05T12:00:00.000Z\""))
    }

    @Test("of plan --policy is about that policy alone")
    func planPolicy() {
        let one = FixedWorld.report.only("stop-stale-waiting")
        #expect(one.entries.map(\.action.draft.execution) == ["104"] && one.held.isEmpty)
        #expect(FixedWorld.report.only("retry-orders").held.map(\.execution) == ["102"])
    }

    @Test("of plan says why bulk stops are held and what groups were found to have")
    func planGroups() throws {
        var report = FixedWorld.report
        report.heldBulkStops = [HeldBulkStop(policy: "runaway", why: "3 ids are not accounted for")]
        report.groups = [
            GroupCount(policy: "storm", workflow: "w1", count: 4, pending: 1, unknown: 2, isComplete: false, holds: nil)
        ]
        let text = PlanText.render(report, all: false).text()
        #expect(text.contains("\n  runaway: 3 ids are not accounted for\n"))
        let words = "4, 1 not judged yet, 2 that nobody can judge, and not everything was read; not decided yet"
        #expect(text.contains("\n  storm, workflow w1: \(words)\n"))
        let json = try Console.jsonText(PlanJSON(report, all: false, findings: []))
        #expect(json.contains("\"why\" : \"3 ids are not accounted for\"") && json.contains("\"unknown\" : 2"))
    }

    @Test("of plan says which actions the server has no request for")
    func planNotOffered() throws {
        var report = FixedWorld.report
        report.header.capabilities?.notOffered = [.tag, .bulkStop]
        let text = PlanText.render(report, all: false).text()
        #expect(text.contains("\n  this n8n has no request to stop many executions at once, tag an execution\n"))
        let json = try Console.jsonText(PlanJSON(report, all: false, findings: []))
        #expect(json.contains("\"action\" : \"bulk_stop\"") && json.contains("this n8n has no such request"))
        #expect(json.contains("\"bulk_stop\" : false") && json.contains("\"tag\" : false"))
    }

    @Test("of plan says once what is waited for, where no time is known")
    func planWaits() {
        var report = FixedWorld.report
        for execution in ["110", "111"] as [ExecutionID] {
            var entry = report.entries[0]
            entry.action.draft.execution = execution
            (entry.isDue, entry.waitsFor) = (false, .maxInFlight)
            entry.untilWords = "when one of these retries has ended: 90"
            report.entries.append(entry)
        }
        let text = PlanText.render(report, all: false).text()
        let line = "\nmax_in_flight: when one of these retries has ended: 90\n"
        #expect(text.contains(line) && text.split(separator: line).count == 2)
        #expect(
            PlanText.render(report, all: false, explains: true).text().contains(
                "\n  waits for max_in_flight: when one of these retries has ended: 90\n"))
    }

    @Test("of plan, doctor and status counts executions by the same words, and tells what was read from what is seen")
    func counts() {
        #expect(PlanReport.seen(1, "5", "5", live: 0) == "1 execution seen (5 to 5), 0 live")
        let (plan, status) = (PlanText.render(FixedWorld.report, all: false), StatusText.render(FixedWorld.status))
        #expect(plan.text().contains("\n  5 executions seen (101 to 105), 0 live"))
        #expect(status.text().contains(": it read 5 executions up to 105, 1 of them live; "))
    }

    @Test("of ledger info names what stands there in the reader's words, the most first")
    func ledgerHolds() {
        let cells = ["latch": 51, "evidence": 16, "marks": 1, "intent": 1, "tick": 2]
        #expect(LedgerText.holds(cells) == "51 facts about chains, 16 pieces of evidence, 1 request")
        #expect(LedgerText.holds(["baseline": 1]) == "nothing yet")
    }

    @Test("of plan is, as JSON")
    func planJSON() throws {
        let json = PlanJSON(FixedWorld.report, all: false, findings: [FixedWorld.warning])
        try expect(Console.jsonText(json), is: "plan.json")
    }

    @Test("of explain is, as text")
    func explainText() throws {
        try expect(ExplanationText.render(try #require(FixedWorld.explanation("101"))).text(), is: "explain-chain.txt")
    }

    @Test("of explain tells what was done, with the reasons of then instead of why it would not be done now")
    func explainDone() throws {
        var found = try #require(FixedWorld.explanation("105"))
        let request = "POST /executions/105/stop"
        var done = Explanation.Done(
            record: 12, execution: "105", at: FixedWorld.snapshot.now, policy: "stop-stale-waiting", request: request)
        found.done = [done]
        let text = ExplanationText.render(found).text()
        #expect(
            text.contains("\nWhat we did, and why then\n  2026-05-04T12:00:00.000Z  stop-stale-waiting: \(request)"))
        #expect(text.contains("its policies cannot be read any more") && !text.contains("Nearest miss"))
        done.action = FixedWorld.report.entries[0].action
        done.tree = found.policies[0].tree
        done.exhaustion = "policy 'p' no longer matches"
        found.done = [done]
        let known = ExplanationText.render(found).text()
        #expect(known.contains("      by `on_exhausted`, for the chain was given up: policy 'p' no longer matches\n"))
        #expect(known.contains("      error class transient by rule http-5xx\n      repeat risk none: "))
        let json = try Console.jsonText(ExplanationJSON(found))
        #expect(json.contains("\"record\" : 12") && json.contains("\"request\" : \"POST"))
    }

    @Test("of explain says of what was done before no more about today than what comes of it, unless all is wanted")
    func explainToday() throws {
        var found = try #require(FixedWorld.explanation("105"))
        found.done = [
            Explanation.Done(
                record: 12, execution: "105", at: FixedWorld.snapshot.now, policy: "retry-orders", request: "POST ...")
        ]
        found.healedBy = "106"
        let text = ExplanationText.render(found).text()
        #expect(text.contains("\nToday\n  healed by 106: nothing is left to do\n\nWhat happened\n"))
        #expect(!text.contains("does not match") && !text.contains("Policies, in order"))
        #expect(ExplanationText.render(found, all: true).text().contains("does not match"))
        found.healedBy = nil
        let today = "\nToday\n  nothing is done: no_policy: no policy matches"
        #expect(ExplanationText.render(found).text().contains(today))
        // What still goes on is told with its conditions.
        var open = try #require(FixedWorld.explanation("101"))
        open.done = found.done
        let shown = ExplanationText.render(open).text()
        #expect(shown.contains("acts now") && !shown.contains("stop-stale-waiting (dry_run"))
        // A policy in dry-run does nothing, however far the agent may go.
        for index in open.policies.indices { open.policies[index].mode = .dryRun }
        let tried = ExplanationText.render(open).text()
        #expect(!tried.contains("acts now") && tried.contains("would act now; the policy is in dry-run"))
    }

    @Test("of explain has the decision first, and of a policy about another workflow one line, unless all is wanted")
    func explainMiss() throws {
        let found = try #require(FixedWorld.explanation("105"))
        #expect(
            ExplanationText.render(found, all: true).text().contains(
                "      no   workflow.name is Order sync  [Reminders]"))
        try expect(ExplanationText.render(try #require(FixedWorld.explanation("105"))).text(), is: "explain-miss.txt")
    }

    @Test("of explain says which parts of an error were hidden, and that its class is not known for that")
    func explainHidden() throws {
        var snapshot = FixedWorld.snapshot
        let error = ErrorEvidence(name: "NodeApiError", httpCode: "503")
        snapshot.details["105"] = ExecutionDetail(readability: .redacted, error: error)
        let found = try #require(FixedWorld.explanation("105", in: snapshot))
        let text = ExplanationText.render(found).text()
        #expect(
            text.contains("Data: n8n hid the run's data\n  hidden of its error: message, description, the service's"))
        #expect(!found.hiddenParts.contains("HTTP code"))
        #expect(ExplanationJSON(found).error?.hidden == found.hiddenParts)
        #expect(try #require(FixedWorld.explanation("105")).hiddenParts.isEmpty)
    }

    @Test("of explain and plan --all tells n8n's word for a status that is not known")
    func unrecognised() throws {
        var snapshot = FixedWorld.snapshot
        var row = FixedWorld.row("106", "w1", .unrecognised, ago: .minutes(1))
        row.unrecognisedWord = "paused"
        snapshot.executions["106"] = row
        let words = "n8n says 'paused', a status that this version does not know: nothing is done to it"
        let found = try #require(FixedWorld.explanation("106", in: snapshot))
        #expect(ExplanationText.render(found).text().contains("nothing: \(words)"))
        var report = FixedWorld.report
        report.held.append(PlanReport.Held(unrecognised: row, workflow: "Order sync"))
        #expect(
            PlanText.render(report, all: true).text().contains("no_policy  106 unrecognised 'Order sync': \(words)"))
    }

    @Test("of explain is, as JSON")
    func explainJSON() throws {
        let explanation = try #require(FixedWorld.explanation("102"))
        try expect(Console.jsonText(ExplanationJSON(explanation)), is: "explain.json")
    }

    @Test("of inbox is, as text and as JSON")
    func inbox() throws {
        try expect(InboxText.render(FixedWorld.inbox).text(), is: "inbox.txt")
        try expect(Console.jsonText(InboxJSON(FixedWorld.inbox)), is: "inbox.json")
    }

    @Test("of inbox says nothing of an answer that is not there, and names replays that wait")
    func inboxOpen() {
        var inbox = FixedWorld.inbox
        (inbox.unresolved, inbox.younger, inbox.asks, inbox.alarms, inbox.held) = ([], 1, [], [], [])
        inbox.replays = [FixedWorld.waiting]
        let text = InboxText.render(inbox).text()
        #expect(
            text.hasPrefix("replay-1 is paused: the first had to heal\n  mendflow replay show replay-1\n"), "\(text)")
        #expect(text.contains("1 request has no answer so far, for less than 10m: what it did may still show up"))
        #expect(!text.contains("Every request of ours has an answer."))
        (inbox.younger, inbox.underWay, inbox.replays) = (0, 2, [])
        #expect(InboxText.render(inbox).text().hasPrefix("2 requests are on the way, as far as the ledger tells"))
    }

    @Test("of inbox is commands that can be typed as they stand, with the options that they need")
    func inboxCommands() {
        var inbox = FixedWorld.inbox
        inbox.hasSeveralInstances = true
        let text = InboxText.render(inbox, options: " --config a.yaml").text()
        for command in [
            "resolve 7 --config a.yaml --ran --reason 'seen in n8n'",
            "explain 102 --instance production --config a.yaml",
            "instance adopt --instance production --config a.yaml --reason 'restored from a backup'",
        ] {
            #expect(text.contains("  mendflow \(command)\n") || text.hasSuffix("  mendflow \(command)"), "\(command)")
        }
        #expect(text.contains("may_repeat on production: a retry may do again what was done already\n"))
    }

    @Test("of status is, as text and as JSON")
    func status() throws {
        try expect(StatusText.render([FixedWorld.status]).text(), is: "status.txt")
        try expect(Console.jsonText(StatusJSON([FixedWorld.status])), is: "status.json")
    }

    @Test("of doctor is, as text and as JSON")
    func doctor() throws {
        try expect(DoctorText.render(FixedWorld.doctor).text(), is: "doctor.txt")
        try expect(Console.jsonText(DoctorJSON(FixedWorld.doctor)), is: "doctor.json")
    }

    @Test("of instance adopt is, as text and as JSON")
    func adopt() throws {
        try expect(InstanceText.adopted(FixedWorld.adoption).text(), is: "adopt.txt")
        try expect(Console.jsonText(AdoptionJSON(FixedWorld.adoption)), is: "adopt.json")
    }

    @Test("on a terminal is the same in colours, sparingly, and in columns")
    func terminal() throws {
        let explanation = try #require(FixedWorld.explanation("101"))
        for (name, report) in [
            ("plan", PlanText.render(FixedWorld.report, all: false)),
            ("status", StatusText.render([FixedWorld.status])),
            ("doctor", DoctorText.render(FixedWorld.doctor)), ("explain", ExplanationText.render(explanation)),
            ("inbox", InboxText.render(FixedWorld.inbox)),
        ] {
            let text = report.text(.ansi, isAligned: true)
            // The escapes spelt out, so that the file can be read.
            try expect(VisibleText.block(text), is: "terminal/\(name).txt")
            #expect(report.text(isAligned: true).split(separator: "\n").count == text.split(separator: "\n").count)
        }
    }

    @Test("of man names the program once in its header")
    func man() {
        let header = MendflowProgram.program.manPage(date: "").split(separator: "\n").first
        #expect(header.map { $0.split(separator: "mendflow").count } == 2, "\(header ?? "")")
    }

    @Test("has keys in snake_case alone")
    func snakeCase() throws {
        let all = [
            try Console.jsonText(PlanJSON(FixedWorld.report, all: true, findings: [FixedWorld.warning])),
            try Console.jsonText(ExplanationJSON(try #require(FixedWorld.explanation("101")))),
            try Console.jsonText(InboxJSON(FixedWorld.inbox)), try Console.jsonText(StatusJSON([FixedWorld.status])),
            try Console.jsonText(DoctorJSON(FixedWorld.doctor)),
            try Console.jsonText(AdoptionJSON(FixedWorld.adoption)),
        ]
        for line in all.joined(separator: "\n").split(separator: "\n") {
            guard let end = line.firstRange(of: "\" : ") else { continue }
            let key = line[..<end.lowerBound].drop { $0 == " " || $0 == "\"" }
            #expect(key.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "_" }, "\(key)")
        }
        #expect(all.allSatisfy { $0.contains("\"version\" : 1") })
    }

    @Test("never hands a control character to a terminal")
    func clean() {
        #expect(Console.clean("a\u{1B}[2Jb\u{9B}c\td\n") == #"a\u{1b}[2Jb\u{9b}c"# + "\td\n")
        #expect(Console.clean("a\u{202E}b\u{2028}c") == #"a\u{202e}b\u{2028}c"#)
    }

    @Test("has no colours for a dumb terminal, nor where NO_COLOR says anything")
    func colours() {
        #expect(Console.wantsColours(["TERM": "xterm"]) && Console.wantsColours(["TERM": "xterm", "NO_COLOR": ""]))
        #expect(!Console.wantsColours(["TERM": "dumb"]) && !Console.wantsColours(["TERM": "xterm", "NO_COLOR": "0"]))
    }

    @Test("orders nothing of a terminal that is dumb or has no name; NO_COLOR is about colours alone")
    func orders() {
        #expect(Console.obeys(["TERM": "xterm-256color", "NO_COLOR": "1"]))
        for environment in [[:], ["TERM": ""], ["TERM": "dumb"], ["TERM": "dumb", "NO_COLOR": "1"]] {
            #expect(!Console.obeys(environment) && !Console.wantsColours(environment))
        }
    }

    @Test("has no line that somebody else wrote: breaks in their words are shown as such")
    func forged() {
        var status = FixedWorld.status
        status.record?.paused = "x\n  mode enforce; all is well\r\ny"
        let lines = StatusText.render(status).text().split(separator: "\n")
        #expect(lines.contains("  PAUSED: x\\n  mode enforce; all is well\\r\\ny"))
        var inbox = FixedWorld.inbox
        inbox.unresolved = [FixedWorld.unresolved("502\nEvery request of ours has an answer.")]
        let text = InboxText.render(inbox).text()
        #expect(!text.split(separator: "\n").contains("Every request of ours has an answer."))
    }
}
