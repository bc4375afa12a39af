import MendflowBacktest
import MendflowCore

/// A backtest for programs.
struct BacktestJSON: Encodable {
    struct Span: Encodable {
        var from: String
        var to: String
    }
    struct Bounds: Encodable {
        /// Nil where only what was observed was lived through.
        var allFail: Int?
        var asObserved: Int
        var allHeal: Int?

        init(_ it: BacktestReport.Bounds, isBounded: Bool) {
            asObserved = it.asObserved
            (allFail, allHeal) = isBounded ? (it.allFail, it.allHeal) : (nil, nil)
        }
    }
    struct People: Encodable {
        var chains: Int
        var retries: Int
        var healed: Int
    }
    /// What an agent did then by its own retries.
    struct Agent: Encodable {
        var retries: Int
        var healed: Int
    }
    struct Fates: Encodable {
        var healedByPeople: Int
        var healedByAgent: Int
        /// By a retry of which there is no row, so that nobody can tell whose it was.
        var healedByRetryNotKept: Int
        var nextRunSucceeded: Int
        var canceled: Int
        var stoppedByAgent: Int
        var neverHealed: Int
    }
    struct Stops: Encodable {
        var succeeded: Int
        var failed: Int
        var canceled: Int
        var stoppedByAgent: Int
        var notYetDue: Int
        var waitingForEvent: Int
        var stillLive: Int
    }
    struct Line: Encodable {
        var policy: String?
        var owned: Int
        var fates: Fates
        /// What really became of what would have been stopped.
        var stops: Stops?
        var requests: [String: Bounds]
        var acted: Bounds
        var healed: Bounds
        var exhausted: Bounds
        var mayRepeat: Int
        var held: [String: Int]
        var notActed: [String: Int]
        var medianSavedSeconds: Int64?
        var totalSavedSeconds: Int64
        var mostActionsPerDay: Int
    }
    /// What a policy's author expects, and what there is.
    struct Expectation: Encodable {
        var policy: String
        var measure: String
        var wanted: String
        var found: Int?
        var holds: Bool?
        var place: String?
    }
    struct Disagreement: Encodable {
        var kind: String
        var workflow: String
        var workflowName: String
        var errorClass: String?
        var policy: String?
        var reason: String?
        var why: String?
        var chains: [String]
        var healed: Int
    }
    struct Action: Encodable {
        var at: String
        var action: String
        var execution: String
        var root: String
        var workflow: String
        var policies: [String]
        var attempt: Int?
        var attempts: Int?
        var request: String
        var errorClass: String?
        var rule: String?
        var risk: String?
        var tags: [String]?
        var succeeded: Bool?
    }
    struct Strip: Encodable {
        var workflow: String
        var workflowName: String
        var failed: [Int]
        var ours: [Int]
        var people: [Int]
    }

    /// What the figures depend on beside policies and history.
    struct Basis: Encodable {
        var configuration: String?
        var instance: String
        var limits: String

        init(_ it: BacktestBasis) {
            (configuration, instance, limits) = (it.configuration, it.instance, it.limitWords)
        }
    }

    var span: Span
    var basis: Basis?
    var executions: Int
    /// How many of them ran another one again.
    var retries: Int
    var failures: Int
    /// How often the agent looked where something could have been decided otherwise.
    var looks: Int
    var people: People
    /// Nil where nobody can tell an agent's retries from people's.
    var agent: Agent?
    var healedByRetryNotKept: Int
    var total: Line
    var policies: [Line]
    var expectations: [Expectation]
    /// Workflows of which people would have been told that they did not run; nil where no policy looks for that.
    var missed: [MissedJSON]?
    var asExpected: Bool
    var unowned: Int
    var disagreements: [Disagreement]
    var days: [Strip]
    var actions: [Action]
    var blindSpots: [String]
    var damage: HistoryDamageJSON?

    init(_ it: BacktestReport) {
        span = Span(from: it.span.lowerBound.rfc3339, to: it.span.upperBound.rfc3339)
        (executions, retries, failures) = (it.executions, it.retries, it.failures)
        (unowned, blindSpots) = (it.unowned, it.blindSpots)
        looks = it.ticks
        basis = it.basis.map { Basis($0) }
        damage = HistoryDamageJSON(it.findings)
        people = People(chains: it.people.chains, retries: it.people.retries, healed: it.people.healed)
        agent = it.agent.map { Agent(retries: $0.retries, healed: $0.healed) }
        healedByRetryNotKept = it.healedUnkept
        total = Line(it.total)
        policies = it.policies.map { Line($0) }
        missed = it.absences.isEmpty ? nil : it.absences.map { MissedJSON($0) }
        expectations = it.expectations.map { one in
            Expectation(
                policy: one.policy, measure: one.expectation.measure.rawValue, wanted: one.expectation.wanted,
                found: one.found, holds: one.holds, place: one.expectation.place?.description)
        }
        asExpected = it.isAsExpected
        disagreements = it.disagreements.map { one in
            Disagreement(
                kind: one.kind.rawValue, workflow: one.workflow.text, workflowName: it.name(one.workflow),
                errorClass: one.errorClass?.rawValue, policy: one.policy, reason: one.reason.isEmpty ? nil : one.reason,
                why: one.words.isEmpty ? nil : one.words, chains: one.chains.map(\.text), healed: one.healed)
        }
        days = it.strips.map {
            Strip(
                workflow: $0.workflow.text, workflowName: it.name($0.workflow), failed: $0.failed, ours: $0.ours,
                people: $0.people)
        }
        actions = it.actions.map(Action.init)
    }
}

extension BacktestJSON.Line {
    init(_ it: BacktestReport.Line, isBounded: Bool = true) {
        func labels(_ counts: [Reason: Int]) -> [String: Int] {
            Dictionary(counts.map { ($0.key.rawValue, $0.value) }) { one, _ in one }
        }
        func bounds(_ bounds: BacktestReport.Bounds) -> BacktestJSON.Bounds { .init(bounds, isBounded: isBounded) }
        let stops = it.stops
        self.init(
            policy: it.policy, owned: it.owned,
            fates: BacktestJSON.Fates(
                healedByPeople: it.fates.healedByPeople, healedByAgent: it.fates.healedByAgent,
                healedByRetryNotKept: it.fates.healedUnkept, nextRunSucceeded: it.fates.nextRunSucceeded,
                canceled: it.fates.canceled, stoppedByAgent: it.fates.stoppedByAgent, neverHealed: it.fates.neverHealed),
            stops: stops.all == 0
                ? nil
                : BacktestJSON.Stops(
                    succeeded: stops.succeeded, failed: stops.failed, canceled: stops.canceled,
                    stoppedByAgent: stops.stoppedByAgent,
                    notYetDue: stops.notYetDue, waitingForEvent: stops.waitingForEvent, stillLive: stops.other),
            requests: Dictionary(it.requests.map { ($0.key.rawValue, bounds($0.value)) }) { one, _ in one },
            acted: bounds(it.acted), healed: bounds(it.healed), exhausted: bounds(it.exhausted),
            mayRepeat: it.mayRepeat, held: labels(it.holds), notActed: labels(it.notActed),
            medianSavedSeconds: it.medianSaved.map { $0.milliseconds / 1000 },
            totalSavedSeconds: it.totalSaved.milliseconds / 1000, mostActionsPerDay: it.mostPerDay)
    }
}

extension BacktestJSON.Action {
    init(_ it: BacktestAction) {
        let isRetry = it.kind == .retry
        (at, action, execution, root) = (it.at.rfc3339, it.kind.rawValue, it.execution.text, it.root.text)
        (workflow, policies, request) = (it.workflow.text, it.policies, it.request)
        (attempt, attempts) = (isRetry ? it.attempt : nil, isRetry ? it.attempts : nil)
        (errorClass, rule, risk) = (it.errorClass?.rawValue, it.rule, it.risk?.rawValue)
        (tags, succeeded) = (it.tags.isEmpty ? nil : it.tags, it.succeeded)
    }
}
