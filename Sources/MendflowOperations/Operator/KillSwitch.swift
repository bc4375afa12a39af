import MendflowCore
import MendflowLedgerSQLite
public import MendflowWorkspace

/// `pause` and `resume`: the kill switch.
public enum KillSwitch {
    /// What was done.
    public struct Outcome: Sendable, Encodable {
        /// The instances that it is about.
        public var instances: [String]
        /// The pauses that were lifted, with the reasons that they were set for.
        public var lifted: [String]
        /// Why acting stays paused all the same; nil where it does not.
        public var stillPaused: String?
    }

    /// Stops acting on one instance, or on all.
    public static func pause(
        _ workspace: Workspace, instance: String?, reason: String
    ) throws(MendflowFailure) -> Outcome {
        if let instance { _ = try workspace.instance(instance) }
        try commit(workspace, "pause", instance, reason) { _ in [.pause(instance: instance, reason: reason)] }
        return Outcome(
            instances: instance.map { [$0] } ?? workspace.instanceNames, lifted: [], stillPaused: reason)
    }

    /// Acts again. Without an instance every pause goes, those of single instances too: who says "act again" to all
    /// must not have to guess which of them stays still. With one, only its own goes.
    public static func resume(_ workspace: Workspace, instance: String?) throws(MendflowFailure) -> Outcome {
        if let instance { _ = try workspace.instance(instance) }
        var lifted: [(instance: String, reason: String)] = []
        var ofAll: String?
        try commit(workspace, "resume", instance, "") { (ledger) throws(LedgerFailure) in
            let pauses = try ledger.pauses()
            lifted = pauses.filter { instance == nil || $0.instance == instance }
            if instance != nil { ofAll = pauses.first { $0.instance.isEmpty }?.reason }
            return lifted.map { .pause(instance: $0.instance.isEmpty ? nil : $0.instance, reason: nil) }
        }
        return Outcome(
            instances: instance.map { [$0] } ?? workspace.instanceNames,
            lifted: lifted.map { "\($0.instance.isEmpty ? "all instances" : $0.instance): \($0.reason)" },
            stillPaused: ofAll)
    }

    private static func commit(
        _ workspace: Workspace, _ command: String, _ instance: String?, _ reason: String,
        _ changes: (SQLiteLedger) throws(LedgerFailure) -> [LedgerChange]
    ) throws(MendflowFailure) {
        let ledger = try workspace.openLedger()
        let now = workspace.clock.now()
        var record = workspace.command(command, reason: reason, at: now)
        record.fields["instance"] = .text(instance ?? "all")
        do throws(LedgerFailure) { try ledger.commit(try changes(ledger), audit: [record], at: now) } catch {
            throw MendflowFailure(ledger: error)
        }
    }
}
