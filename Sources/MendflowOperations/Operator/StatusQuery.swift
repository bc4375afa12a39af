import MendflowCore
import MendflowLedger
import MendflowN8N
import MendflowPolicy
public import MendflowWorkspace

/// `status`: how the instances are.
public enum StatusQuery {
    /// The state of one instance, as the ledger and n8n tell it.
    public struct Status: Sendable, Encodable {
        /// The instance, its URL, and how far the agent may go there.
        public var instance: String, url: String, mode: String
        /// Policies that can act here, and those that are only evaluated.
        public var acting: [String] = [], dryRun: [String] = []
        /// Whether n8n answers now, and what it said if not.
        public var reachable = false, trouble: String?
        /// Whether `init` has made a baseline; what ended before it is left alone.
        public var initialised = false, since: String?
        /// The last tick's number and its end, and the server's clock minus ours then, in milliseconds.
        public var lastTick: Int64?, lastTickAt: String?, clockOffsetMs: Int64?
        /// The epoch of n8n's database, and why it seems to be another one, so that nothing is done.
        public var epoch: Int?, alarm: String?
        /// What the last tick saw: rows, live ones, the highest id of the list, and when all failed ones were swept.
        public var rows: Int?, live: Int?, accounted: String?, sweptAt: String?
        /// Executions below it may have retries that were not read yet; ids that were asked for and are not there.
        public var coveredFrom: String?, missingIds: Int?
        /// Why acting is paused.
        public var paused: String?
        /// Intents under way, unanswered ones, chains whose retries are used up.
        public var underWay = 0, unresolved = 0, exhausted = 0
        /// Kinds of actions that n8n refuses this key, with its words.
        public var refused: [String] = []
        /// Number and hash of the ledger's last record.
        public var ledgerHead: String?
    }

    /// The state of every instance, or of one.
    public static func run(
        _ workspace: Workspace, instance name: String?
    ) async throws(MendflowFailure) -> [Status] {
        if let name { _ = try workspace.instance(name) }
        let scope = LedgerScope(instances: name.map { [$0] }, since: workspace.ledgerStart(name))
        let ledger = try await workspace.readLedger(scope)
        var all: [Status] = []
        for instance in workspace.configuration.instances where name.map({ $0 == instance.name }) ?? true {
            let mode = workspace.mode(instance, asked: nil)
            let policies = workspace.policies(of: instance, mode: mode)
            var status = Status(
                instance: instance.name, url: instance.address, mode: mode.rawValue, acting: policies.acting,
                dryRun: policies.dryRun)
            if let ledger { fill(&status, ledger, mode) }
            do throws(MendflowFailure) {
                let adapters = try workspace.adapters(instance)
                do throws(ReadFailure) {
                    _ = try await adapters.reader.list(ListQuery(limit: 1))
                    status.reachable = true
                } catch { status.trouble = error.description }
            } catch { status.trouble = error.message }
            all.append(status)
        }
        return all
    }

    private static func fill(
        _ status: inout Status, _ ledger: LedgerState, _ mode: Mode
    ) {
        guard let baseline = ledger.baseline(of: status.instance) else { return }
        status.initialised = true
        status.since = baseline.since.rfc3339
        status.epoch = baseline.instance.epoch
        if let tick = ledger.tick(of: baseline.instance) {
            status.lastTick = tick.tick
            status.lastTickAt = tick.at.rfc3339
            status.clockOffsetMs = tick.clockOffset.milliseconds
            status.rows = tick.rows
            status.live = tick.live.count
            status.accounted = tick.accounted?.text
            status.sweptAt = tick.sweptAt?.rfc3339
            status.coveredFrom = tick.coveredFrom?.text
            status.missingIds = tick.missing.count
        }
        let view = ledger.view(of: baseline.instance, shadow: mode != .enforce)
        status.paused = view.paused
        status.alarm = view.alarm
        status.underWay = view.intents.count(where: \.state.isOpen)
        status.unresolved = view.intents.count { $0.state == .unresolved }
        status.exhausted = view.exhausted.count
        status.refused = view.suspended.sorted { $0.key < $1.key }.map { "\($0.key.rawValue): \($0.value)" }
        status.ledgerHead = ledger.head.chain.description
    }
}
