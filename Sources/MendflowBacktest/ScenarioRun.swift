public import MendflowCore
import MendflowHistory
package import MendflowPolicy

/// What came of a scenario.
public struct ScenarioResult: Sendable {
    /// Something that is not as expected.
    public struct Failure: Sendable, Hashable {
        /// What was expected and what happened instead.
        public var words: String
        /// Where the expectation stands, or the execution that nobody asked about.
        public var place: SourcePlace
    }
    /// The scenario's name, and where it stands.
    public var name: String, place: SourcePlace
    /// What is not as expected; empty where all is.
    public var failures: [Failure]
    /// The policies that decided something in it.
    public var policies: Set<String>
    /// Of each policy's conditions which were found to hold, and which not to hold.
    public var seen: ConditionCoverage

    /// Whether everything was as expected.
    public var isPassed: Bool { failures.isEmpty }
}

/// Lives a scenario through with some policies, as a backtest lives a history.
package struct ScenarioRun {
    private let scenario: Scenario
    private let policies: PolicySet

    package init(_ scenario: Scenario, _ policies: PolicySet) {
        self.scenario = scenario
        self.policies = policies
    }

    /// Lives it through; `fixtures` are the data of executions that name a file, by execution.
    package func result(fixtures: [ExecutionID: ExecutionDetail] = [:]) -> ScenarioResult {
        var details = fixtures
        for given in scenario.executions where details[given.row.id] == nil {
            details[given.row.id] = given.detail
        }
        let history = History(
            scenario.executions.map(\.row), details: details, workflows: workflows(knowing: fixtures))
        var settings = BacktestSettings(
            policies: policies, lookBack: .hours(48), interval: .seconds(30),
            span: Scenario.beginning..<(Scenario.beginning + scenario.length))
        settings.offersOldRows = true
        let outcomes: RetryOutcomes = scenario.outcome == .fail ? .allFail : .allHeal
        let result = Backtest.run(history, settings, outcomes: [outcomes])
        let diary = result.diaries[outcomes] ?? BacktestDiary(outcomes: outcomes)
        return ScenarioResult(
            name: scenario.name, place: scenario.place, failures: failures(diary),
            policies: Set(diary.actions.flatMap(\.policies) + diary.chains.values.compactMap(\.policy)),
            seen: ConditionCoverage(history, policies, details, diary.actions))
    }

    /// The workflows, with the nodes that fixtures tell of: what ran is there.
    private func workflows(knowing fixtures: [ExecutionID: ExecutionDetail]) -> [WorkflowInfo] {
        var workflows = scenario.workflows
        for given in scenario.executions {
            guard let fixture = fixtures[given.row.id],
                let place = workflows.firstIndex(where: { $0.id == given.row.workflow })
            else { continue }
            for node in [fixture.lastNode, fixture.startNode] {
                guard let node, let type = node.type else { continue }
                workflows[place].nodes?.add(name: node.name, type: type, isDisabled: false)
            }
        }
        return workflows
    }

    private func failures(_ diary: BacktestDiary) -> [ScenarioResult.Failure] {
        var failures: [ScenarioResult.Failure] = []
        /// Actions that no expectation was about.
        var open = Set(diary.actions.indices)
        for expected in scenario.expectations {
            if let words = check(expected, diary, &open) {
                failures.append(ScenarioResult.Failure(words: words, place: expected.place))
            }
        }
        for index in open.sorted() {
            let action = diary.actions[index]
            let place = scenario.executions.first { $0.row.id == action.root }?.place ?? scenario.place
            failures.append(
                ScenarioResult.Failure(words: "nobody expected that \(words(action))", place: place))
        }
        return failures
    }

    /// What is not as expected, in words; nil where it is. Actions that it is about are taken out of `open`.
    private func check(_ expected: Scenario.Expectation, _ diary: BacktestDiary, _ open: inout Set<Int>) -> String? {
        let id = expected.execution
        let actions = diary.actions.indices.filter { diary.actions[$0].root == id || diary.actions[$0].execution == id }
        let happened = happened(id, diary)
        switch expected.what {
        case .nothing: return actions.isEmpty ? nil : "nothing was to be done to \(id), and \(happened)"
        case .exhausted:
            return diary.chains[id]?.isExhausted ?? false ? nil : "\(id) was to be given up, and was not: \(happened)"
        case .held(let reason):
            // What no policy looks at stands in no plan.
            if reason == .noPolicy, actions.isEmpty, diary.chains[id]?.holds.isEmpty ?? true { return nil }
            guard let hold = diary.chains[id]?.holds[reason] else {
                return "\(id) was to be held as \(reason.rawValue), and was not: \(happened)"
            }
            guard let between = expected.between, !between.contains(hold.since - Scenario.beginning) else { return nil }
            return
                "\(id) was to be held as \(reason.rawValue) at \(words(between)), and was from \(hold.since - Scenario.beginning) on"
        case .action(let kind, let policy, let tags, let attempt):
            let found = actions.first { index in
                let action = diary.actions[index]
                return open.contains(index) && action.kind == kind
                    && policy.map(action.policies.contains) ?? true
                    && tags.map { Set($0).isSubset(of: action.tags) } ?? true
                    && attempt.map { $0 == action.attempt } ?? true
                    && expected.between.map { $0.contains(action.at - Scenario.beginning) } ?? true
            }
            if let found {
                open.remove(found)
                return nil
            }
            let number = attempt.map { " as attempt \($0)" } ?? ""
            let marks = tags.map { " with \($0.joined(separator: ", "))" } ?? ""
            let by = number + marks + (policy.map { " by \($0)" } ?? "")
            let when = expected.between.map { " at \(words($0))" } ?? ""
            return "\(id) was to get a \(kind.rawValue)\(by)\(when), and did not: \(happened)"
        }
    }

    /// What happened to an execution, in words.
    private func happened(_ id: ExecutionID, _ diary: BacktestDiary) -> String {
        let actions = diary.actions.filter { $0.root == id || $0.execution == id }
        if !actions.isEmpty { return actions.map(words).joined(separator: "; ") }
        let holds = (diary.chains[id]?.holds ?? [:]).sorted {
            ($0.value.since, $0.key.rawValue) < ($1.value.since, $1.key.rawValue)
        }
        guard !holds.isEmpty else { return "no policy matched it" }
        return holds.map { reason, hold in
            "\(reason.rawValue)\(hold.why.isEmpty ? "" : " (\(hold.why))") at \(hold.since - Scenario.beginning)"
        }.joined(separator: "; ")
    }

    private func words(_ action: BacktestAction) -> String {
        let number = action.kind == .retry ? " \(action.attempt)/\(action.attempts)" : ""
        let tags = action.tags.isEmpty ? "" : " \(action.tags.joined(separator: ", "))"
        return
            "\(action.policies.joined(separator: ", ")) sent \(action.kind.rawValue)\(number)\(tags) of \(action.root) "
            + "at \(action.at - Scenario.beginning)"
    }

    private func words(_ between: ClosedRange<Period>) -> String { "\(between.lowerBound) to \(between.upperBound)" }
}
