import MendflowAgent
import MendflowCore
import MendflowCycle
import MendflowLedger
import MendflowN8N
import MendflowPolicy
import MendflowReview
import MendflowWorkspace

/// The look at one instance: what cannot be had is said, and the rest goes on.
struct DoctorRound {
    let workspace: Workspace
    let instance: Configuration.Instance
    /// What is wrong in the ledger, which all instances share.
    let ledgerFault: AuditFault?

    func diagnosis() async -> InstanceDiagnosis {
        var diagnosis = InstanceDiagnosis(instance: instance.name, url: instance.url)
        await knock(&diagnosis)
        do throws(MendflowFailure) {
            diagnosis.checks += try await ledger()
            diagnosis.checks += try await hints()
            if diagnosis.isReachable { try await examine(&diagnosis) }
        } catch {
            diagnosis.checks.append(.init(error.kind == .unreachable ? .server : .ledger, .wrong, error.message))
            if error.kind == .unreachable { diagnosis.isReachable = false }
        }
        // One topic after the other, whichever was looked at first.
        let order = diagnosis.checks.reduce(into: [Doctor.Topic]()) {
            if !$0.contains($1.topic) { $0.append($1.topic) }
        }
        diagnosis.checks = order.flatMap { topic in diagnosis.checks.filter { $0.topic == topic } }
        return diagnosis
    }

    /// The first look at the server, by the key: nothing of n8n can be seen where either is missing.
    private func knock(_ diagnosis: inout InstanceDiagnosis) async {
        let adapters: InstanceAdapters
        do throws(MendflowFailure) { adapters = try workspace.adapters(instance) } catch {
            diagnosis.isKeyRefused = error.isOfKey
            diagnosis.checks.append(.init(error.isOfKey ? .key : .server, .wrong, error.message))
            return
        }
        do throws(ReadFailure) {
            let facts = try await adapters.probe.probe()
            diagnosis.isReachable = true
            diagnosis.checks += DoctorChecks.server(facts)
            diagnosis.checks += DoctorChecks.limits(adapters.reader.keyLimits, at: workspace.clock.monotonic())
        } catch {
            diagnosis.isKeyRefused = error.isOfKey
            diagnosis.checks.append(.init(error.isOfKey ? .key : .server, .wrong, error.description))
        }
        let now = ClockOffset.zero.server(workspace.clock.now())
        diagnosis.checks += DoctorChecks.expiry(adapters.keyExpiry, at: now)
        diagnosis.checks += DoctorChecks.files(adapters.warnings, workspace)
    }

    /// What a poll shows: one as the agent does it, so that what it says is what the agent meets.
    private func examine(_ diagnosis: inout InstanceDiagnosis) async throws(MendflowFailure) {
        let seen = try await InstanceSurvey.look(workspace, instance, mode: nil, isWhole: false)
        let budget = workspace.agentConfiguration(instance, mode: seen.mode).gapBudget
        guard let capabilities = seen.capabilities, let step = seen.survey.step else { return }
        let set = workspace.policySet(instance)
        diagnosis.era = capabilities.era
        diagnosis.capabilities = capabilities.held
        diagnosis.checks += DoctorChecks.capabilities(capabilities, budget)
        diagnosis.checks += DoctorChecks.keys(try await keys(step.snapshot.instance), capabilities)
        diagnosis.checks += DoctorChecks.scopes(capabilities)
        let hasAlarm =
            try await workspace.readLedger(LedgerScope(instances: [instance.name]))
            .map { $0.view(of: step.snapshot.instance, shadow: false).alarm != nil } ?? false
        diagnosis.checks += DoctorChecks.inFlight(step.snapshot, step.view, instance.limits.maxInFlight)
        diagnosis.checks.append(DoctorChecks.clock(seen.clockOffset))
        diagnosis.checks += DoctorChecks.coverage(seen, step.snapshot, budget)
        if let alarm = step.view.alarm, !hasAlarm {
            diagnosis.checks.append(.init(.ledger, .wrong, "epoch alarm, which the agent will raise: \(alarm)"))
        }
        diagnosis.checks += DoctorChecks.unreadable(seen.unreadable)
        diagnosis.checks += DoctorChecks.workflows(step.snapshot.workflows)
        if let workflows = step.snapshot.workflows { diagnosis.checks += DoctorChecks.settings(workflows, set) }
        diagnosis.checks += DoctorChecks.elsewhere(step.snapshot, step.view)
        let kept = await KeptRuns.ask(
            seen.reader, capabilities, lookBack: workspace.lookBack, now: step.snapshot.now)
        diagnosis.checks += DoctorChecks.kept(kept, lookBack: workspace.lookBack)
        let remarks = ServerRemarks(
            set: set, capabilities: capabilities, workflows: step.snapshot.workflows.map { Array($0.values) },
            learnedTags: Set(step.view.learnedTags.keys), gapBudget: budget,
            kept: kept
        ).all()
        diagnosis.checks += remarks.map { DoctorChecks.policy($0, set, seen.mode) }
    }

    /// Whether hints arrive; where their token cannot be had, that is why none does.
    private func hints() async throws(MendflowFailure) -> [Doctor.Check] {
        let owner = "`hints` of '\(instance.name)'"
        if let fault = instance.hints.flatMap({ DoctorChecks.tokenFault($0, of: owner, workspace) }) {
            return [.init(.server, .wrong, fault)]
        }
        return DoctorChecks.hints(
            try await HintSign.newest(workspace, instance.name), isExpected: instance.hints != nil,
            instance: instance.name, workspace.clock.now())
    }

    /// What an agent learned of keys of requests.
    private func keys(_ key: InstanceKey) async throws(MendflowFailure) -> KeyFinding? {
        guard let store = try await workspace.openLedgerReading() else { return nil }
        do throws(LedgerFailure) {
            let head = try await store.load(LedgerScope(instances: [])).head
            return try await KeyFinding.newest(in: store, head.chain, of: key)
        } catch { throw MendflowFailure(ledger: error) }
    }

    private func ledger() async throws(MendflowFailure) -> [Doctor.Check] {
        guard let store = try await workspace.openLedgerReading() else {
            // Of an agent that works on another one is told above, and what to do about that.
            guard await AgentElsewhere.read(workspace) == nil else { return [] }
            return [.init(.ledger, .wrong, MendflowFailure(ledger: .missing(workspace.ledgerPath)).message)]
        }
        do throws(LedgerFailure) {
            let state = try await store.load(LedgerScope(since: workspace.ledgerStart(instance.name)))
            guard let baseline = state.baseline(of: instance.name) else {
                return [
                    .init(
                        .ledger, .wrong,
                        "it does not know this instance yet; `mendflow init --name \(instance.name)` makes its baseline"
                    )
                ]
            }
            let now = workspace.clock.now()
            let tick = state.tick(of: baseline.instance)
            var checks = DoctorChecks.ledger(
                baseline, tick, state.view(of: baseline.instance, shadow: false, at: now), instance,
                now,
                workspace.configuration.pollInterval)
            checks += DoctorChecks.demoted(
                state.standings(of: baseline.instance), workspace.policySet(instance).policies)
            if let ledgerFault {
                checks.append(.init(.ledger, .wrong, "\(ledgerFault). `run` does nothing on such a ledger"))
            }
            if let time = try await FutureRecords.latest(in: store, state.head, now: now) {
                checks.append(DoctorChecks.ahead(time, now))
            }
            for pair in DuplicateInstances.pairs(workspace.instanceNames, state)
            where [pair.one, pair.other].contains(instance.name) {
                checks.append(.init(.ledger, .wrong, DuplicateInstances.message(pair.one, pair.other)))
            }
            checks.append(DoctorChecks.tagged(try await tagged(store, baseline.instance)))
            return checks
        } catch { throw MendflowFailure(ledger: error) }
    }

    /// How many executions we have ever tagged.
    private func tagged(_ store: any LedgerStore, _ key: InstanceKey) async throws(LedgerFailure) -> Int {
        let all = try await store.load(
            LedgerScope(instances: [key.name], since: AgentTime(milliseconds: .min)))
        let tagged = all.intents(in: [.applied], of: key).filter { $0.draft.action == .tag && !$0.draft.isShadow }
        return Set(tagged.map(\.draft.execution)).count
    }
}
