public import MendflowCore
import MendflowCycle
import MendflowLedger
import MendflowPolicy
public import MendflowReview
import MendflowWorkspace

/// What is known of an execution without asking n8n: by the last look of its agent, and by the ledger.
public struct ExecutionStory: Sendable {
    /// What can be told.
    public enum Told: Sendable {
        /// The agent sees it: everything that leads to the decision about it.
        case explanation(Explanation)
        /// The agent does not see it now; what is on record.
        case recorded(VanishedExecution)
        /// Neither the last look nor the ledger knows it.
        case unknown
    }
    /// The instance, the execution, and what can be told of it.
    public var instance: String, execution: ExecutionID, told: Told
    /// What time it is there, and when the agent looked last; nil before its first tick.
    public var now: ServerTime, seenAt: AgentTime?

    /// Whether the last look or the ledger knows it.
    public var isKnown: Bool { if case .unknown = told { false } else { true } }

    static func read(
        _ execution: ExecutionID, _ instance: Configuration.Instance, _ workspace: Workspace, _ look: LastLooks.Look?,
        now: ServerTime
    ) async throws(MendflowFailure) -> ExecutionStory {
        var story = ExecutionStory(
            instance: instance.name, execution: execution, told: .unknown, now: now, seenAt: look?.at)
        if let found = try await explanation(execution, instance, workspace, look) {
            story.told = .explanation(found)
        } else if let found = try await VanishedExecution.read(execution, workspace, instance) {
            story.told = .recorded(found)
        }
        return story
    }

    private static func explanation(
        _ execution: ExecutionID, _ instance: Configuration.Instance, _ workspace: Workspace, _ look: LastLooks.Look?
    ) async throws(MendflowFailure) -> Explanation? {
        guard let look, let step = look.step, let policies = look.policies, step.snapshot.executions[execution] != nil,
            let store = try await workspace.openLedgerReading()
        else { return nil }
        let mode = workspace.mode(instance, asked: nil)
        let key = step.snapshot.instance
        let scope = LedgerScope.instance(instance.name, since: workspace.clock.now(), chains: [execution])
        return try await workspace.ledger { () throws(LedgerFailure) in
            let state = try await store.load(scope)
            let past = state.view(of: key, shadow: mode != .enforce)
            let then = Explanation.Then(
                enforced: .init(step.snapshot, step.view, step.plan),
                dryRun: .init(step.snapshot, step.dryRunView, step.dryRunPlan))
            guard
                var explanation = Explanation(
                    of: execution, then, policies: policies, url: instance.address, past: past,
                    acts: mode == .enforce)
            else { return nil }
            let chain = Set(explanation.timeline.map(\.execution))
            try await explanation.tellDoubts(store, state, instance.name)
            explanation.tell(try await RecordedDecisions.read(about: chain, store, key, step.snapshot.clockOffset))
            return explanation
        }
    }
}
