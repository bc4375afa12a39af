import MendflowCore
import MendflowTestKit

/// Snapshots, pasts and policies drawn from a seed; a failing seed is a case that can be run again.
struct RandomWorlds {
    var random: SplitMix64

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    mutating func pick<Value>(_ values: [Value]) -> Value { values[Int.random(in: 0..<values.count, using: &random)] }
    mutating func chance(_ one: Int, in many: Int) -> Bool { Int.random(in: 0..<many, using: &random) < one }
    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    mutating func shuffled<Value>(_ values: [Value]) -> [Value] { values.shuffled(using: &random) }

    /// An instance with chains in all states, intents and latches of all kinds, and a few policies of each sort.
    mutating func world() -> World {
        var world = World()
        world.snapshot.workflows = [:]
        for number in 0..<4 {
            let id = WorkflowID("w\(number)")
            let draft = chance(1, in: 4) ? "draft" : "published"
            world.snapshot.workflows?[id] = WorkflowInfo(
                id: id, name: pick(["Order sync", "Invoices", "Import \(number)"]), active: chance(3, in: 4),
                tags: chance(1, in: 3) ? ["critical"] : [], draftVersion: draft, publishedVersion: "published",
                savesSuccesses: pick([true, false, nil]))
        }
        if chance(1, in: 8) { world.snapshot.workflows = nil }
        world.policies = (0..<number(1...6)).map { policy($0) }
        if chance(1, in: 3) { world.protections = [Protection(match: condition(1))] }
        if chance(1, in: 8) { world.snapshot.completeness = .partial(["a list ended early"]) }
        if chance(1, in: 12) { world.view.paused = "maintenance" }
        if chance(1, in: 3) {
            world.limits = InstanceLimits(
                maxInFlight: number(1...4), maxActions: [ActionCap(amount: number(1...9), per: .tick)])
        }
        fill(&world)
        return world
    }

    private mutating func fill(_ world: inout World) {
        var ids: [ExecutionID] = []
        for number in 1...self.number(1...60) {
            let id = ExecutionID(String(number))
            let parent = chance(1, in: 3) && !ids.isEmpty ? pick(ids) : nil
            world.add(
                id, pick([.error, .error, .crashed, .canceled, .running, .waiting, .queued, .success, .unknown]),
                retryOf: parent, ago: .minutes(Int64(self.number(1...3000))),
                workflow: WorkflowID("w\(self.number(0...4))"),
                mode: pick(["webhook", "trigger", "manual", "integrated"]), detail: detail())
            if chance(1, in: 3) {
                world.snapshot.tags[id] = chance(1, in: 2) ? [] : [AnnotationTag(id: "5", name: "flaky")]
            }
            ids.append(id)
            if chance(1, in: 5) { intend(&world, id, parent) }
            if chance(1, in: 12) { world.view.owners[id] = pick(["p0", "p1", "gone"]) }
            if chance(1, in: 20) { world.view.healed.insert(id) }
            if chance(1, in: 20) { world.view.exhausted[id] = ["p0", "p1"] }
            if chance(1, in: 20) { world.view.closed[id] = Set(ActionKind.allCases) }
            if chance(1, in: 20) { world.view.personRetried[id] = noon - .minutes(Int64(self.number(1...90))) }
        }
    }

    private mutating func intend(_ world: inout World, _ id: ExecutionID, _ root: ExecutionID?) {
        let action = pick([ActionKind.retry, .retry, .stop, .tag])
        let state = pick(IntentState.allCases.filter { $0 != .shadow && $0 != .superseded })
        world.intend(
            action, id, state, ago: .minutes(Int64(number(0...90))), policy: pick(["p0", "p1"]), root: root,
            tags: action == .tag ? ["seen"] : [])
    }

    private mutating func detail() -> ExecutionDetail? {
        switch number(0...7) {
        case 0: return nil
        case 1: return .harmful
        case 2: return .crashed
        case 3: return ExecutionDetail(readability: .redacted, error: ErrorEvidence(httpCode: "503"))
        case 4: return ExecutionDetail(readability: .unreadable("500"))
        default: return .harmless
        }
    }

    mutating func policy(_ number: Int) -> Policy {
        let remediation: Remediation? = pick([.retry(self.number(1...4)), .retry(), .stop, nil])
        let statuses: Condition =
            switch remediation {
            case .stop: .status(.running, .waiting, .queued, .unknown)
            default: pick([.failed, .status(.error)])
            }
        return MendflowCoreTests.policy(
            "p\(number)", remediation, match: .all([statuses, condition(2)]),
            tags: chance(1, in: 3) ? ["seen"] : [], mode: pick([.enforce, .enforce, .dryRun]),
            priority: self.number(0...1)
        ) { policy in
            if chance(1, in: 3) { policy.exceptions = [PolicyException(match: condition(1), reason: "later")] }
            if chance(1, in: 3) { policy.onExhausted = OnExhausted(tags: ["needs-human"], continues: chance(1, in: 2)) }
            if chance(1, in: 3) { policy.guards.maxActions = [ActionCap(amount: self.number(0...3), per: .tick)] }
            if chance(1, in: 4) { policy.guards.rateLimits = [RateLimit(max: 2, per: .hours(1), groupBy: .workflow)] }
            if chance(1, in: 4) { policy.guards.cooldown = .minutes(20) }
            if chance(1, in: 3) { policy.guards.giveUpAfter = .hours(24) }
        }
    }

    /// A tree of conditions over all kinds of facts.
    mutating func condition(_ depth: Int) -> Condition {
        let shape = depth == 0 ? 9 : number(0...9)
        switch shape {
        case 0: return .not(condition(depth - 1))
        case 1: return .any((0..<number(1...3)).map { _ in condition(depth - 1) })
        case 2...4: return .all((0..<number(1...3)).map { _ in condition(depth - 1) })
        default: return test()
        }
    }

    private mutating func test() -> Condition {
        pick([
            .workflow("Order sync"), .workflow("Import*"), .when(.workflowActive, .flag(true)),
            .when(.workflowTag, .anyOf([.wildcard("critical")])), .when(.workflowTag, .exists(false)),
            .when(.executionMode, .anyOf([.wildcard("webhook"), .wildcard("trigger")])),
            .when(.age, .period(.gt, .hours(2))), .when(.age, .period(.lt, .hours(20))),
            .when(.ranFor, .period(.gte, .seconds(5))), .when(.retries, .number(.lt, 2)),
            .when(.isRetry, .flag(false)), .when(.healed, .flag(false)), .when(.succeededSince, .flag(false)),
            .when(.errorClass, .anyOf([.wildcard("transient")])),
            .when(.errorClass, .noneOf([.wildcard("auth"), .wildcard("unknown")])),
            .when(.errorMessage, .anyOf([.contains("unavailable")])),
            .when(.errorHTTPCode, .anyOf([.wildcard("5*")])), .when(.errorItems, .number(.lte, 3)),
            .when(.repeatRisk, .anyOf([.wildcard("none")])), .when(.executionTag, .noneOf([.wildcard("flaky")])),
            .when(.customData("customer"), .exists(true)), .when(.endedAt, .between(nil, noon - .hours(1))),
        ])
    }
}
