package import MendflowCore
package import MendflowHistory

extension BacktestReport {
    /// Puts a report together.
    package init(_ history: History, _ result: Backtest.Result, _ policies: PolicySet) {
        let maker = ReportMaker(history: history, result: result, policies: policies)
        let seen = result.diaries[.asObserved]
        let disagreements = maker.disagreements
        let lines = policies.policies.map { maker.line($0) }
        self.init(
            span: result.span, executions: maker.executions, retries: maker.retries,
            retriesOfEarlier: maker.retriesOfEarlier, failures: result.fates.count, people: maker.people,
            agent: maker.agent, healedUnkept: result.fates.values.count { $0.end == .healedUnkept },
            total: maker.line(nil), policies: lines,
            expectations: zip(policies.policies, lines).flatMap { policy, line in
                policy.expect.map { expectation in
                    Expectation(
                        policy: policy.name, expectation: expectation,
                        found: line.number(expectation.measure, disagreements))
                }
            },
            absences: maker.absences,
            unowned: result.fates.keys.count { seen?.chains[$0]?.policy == nil },
            disagreements: disagreements, strips: maker.strips, actions: seen?.actions ?? [],
            blindSpots: maker.blindSpots, findings: history.findings, workflows: history.workflows.mapValues(\.name),
            ticks: seen?.ticks ?? 0)
    }
}

/// Counts what a report tells.
struct ReportMaker {
    let history: History
    let result: Backtest.Result
    let policies: PolicySet

    var seen: BacktestDiary { result.diaries[.asObserved] ?? BacktestDiary(outcomes: .asObserved) }

    var executions: Int {
        history.rows.count { $0.beginning.map(result.span.contains) ?? false }
    }

    var retries: Int {
        history.rows.count { $0.retryOf != nil && $0.beginning.map(result.span.contains) ?? false }
    }

    /// How many of them run what began before the time: the other numbers are of the runs of that time.
    var retriesOfEarlier: Int {
        history.rows.count { row in
            guard row.retryOf != nil, row.beginning.map(result.span.contains) ?? false else { return false }
            var (first, seen): (Execution?, Set<ExecutionID>) = (row, [])
            while let parent = first?.retryOf, seen.insert(parent).inserted, let found = history[id: parent] {
                first = found
            }
            return first?.beginning.map { $0 < result.span.lowerBound } ?? false
        }
    }

    var people: BacktestReport.People {
        var people = BacktestReport.People()
        for fate in result.fates.values {
            if fate.peoplesRetries > 0 { people.chains += 1 }
            people.retries += fate.peoplesRetries
            if fate.isHealedByPeople { people.healed += 1 }
        }
        return people
    }

    var agent: BacktestReport.Agent? {
        guard history.agent != nil else { return nil }
        return result.fates.values.reduce(into: BacktestReport.Agent()) { agent, fate in
            agent.retries += fate.agentsRetries
            if fate.end == .healedByAgent { agent.healed += 1 }
        }
    }

    // MARK: - A policy

    func line(_ policy: Policy?) -> BacktestReport.Line {
        var line = BacktestReport.Line(policy: policy?.name, mode: policy?.mode)
        let isMine = { (name: String?) in policy.map { $0.name == name } ?? (name != nil) }
        for (outcomes, diary) in result.diaries {
            let mine = diary.actions.filter { action in policy.map { action.policies.contains($0.name) } ?? true }
            for action in mine { line.requests[action.kind, default: .init()][outcomes] += 1 }
            line.acted[outcomes] = Set(mine.map(\.root)).count
            line.healed[outcomes] = Set(mine.filter { $0.succeeded == true }.map(\.root)).count
            line.exhausted[outcomes] = diary.chains.values.count { $0.isExhausted && isMine($0.policy) }
        }
        let mine = seen.actions.filter { action in policy.map { action.policies.contains($0.name) } ?? true }
        line.mayRepeat = mine.count { $0.kind == .retry && ($0.risk ?? .none).mayRepeat }
        line.retried = Set(mine.filter { $0.kind == .retry }.map(\.root)).count
        line.mostPerDay =
            Dictionary(grouping: mine) { $0.at.milliseconds / 86_400_000 }.values.map(\.count).max() ?? 0
        for (root, chain) in seen.chains where isMine(chain.policy) {
            if let fate = result.fates[root] {
                line.owned += 1
                line.fates.count(fate)
            }
            for reason in chain.holds.keys { line.holds[reason, default: 0] += 1 }
            if chain.actedAt == nil, let reason = chain.deciding() { line.notActed[reason, default: 0] += 1 }
        }
        // Who only tagged a chain that another policy healed has saved nobody any time.
        line.saved = Set(mine.filter { $0.succeeded == true }.map(\.root)).compactMap(saved)
        for action in mine where action.kind == .stop || action.kind == .bulkStop { count(action, &line.stops) }
        return line
    }

    /// What really became of a run that would have been stopped.
    private func count(_ action: BacktestAction, _ stops: inout BacktestReport.StopFates) {
        guard let row = history[id: action.execution] else { return }
        switch row.status {
        case .success: stops.succeeded += 1
        case .error, .crashed: stops.failed += 1
        case .canceled where history.isStoppedByAgent(row.id): stops.stoppedByAgent += 1
        case .canceled: stops.canceled += 1
        case .waiting where (row.waitTill ?? action.at) >= ExecutionDetail.WaitKind.indefinite:
            stops.waitingForEvent += 1
        case .waiting where (row.waitTill ?? action.at) > action.at: stops.notYetDue += 1
        default: stops.other += 1
        }
    }

    /// How much earlier than people a retry would have healed a chain.
    private func saved(_ root: ExecutionID) -> Period? {
        guard let ours = seen.chains[root]?.healedAt, case .healedByPeople(_, let theirs?)? = result.fates[root]?.end,
            theirs > ours
        else { return nil }
        return theirs - ours
    }

    // MARK: - What did not happen

    var absences: [BacktestReport.Missed] {
        let found = Dictionary(grouping: seen.absences, by: \.absence.key)
        let order = Dictionary(policies.policies.enumerated().map { ($1.name, $0) }) { first, _ in first }
        return found.values.compactMap { records in
            guard let first = records.first?.absence else { return nil }
            let times = records.map(\.toldAt)
            return BacktestReport.Missed(
                policy: first.key.policy, workflow: first.key.workflow, within: first.within, toldAt: times,
                days: Set(times.map { $0.milliseconds / 86_400_000 }).count, open: records.count { $0.endedAt == nil })
        }.sorted { one, other in
            (order[one.policy] ?? 0, one.workflow) < (order[other.policy] ?? 0, other.workflow)
        }
    }

    // MARK: - Days

    var strips: [BacktestReport.Strip] {
        let length: Int64 = 86_400_000
        // Days of the calendar (UTC), as everywhere else, whenever in the first one the span begins.
        let first = result.span.lowerBound.milliseconds / length
        let days = Int((result.span.upperBound.milliseconds - 1) / length - first) + 1
        let day = { (time: ServerTime) in min(days - 1, max(0, Int(time.milliseconds / length - first))) }
        var strips: [WorkflowID: BacktestReport.Strip] = [:]
        func count(_ workflow: WorkflowID, _ time: ServerTime?, _ row: WritableKeyPath<BacktestReport.Strip, [Int]>) {
            guard let time, result.span.contains(time) else { return }
            let none = [Int](repeating: 0, count: days)
            strips[workflow, default: .init(workflow: workflow, failed: none, ours: none, people: none)][keyPath: row][
                day(time)] += 1
        }
        for fate in result.fates.values { count(fate.workflow, fate.failedAt, \.failed) }
        for action in seen.actions { count(action.workflow, action.at, \.ours) }
        for row in history.rows where row.retryOf != nil && !history.isAgents(row.id) {
            count(row.workflow, row.startedAt, \.people)
        }
        return strips.values.sorted { one, other in
            let (first, second) = (one.failed.reduce(0, +), other.failed.reduce(0, +))
            return first == second ? one.workflow < other.workflow : first > second
        }
    }
}

extension BacktestReport.Line {
    /// What there is of a measure; nil where it is a share of nothing.
    fileprivate func number(
        _ measure: PolicyExpectation.Measure, _ disagreements: [BacktestReport.Disagreement]
    ) -> Int? {
        switch measure {
        case .actions: return requests.values.reduce(0) { $0 + $1.asObserved }
        case .actionsPerDay: return mostPerDay
        case .chains: return acted.asObserved
        case .held: return notActed.values.reduce(0, +)
        case .healed: return healed.asObserved
        case .healRate: return retried == 0 ? nil : healed.asObserved * 100 / retried
        case .exhausted: return exhausted.asObserved
        case .mayRepeat: return mayRepeat
        case .againstPeople:
            return disagreements.filter { $0.kind == .againstCancel && $0.policy == policy }
                .reduce(0) { $0 + $1.chains.count }
        }
    }
}

extension RepeatRisk {
    /// Whether a retry may well do again what was done.
    fileprivate var mayRepeat: Bool {
        switch self {
        case .none, .unlikely: false
        case .possible, .restart, .unknown: true
        }
    }
}

extension BacktestReport.Fates {
    fileprivate mutating func count(_ fate: ChainFate) {
        switch fate.end {
        case .healedByPeople: healedByPeople += 1
        case .healedByAgent: healedByAgent += 1
        case .healedUnkept: healedUnkept += 1
        case .nextRunSucceeded: nextRunSucceeded += 1
        case .canceled: canceled += 1
        case .stoppedByAgent: stoppedByAgent += 1
        case .neverHealed: neverHealed += 1
        }
    }
}
