import MendflowCommandLine
import MendflowCore
import MendflowEnvironment
import MendflowHost
import MendflowOperations
import MendflowReview
import MendflowText
import MendflowWorkspace

extension CommandContext {
    /// `plan --out`
    func save(_ report: PlanReport, _ workspace: Workspace) async throws(MendflowFailure) {
        guard let path = values[Options.out] else { return }
        let plan: SavedPlan
        do throws(MendflowFailure) {
            plan = try await Applying.save(report, workspace, instance: values[Options.instance])
        } catch {
            throw MendflowFailure(error.kind, "\(path) was not written: \(error.message)")
        }
        try write(plan.text, to: path)
        guard !plan.items.isEmpty else {
            console.message("\(path) holds no action, for nothing is due now")
            return
        }
        console.message(
            "\(path) holds \(plan.items.count.words("action", "actions")), to be applied until \(plan.expiresAt.rfc3339): "
                + "mendflow apply\(configurationOption) \(path.asShellWord)")
    }

    /// `apply`
    func apply() async throws(MendflowFailure) -> ExitStatus {
        let path = values[Options.savedPlan]
        let bytes: [UInt8]
        do throws(FileFault) { bytes = try environment.files.read(path, limit: 64 << 20).get() } catch {
            throw NamedFile.failure(error.description, of: path, environment.files)
        }
        let plan: SavedPlan
        do throws(SavedPlan.Fault) { plan = try SavedPlan(String(decoding: bytes, as: UTF8.self)) } catch {
            throw MendflowFailure(.file, "\(path) \(error.description)")
        }
        let workspace = try await settledWorkspace()
        try await sendsNothing(beside: workspace)
        try await Applying.check(plan, workspace)
        guard !plan.items.isEmpty else {
            show(ApplyJSON(plan, []), "the plan of \(plan.madeAt.rfc3339) holds no action: nothing to apply")
            return .done
        }
        guard try isAgreed(plan) else {
            console.message("mendflow: nothing was applied")
            return .failure
        }
        let since = workspace.clock.now()
        try await MendflowHost(workspace, asked: nil).apply(plan)
        let outcomes = try await Applying.outcomes(plan, workspace, since: since)
        show(ApplyJSON(plan, outcomes), ApplyText.render(plan, outcomes))
        return outcomes.allSatisfy(\.isDone) ? .done : .failure
    }

    /// Asks a person on a terminal; elsewhere `--yes` says so.
    private func isAgreed(_ plan: SavedPlan) throws(MendflowFailure) -> Bool {
        if values[Options.yes] { return true }
        guard console.canAsk else {
            throw MendflowFailure(.usage, "there is no terminal to ask on: `--yes` applies the plan without a question")
        }
        console.message(ApplyText.question(plan).text())
        return console.ask("Send these? Only 'yes' does: ") == "yes"
    }
}

extension Applying.Outcome {
    /// Whether the action was done, as far as n8n's answer tells.
    var isDone: Bool { if case .done(.applied, _) = result { true } else { false } }
}
