import MendflowCore
import Testing

/// Plan, dry-run and live are one function; these are the ways in which its input reaches it differently.
@Suite("Plan = dry-run = live")
struct SameSetTests {
    /// What an agent in dry-run keeps in place of an intent: shadows, which enforce never sees.
    private func dryRunView(_ world: World) -> LedgerView {
        var view = world.view
        view.intents = []
        view.owners = [:]
        view.exhausted = [:]
        return view
    }

    /// What is proposed, for comparing: the draft says everything that would be sent.
    private func proposals(_ plan: Plan) -> [String] {
        plan.decisions.map { decision in
            let action = decision.verdict.action.map {
                "\($0.request) \($0.draft.policy) \($0.draft.attempt) \($0.due)"
            }
            return "\(decision.execution) \(decision.policy?.name ?? "-") \(decision.verdict.label) \(action ?? "")"
        }
    }

    /// What is due now or later.
    private func actionable(_ plan: Plan) -> [Decision] { plan.decisions.filter { $0.verdict.action != nil } }

    /// The same world with its dictionaries and sets filled in another order and to another capacity.
    private func refilled(_ world: World, _ random: inout RandomWorlds) -> World {
        func again<Key: Hashable, Value>(_ old: [Key: Value]) -> [Key: Value] {
            var new: [Key: Value] = [:]
            new.reserveCapacity(old.count * random.number(1...9))
            for (key, value) in random.shuffled(old.map { ($0.key, $0.value) }) { new[key] = value }
            return new
        }
        func again<Element: Hashable>(_ old: Set<Element>) -> Set<Element> {
            Set(again(Dictionary(old.map { ($0, 0) }, uniquingKeysWith: +)).keys)
        }
        var other = world
        other.snapshot.executions = ExecutionTable(random.shuffled(Array(world.snapshot.executions.values)))
        other.snapshot.details = again(world.snapshot.details)
        other.snapshot.tags = again(world.snapshot.tags)
        other.snapshot.firstSeen = again(world.snapshot.firstSeen)
        other.snapshot.newestSuccess = again(world.snapshot.newestSuccess)
        other.snapshot.workflows = world.snapshot.workflows.map { again($0) }
        other.view.healed = again(world.view.healed)
        other.view.closed = again(world.view.closed.mapValues { again($0) })
        other.view.exhausted = again(world.view.exhausted.mapValues { again($0) })
        other.view.owners = again(world.view.owners)
        other.view.personRetried = again(world.view.personRetried)
        other.tagIDs = again(world.tagIDs)
        return other
    }

    @Test("nothing depends on how dictionaries and sets are filled", arguments: 1...60)
    func order(seed: UInt64) {
        var random = RandomWorlds(seed: seed)
        let world = seed.isMultiple(of: 2) ? random.world() : random.everything()
        for pass in [Planner.Pass.enforced, .dryRun] {
            let plan = world.plan(pass)
            for _ in 0..<3 { #expect(refilled(world, &random).plan(pass) == plan) }
            #expect(world.plan(pass) == plan)
        }
    }

    @Test("policies keep their order however the files are read", arguments: 1...60)
    func files(seed: UInt64) {
        var random = RandomWorlds(seed: seed)
        var world = seed.isMultiple(of: 2) ? random.world() : random.everything()
        for index in world.policies.indices { world.policies[index].place.file = "\(index).yaml" }
        let plan = world.plan()
        for _ in 0..<3 {
            world.policies = random.shuffled(world.policies)
            #expect(world.plan() == plan)
        }
    }

    @Test("policies that are off, or for other instances, change nothing", arguments: 1...60)
    func bystanders(seed: UInt64) {
        var random = RandomWorlds(seed: seed)
        var world = random.world()
        let plan = world.plan()
        var off = random.policy(7)
        (off.mode, off.priority) = (.off, 9)
        var elsewhere = random.policy(8)
        (elsewhere.mode, elsewhere.priority, elsewhere.instances) = (.enforce, 9, ["staging"])
        world.policies += [off, elsewhere]
        #expect(proposals(world.plan()) == proposals(plan))
    }

    @Test("policies in dry-run change nothing of what is enforced", arguments: 1...60)
    func trials(seed: UInt64) {
        var random = RandomWorlds(seed: seed)
        var world = random.world()
        let plan = world.plan()
        world.policies.removeAll { $0.mode == .dryRun }
        #expect(actionable(world.plan()) == actionable(plan))
    }

    @Test("an agent in dry-run proposes what it would enforce: the pass is the same, whatever its counters are kept in")
    func agentMode() {
        for seed in UInt64(1)...60 {
            var random = RandomWorlds(seed: seed)
            var world = random.world()
            world.view = dryRunView(world)
            let enforced = world.plan()
            // The agent's ceiling lowers where intents are written, never which policies are judged as enforced.
            #expect(proposals(world.plan(.enforced)) == proposals(enforced))
            var shadows = world
            for action in enforced.actions {
                let draft = action.draft
                shadows.intend(
                    draft.action, draft.execution, .shadow, ago: .zero, policy: draft.policy, root: draft.root,
                    tags: draft.tags, contributors: draft.contributors, workflow: draft.workflow)
            }
            let again = shadows.plan()
            let done = Set(enforced.actions.map { "\($0.draft.action) \($0.draft.execution)" })
            #expect(!again.actions.contains { done.contains("\($0.draft.action) \($0.draft.execution)") })
        }
    }

    @Test("a policy tried alone in dry-run proposes what it would do alone enforced", arguments: 1...60)
    func alone(seed: UInt64) {
        var random = RandomWorlds(seed: seed)
        var world = random.world()
        world.policies = [random.policy(0)]
        world.view = dryRunView(world)
        world.policies[0].mode = .enforce
        let enforced = world.plan().decisions.filter { $0.policy != nil }
        world.policies[0].mode = .dryRun
        let trial = world.plan(.dryRun).decisions
        #expect(trial.map(\.execution) == enforced.map(\.execution))
        #expect(trial.map(\.verdict) == enforced.map(\.verdict))
        #expect(world.plan().decisions.allSatisfy { $0.policy == nil })
    }

    @Test("fetching what is asked for comes to an end, and then nothing is pending", arguments: 1...60)
    func provisional(seed: UInt64) {
        var random = RandomWorlds(seed: seed)
        var world = random.world()
        // Of a chain the tags of one run after the other are asked for.
        for _ in 0..<8 {
            for need in world.plan().needs {
                switch need {
                case .detail(let id):
                    var detail = ExecutionDetail.harmless
                    detail.status = world.snapshot.executions[id]?.status ?? .error
                    world.snapshot.details[id] = detail
                case .tags(let id): world.snapshot.tags[id] = []
                }
            }
        }
        let plan = world.plan()
        #expect(plan.needs.isEmpty)
        #expect(!plan.decisions.contains { $0.verdict.label == "fact_pending" })
    }

    @Test("traced and untraced verdicts are equal, and so are whole and indexed policies", arguments: 1...60)
    func traced(seed: UInt64) {
        var random = RandomWorlds(seed: seed)
        let world = random.world()
        let chains = Chains(world.snapshot, world.view)
        var owners: [ExecutionID: Set<String>] = [:]
        for row in world.snapshot.executions.values {
            let subject = Subject(
                snapshot: world.snapshot, view: world.view, tables: world.set.tables,
                chain: chains.chain(of: row.id), row: row)
            for policy in world.set.policies {
                guard let match = policy.match else { continue }
                var plain = Evaluator(tracer: NoTrace())
                var traced = Evaluator(tracer: WholeTree())
                let verdict = plain.evaluate(match, subject)
                #expect(traced.evaluate(match, subject) == verdict)
                if verdict == .yes { owners[row.id, default: []].insert(policy.name) }
            }
        }
        for decision in world.plan().decisions {
            guard let name = decision.policy?.name, decision.verdict.action?.draft.action != .tag,
                case .act = decision.verdict
            else { continue }
            #expect(owners[decision.execution]?.contains(name) == true)
        }
    }
}

/// Walks every branch and keeps nothing.
private struct WholeTree: ConditionTracer {
    static var walksAll: Bool { true }
    func enter(_ condition: Condition) {}
    func leave(_ verdict: Ternary) {}
    func tested(_ test: FieldTest, _ fact: Fact<FieldValue>, _ verdict: Ternary) {}
}

@Suite("Polarity")
struct PolarityTests {
    private static let operators: [FieldKind: [FieldOperator]] = [
        .text: [.anyOf([.wildcard("*")]), .noneOf([.wildcard("x")]), .exists(true), .exists(false)],
        .set: [.anyOf([.wildcard("*")]), .noneOf([.wildcard("x")]), .exists(true), .exists(false)],
        .period: Comparison.allCases.map { .period($0, .hours(1)) } + [.exists(true), .exists(false)],
        .time: [.between(nil, nil), .between(noon, nil), .exists(true), .exists(false)],
        .number: Comparison.allCases.map { .number($0, 1) } + [
            .numberIn([1]), .numberNotIn([1]), .exists(true), .exists(false),
        ],
        .flag: [.flag(true), .flag(false), .exists(true), .exists(false)],
    ]
    private static let fields: [Field] = [
        .workflowName, .workflowTag, .workflowProject, .workflowActive, .executionMode, .age, .startedAgo, .endedAt,
        .ranFor, .succeededSince, .errorClass, .errorName, .errorMessage, .errorHTTPCode, .errorHTTPMethod, .errorNode,
        .errorNodeType, .errorCause, .errorItems, .repeatRisk, .customData("k"),
    ]

    /// One failed run of which nothing can be read but its row's status.
    private var blind: World {
        var world = World()
        world.add("7", detail: nil)
        world.snapshot.workflows = nil
        world.snapshot.executions["7"]?.mode = .retry
        world.snapshot.executions["7"]?.startedAt = nil
        world.snapshot.executions["7"]?.stoppedAt = nil
        world.snapshot.seenLive = ["7"]
        world.snapshot.details["7"] = ExecutionDetail(readability: .unreadable("n8n answers 500"))
        return world
    }

    @Test("no operator on a missing value ever acts, in either polarity", arguments: fields)
    func match(field: Field) throws {
        for operation in try #require(Self.operators[field.kind]) {
            let test = Condition.when(field, operation)
            for condition in [test, .not(test), .not(.not(test)), .any([test, test]), .not(.all([test, test]))] {
                var world = blind
                world.policies = [
                    policy(
                        "p", .retry { $0.acceptedRisks = [.possible, .restart] }, match: .all([.failed, condition]))
                ]
                #expect(world.plan().actions.isEmpty, "\(field.name) \(operation.text)")
                #expect(world.label("7") == "match_unknown", "\(field.name) \(operation.text)")
            }
        }
    }

    @Test("no operator on a missing value lifts an exception or a protection", arguments: fields)
    func protection(field: Field) throws {
        for operation in try #require(Self.operators[field.kind]) {
            let test = Condition.when(field, operation)
            for condition in [test, .not(test), .any([test, .status(.running)])] {
                var world = blind
                world.snapshot.executions["7"]?.mode = "webhook"
                if field == .executionMode { continue }
                world.policies = [policy("p", .retry { $0.acceptedRisks = [.possible, .restart] })]
                world.protections = [Protection(match: condition)]
                #expect(world.label("7") == "protected", "\(field.name) \(operation.text)")
                world.protections = []
                world.policies[0].exceptions = [PolicyException(match: condition, reason: "")]
                #expect(world.label("7") == "excepted", "\(field.name) \(operation.text)")
            }
        }
    }
}
