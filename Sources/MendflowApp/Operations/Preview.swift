import MendflowAgent
public import MendflowCore
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
        let header = PlanReport.Header(
            instance: seen.instance.name, url: seen.instance.url, now: seen.report.now, mode: seen.mode,
            acting: workspace.policies.filter { $0.mode == .enforce }.map(\.name),
            dryRun: workspace.policies.filter { $0.mode == .dryRun }.map(\.name),
            lowest: facts.executions.keys.min(), highest: facts.executions.keys.max(), rows: facts.executions.count,
            judged: seen.report.plan.rowsJudged, completeness: seen.report.completeness,
            unreadable: facts.details.filter { $0.value.readability != .readable }.keys.sorted(),
            forbidden: seen.view.suspended.sorted { $0.key < $1.key }.map { .init($0.key, words: $0.value) },
            missingScopes: facts.failures.filter { $0.kind == .forbidden }.map(\.description),
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
            let since = now - max(workspace.configuration.lookBack, set.longestWindow)
            let view = try ledger.view(of: baseline.instance, since: since, shadow: mode != .enforce)
            let shadowView = try ledger.view(of: baseline.instance, since: since, shadow: true)
            let head = try reading.map { _ in try ledger.head() }
            let last = try ledger.tickState(of: baseline.instance)
            let report = try await poll(workspace, instance, reader, set, mode, memoryless, clock)
            if let execution, reader.facts.executions[execution] == nil {
                // An old one is in no list; asked for by name, it is fetched.
                do throws(ReadFailure) { _ = try await reader.detail(execution) } catch {
                    throw MendflowFailure(.unreachable, error.description)
                }
            }
            if let failure = report.failures.first(where: { $0.kind != .forbidden }), reader.facts.executions.isEmpty {
                throw MendflowFailure(.unreachable, failure.description)
            }
            return Seen(
                instance: instance, mode: mode, report: report, facts: reader.facts, view: view,
                shadowView: shadowView, baseline: baseline, last: last,
                head: head.map { "\($0.sequence) \(Hex.text($0.hash))" })
        } catch let failure as LedgerFailure {
            throw MendflowFailure(ledger: failure)
        } catch let failure as MendflowFailure {
            throw failure
        } catch {
            throw MendflowFailure(.failed, "\(error)")
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

/// Bytes in hexadecimal.
enum Hex {
    static func text(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

extension Workspace {
    /// How an instance is polled.
    func agentConfiguration(_ instance: Configuration.Instance, mode: Mode) -> AgentConfiguration {
        AgentConfiguration(
            instance: instance.name, mode: mode, pollInterval: configuration.pollInterval,
            // A policy that looks at younger executions only must be able to see all of them.
            lookBack: max(configuration.lookBack, policies.compactMap { $0.match?.longestAge }.max() ?? .zero))
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
