public import MendflowCore
import MendflowLedger
import MendflowPolicy
import MendflowReview
public import MendflowWorkspace

extension Preview {
    /// Everything that leads to the decision about one execution, or all that is left of it. Where n8n cannot be asked now,
    /// what the ledger has of it, and why no more.
    ///
    /// - Throws: why n8n cannot be asked, where the ledger knows nothing of it either.
    public static func explain(
        _ configured: Workspace, execution: ExecutionID, instance name: String?
    ) async throws(MendflowFailure) -> Told {
        guard execution.isNumber else {
            throw MendflowFailure(
                .usage, "'\(execution.text)' is not the id of an execution, which is a number like 4711")
        }
        do throws(MendflowFailure) {
            return try await explainSeen(configured, execution: execution, instance: name)
        } catch  where error.kind == .unreachable || error.isOfKey {
            if let recorded = try await recorded(configured, execution, name, error.message) { return recorded }
            var unknown = error
            unknown.message =
                "n8n cannot be asked about execution \(execution), and the ledger has nothing on it: \(error.message)"
            throw unknown
        }
    }

    /// The newest decision on record, made again, or the records alone; nil where there are none.
    private static func recorded(
        _ workspace: Workspace, _ execution: ExecutionID, _ name: String?, _ why: String
    ) async throws(MendflowFailure) -> Told? {
        let instance = try workspace.instance(name)
        let state = try await workspace.readLedger(LedgerScope(instances: [instance.name]))
        let offset = state.flatMap { state in
            state.baseline(of: instance.name).flatMap { state.tick(of: $0.instance)?.clockOffset }
        }
        let now = (offset ?? .zero).server(workspace.clock.now())
        // Nothing had been decided, or not by policies that can be read: then the records are told.
        if var found = try? await explain(workspace, execution: execution, instance: name, at: now) {
            found.unreached = why
            found.hasHealedSince = try await hasHealed(found.root, workspace, instance.name)
            return .explanation(found)
        }
        guard var found = try await VanishedExecution.read(execution, workspace, instance) else { return nil }
        found.unreached = why
        return .vanished(found)
    }

    private static func hasHealed(
        _ root: ExecutionID, _ workspace: Workspace, _ name: String
    ) async throws(MendflowFailure) -> Bool {
        let state = try await workspace.readLedger(
            LedgerScope.instance(name, since: workspace.clock.now(), chains: [root]))
        guard let key = state?.baseline(of: name)?.instance else { return false }
        return state?.view(of: key, shadow: false).healed.contains(root) ?? false
    }
}
