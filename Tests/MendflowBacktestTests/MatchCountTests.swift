import MendflowCore
import MendflowHistory
import MendflowPolicy
import MendflowTestKit
import Testing

@testable import MendflowBacktest

/// Asks every condition of every execution at every moment at which it may turn out otherwise, with all rows as they were.
private struct Reference {
    let past: RandomPast
    let history: History
    let policies: PolicySet
    private let until: ServerTime
    private let runTimes: [WorkflowID: RunTimes]

    init(_ past: RandomPast, _ policies: PolicySet) {
        self.past = past
        self.policies = policies
        history = past.history
        until = history.span?.upperBound ?? .noon
        runTimes = Dictionary(grouping: past.rows.filter(\.isSuccessOfItsOwn), by: \.workflow).compactMapValues {
            rows in
            RunTimes(
                rows.compactMap { row in
                    row.startedAt.flatMap { start in row.stoppedAt.flatMap { $0 >= start ? $0 - start : nil } }
                })
        }
    }

    /// How many executions each policy matches, and of how many nobody can tell.
    func counts() -> [[Int]] {
        var counts = policies.policies.map { _ in [0, 0] }
        for row in past.rows where row.beginning != nil {
            var verdicts = policies.policies.map { _ in Ternary.no }
            for moment in moments(row) {
                guard let subject = subject(row, at: moment) else { continue }
                for (position, policy) in policies.policies.enumerated() {
                    guard speaks(subject) || policy.remediation == .delete, let match = policy.match else { continue }
                    var evaluator = Evaluator(tracer: Walker())
                    verdicts[position] = verdicts[position].or(evaluator.evaluate(match, subject))
                }
            }
            for (position, verdict) in verdicts.enumerated() where verdict != .no {
                counts[position][verdict == .yes ? 0 : 1] += 1
            }
        }
        return counts
    }

    private func speaks(_ subject: Subject) -> Bool {
        subject.row.status.isLive || subject.chain.nodes.count == 1 || subject.chain.speaker?.id == subject.row.id
    }

    private func moments(_ row: Execution) -> [ServerTime] {
        guard let beginning = row.beginning else { return [] }
        var moments: Set<ServerTime> = [beginning, until]
        let p95 = runTimes[row.workflow].map { times in
            [Int64(50), 100, 200].flatMap { share in
                [share, share + 1].map { Period(milliseconds: ($0 * times.p95.milliseconds + 99) / 100) }
            }
        }
        for other in past.rows where other.workflow == row.workflow || other.retryOf != nil || other.retrySuccess != nil
        {
            moments.formUnion([other.createdAt, other.startedAt, other.stoppedAt].compactMap { $0 })
        }
        for time in [row.createdAt, row.startedAt, row.stoppedAt, row.waitTill].compactMap({ $0 }) {
            for period in RandomPast.periods + (p95 ?? []) {
                moments.formUnion([time + period, time + period + .milliseconds(1)])
            }
        }
        return moments.filter { beginning <= $0 && $0 <= max(until, beginning) }.sorted()
    }

    private func subject(_ row: Execution, at now: ServerTime) -> Subject? {
        guard let own = row.shown(at: now, in: history) else { return nil }
        var snapshot = Snapshot(instance: InstanceKey(name: "main", epoch: 1), now: now)
        snapshot.executions = ExecutionTable(past.rows.compactMap { $0.shown(at: now, in: history) })
        snapshot.workflows = history.workflows
        snapshot.runTimes = runTimes
        for other in past.rows where other.isSuccessOfItsOwn {
            let isNewer = other.workflow == row.workflow && other.id > row.id
            let isSeen = isNewer && other.stoppedAt.map { $0 <= now } ?? false
            let known = snapshot.newestSuccess[other.workflow] ?? "0"
            snapshot.newestSuccess[other.workflow] = isSeen ? max(known, other.id) : known
        }
        for other in past.rows { snapshot.tags[other.id] = [] }
        let detail = past.details[row.id].flatMap { $0.status == own.status ? $0 : nil }
        snapshot.details[row.id] =
            detail
            ?? ExecutionDetail(readability: .unreadable("the history does not hold its data"), status: own.status)
        let chain = Chains(snapshot, LedgerView()).chain(of: row.id)
        return Subject(snapshot: snapshot, view: LedgerView(), tables: policies.tables, chain: chain, row: own)
    }
}

/// Looks at every branch, as the tracer of `explain` does.
private struct Walker: ConditionTracer {
    static let walksAll = true
    mutating func enter(_ condition: Condition) {}
    mutating func leave(_ verdict: Ternary) {}
    mutating func tested(_ test: FieldTest, _ fact: Fact<FieldValue>, _ verdict: Ternary) {}
}

extension Execution {
    fileprivate var isSuccessOfItsOwn: Bool { status == .success && retryOf == nil }
}

@Suite("Counting matches in columns")
struct MatchCountTests {
    private static func policySet(_ conditions: [Condition]) throws -> PolicySet {
        let policies = conditions.enumerated().map { number, condition in
            Policy(
                name: "p\(number)", mode: .enforce, match: condition, remediation: number % 4 == 3 ? .delete : nil,
                tags: ["t"])
        }
        return PolicySet(
            policies: policies, instance: "main",
            tables: JudgementTables(classifier: try BuiltInRules.classifier(), risks: RepeatRiskJudge()))
    }

    @Test(
        "counts what asking every condition of every execution at every moment counts",
        arguments: 1...(TestScale.isFull ? 60 : 6))
    func same(seed: UInt64) throws {
        let past = RandomPast(seed: seed, rows: 70, policies: 24)
        let policies = try Self.policySet(past.conditions)
        var count = MatchCount(past.history, policies, begun: try #require(past.history.span))
        let report = count.report()
        let wanted = Reference(past, policies).counts()
        for (position, line) in report.policies.enumerated() {
            #expect(
                [line.matched, line.unknown] == wanted[position], "\(line.policy): \(past.conditions[position])")
        }
    }

    @Test("counts an execution once, however often it matches, by workflow, and leaves out what began earlier")
    func once() throws {
        let rows = (1...4).map { number in
            Execution(
                id: ExecutionID(String(number)), workflow: number < 4 ? "w" : "v", status: .error,
                startedAt: .noon + .hours(Int64(number)), stoppedAt: .noon + .hours(Int64(number) + 1))
        }
        let history = History(rows, workflows: [WorkflowInfo(id: "w", name: "Orders")])
        let conditions: [Condition] = [
            .test(FieldTest(.startedAgo, [.period(.gte, .minutes(30))])),
            .test(FieldTest(.age, [.period(.gt, .hours(2))])),
            .all([
                .test(FieldTest(.status, [.anyOf([.wildcard("running")])])),
                .test(FieldTest(.ranFor, [.period(.gte, .hours(1))])),
            ]),
        ]
        var count = MatchCount(
            history, try Self.policySet(conditions), begun: (.noon + .hours(2))..<(.noon + .hours(9)))
        let report = count.report()
        #expect(report.executions == 3)
        #expect(report.policies.map(\.matched) == [3, 1, 0])
        #expect(report.policies[0].workflows.map(\.matched) == [2, 1])
        #expect(report.policies[0].workflows.map(\.name) == ["Orders", nil])
    }
}
