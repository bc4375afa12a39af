import MendflowCore
import MendflowCycle

extension Poller {
    /// Judges n8n's clock by a page's `Date` and rows.
    func noteClock(_ page: ExecutionPage, _ report: inout Report) {
        let (now, last) = (clock.monotonic(), report.clockOffset)
        report.rowClock = RowClock(page.executions, before: report.rowClock, at: now)
        guard let date = page.serverTime else { return }
        let before = last.ahead
        let judge = { (rows: RowClock?) in
            ServerClock.judge(date: date, newestRow: rows?.time(at: now), own: clock.now(), before: last)
        }
        report.clockOffset = judge(report.rowClock)
        if report.clockOffset.isDisputed, let anew = report.rowClock?.anew(at: now) {
            let judged = judge(anew)
            if !judged.isDisputed { (report.clockOffset, report.rowClock) = (judged, anew) }
        }
        report.rowClock?.note(isDisputed: report.clockOffset.isDisputed)
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
