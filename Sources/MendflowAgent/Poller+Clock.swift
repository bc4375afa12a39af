import MendflowCore
import MendflowCycle

extension Poller {
    /// Judges n8n's clock by a page's `Date` and rows.
    func noteClock(_ page: ExecutionPage, _ report: inout Report) {
        report.rowClock = RowClock(page.executions, before: report.rowClock, at: clock.monotonic())
        guard let date = page.serverTime else { return }
        let before = report.clockOffset.ahead
        report.clockOffset = ServerClock.judge(
            date: date, newestRow: report.rowClock?.time(at: clock.monotonic()), own: clock.now(),
            before: report.clockOffset)
        let change = (report.clockOffset.ahead - before).magnitude
        if change > ServerClock.tolerance, !report.seen.isEmpty { report.learnedClockLate = true }
    }

    /// A poll asks for what started after a time of the server's clock. Where that clock has jumped since, new rows may lie
    /// before that time: nothing is decided by such a poll, and the next one reads without a bound, down to what is known,
    /// or, where the clock went back, down to the edge of a look-back that reaches further now.
    func noteJump(_ progress: inout Progress, before: ClockOffset, _ report: inout Report) {
        let jump = report.clockOffset.ahead - before.ahead
        guard jump.magnitude > ServerClock.tolerance, !progress.coverage.isEmpty, let bound = progress.startBound else {
            return
        }
        if now(report) < bound { progress.reachFurther() }
        progress.startBound = nil
        report.reasons.append("n8n's clock jumped by \(jump.magnitude)")
    }
}
