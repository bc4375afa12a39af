import MendflowAgent
public import MendflowCore
import MendflowLedger
import MendflowLedgerSQLite
import MendflowPolicy
public import MendflowReview

/// `plan` and `explain`: polls and decides as the agent does, and writes nothing anywhere.
public enum Preview {
    /// What would happen now.
    public static func plan(
        _ workspace: Workspace, instance name: String?, asked: Mode? = nil
    ) async throws(MendflowFailure) -> PlanReport {
        let seen = try await look(workspace, name, asked)
        let facts = seen.facts
        let policies = workspace.policies(of: seen.instance, mode: seen.mode)
        let header = PlanReport.Header(
            instance: seen.instance.name, url: seen.instance.url, now: seen.report.now, mode: seen.mode,
            acting: policies.acting, dryRun: policies.dryRun,
            lowest: facts.executions.keys.min(), highest: facts.executions.keys.max(), rows: facts.executions.count,
            judged: seen.report.plan.rowsJudged, completeness: seen.report.completeness,
            unreadable: facts.details.sorted { $0.key < $1.key }.compactMap { id, detail in
                detail.readability.trouble.map { .init(id, why: $0) }
            }, clockOffset: seen.report.clockOffset,
            forbidden: seen.view.suspended.sorted { $0.key < $1.key }.map { .init($0.key, words: $0.value) },
            missingScopes: Set(facts.failures.filter { $0.kind == .forbidden }.map(\.description)).sorted(),
            ledgerHead: seen.head, paused: seen.view.paused)
        return PlanReport(
            header: header, plan: seen.report.plan, dryRunPlan: seen.report.dryRunPlan, workflows: facts.workflows)
    }

    /// Everything that leads to the decision about one execution.
    public static func explain(
        _ workspace: Workspace, execution: ExecutionID, instance name: String?
    ) async throws(MendflowFailure) -> Explanation {
        let seen = try await look(workspace, name, nil, also: execution)
        let snapshot = seen.facts.snapshot(
            of: seen.baseline, last: seen.last, now: seen.report.now, completeness: seen.report.completeness)
        let explanation = Explanation(
            of: execution, in: snapshot, view: seen.view, dryRunView: seen.shadowView,
            policies: workspace.policySet(seen.instance), url: seen.instance.url)
        guard let explanation else {
            throw MendflowFailure(.usage, "n8n has no execution \(execution) (not kept, deleted, or never there)")
        }
        return explanation
    }

    private struct Seen {
        var instance: Configuration.Instance
        var mode: Mode
        var report: TickReport
        var facts: WitnessReader.Facts
        var view: LedgerView
        var shadowView: LedgerView
        var baseline: InstanceBaseline
        var last: TickState?
        var head: String?
    }

    private static func look(
        _ workspace: Workspace, _ name: String?, _ asked: Mode?, also execution: ExecutionID? = nil
    ) async throws(MendflowFailure) -> Seen {
        let instance = try workspace.instance(name)
        let mode = workspace.mode(instance, asked: asked)
        let clock = SystemClock()
        let adapters = try workspace.adapters(instance, clock: clock)
        let reader = WitnessReader(adapters.reader)
        let now = clock.now()
        let memoryless = InstanceBaseline(
            instance: InstanceKey(name: instance.name, epoch: 1), url: instance.url,
            since: now - workspace.configuration.lookBack, highest: nil, fingerprints: [], at: now)
        do {
            let reading = try workspace.openLedgerReading()
            let ledger = PlanLedger(base: reading, memoryless: memoryless)
            let baseline = try ledger.baseline(of: instance.name) ?? memoryless
            let set = workspace.policySet(instance)
            let last = try ledger.tickState(of: baseline.instance)
            let head = try reading.map { _ in try ledger.head() }
            let report = try await poll(workspace, instance, reader, set, mode, memoryless, clock)
            let since = report.now - max(workspace.lookBack + .hours(2), set.longestWindow)
            let known = (last?.live.map(\.execution) ?? []) + reader.facts.executions.values
            let chains = LedgerView.chainsToRead(known, since: since).union(execution.map { [$0] } ?? [])
            let view = try ledger.view(
                of: baseline.instance, since: since, shadow: mode != .enforce, chains: chains)
            let shadowView = try ledger.view(of: baseline.instance, since: since, shadow: true, chains: chains)
            if let execution { try await fetchChain(of: execution, view, reader) }
            if let failure = report.failures.first(where: { $0.kind != .forbidden }), reader.facts.executions.isEmpty {
                throw MendflowFailure(.unreachable, failure.description)
            }
            return Seen(
                instance: instance, mode: mode, report: report, facts: reader.facts, view: view,
                shadowView: shadowView, baseline: baseline, last: last,
                head: head.map { AuditHead(sequence: $0.sequence, hash: $0.hash).description })
        } catch let failure as LedgerFailure {
            throw MendflowFailure(ledger: failure)
        } catch let failure as MendflowFailure {
            throw failure
        } catch {
            throw MendflowFailure(.failed, "\(error)")
        }
    }

    /// Old executions are in no list; asked for by name, they are fetched with what they retry and what retried them.
    private static func fetchChain(
        of execution: ExecutionID, _ view: LedgerView, _ reader: WitnessReader
    ) async throws(MendflowFailure) {
        do throws(ReadFailure) {
            if reader.facts.executions[execution] == nil { _ = try await reader.detail(execution) }
            for _ in 0..<25 {
                let facts = reader.facts
                let chain = Lineage(rows: facts.executions, knownChildren: view.children).chain(of: execution)
                let missing = chain.nodes.first { $0.row == nil && !facts.gone.contains($0.id) }
                if let missing {
                    _ = try await reader.execution(missing.id)
                    continue
                }
                // The newest run is the one that is judged.
                let leaf = chain.live.last ?? chain.newestLeaf?.row
                if let leaf, facts.details[leaf.id] == nil { _ = try await reader.detail(leaf.id) }
                return
            }
        } catch {
            throw MendflowFailure(.unreachable, error.description)
        }
    }

    private static func poll(
        _ workspace: Workspace, _ instance: Configuration.Instance, _ reader: WitnessReader, _ set: PolicySet,
        _ mode: Mode, _ memoryless: InstanceBaseline, _ clock: SystemClock
    ) async throws -> TickReport {
        let agent = try InstanceAgent(
            configuration: workspace.agentConfiguration(instance, mode: mode), reader: reader,
            writer: mode == .enforce ? NoWriter() : nil,
            ledger: PlanLedger(base: try workspace.openLedgerReading(), memoryless: memoryless), clock: clock,
            events: SilentEvents(), policies: set)
        return await agent.tick()
    }
}

extension Workspace {
    /// How an instance is polled.
    func agentConfiguration(_ instance: Configuration.Instance, mode: Mode) -> AgentConfiguration {
        AgentConfiguration(
            instance: instance.name, mode: mode, pollInterval: configuration.pollInterval,
            lookBack: lookBack)
    }
}

extension Condition {
    /// The largest age that the tree lets through, judged from its upper bounds; nil where it has none.
    var longestAge: Period? {
        switch self {
        case .all(let parts), .any(let parts): return parts.compactMap(\.longestAge).max()
        case .not: return nil
        case .test(let test):
            guard test.field == .age || test.field == .startedAgo else { return nil }
            return test.operators.compactMap { operation in
                switch operation {
                case .period(.lt, let period), .period(.lte, let period): period
                default: nil
                }
            }.max()
        }
    }
}
