import MendflowAgent
import MendflowCore
import MendflowEnvironment
import MendflowLedger
import MendflowOperations
import MendflowPolicy
import MendflowWorkspace

/// The policies of an instance's agent: those of the files, and those of the replays that may still do something, whose
/// texts stand in the ledger.
actor ReplayPolicies {
    private let workspace: Workspace
    private let instance: String
    private let watch: PolicyWatch
    private let log: any EventSink
    /// The policies of replays by name; nil where a text cannot be read.
    private var known: [String: Policy?] = [:]
    /// The replays that the agent's policies have.
    private var given: [String] = []

    init(_ workspace: Workspace, _ instance: String, _ watch: PolicyWatch, _ log: any EventSink) {
        self.workspace = workspace
        self.instance = instance
        self.watch = watch
        self.log = log
    }

    /// What the agent does not have yet; nil where nothing changed.
    func fresh(_ replays: [Replay]) async -> FreshPolicies? {
        let new = await watch.fresh(for: instance)
        let names = replays.map(\.name)
        guard new != nil || names != given else { return nil }
        for replay in replays where known[replay.name] == nil { known[replay.name] = await policy(of: replay) }
        guard let present = await watch.present(for: instance) else { return nil }
        given = names
        // Where nothing may be sent any more, a replay waits until that is otherwise.
        let policies = present.isLowered ? [] : names.compactMap { known[$0] ?? nil }
        // What a replay was to retry stays in sight for as long as it goes on, within reason.
        let now = ClockOffset.zero.server(workspace.clock.now())
        let reach = replays.map { now - $0.start.earliest + .days(1) }.max() ?? .zero
        return FreshPolicies(
            policies: present.policies.including(policies),
            lookBack: max(present.lookBack, min(reach, Policy.longestReach)))
    }

    private func policy(of replay: Replay) async -> Policy?? {
        do throws(MendflowFailure) { return .some(try await workspace.policy(of: replay)) } catch {
            let message = "\(replay.name) is not done: \(error.message)"
            log.emit(AgentEvent(at: workspace.clock.now(), .error, "replay.unreadable", instance: instance, message))
            return .some(nil)
        }
    }
}
