public import MendflowBacktest
public import MendflowCore
import MendflowHistory
public import MendflowReview

/// One execution of a backtest in full: what was known of it at the moment that mattered, what each policy says of that,
/// and the literal request.
public struct BacktestExample: Sendable {
    /// What was known, and what each policy says of it.
    public var explanation: Explanation
    /// In which way people and policies differ about it; nil where it only stands for what a policy does.
    public var kind: BacktestReport.Disagreement.Kind?
    /// What would have been sent first; nil where nothing would have been.
    public var action: BacktestAction?
    /// Why nothing would have been sent: a label, and in words; empty where something would have been.
    public var reason = "", words = ""
    /// When people retried it first.
    public var peoplesRetry: ServerTime?

    /// Chooses some executions of a report: one for each way in which people and policies differ, and one for each policy that
    /// does something, as many as are wanted.
    static func choose(
        _ most: Int, of report: BacktestReport, _ history: History, _ settings: BacktestSettings
    ) -> [BacktestExample] {
        let first = Dictionary(report.actions.map { ($0.root, $0) }) { one, _ in one }
        var told: Set<ExecutionID> = []
        var examples: [BacktestExample] = []
        func add(_ root: ExecutionID, _ group: BacktestReport.Disagreement?) {
            guard examples.count < most, told.insert(root).inserted,
                let example = BacktestExample(root, group, first[root], history, settings)
            else { return }
            examples.append(example)
        }
        for group in report.disagreements { if let root = group.chains.first { add(root, group) } }
        for line in report.policies {
            guard let name = line.policy, let action = report.actions.first(where: { $0.policies.contains(name) })
            else { continue }
            add(action.root, nil)
        }
        return examples
    }

    private init?(
        _ root: ExecutionID, _ group: BacktestReport.Disagreement?, _ action: BacktestAction?, _ history: History,
        _ settings: BacktestSettings
    ) {
        guard let row = history[id: root] else { return nil }
        peoplesRetry = history.rows.lazy.filter { $0.retryOf == root && !history.isAgents($0.id) }.compactMap(
            \.startedAt
        ).min()
        let ended = (row.endedAt ?? row.startedAt).map { $0 + settings.interval }
        guard let moment = action?.at ?? peoplesRetry.map({ $0 - .milliseconds(1) }) ?? ended else { return nil }
        let snapshot = history.snapshot(
            of: row.workflow, at: moment, lookBack: settings.lookBack,
            instance: InstanceKey(name: settings.policies.instance, epoch: 1), baseline: settings.span.lowerBound)
        let view = LedgerView()
        guard
            let found = Explanation(
                of: root, in: snapshot, view: view, dryRunView: view, policies: settings.policies, url: "")
        else { return nil }
        explanation = found
        kind = group?.kind
        self.action = action
        if action == nil, let group { (reason, words) = (group.reason, group.words) }
    }
}
