import MendflowCore
import MendflowLedger
import MendflowSimulator
import MendflowTestKit
import Synchronization
import Testing

@testable import MendflowHost

@Suite("What is led under leases")
struct ClusterTests {
    /// Leases whose turns take their time, as over a network.
    private struct SlowTable: LeaseTable {
        let base: MemoryLedgerStore
        let clock: VirtualClock
        func turn(_ wish: LeaseWish) async throws(LedgerFailure) -> LeaseTurn {
            try? await clock.sleep(for: .seconds(1))
            let turn = try await base.turn(wish)
            try? await clock.sleep(for: .seconds(2))
            return turn
        }
        func board() async throws(LedgerFailure) -> LeaseBoard { try await base.board() }
        func settleDoubt() async throws(LedgerFailure) {}
        func returns() -> AsyncStream<Void> { AsyncStream { $0.finish() } }
    }

    /// The epochs under which work was begun.
    private final class Epochs: Sendable {
        private let list = Mutex<[Int64]>([])
        var all: [Int64] { list.withLock { $0 } }
        func note(_ epoch: Int64) -> Int {
            list.withLock {
                $0.append(epoch)
                return $0.count
            }
        }
    }

    @Test("is not begun again under a lease whose work ended by itself while a turn was on its way", arguments: 0..<16)
    func race(after seconds: Int) throws {
        let start = AgentTime(milliseconds: 1_793_606_400_000)
        let simulation = Simulation(seed: UInt64(seconds), start: start, Simulator(now: start.milliseconds))
        let (clock, epochs) = (simulation.clock, Epochs())
        let table = SlowTable(base: MemoryLedgerStore(now: { clock.now() }), clock: clock)
        let seat = Seat(name: AgentName("one"), place: "here", period: .seconds(20), margin: .seconds(5))
        let cluster = Cluster(
            table, seat, Roster(always: ["main": Led(instance: nil)]), clock: clock, log: Events(), status: nil,
            doubted: { _ in true }
        ) { _, _, holding in
            // The first ends by itself, so that the instance is left alone for a while; the second goes on.
            let isFirst = epochs.note(holding.epoch) == 1
            try? await clock.sleep(for: isFirst ? .seconds(Int64(seconds)) : .hours(1))
            return .notNow
        }
        try simulation.run {
            let task = Task(executorPreference: simulation.executor) { await cluster.run() }
            try await clock.sleep(for: .minutes(5))
            #expect(epochs.all == [1, 2])
            task.cancel()
            _ = await task.value
        }
    }
}
