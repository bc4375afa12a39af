package import MendflowCore
package import MendflowHistory

/// Counts which executions of a history policies match at any moment of their lives, up to the history's end: of those that
/// began in some span of time.
///
/// Most executions are alike: they were never retried, and all that tells them apart is their kind (workflow, status, mode), the
/// evidence of their failure and their times. What the first two decide is decided once, and the times are compared in columns.
/// Executions of chains and odd rows are judged one by one, with the whole of their chain as it was.
package struct MatchCount {
    private let history: History
    private let policies: PolicySet
    private let columns: HistoryColumns
    private let span: Range<ServerTime>
    /// The history's end.
    private let until: ServerTime
    private var executions = 0
    private var judge: PastJudge
    private let chains: PastChains
    private let workflows: WorkflowNumbers
    private var tally: MatchTally

    /// Prepares to count.
    package init(_ history: History, _ policies: PolicySet, begun span: Range<ServerTime>) {
        self.history = history
        self.policies = policies
        self.span = span
        columns = history.columns
        until = history.span?.upperBound ?? span.upperBound
        chains = PastChains(columns)
        workflows = WorkflowNumbers(columns)
        judge = PastJudge(history, policies, chains, until: until)
        tally = MatchTally(policies: policies.policies.count, workflows: workflows.all.count)
    }

    /// Counts.
    package mutating func report() -> MatchReport {
        count()
        let lines = policies.policies.enumerated().map { position, policy in
            let matched = workflows.all.enumerated().compactMap { number, id -> MatchReport.Workflow? in
                let count = tally.matched(position, number)
                guard count > 0 else { return nil }
                return MatchReport.Workflow(id: id, name: history.workflows[id]?.name, matched: count)
            }
            return MatchReport.Line(
                policy: policy.name, matched: matched.reduce(0) { $0 + $1.matched }, unknown: tally.unknown[position],
                workflows: matched.sorted { ($1.matched, $0.id) < ($0.matched, $1.id) })
        }
        return MatchReport(
            span: span, executions: executions, withoutData: judge.withoutData, policies: lines,
            expecting: policies.policies.filter { !$0.expect.isEmpty }.map(\.name), findings: history.findings)
    }

    /// Goes from the newest to the oldest, so that it is known when a newer run of each workflow succeeded first.
    private mutating func count() {
        let (kinds, starts, lengths) = (columns.kinds, columns.starts, columns.lengths)
        var phases = columns.table.indices.map { KindPhases(columns.table[$0], workflows.ofKind[$0], &judge) }
        let (first, last) = (span.lowerBound.milliseconds, span.upperBound.milliseconds)
        var newer = [Int64](repeating: .max, count: workflows.all.count)
        for place in (0..<columns.count).reversed() {
            let word = kinds[place]
            let kind = Int(word & HistoryColumns.kindMask)
            let (workflow, length) = (phases[kind].workflow, Int64(lengths[place]))
            guard word & HistoryColumns.hasRest == 0, !phases[kind].isOdd, length < HistoryColumns.otherEnd,
                !chains.isChained(place)
            else {
                judge(place, workflow, &newer)
                continue
            }
            let (start, known) = (starts[place], newer[workflow])
            if phases[kind].isSuccess { newer[workflow] = min(known, start + length) }
            guard start >= first, start < last else { continue }
            executions += 1
            if length > phases[kind].leastRun || phases[kind].isWatched {
                meet(&phases[kind], Times(place: place, start: start, length: length, newerSuccess: known))
            }
        }
    }

    private struct Times {
        let place: Int
        let start: Int64, length: Int64, newerSuccess: Int64
    }

    /// Asks the policies that may match an execution that is like many others.
    private mutating func meet(_ phases: inout KindPhases, _ run: Times) {
        tally.begin(phases.workflow)
        if run.length > phases.leastRun {
            for test in phases.running {
                note(test, run) {
                    test.holds(whileRunning: run.start, run.length, newerSuccess: run.newerSuccess)
                }
            }
        }
        guard phases.isWatched else { return }
        let until = until.milliseconds
        for test in phases.ended(run.place, &judge) {
            note(test, run) {
                test.holds(onceEnded: run.start, run.length, until: until, newerSuccess: run.newerSuccess)
            }
        }
    }

    @inline(__always)
    private mutating func note(_ test: QuickTest, _ run: Times, _ holds: () -> Bool) {
        guard test.isBounded else {
            let all = judge.judge(run.place, newerSuccess: run.newerSuccess, only: test.position)
            return all.forEach { tally.note($0.verdict, $0.policy) }
        }
        guard holds() else { return }
        if test.isDoubt { tally.noteDoubt(test.position) } else { tally.noteMatch(test.position) }
    }

    /// Judges an execution by itself.
    private mutating func judge(_ place: Int, _ workflow: Int, _ newer: inout [Int64]) {
        let row = columns.row(place)
        let known = newer[workflow]
        if row.status == .success, row.retryOf == nil, let end = row.stoppedAt {
            newer[workflow] = min(known, end.milliseconds)
        }
        guard let beginning = row.beginning, span.contains(beginning) else { return }
        executions += 1
        tally.begin(workflow)
        for found in judge.judge(place, newerSuccess: known) { tally.note(found.verdict, found.policy) }
    }
}

/// What policies ask of the executions of a kind that are like many others: as long as they run, and once they have ended.
private struct KindPhases {
    let workflow: Int
    let isSuccess: Bool
    /// Whether its executions are judged one by one.
    let isOdd: Bool
    private(set) var running: [QuickTest] = []
    /// How long a run must have gone on at the least for any policy to match it while it goes on.
    private(set) var leastRun = Int64.max
    private var policies: [OpenPolicy] = []
    private var tests: [QuickTest] = []
    private var asksForEvidence = false
    private var byEvidence: [Int: [QuickTest]] = [:]
    private let status: ExecutionStatus

    /// Whether any policy may match what has ended.
    var isWatched: Bool { !tests.isEmpty }

    init(_ kind: HistoryColumns.Kind, _ workflow: Int, _ judge: inout PastJudge) {
        self.workflow = workflow
        status = kind.status
        isSuccess = kind.status == .success
        isOdd = !kind.status.isFailed && kind.status != .success
        guard !isOdd else { return }
        let mode = kind.mode == .retry || !kind.mode.isKnown ? nil : kind.mode
        let knows = judge.successes.areSeen(of: kind.workflow)
        let runs = judge.matching.policies(
            of: PastMatching.Kind(status: .running, workflow: kind.workflow, mode: mode), isEvidenceOpen: false)
        running = runs.map { QuickTest($0, knowsSuccesses: knows) }
        leastRun = running.map(\.leastRun).min() ?? .max
        policies = judge.matching.policies(
            of: PastMatching.Kind(status: kind.status, workflow: kind.workflow, mode: mode),
            isEvidenceOpen: kind.status.isFailed)
        tests = policies.map { QuickTest($0, knowsSuccesses: knows) }
        asksForEvidence = policies.contains(where: \.asksForEvidence)
    }

    /// What is left to ask of an execution that has ended, once its evidence is known.
    mutating func ended(_ place: Int, _ judge: inout PastJudge) -> [QuickTest] {
        guard asksForEvidence else { return tests }
        let evidence = judge.evidence(place, status)
        if let known = byEvidence[evidence] { return known }
        var left: [QuickTest] = []
        for (policy, test) in zip(policies, tests) {
            switch judge.verdict(policy, onEvidence: evidence, status) {
            case .yes: left.append(test)
            case .no: break
            case .unknown, .needs:
                var doubted = test
                doubted.isDoubt = true
                left.append(doubted)
            }
        }
        byEvidence[evidence] = left
        return left
    }
}

/// The workflows of a history by number.
private struct WorkflowNumbers {
    private(set) var all: [WorkflowID] = []
    private(set) var ofKind: [Int] = []

    init(_ columns: HistoryColumns) {
        var numbers: [WorkflowID: Int] = [:]
        for kind in columns.table {
            let number = numbers[kind.workflow] ?? all.count
            if number == all.count { all.append(kind.workflow) }
            numbers[kind.workflow] = number
            ofKind.append(number)
        }
    }
}
