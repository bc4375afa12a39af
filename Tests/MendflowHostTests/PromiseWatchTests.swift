import MendflowCore
import MendflowLedger
import MendflowTestKit
import Synchronization
import Testing

@testable import MendflowHost

@Suite("A place of the ledger that may lose what is written")
struct PromiseWatchTests {
    private final class Keeper: LedgerKeeper {
        let answers = Mutex<[Result<String?, LedgerFailure>]>([])

        func weakness() async throws(LedgerFailure) -> String? {
            try answers.withLock { $0.isEmpty ? .success(nil) : $0.removeFirst() }.get()
        }
        func measure() async throws(LedgerFailure) -> LedgerMeasure { throw .unusable("") }
        func copy(to path: String) async throws(LedgerFailure) {}
        func fill(
            behind base: SealedBase?,
            from pages: @Sendable (_ after: Int64) async throws(LedgerFailure) -> [SealedRecord]
        ) async throws(LedgerFailure) -> AuditVerification { throw .unusable("") }
        func compact() async throws(LedgerFailure) {}
        func replace(with copy: String, settingAside name: String) async throws(LedgerFailure) {}
    }

    @Test("is told within a minute, once, and once that it is sound again; what cannot be asked changes nothing")
    func told() async throws {
        let (keeper, clock, events) = (Keeper(), VirtualClock(.noon), Events())
        keeper.answers.withLock {
            $0 = [
                .success(nil), .success("fsync is off"), .failure(.unusable("gone")), .success("fsync is off"),
                .success(nil),
            ]
        }
        let watch = Task { await PromiseWatch(keeper: keeper, clock: clock, log: events).run() }
        for _ in 1...6 {
            while clock.nextWake == nil { await Task.yield() }
            clock.advance(by: PromiseWatch.interval)
        }
        while clock.nextWake == nil { await Task.yield() }
        watch.cancel()
        await watch.value
        #expect(events.named("ledger.weak").map(\.message) == ["fsync is off"])
        #expect(events.named("ledger.sound").count == 1)
    }
}
