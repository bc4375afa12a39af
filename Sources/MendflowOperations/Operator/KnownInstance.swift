public import MendflowCore
import MendflowLedger
import MendflowPolicy
public import MendflowText
public import MendflowWorkspace

/// `instance list`: an instance as configuration and ledger know it.
public struct KnownInstance: Sendable {
    /// Its name.
    public var instance: String
    /// Where it is.
    public var url: ServerURL
    /// How far the agent may go there.
    public var mode: Mode
    /// Its epoch; nil before `init`.
    public var epoch: Int?
    /// Since when that epoch's runs are looked at; nil before `init`.
    public var since: ServerTime?
    /// Why its database seems to be another one.
    public var alarm: String?

    /// All instances; no server is asked.
    public static func all(_ workspace: Workspace) async throws(MendflowFailure) -> [KnownInstance] {
        let ledger = try await workspace.readLedger(LedgerScope())
        return workspace.configuration.instances.map { instance in
            var known = KnownInstance(
                instance: instance.name, url: instance.url, mode: workspace.mode(instance, asked: nil))
            if let ledger, let baseline = ledger.baseline(of: instance.name) {
                known.epoch = baseline.instance.epoch
                known.since = baseline.since
                known.alarm = ledger.view(of: baseline.instance, shadow: false).alarm
            }
            return known
        }
    }
}
