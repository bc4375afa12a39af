import MendflowCore
import MendflowCycle

extension Poller {
    /// Asks by id, once each, for executions that hints told of and that no list of this poll shows as ended. A hint is a reason
    /// to look and nothing else: what is found is taken in as any other row, and that nothing is found proves nothing.
    func readHinted(_ observed: inout ObservedExecutions, _ report: inout Report) async throws {
        for id in hinted {
            if report.seen.contains(id), observed.executions[id]?.status.isLive != true {
                report.hinted[id] = .ended
                continue
            }
            guard report.budget.hasTime(at: clock.monotonic()) else { return }
            report.budget.ask()
            switch try await ask(for: id, &observed, &report) {
            case .row(let row):
                try noteHidden(row, &observed, &report)
                report.hinted[id] = row.status.isLive ? .live : .ended
            case .none: report.hinted[id] = .notThere
            case .unreadable: report.hinted[id] = .live
            }
        }
    }
}
