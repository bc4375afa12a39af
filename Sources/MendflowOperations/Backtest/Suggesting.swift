public import MendflowBacktest
public import MendflowCore
public import MendflowEnvironment
public import MendflowHistory
import MendflowPolicy
public import MendflowWorkspace
import MendflowYAML

/// `suggest`: policies that a history speaks for, each with what it would have done.
public enum Suggesting {
    /// A policy with its backtest.
    public struct Suggested: Sendable {
        /// The policy.
        public var suggestion: Suggestion
        /// What it alone would have done, and what it would have if repeating a deed did no harm; nil where that makes no
        /// difference.
        public var line: BacktestReport.Line, lineIfRepeated: BacktestReport.Line?
    }

    /// What was found in a history.
    public struct Outcome: Sendable {
        /// Policies in the order in which they are worth having.
        public var policies: [Suggested]
        /// What else there is to say.
        public var remarks: [String]
        /// Failures of which nobody can tell why; those of kinds that happened too seldom, and those of kinds that were
        /// seldom over by themselves: no policy was sought for any of them.
        public var unknown: Int, tooRare: Int, seldomOver: Int
        /// Which time the history reaches over, nil where none of it tells a time; and how many executions it has.
        public var span: Range<ServerTime>?, executions: Int
        /// By what the figures were reckoned beside the policies.
        public var basis: BacktestBasis
        /// Whose the history's retries are.
        public var senders: RetrySenders
        /// What of the history could not be taken as it is written.
        public var findings: HistoryFindings
    }

    /// Looks for policies; `progress` is told which part of the work is done. The limits are those of the instance that is
    /// named, or of the only one.
    public static func run(
        _ paths: [String], _ configured: Workspace?, instance name: String? = nil, environment: Environment,
        progress: @Sendable (Double) -> Void = { _ in }
    ) throws(MendflowFailure) -> Outcome {
        let history = try Histories.read(paths, environment)
        // Whose limits count among several nobody can tell: then the usual ones do.
        let isOneMeant = name != nil || configured?.configuration.instances.count == 1
        let workspace = isOneMeant ? configured : nil
        let tables = try Backtesting.tables(configured)
        let none = try Backtesting.enforced([], tables, workspace, instance: name)
        let found = Suggestions(history, tables, none.limits)
        var policies: [Suggested] = []
        for (number, suggestion) in found.policies.enumerated() {
            let past = history.only(suggestion.id)
            func line(_ yaml: String) throws(MendflowFailure) -> BacktestReport.Line {
                let set = try Backtesting.enforced(try Self.policies(yaml), tables, workspace, instance: name)
                let settings = try Backtesting.settings(Backtesting.Request(histories: []), set, past, workspace)
                return BacktestReport(past, Backtest.run(past, settings), set).total
            }
            policies.append(
                Suggested(
                    suggestion: suggestion, line: try line(suggestion.yaml),
                    lineIfRepeated: try suggestion.yamlIfRepeated.map { (yaml) throws(MendflowFailure) in
                        try line(yaml)
                    }))
            progress(Double(number + 1) / Double(found.policies.count))
        }
        return Outcome(
            policies: policies, remarks: found.remarks, unknown: found.unknown, tooRare: found.tooRare,
            seldomOver: found.seldomOver, span: history.span, executions: history.rows.count,
            basis: Backtesting.basis(none, workspace), senders: RetrySenders(history), findings: history.findings)
    }

    private static func policies(_ yaml: String) throws(MendflowFailure) -> [Policy] {
        let text = "policies:\n" + yaml + "\n"
        let loaded = PolicyLoader().load([PolicyFile(name: "suggestion.yaml", bytes: Array(text.utf8))])
        if let fault = loaded.findings.first(where: { $0.severity == .error }) {
            throw MendflowFailure(.failed, "a suggestion is no policy: \(fault.message)")
        }
        return loaded.policies
    }
}
