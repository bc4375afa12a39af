import MendflowCore
import MendflowHostKit
import MendflowLedger
import MendflowTestKit
import MendflowText
import Testing

@testable import MendflowOperations

@Suite("Retries of a time that the ledger does not know")
struct RetriesInDoubtTests {
    @Test("are those that ran between its last word and the moment at which an older copy was put back")
    func found() async throws {
        let folder = try Folder()
        defer { withExtendedLifetime(folder) {} }
        let workspace = try await folder.workspace(clock: VirtualClock(.noon))
        let note = LedgerEvent.paused(instance: nil, reason: "lunch", by: "ana")
        try await workspace.append([note], at: .noon)
        try await workspace.append(
            [
                .lifecycle(.restored(LedgerRestored(by: "ana", copy: "copy", head: "1:ab"))),
                .paused(instance: nil, reason: "older", by: "ana", isDoubt: true),
            ], at: .noon + .hours(1))
        try await workspace.append([note], at: .noon + .hours(2))
        let store = try #require(try await workspace.openLedgerReading())
        let head = try await store.load(LedgerScope(instances: [])).head.chain
        let doubts = try await RetriesInDoubt.read(store, head, since: .noon - .hours(3))
        func covers(_ from: Int64, _ to: Int64?) -> Bool {
            doubts.covers(from: .noon + .minutes(from), to: to.map { .noon + .minutes($0) })
        }
        #expect(covers(10, 20) && covers(50, 70) && covers(-10, 10) && covers(30, nil))
        #expect(!covers(-20, -10) && !covers(70, 80) && !covers(90, nil))
        #expect(!doubts.covers(from: nil, to: nil))
        // Of what lies before the time that is asked for nothing is read.
        let later = try await RetriesInDoubt.read(store, head, since: .noon + .minutes(90))
        #expect(!later.covers(from: .noon + .minutes(30), to: nil))
    }
}
