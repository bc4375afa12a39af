import MendflowAgent
import MendflowCore
import MendflowLedgerSQLite
import MendflowN8N
import MendflowPolicy
import MendflowReview
import MendflowWorkspace

/// The look at one instance: what cannot be had is said, and the rest goes on.
struct DoctorRound {
    let workspace: Workspace
    let instance: Configuration.Instance

    func diagnosis() async -> InstanceDiagnosis {
        var diagnosis = InstanceDiagnosis(instance: instance.name, url: instance.address)
        do throws(MendflowFailure) {
            let adapters = try workspace.adapters(instance, clock: workspace.clock)
            do throws(ReadFailure) {
                let facts = try await adapters.probe.probe()
                diagnosis.reachable = true
                diagnosis.add(DoctorChecks.server(facts))
            } catch { diagnosis.add([.init("server", .wrong, error.description)]) }
            diagnosis.add(DoctorChecks.files(adapters.warnings, workspace))
            diagnosis.add(try ledger())
            if diagnosis.reachable { try await examine(&diagnosis) }
        } catch {
            diagnosis.add([.init(error.kind == .unreachable ? "server" : "ledger", .wrong, error.message)])
            if error.kind == .unreachable { diagnosis.reachable = false }
        }
        // One topic after the other, whichever was looked at first.
        let order = diagnosis.checks.reduce(into: [String]()) { if !$0.contains($1.topic) { $0.append($1.topic) } }
        diagnosis.checks = order.flatMap { topic in diagnosis.checks.filter { $0.topic == topic } }
        return diagnosis
    }

    /// What a poll shows: one as the agent does it, so that what it says is what the agent meets.
    private func examine(_ diagnosis: inout InstanceDiagnosis) async throws(MendflowFailure) {
        let seen = try await Preview.look(workspace, instance, nil)
        let (preview, budget) = (seen.preview, workspace.agentConfiguration(instance, mode: seen.mode).gapBudget)
        guard let capabilities = preview.capabilities else { return }
        let set = workspace.policySet(instance)
        diagnosis.era = capabilities.era.rawValue
        diagnosis.capabilities = capabilities.held
        diagnosis.add(DoctorChecks.capabilities(capabilities, budget))
        diagnosis.add(DoctorChecks.scopes(capabilities, set))
        diagnosis.add([DoctorChecks.clock(preview.report.clockOffset)])
        diagnosis.add(DoctorChecks.coverage(preview, budget))
        if let alarm = preview.view.alarm, !diagnosis.checks.contains(where: { $0.words.hasPrefix("epoch alarm") }) {
            diagnosis.add([.init("ledger", .wrong, "epoch alarm, which the agent will raise: \(alarm)")])
        }
        diagnosis.add(DoctorChecks.unreadable(Preview.unreadable(preview.snapshot, seen.reader)))
        diagnosis.add(DoctorChecks.workflows(preview.snapshot.workflows))
        let remarks = ServerRemarks(
            set: set, capabilities: capabilities, workflows: preview.snapshot.workflows.map { Array($0.values) },
            learnedTags: Set(preview.view.learnedTags.keys), gapBudget: budget
        ).all()
        diagnosis.add(remarks.map { DoctorChecks.policy($0, set, seen.mode) })
    }

    private func ledger() throws(MendflowFailure) -> [Doctor.Check] {
        guard let ledger = try workspace.openLedgerReading() else {
            return [.init("ledger", .wrong, "\(workspace.ledgerPath): there is none yet; `mendflow init` makes one")]
        }
        do throws(LedgerFailure) {
            guard let baseline = try ledger.baseline(of: instance.name) else {
                return [
                    .init("ledger", .wrong, "it does not know this instance yet; `mendflow init` writes a baseline")
                ]
            }
            let now = workspace.clock.now()
            let view = try ledger.view(of: baseline.instance, since: now - workspace.lookBack, shadow: false)
            var checks = DoctorChecks.ledger(
                baseline, try ledger.tickState(of: baseline.instance), try ledger.head(), view, instance, now,
                workspace.configuration.pollInterval)
            let offset = try ledger.tickState(of: baseline.instance)?.clockOffset ?? .zero
            if let time = try FutureRecords.latest(in: ledger, now: now + max(offset, .zero)) {
                checks.append(DoctorChecks.ahead(time, now))
            }
            for pair in try DuplicateInstances.pairs(workspace.instanceNames, ledger)
            where [pair.one, pair.other].contains(instance.name) {
                checks.append(.init("ledger", .wrong, DuplicateInstances.words(pair.one, pair.other)))
            }
            let tagged = try ledger.intents(in: [.applied], instance: baseline.instance)
                .filter { $0.draft.action == .tag && !$0.draft.isShadow }
            checks.append(DoctorChecks.tagged(Set(tagged.map(\.draft.execution)).count))
            return checks
        } catch { throw MendflowFailure(ledger: error) }
    }
}
