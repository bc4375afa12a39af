public import MendflowCore
import MendflowHistory

/// Which conditions of policies were found to hold and not to hold in some tests: one that was never both has decided
/// nothing there.
public struct ConditionCoverage: Sendable {
    /// A condition where it stands in a policy.
    public struct Test: Sendable, Hashable {
        /// The policy, the field that is tested, what is wanted of it in words, and where it stands.
        public var policy: String, field: String, wanted: String, place: SourcePlace
        /// Whether it was found to hold, and not to hold.
        public internal(set) var held = false, failed = false

        /// Whether anything was ever decided by it.
        public var hasDecided: Bool { held && failed }
    }

    private var tests: [String: Test] = [:]

    /// The conditions in the order in which they stand.
    public var all: [Test] {
        tests.values.sorted {
            ($0.place.file, $0.place.line, $0.place.column, $0.field) < (
                $1.place.file, $1.place.line, $1.place.column, $1.field
            )
        }
    }

    /// Makes the coverage of no tests.
    public init() {}

    /// Evaluates every condition on every execution at some moments of its life; `actions` are what was done to them.
    init(
        _ history: History, _ policies: PolicySet, _ details: [ExecutionID: ExecutionDetail],
        _ actions: [BacktestAction] = []
    ) {
        let instance = InstanceKey(name: policies.instance, epoch: 1)
        for row in history.rows {
            for later in ConditionCoverage.moments {
                let now = (row.newestTime ?? .init(milliseconds: 0)) + later
                var snapshot = Snapshot(instance: instance, now: now)
                let seen = history.rows.filter { ($0.beginning ?? now) <= now }
                snapshot.executions = ExecutionTable(seen)
                snapshot.workflows = history.workflows
                snapshot.details = details
                snapshot.tags = ConditionCoverage.tags(of: seen, after: actions.filter { $0.at <= now })
                for other in seen where other.status == .success && other.retryOf == nil {
                    snapshot.newestSuccess[other.workflow] = max(
                        snapshot.newestSuccess[other.workflow] ?? other.id, other.id)
                }
                let chain = Chains(snapshot, LedgerView()).chain(of: row.id)
                let subject = Subject(
                    snapshot: snapshot, view: LedgerView(), tables: policies.tables, chain: chain, row: row)
                for policy in policies.policies { note(policy, subject) }
            }
        }
    }

    /// How long after an execution's end it is looked at.
    private static let moments: [Period] = [.seconds(30), .hours(1), .hours(6), .hours(30), .days(8), .days(100)]

    /// The annotation tags that executions bear: those that policies added, for nobody else adds any.
    private static func tags(of rows: [Execution], after actions: [BacktestAction]) -> [ExecutionID: [AnnotationTag]] {
        var tags = Dictionary(rows.map { ($0.id, [AnnotationTag]()) }) { first, _ in first }
        for action in actions where tags[action.execution] != nil {
            tags[action.execution]? += action.tags.map { AnnotationTag(id: $0, name: $0) }
        }
        return tags
    }

    private mutating func note(_ policy: Policy, _ subject: Subject) {
        var evaluator = Evaluator(tracer: CoverageTracer())
        for condition in [policy.match].compactMap({ $0 }) + policy.exceptions.map(\.match) {
            _ = evaluator.evaluate(condition, subject)
        }
        for (test, verdict) in evaluator.tracer.seen {
            guard let place = test.place, !test.isImplicit, !test.operators.isEmpty else { continue }
            let key = "\(policy.name) \(place.file):\(place.line):\(place.column) \(test.field.name)"
            var known =
                tests[key]
                ?? Test(
                    policy: policy.name, field: test.field.name,
                    wanted: test.operators.map(\.text).joined(separator: " and "), place: place)
            if verdict == .yes { known.held = true }
            if verdict == .no { known.failed = true }
            tests[key] = known
        }
    }

    /// Takes in what other tests found.
    public mutating func merge(_ other: ConditionCoverage) {
        tests.merge(other.tests) { one, more in
            var both = one
            both.held = one.held || more.held
            both.failed = one.failed || more.failed
            return both
        }
    }
}

/// Notes how every test turned out.
private struct CoverageTracer: ConditionTracer {
    static let walksAll = true
    private(set) var seen: [(FieldTest, Ternary)] = []

    mutating func enter(_ condition: Condition) {}
    mutating func leave(_ verdict: Ternary) {}
    mutating func tested(_ test: FieldTest, _ fact: Fact<FieldValue>, _ verdict: Ternary) {
        seen.append((test, verdict))
    }
}
