import MendflowCore
import MendflowLedger
import MendflowOperations
import MendflowTestKit
import Testing

@testable import MendflowAgent

@Suite("Whether a host lives, and whether it does its work")
struct HostHealthTests {
    let clock = VirtualClock(.noon)
    let status: HostStatus
    let observer: any AgentObserver

    init() {
        status = HostStatus(
            instances: [("production", .enforce)], policies: [], pollInterval: .seconds(30), clock: clock)
        observer = status.observer(of: "production")
    }

    func health() async -> HostHealth { HostHealth(await status.values, now: clock.monotonic()) }

    func lacks() async -> [HostHealth.Lack] { await health().instances[0].lacks }

    func report(_ change: (inout TickReport) -> Void = { _ in }) -> TickReport {
        var report = TickReport()
        report.snapshot = Snapshot(
            instance: InstanceKey(name: "production", epoch: 1), now: .noon, baseline: .noon - .days(1))
        report.rows = 5
        change(&report)
        return report
    }

    /// A tick that takes so long, and the rest behind it.
    func tick(_ report: TickReport, takes period: Period = .seconds(2)) async {
        await observer.begins()
        clock.advance(by: period)
        await observer.ended(report)
        await observer.rests(until: clock.monotonic() + .seconds(30), isAsked: false)
    }

    @Test("counts reads that failed, of lists and of single executions")
    func counted() async {
        let failure = ReadFailure(.serverError, request: "GET /executions/7", message: "500")
        await tick(report { $0.unanswered = [failure, failure] })
        await tick(report { $0.failures = [failure] })
        #expect(await status.instance("production")?.counts.failures == [.serverError: 3])
    }

    @Test("lives from its start, and is ready once every instance was read")
    func start() async {
        #expect(await health().isLive)
        #expect(await lacks() == [.starting])
        await tick(report())
        #expect(await health().isReady)
        let instance = await status.instance("production")
        #expect(instance?.ticks == 1 && instance?.lastTick?.took == .seconds(2) && instance?.lastTick?.rows == 5)
        #expect(instance?.lastRead?.at == .noon)
    }

    @Test("is not ready when an instance was not read for a minute and three intervals, and says why")
    func unread() async {
        await tick(report())
        let failure = ReadFailure(.unreachable, request: "GET /executions", message: "refused")
        for _ in 0..<5 {
            await tick(report { $0.failures = [failure] })
            clock.advance(by: .seconds(30))
        }
        #expect(await lacks() == [.unread(.seconds(162), failure)])
        #expect(await health().isLive, "a restart would not bring n8n back")
    }

    @Test("is not ready while n8n asks to be left alone, while the ledger fails, and under an alarm")
    func other() async {
        await tick(
            report {
                $0.ledgerFailed = true
                $0.standing = TickReport.Standing(alarm: "other rows", paused: nil, suspended: [:])
            })
        #expect(await lacks() == [.unwritten, .alarm("other rows")])
        await tick(
            report {
                $0.standing = TickReport.Standing(alarm: nil, paused: "an older copy", isInDoubt: true, suspended: [:])
            })
        #expect(await lacks() == [.doubt("an older copy")])
        await tick(report())
        await observer.rests(until: clock.monotonic() + .minutes(10), isAsked: true)
        #expect(await lacks() == [.silenced(.minutes(10))])
        clock.advance(by: .minutes(10))
        #expect(await health().isLive)
    }

    @Test("does not live where a tick goes on and on, or the next one does not come")
    func stall() async {
        await observer.begins()
        clock.advance(by: .minutes(20))
        #expect(await health().isLive, "a slow n8n makes a tick long")
        clock.advance(by: .minutes(1))
        #expect(await health().instances[0].stall == .ticking(.minutes(21)))
        await tick(report())
        clock.advance(by: .minutes(4))
        #expect(await health().isLive)
        clock.advance(by: .seconds(31))
        #expect(await health().instances[0].stall == .overdue(.seconds(241)))
        #expect(!(await health().isReady))
    }

    @Test("is not ready where a loop has ended by itself, and lives: a restart may not help")
    func ended() async {
        await tick(report())
        await status.ended("production", "the same server twice")
        clock.advance(by: .days(1))
        #expect(await health().isLive)
        #expect(await lacks() == [.ended("the same server twice")])
    }

    @Test("is ready where another agent leads an instance and not where nobody does; what it saw is told no more")
    func elsewhere() async {
        let (here, there) = (AgentName("here"), AgentName("there"))
        func board(_ holder: AgentName, ends: Period) -> LeaseBoard {
            let lease = Lease(instance: "production", epoch: 3, holder: holder, since: .noon, ends: .noon + ends)
            return LeaseBoard(now: .noon, leases: ["production": lease])
        }
        await tick(report())
        await status.led(board(here, ends: .seconds(6)), from: here, at: clock.monotonic())
        #expect(await status.instance("production")?.lastTick != nil)
        let fleet = await status.values.fleet
        #expect(fleet?.held("production", now: clock.monotonic() + .seconds(5))?.holder == here)
        #expect(fleet?.held("production", now: clock.monotonic() + .seconds(7)) == nil)
        await status.led(board(there, ends: .seconds(6)), from: here, at: clock.monotonic())
        #expect(await status.instance("production")?.phase == .elsewhere(there))
        #expect(await status.instance("production")?.lastTick == nil)
        clock.advance(by: .hours(1))
        let health = await health()
        #expect(health.isReady && health.isLive)
        await status.led(board(there, ends: .zero), from: here, at: clock.monotonic())
        #expect(await lacks() == [.unled])
        await status.led(board(here, ends: .seconds(6)), from: here, at: clock.monotonic())
        #expect(await lacks() == [.starting])
        await status.lost("production")
        clock.advance(by: .hours(1))
        #expect(await lacks() == [.unled])
    }
}
