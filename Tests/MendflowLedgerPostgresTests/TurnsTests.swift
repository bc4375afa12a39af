import Dispatch
import Testing

@testable import MendflowLedgerPostgres

@Suite("Turns at a few connections")
struct TurnsTests {
    @Test("are taken in the order in which people came, by as many at once as there are")
    func order() async throws {
        let turns = PostgresTurns(limit: 2)
        try await turns.take(by: .late)
        try await turns.take(by: .late)
        let third = Task { try await turns.take(by: .late) }
        turns.pass()
        try await third.value
        turns.pass()
        turns.pass()
        try await turns.take(by: .late)
    }

    @Test("are given up by who has waited long enough, or was cancelled, and go to the next then")
    func givenUp() async throws {
        let turns = PostgresTurns(limit: 1)
        try await turns.take(by: .late)
        await #expect(throws: PostgresFailure.late) { try await turns.take(by: .now()) }
        let cancelled = Task { try await turns.take(by: .late) }
        cancelled.cancel()
        await #expect(throws: PostgresFailure.cancelled) { try await cancelled.value }
        turns.pass()
        try await turns.take(by: .late)
    }
}
