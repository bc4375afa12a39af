import MendflowCore
import MendflowLedger

/// Tells, once for each change, that what is written may be lost by where it is kept, as somebody has set that while the
/// agent runs: what was asked at the start may not be so any more.
struct PromiseWatch: Sendable {
    let keeper: any LedgerKeeper
    let clock: any AgentClock
    let log: any EventSink

    /// How often it is asked.
    static let interval = Period.minutes(1)

    /// Looks until the task is cancelled.
    func run() async {
        var told: String?
        while (try? await clock.sleep(for: PromiseWatch.interval)) != nil {
            let found: String?
            // What cannot be asked is told by those who write.
            do throws(LedgerFailure) { found = try await keeper.weakness() } catch { continue }
            guard found != told else { continue }
            told = found
            if let found {
                say(.error, "ledger.weak", found)
            } else {
                say(.info, "ledger.sound", "nothing speaks for it any more")
            }
        }
    }

    private func say(_ level: AgentEvent.Level, _ name: String, _ message: String) {
        log.emit(AgentEvent(at: clock.now(), level, name, message))
    }
}
