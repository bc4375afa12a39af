import MendflowCore
import MendflowLedger
import MendflowReview
import MendflowTestKit
import MendflowText
import Testing

@testable import MendflowOperations

@Suite("What the agent cannot read")
struct ReadingGapTests {
    private func status(_ gap: ReadingGap?, at now: AgentTime = .noon) throws -> InstanceStatus {
        let tick = TickState(
            tick: 1, at: now, accounted: "9", sweptAt: nil, rows: 1, live: [], clockOffset: .zero, gap: gap)
        return InstanceStatus(
            instance: "production", url: try ServerURL("http://n8n"), mode: .enforce, acting: ["a"],
            record: .init(epoch: 1, since: .noon, lastTick: tick, head: AuditHead(sequence: 1, hash: [])), now: now,
            life: .running)
    }

    @Test("suspends an instance once it lasts for longer than it takes to read on, and says what to do")
    func suspends() throws {
        let gap = ReadingGap(.above("9"), since: .noon - .minutes(10), why: "500")
        let lasting = try status(gap)
        #expect(lasting.standing == .suspended && lasting.needs == [.unread(gap)])
        let young = try status(ReadingGap(.lists, since: .noon - .minutes(2), why: "500"))
        #expect(young.standing == .acting && young.needs.isEmpty && young.lastingGap == nil)
        #expect(try status(nil).standing == .acting)
        // In dry-run nothing is sent anyway: it stays that, and somebody hears of it.
        var dry = try status(gap)
        dry.mode = .dryRun
        #expect(dry.standing == .dryRun && dry.needs == [.unread(gap)])
        // Where n8n does not answer at all, that is what is to be mended.
        var blind = lasting
        blind.trouble = "no answer"
        #expect(blind.standing == .blind && blind.needs == [.reach("no answer")])
    }

    @Test("comes before what is due, where all of that waits for it")
    func beforeDue() throws {
        var status = try status(ReadingGap(.above("9"), since: .noon - .minutes(10), why: "500"))
        var recent = RecentActivity()
        recent.due = [.init(execution: "7", policy: "a", at: .noon + .hours(1), isDryRun: false)]
        status.recent = recent
        #expect(status.nothingBefore == "n8n tells of the ids above 9")
        status.recent?.due[0].isRetry = false
        #expect(status.nothingBefore == nil)
    }

    @Test("says what is held, since when and why, and which kinds of actions that are")
    func words() {
        let gap = ReadingGap(.below("9"), since: .noon - .minutes(10), why: "no room")
        let words = gap.words(at: .noon + .milliseconds(7))
        let since = (AgentTime.noon - .minutes(10)).rfc3339Seconds
        #expect(
            words.hasPrefix(
                "retries of what began below 9 wait until the list there is read, since \(since) (10m): no room; it goes on"
            ), "\(words)")
        func held(_ part: ReadingGap.Part) -> Set<ActionKind> {
            Set(ActionKind.allCases.filter(ReadingGap(part, since: .noon, why: "").holds))
        }
        #expect(held(.lists) == Set(ActionKind.allCases))
        #expect(held(.below("1")) == [.retry, .delete] && held(.above("1")) == [.retry, .bulkStop])
    }

    @Test("leaves an instance acting where it is the data of single runs, and somebody hears of it")
    func data() throws {
        let gap = ReadingGap(.data(11), since: .noon - .minutes(10), why: "GET /executions/7: 500")
        let lasting = try status(gap)
        #expect(lasting.standing == .acting && lasting.needs == [.unread(gap)] && lasting.replaysWait == nil)
        #expect(!ActionKind.allCases.contains(where: gap.holds))
        let young = try status(ReadingGap(.data(11), since: .noon - .seconds(30), why: "500"))
        #expect(young.needs.isEmpty)
        #expect(
            gap.words(at: .noon).hasPrefix(
                "policies that look at errors leave 11 failed runs alone, whose data n8n does not answer, since "))
        let checks = DoctorChecks.unread(lasting.record?.lastTick, .noon, .seconds(30))
        #expect(checks.map(\.level) == [.warning] && checks.map(\.topic) == [.data])
    }

    @Test("is a fault for the doctor while it lasts, for one look of its own need not meet it")
    func doctor() throws {
        for (minutes, level) in [(Int64(10), Doctor.Level.wrong), (1, .note)] {
            let tick = try status(ReadingGap(.lists, since: .noon - .minutes(minutes), why: "500")).record?.lastTick
            let checks = DoctorChecks.unread(tick, .noon, .seconds(30))
            #expect(checks.map(\.level) == [level] && checks.map(\.topic) == [.coverage])
        }
        #expect(DoctorChecks.unread(nil, .noon, .seconds(30)).isEmpty)
    }
}
