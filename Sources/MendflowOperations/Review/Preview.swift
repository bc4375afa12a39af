import MendflowAgent
public import MendflowCore
import MendflowLedger
import MendflowLedgerSQLite
import MendflowN8N
import MendflowPolicy
public import MendflowReview
public import MendflowWorkspace

/// `plan` and `explain`: polls and decides as the agent does, and writes nothing anywhere.
public enum Preview {
    /// What would happen now.
    public static func plan(
        _ workspace: Workspace, instance name: String?, asked: Mode? = nil
    ) async throws(MendflowFailure) -> PlanReport {
        let seen = try await look(workspace, workspace.instance(name), asked)
        let (report, snapshot, view) = (seen.preview.report, seen.preview.snapshot, seen.preview.view)
        // Not even a list: a plan of nothing would look like one of a healthy instance.
        if case .partial = report.completeness, report.rows == 0, let failure = report.failures.first {
            throw MendflowFailure(.unreachable, failure.description)
        }
        let policies = workspace.policies(of: seen.instance, mode: seen.mode)
        let header = PlanReport.Header(
            instance: seen.instance.name, url: seen.instance.address, now: report.now, mode: seen.mode,
            acting: policies.acting, dryRun: policies.dryRun,
            lowest: snapshot.executions.keys.min(), highest: snapshot.executions.keys.max(),
            rows: snapshot.executions.count, judged: report.plan.rowsJudged, completeness: report.completeness,
            coverage: PlanReport.Coverage(
                listedFrom: snapshot.listedFrom, coveredFrom: snapshot.coveredFrom, holes: seen.preview.holes,
                gapsLeft: snapshot.gapsLeft),
            capabilities: seen.preview.capabilities,
            unreadable: unreadable(snapshot, seen.reader), clockOffset: report.clockOffset,
            forbidden: view.suspended.sorted { $0.key < $1.key }.map { .init($0.key, words: $0.value) },
            missingScopes: Set(report.failures.filter { $0.kind == .forbidden }.map(\.description)).sorted(),
            epoch: snapshot.instance.epoch, ledgerHead: seen.head,
            recordedAhead: try recordedAhead(workspace, max(report.now, workspace.clock.now())), paused: view.paused,
            alarm: view.alarm)
        var plan = PlanReport(
            header: header, plan: report.plan, dryRunPlan: report.dryRunPlan, workflows: snapshot.workflows)
        tellMissing(&plan, seen.reader.failures)
        let told = Set(plan.held.map(\.execution))
        plan.held += unrecognised(snapshot).filter { !told.contains($0.execution) }
        return plan
    }

    /// Says of decisions that wait for data why that was not to be had.
    private static func tellMissing(_ plan: inout PlanReport, _ failures: [ExecutionID: ReadFailure]) {
        for index in plan.held.indices where plan.held[index].reason == .factPending && plan.held[index].words.isEmpty {
            guard let failure = failures[plan.held[index].execution] else { continue }
            plan.held[index].words = "its data: \(failure)"
        }
    }

    /// Rows of a status that this program does not know, which no policy can name.
    private static func unrecognised(_ snapshot: Snapshot) -> [PlanReport.Held] {
        snapshot.executions.values.filter { $0.status == .unrecognised }.sorted { $0.id < $1.id }.map { row in
            PlanReport.Held(
                unrecognised: row, workflow: snapshot.workflows?[row.workflow]?.name ?? row.workflow.text)
        }
    }

    /// What can be told of an execution.
    public enum Told: Sendable {
        /// Everything that leads to the decision about it.
        case explanation(Explanation)
        /// n8n does not show it; what the ledger knows.
        case vanished(VanishedExecution)
    }

    /// Everything that leads to the decision about one execution, or all that is left of it.
    public static func explain(
        _ workspace: Workspace, execution: ExecutionID, instance name: String?
    ) async throws(MendflowFailure) -> Told {
        let seen = try await look(workspace, workspace.instance(name), nil, also: execution)
        let preview = seen.preview
        let snapshot = try await fetchChain(of: execution, into: preview.snapshot, preview.view, seen.reader)
        let explanation = Explanation(
            of: execution, in: snapshot, view: preview.view, dryRunView: preview.dryRunView,
            policies: workspace.policySet(seen.instance), url: seen.instance.address)
        if var explanation {
            if let failure = seen.reader.failures[explanation.judged] { explanation.tellMissing(failure) }
            return .explanation(explanation)
        }
        if let found = try VanishedExecution.read(execution, workspace, seen.instance) { return .vanished(found) }
        throw MendflowFailure(.failed, "n8n has no execution \(execution) (not kept, deleted, or never there)")
    }

    /// What a look at an instance brought.
    struct Seen: Sendable {
        var instance: Configuration.Instance
        var mode: Mode
        var preview: AgentPreview
        var reader: NotingReader
        /// Number and hash of the ledger's last record; nil where there is no ledger.
        var head: String?
    }

    /// Polls and decides as an agent in the same mode would.
    static func look(
        _ workspace: Workspace, _ instance: Configuration.Instance, _ asked: Mode?,
        also execution: ExecutionID? = nil
    ) async throws(MendflowFailure) -> Seen {
        let mode = workspace.mode(instance, asked: asked)
        let clock = workspace.clock
        let reader = NotingReader(try workspace.adapters(instance, clock: clock).reader)
        let now = clock.now()
        let memoryless = InstanceBaseline(
            instance: InstanceKey(name: instance.name, epoch: 1), url: instance.address,
            since: now - workspace.configuration.lookBack, highest: nil, fingerprints: [], at: now)
        let head = try head(of: workspace)
        let reading = try workspace.openLedgerReading()
        let preview: AgentPreview
        do throws(LedgerFailure) {
            let agent = try InstanceAgent(
                configuration: workspace.agentConfiguration(instance, mode: mode), reader: reader,
                writer: mode == .enforce ? NoWriter() : nil,
                ledger: PlanLedger(base: reading, memoryless: memoryless), clock: clock,
                events: SilentEvents(), policies: workspace.policySet(instance))
            preview = try await agent.preview(about: execution)
        } catch {
            throw MendflowFailure(ledger: error)
        }
        let isBlind = preview.capabilities == nil || preview.report.rows == 0
        let failure = preview.report.failures.first { $0.kind != .forbidden || preview.capabilities == nil }
        if isBlind, let failure { throw MendflowFailure(.unreachable, failure.description) }
        return Seen(instance: instance, mode: mode, preview: preview, reader: reader, head: head)
    }

    /// Executions of the snapshot whose data says that it cannot be read, or was not to be had at all.
    static func unreadable(_ snapshot: Snapshot, _ reader: NotingReader) -> [PlanReport.Unreadable] {
        var troubles = snapshot.details.compactMapValues(\.readability.trouble)
        for (id, failure) in reader.failures where snapshot.details[id] == nil { troubles[id] = failure.description }
        return troubles.sorted { $0.key < $1.key }.map { .init($0.key, why: $0.value) }
    }

    private static func recordedAhead(
        _ workspace: Workspace, _ now: Timestamp
    ) throws(MendflowFailure) -> Timestamp? {
        guard let ledger = try workspace.openLedgerReading() else { return nil }
        do throws(LedgerFailure) { return try FutureRecords.latest(in: ledger, now: now) } catch {
            throw MendflowFailure(ledger: error)
        }
    }

    private static func head(of workspace: Workspace) throws(MendflowFailure) -> String? {
        guard let ledger = try workspace.openLedgerReading() else { return nil }
        do throws(LedgerFailure) {
            let head = try ledger.head()
            return AuditHead(sequence: head.sequence, hash: head.hash).description
        } catch { throw MendflowFailure(ledger: error) }
    }

    /// Old executions are in no list; asked for by name, they are fetched with what they retry and what retried them.
    private static func fetchChain(
        of execution: ExecutionID, into snapshot: Snapshot, _ view: LedgerView, _ reader: NotingReader
    ) async throws(MendflowFailure) -> Snapshot {
        var snapshot = snapshot
        var gone = view.gone
        do throws(ReadFailure) {
            if snapshot.executions[execution] == nil { try await take(execution, into: &snapshot, reader) }
            for _ in 0..<25 {
                let chain = Lineage(rows: snapshot.executions, knownChildren: view.children).chain(of: execution)
                if let missing = chain.nodes.first(where: { $0.row == nil && !gone.contains($0.id) }) {
                    // One that cannot be read stays unknown, as one that is gone: the rest is told all the same.
                    let row = try? await reader.execution(missing.id)
                    if let row { snapshot.executions[row.id] = row } else { gone.insert(missing.id) }
                    continue
                }
                // The newest run is the one that is judged.
                let leaf = chain.live.last ?? chain.newestLeaf?.row
                if let leaf, snapshot.details[leaf.id] == nil { try await take(leaf.id, into: &snapshot, reader) }
                return snapshot
            }
        } catch {
            throw MendflowFailure(.unreachable, error.description)
        }
        return snapshot
    }

    private static func take(
        _ id: ExecutionID, into snapshot: inout Snapshot, _ reader: NotingReader
    ) async throws(ReadFailure) {
        do throws(ReadFailure) {
            guard let detailed = try await reader.detail(id) else { return }
            snapshot.executions[id] = detailed.execution
            snapshot.details[id] = detailed.detail
        } catch {
            // The row tells what it can; what the data would tell is waited for, as the agent does.
            guard snapshot.executions[id] == nil, let row = try await reader.execution(id) else { return }
            snapshot.executions[id] = row
        }
    }
}

extension Explanation {
    /// Says of decisions that wait for data why that was not to be had.
    fileprivate mutating func tellMissing(_ failure: ReadFailure) {
        unreadable = unreadable ?? failure.description
        for index in outcomes.indices where outcomes[index].verdict == Reason.factPending.rawValue {
            if outcomes[index].words.isEmpty { outcomes[index].words = "its data: \(failure)" }
        }
    }
}
