public import MendflowBacktest
import MendflowCore
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
        /// Failures of which nobody can tell why.
        public var unknown: Int
        /// Whose the history's retries are.
        public var senders: RetrySenders
        /// What of the history could not be taken as it is written.
        public var findings: HistoryFindings
    }

    /// Looks for policies; `progress` is told which part of the work is done.
    public static func run(
        _ paths: [String], _ workspace: Workspace?, environment: Environment,
        progress: @Sendable (Double) -> Void = { _ in }
    ) throws(MendflowFailure) -> Outcome {
        let history = try Histories.read(paths, environment)
        let tables = try Backtesting.tables(workspace)
        let found = Suggestions(history, tables)
        var policies: [Suggested] = []
        for (number, suggestion) in found.policies.enumerated() {
            let past = history.only(suggestion.id)
            policies.append(
                Suggested(
                    suggestion: suggestion, line: try line(suggestion.yaml, past, tables),
                    lineIfRepeated: try suggestion.yamlIfRepeated.map { (yaml) throws(MendflowFailure) in
                        try line(yaml, past, tables)
                    }))
            progress(Double(number + 1) / Double(found.policies.count))
        }
        return Outcome(
            policies: policies, remarks: found.remarks, unknown: found.unknown, senders: RetrySenders(history),
            findings: history.findings)
    }

    /// What a policy alone would have done.
    private static func line(
        _ yaml: String, _ history: History, _ tables: JudgementTables
    ) throws(MendflowFailure) -> BacktestReport.Line {
        let text = "policies:\n" + yaml + "\n"
        let loaded = PolicyLoader().load([PolicyFile(name: "suggestion.yaml", bytes: Array(text.utf8))])
        if let fault = loaded.findings.first(where: { $0.severity == .error }) {
            throw MendflowFailure(.failed, "a suggestion is no policy: \(fault.message)")
        }
        let set = Backtesting.enforced(loaded.policies, tables)
        let settings = try Backtesting.settings(Backtesting.Request(histories: []), set, history, nil)
        return BacktestReport(history, Backtest.run(history, settings), set).total
    }
}
