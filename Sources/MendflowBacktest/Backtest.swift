package import MendflowCore
package import MendflowHistory

/// What policies would have done in a history.
package enum Backtest {
    /// What happened in it, and what the agent would have done for each way in which its retries may turn out.
    package struct Result: Sendable {
        /// What really became of each chain that failed, by its first run.
        package var fates: [ExecutionID: ChainFate]
        /// What the agent would have done, by how its retries turn out.
        package var diaries: [RetryOutcomes: BacktestDiary]
        /// What was lived through.
        package var span: Range<ServerTime>
    }

    /// Lives a history through, once for each way in which retries may turn out. `progress` is told which part of all the
    /// work is done.
    package static func run(
        _ history: History, _ settings: BacktestSettings, outcomes ways: [RetryOutcomes] = RetryOutcomes.allCases,
        progress: @Sendable (Double) -> Void = { _ in }
    ) -> Result {
        let chains = RecordedChains(history)
        let observed = ObservedOutcomes(history, chains)
        let length = Double(max(1, (settings.span.upperBound - settings.span.lowerBound).milliseconds))
        let fates = ChainFate.all(history, chains, observed).filter { settings.span.contains($0.value.failedAt) }
        var result = Result(fates: fates, diaries: [:], span: settings.span)
        for (number, outcomes) in ways.enumerated() {
            let world = Counterfactual(history, chains, observed, outcomes, fedBack: settings.fedBack)
            var run = BacktestRun(history, settings, world)
            run.run { now in
                let part = Double((now - settings.span.lowerBound).milliseconds) / length
                progress((Double(number) + part) / Double(ways.count))
            }
            result.diaries[outcomes] = run.diary
        }
        return result
    }
}
