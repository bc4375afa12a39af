import MendflowCore
import MendflowLedger

/// A seat at a table of leases: where an agent takes its turns, and waits for none of them so long that its leases end.
struct TableSeat: Sendable {
    let table: any LeaseTable
    let seat: Seat
    let clock: any AgentClock

    /// Why nobody knows whether a turn was taken.
    enum Fault: Error, CustomStringConvertible {
        case failed(LedgerFailure)
        case noAnswer

        var description: String {
            switch self {
            case .failed(let failure): "\(failure)"
            case .noAnswer: "the ledger does not answer"
            }
        }
    }

    /// Asks for a turn, and waits no longer than leaves time for another.
    func turn(_ wish: LeaseWish) async throws(Fault) -> LeaseTurn {
        let (table, clock, patience) = (table, clock, Period(milliseconds: seat.period.milliseconds / 3))
        let answer = await withTaskGroup(of: Result<LeaseTurn, Fault>?.self) { group in
            group.addTask {
                do throws(LedgerFailure) { return .success(try await table.turn(wish)) } catch {
                    return .failure(.failed(error))
                }
            }
            group.addTask {
                try? await clock.sleep(for: patience)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        guard let answer else { throw .noAnswer }
        return try answer.get()
    }
}
