import MendflowAgent
import MendflowCore
import MendflowCycle
import MendflowLedger
import MendflowPolicy
public import MendflowReview
import MendflowText
public import MendflowWorkspace

extension Preview {
    /// Why runs of a workflow count as missed or not; of each that bears the name, or of the one with that id.
    ///
    /// - Throws: `usage` where there is none.
    public static func explain(
        _ workspace: Workspace, workflow name: String, instance: String?
    ) async throws(MendflowFailure) -> [WorkflowExplanation] {
        let seen = try await InstanceSurvey.look(
            workspace, workspace.instance(instance), mode: nil, forgetsDryRun: true)
        guard let step = seen.survey.step, let workflows = step.snapshot.workflows else {
            throw MendflowFailure(
                .unreachable, seen.survey.failures.first?.description ?? "n8n does not show the key its workflows")
        }
        let found = workflows.values.filter { $0.name == name || $0.id.text == name }.sorted { $0.id < $1.id }
        guard !found.isEmpty else {
            let near = Spelling.nearest(to: name, among: workflows.values.map(\.name).sorted())
            let hint = near.map { "; did you mean '\($0)'?" } ?? ""
            throw MendflowFailure(.usage, "the key sees no workflow '\(name)' on \(seen.instance.name)\(hint)")
        }
        return found.map { info in
            WorkflowExplanation(
                of: info, on: seen.instance.name, now: step.snapshot.now, step.absences,
                workspace.policySet(seen.instance).policies,
                open: seen.ledger?.absences(of: step.snapshot.instance) ?? [:])
        }
    }
}
