import MendflowCore
import MendflowLedger

/// Leases where nobody else wants any: who has a ledger to itself leads all that it can, for as long as it likes.
struct LoneTable: LeaseTable {
    let clock: any AgentClock

    func turn(_ wish: LeaseWish) async throws(LedgerFailure) -> LeaseTurn {
        LeaseTurn(wish, on: LeaseBoard(now: clock.now(), leases: held(wish)))
    }

    /// What is held is held still: there is nobody who could have taken it.
    private func held(_ wish: LeaseWish) -> [String: Lease] {
        let now = clock.now()
        return Dictionary(
            uniqueKeysWithValues: wish.holds.map { name, epoch in
                (name, Lease(instance: name, epoch: epoch, holder: wish.agent, since: now, ends: now + wish.period))
            })
    }

    func board() async throws(LedgerFailure) -> LeaseBoard { LeaseBoard(now: clock.now()) }
    func settleDoubt() async throws(LedgerFailure) {}
    func returns() -> AsyncStream<Void> { AsyncStream { $0.finish() } }
}
