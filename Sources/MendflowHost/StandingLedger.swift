import MendflowCore
import MendflowLedger
import MendflowOperations
import MendflowWorkspace

/// What stands in the ledger about all instances, read once for all loops of a host and then kept up by what is written: to
/// load it whole at every look of every loop would be most of what a quiet agent asks of a database.
actor StandingLedger {
    private let workspace: Workspace
    private var ledger: Ledger?
    private var loadedAt = Period.zero

    /// What was taken in since is forgotten by then, but for what stands.
    private static let reloadInterval = Period.minutes(10)

    init(_ workspace: Workspace) { self.workspace = workspace }

    /// What stands now; nil where the ledger cannot be read, which whoever works with it tells.
    func state() async -> LedgerState? {
        let now = workspace.clock.monotonic()
        if let ledger, loadedAt + StandingLedger.reloadInterval > now {
            if let state = try? await ledger.refresh() { return state }
            self.ledger = nil
            return nil
        }
        guard let store = try? await workspace.openLedgerReading(),
            let fresh = try? await Ledger(store, LedgerScope())
        else { return nil }
        (ledger, loadedAt) = (fresh, now)
        return await fresh.state
    }
}
