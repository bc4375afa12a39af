import MendflowCore
import MendflowTestKit

@testable import MendflowBacktest
@testable import MendflowHistory

/// A past made by chance, with everything that rows can have, and policies that ask for everything.
struct RandomPast {
    private var random: SplitMix64
    private(set) var rows: [Execution] = []
    private(set) var details: [ExecutionID: ExecutionDetail] = [:]
    private(set) var workflows: [WorkflowInfo] = []
    private(set) var conditions: [Condition] = []

    static let periods: [Period] = [.zero, .minutes(1), .minutes(30), .hours(1), .hours(3)]

    init(seed: UInt64, rows count: Int, policies: Int) {
        random = SplitMix64(seed: seed)
        for number in 0..<3 {
            workflows.append(
                WorkflowInfo(
                    id: WorkflowID("w\(number)"), name: "Flow \(number)", active: chance(80),
                    tags: chance(50) ? ["orders"] : [], savesSuccesses: [true, nil, false][random.below(3)],
                    hidesTags: chance(10)))
        }
        for number in 1...count { addRow(ExecutionID(String(number))) }
        conditions = (0..<policies).map { _ in tree(2) }
    }

    var history: History { History(rows, details: details, workflows: workflows) }

    private mutating func chance(_ percent: Int) -> Bool { random.below(100) < percent }

    private mutating func pick<Value>(_ values: [Value]) -> Value { values[random.below(values.count)] }

    private mutating func time() -> ServerTime {
        // Whole minutes, so that times and limits meet now and then.
        .noon + .minutes(Int64(random.below(400)))
    }

    private mutating func addRow(_ id: ExecutionID) {
        let statuses: [ExecutionStatus] = [
            .success, .success, .success, .error, .error, .error, .crashed, .canceled, .waiting, .running, .queued,
            .unknown, .unrecognised,
        ]
        // The fourth is not among those that are known.
        var row = Execution(id: id, workflow: WorkflowID("w\(random.below(4))"), status: pick(statuses))
        row.mode = pick(["webhook", "trigger", "manual", .unread])
        let start = time()
        if chance(90) { row.startedAt = start }
        if chance(row.status.isLive ? 20 : 92) {
            row.stoppedAt = chance(95) ? start + .minutes(Int64(random.below(120))) : time()
        }
        if chance(25) { row.createdAt = chance(80) ? start : time() }
        if row.status == .waiting, chance(80) {
            row.waitTill = chance(70) ? time() : ExecutionDetail.WaitKind.indefinite
        }
        if let earlier = rows.last(where: { $0.status.isFailed }), chance(25) {
            row.retryOf = earlier.id
            row.mode = .retry
            if chance(50), let place = rows.firstIndex(where: { $0.id == earlier.id }) {
                rows[place].retrySuccess = id
            }
        }
        row.hidesRetryOf = row.retryOf == nil && chance(4)
        rows.append(row)
        if row.status.isFailed || row.status == .waiting, chance(80) { details[id] = detail(row.status) }
    }

    private mutating func detail(_ status: ExecutionStatus) -> ExecutionDetail {
        let code: String? = pick(["503", "ECONNRESET", "401", nil])
        let hasFailed = status.isFailed
        return ExecutionDetail(
            readability: chance(90) ? .readable : .redacted, status: chance(92) ? status : .canceled,
            error: hasFailed
                ? ErrorEvidence(name: "NodeApiError", message: "no answer \(code ?? "")", httpCode: code, at: time())
                : nil,
            lastNode: chance(80) ? NodeEvidence(name: "Fetch", type: "n8n-nodes-base.httpRequest", method: "GET") : nil,
            itemsToRepeat: 1, finishedNodes: 1, resumesAtNode: true,
            waitKind: status == .waiting ? pick([.timer, .event, nil]) : nil,
            customData: chance(50) ? ["order": "1"] : [:])
    }

    // Conditions.

    private mutating func tree(_ depth: Int) -> Condition {
        guard depth > 0 else { return .test(test()) }
        var parts = (0..<(1 + random.below(3))).map { _ in tree(depth - 1) }
        switch random.below(5) {
        case 0: return .any(parts)
        case 1: return .not(parts[0])
        default:
            if chance(60) {
                parts.append(.test(FieldTest(.status, [.anyOf([.wildcard(pick(["error", "success", "running"]))])])))
            }
            return .all(parts)
        }
    }

    private mutating func test() -> FieldTest {
        let fields: [Field] = [
            .status, .workflowName, .workflowTag, .workflowActive, .executionMode, .age, .age, .startedAgo, .startedAgo,
            .endedAt, .ranFor, .ranFor, .ranForOfP95, .overdue, .waitingFor, .retries, .isRetry, .healed,
            .succeededSince,
            .errorClass, .errorMessage, .errorHTTPCode, .errorNodeType, .errorItems, .repeatRisk, .customData("order"),
            .executionTag,
        ]
        let field = pick(fields)
        return FieldTest(field, (0..<(1 + random.below(2))).map { _ in operation(field) })
    }

    private mutating func operation(_ field: Field) -> FieldOperator {
        if chance(5) { return .exists(chance(50)) }
        let comparison = pick(Comparison.allCases)
        switch field.kind {
        case .text: return chance(60) ? .anyOf([text(field)]) : .noneOf([text(field)])
        case .set: return chance(50) ? .anyOf([.wildcard("orders")]) : .noneOf([.wildcard("orders")])
        case .period: return .period(comparison, pick(Self.periods))
        case .time: return .between(chance(70) ? time() : nil, chance(70) ? time() : nil)
        case .number: return .number(comparison, field == .ranForOfP95 ? pick([50, 100, 200]) : Int64(random.below(3)))
        case .flag: return .flag(chance(50))
        }
    }

    private mutating func text(_ field: Field) -> TextMatch {
        switch field {
        case .status: .wildcard(pick(ExecutionStatus.allCases).rawValue)
        case .workflowName: .wildcard(pick(["Flow 1", "Flow *"]))
        case .executionMode: .wildcard(pick(["webhook", "trigger"]))
        case .errorClass: .wildcard(pick(["transient", "auth"]))
        case .errorHTTPCode: .wildcard(pick(["5*", "401"]))
        case .repeatRisk: .wildcard(pick(["none", "possible"]))
        case .waitingFor: .wildcard(pick(["timer", "event"]))
        default: .wildcard(pick(["*", "no answer*", "1"]))
        }
    }
}
