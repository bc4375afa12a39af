import MendflowAgent
import MendflowCore
import MendflowLedger
import MendflowOperations
import MendflowPolicy
import MendflowWorkspace

/// What every loop of a host is made of.
struct InstanceLoop: Sendable {
    var workspace: Workspace
    /// --dry-run or --enforce; nil for the file's mode.
    var asked: Mode?
    var log: any EventSink
    var watch: PolicyWatch
    /// What the loops are for.
    var work: InstanceRun.Work
    /// Told what they do, and where hints for them wait; nil where nothing is served.
    var status: HostStatus?, hints: HintReceivers?
    /// What stands in the ledger, read once for all of them.
    var standing: StandingLedger
    /// Ends what they wait for.
    var bell: Bell

    /// Makes the loop of an instance. `marks` are those of the agent before it, where they tell what it has sent.
    func run(
        _ instance: Configuration.Instance, _ hold: any LedgerHold, _ marks: SendMarks?
    ) async throws(MendflowFailure) -> InstanceRun {
        try await InstanceRun(
            workspace, instance, asked, log, watch, hold, marks, work, status, hints?.inbox(of: instance.name),
            standing: standing, bell: bell)
    }

    /// The same, made of what is in force now, for an instance whose loop begins later than the host: where instances
    /// change, it is not the one of the host's start.
    func fresh(for name: String) async -> InstanceLoop {
        guard workspace.configuration.instancesFrom != nil else { return self }
        var loop = self
        loop.workspace = await watch.begin(name).with(workspace.environment)
        return loop
    }

    /// Makes the loop of an instance that is led under a lease.
    func run(
        _ instance: Configuration.Instance, under holding: LeaseHolding
    ) async throws(MendflowFailure) -> InstanceRun {
        // It begins with the policies of the program's start, and others may have come into force while it was led elsewhere.
        await watch.renew(instance.name)
        var leased = self
        leased.workspace = workspace.with(workspace.environment.leased(holding))
        return try await leased.run(instance, holding, nil)
    }
}
