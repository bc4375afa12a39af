import MendflowCore
import MendflowLedger
import MendflowPolicy
public import MendflowWorkspace

/// `instance list`: the instances as configuration and ledger know them.
public enum KnownInstances {
    /// An instance as configuration and ledger know it.
    public struct Known: Sendable, Encodable {
        /// Its name, its URL, and how far the agent may go there.
        public var instance: String, url: String, mode: String
        /// Its epoch, and since when; nil before `init`.
        public var epoch: Int?, since: String?
        /// Why its database seems to be another one.
        public var alarm: String?
    }

    /// All instances; no server is asked.
    public static func read(_ workspace: Workspace) async throws(MendflowFailure) -> [Known] {
        let ledger = try await workspace.readLedger(LedgerScope())
        var all: [Known] = []
        for instance in workspace.configuration.instances {
            var known = Known(
                instance: instance.name, url: instance.address, mode: workspace.mode(instance, asked: nil).rawValue)
            if let ledger, let baseline = ledger.baseline(of: instance.name) {
                known.epoch = baseline.instance.epoch
                known.since = baseline.since.rfc3339
                known.alarm = ledger.view(of: baseline.instance, shadow: false).alarm
            }
            all.append(known)
        }
        return all
    }
}
