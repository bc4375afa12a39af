private import Dispatch
package import MendflowCore
package import MendflowHistory
private import Synchronization

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
        /// The same with what was done while it settled, behind the span's end; what the diaries tell is up to the end.
        package var settled: [RetryOutcomes: BacktestDiary] = [:]
    }

    /// Lives a history through, once for each way in which retries may turn out, beside each other: no life knows of another.
    /// `progress` is told which part of all the work is done.
    package static func run(
        _ history: History, _ settings: BacktestSettings, outcomes ways: [RetryOutcomes] = RetryOutcomes.allCases,
        progress: @Sendable (Double) -> Void = { _ in }
    ) -> Result {
        let chains = RecordedChains(history)
        let observed = ObservedOutcomes(history, chains)
        let length = Double(
            max(1, (settings.span.upperBound + settings.settling - settings.span.lowerBound).milliseconds))
        let fates = ChainFate.all(history, chains, observed).filter { settings.span.contains($0.value.failedAt) }
        let parts = Mutex([Double](repeating: 0, count: ways.count))
        let lives = Mutex<[RetryOutcomes: (end: BacktestDiary, settled: BacktestDiary)]>([:])
        DispatchQueue.concurrentPerform(iterations: ways.count) { number in
            let world = Counterfactual(history, chains, observed, ways[number], fedBack: settings.fedBack)
            var settings = settings
            settings.policies = settings.policies.apart
            var run = BacktestRun(history, settings, world)
            run.run { now in
                let part = Double((now - settings.span.lowerBound).milliseconds) / length
                let done = parts.withLock { parts in
                    parts[number] = part
                    return parts.reduce(0, +)
                }
                progress(done / Double(ways.count))
            }
            let life = (end: run.diaryAtEnd ?? run.diary, settled: run.diary)
            lives.withLock { $0[ways[number]] = life }
        }
        let all = lives.withLock { $0 }
        return Result(
            fates: fates, diaries: all.mapValues(\.end), span: settings.span, settled: all.mapValues(\.settled))
    }
}
