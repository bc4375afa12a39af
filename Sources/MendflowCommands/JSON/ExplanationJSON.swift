import MendflowCore
import MendflowReview

/// An explanation as JSON.
struct ExplanationJSON: Encodable {
    struct Event: Encodable {
        var kind: String, execution: String, status: String, actor: String, at: String?, endedAt: String?
        var retryOf: String?, policy: String?, intent: Int64?, run: String?, record: Int64?, words: String
    }
    struct Failure: Encodable {
        var errorClass: String?, rule: String?, stage: String?, seen: [String]?, name: String?, message: String?
        var httpCode: String?, hidden: [String]?
    }
    struct Risk: Encodable {
        var risk: String, rule: String, words: String, start: String, startNode: String?, items: Int?
        var mayHaveBeenDone: Int?

        init(_ verdict: RepeatRiskVerdict) {
            (risk, rule, words) = (verdict.risk.rawValue, verdict.ruleID, verdict.why)
            (start, mayHaveBeenDone) = (verdict.start.summary, verdict.mayHaveBeenDone)
            if case .node(let name, let items) = verdict.start { (startNode, self.items) = (name, items) }
        }
    }
    struct Test: Encodable {
        var field: String, wanted: String, actual: String, hint: String?, verdict: String, implicit: Bool
        var place: String?
    }
    /// A test that would have to turn out otherwise.
    struct Missed: Encodable { var negated: Bool, test: Test }
    struct AsOf: Encodable { var time: String, decidedAt: String, record: Int64, notBegun: [String]? }
    /// A condition: a group with its parts, or a test.
    final class Tree: Encodable, Sendable {
        let group: String?, verdict: String?, parts: [Tree]?, test: Test?

        init(_ tree: ConditionTree) {
            switch tree {
            case .group(let group, let verdict, let parts):
                self.group = group.rawValue
                self.verdict = verdict.rawValue
                self.parts = parts.map { Tree($0) }
                test = nil
            case .test(let test):
                (group, verdict, parts) = (nil, nil, nil)
                self.test = Test(test)
            }
        }

        func encode(to encoder: any Encoder) throws {
            if let test { return try test.encode(to: encoder) }
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encodeIfPresent(group, forKey: .group)
            try container.encodeIfPresent(verdict, forKey: .verdict)
            try container.encodeIfPresent(parts, forKey: .parts)
        }

        private enum CodingKeys: CodingKey { case group, verdict, parts }
    }
    struct Balance: Encodable {
        var `guard`: String, scope: String, used: Int, limit: Int, left: Int, perMs: Int64?, perTick: Bool?
        var fullUntil: String?, state: String?
        /// Whether it is what the action waits for.
        var holds: Bool?
    }
    struct Policy: Encodable {
        var name: String, place: String, mode: String, verdict: String, reason: String?, words: String?, due: String?
        var deciding: Test?, missed: [Missed]?, conditions: Tree?, exceptions: [String], guards: [Balance],
            givesUpAt: String?
        var group: GroupJSON?, bulkStopHeld: String?
    }
    struct Protection: Encodable { var conditions: Tree, place: String? }
    struct Decision: Encodable {
        var dryRun: Bool, verdict: String, policy: String?, words: String?, action: String?, due: String?
        var until: String?, takenFrom: String?, wouldSend: String?
    }
    struct Done: Encodable {
        var record: Int64, execution: String, at: String, policy: String?, request: String?
        var exhaustion: String?, errorClass: String?, rule: String?, repeatRisk: Risk?, conditions: Tree?

        init(_ done: Explanation.Done) {
            (record, execution, at) = (done.record, done.execution.text, done.at.rfc3339)
            (policy, request) = (done.policy, done.request)
            exhaustion = done.exhaustion
            errorClass = done.action?.classification?.errorClass.rawValue
            rule = done.action?.classification?.ruleID
            repeatRisk = done.action?.risk.map { Risk($0) }
            conditions = done.tree.map { Tree($0) }
        }
    }
    struct Miss: Encodable { var policy: String, misses: Int, deciding: Test?, missed: [Missed], missedGroup: String? }

    var asked: String, judged: String, root: String, workflow: String, workflowName: String?, status: String
    var link: String, memory: String, healedBy: String?, now: String, asOf: AsOf?, unreachable: String?
    var healedSince: Bool?
    var chain: [Event]
    var error: Failure?, repeatRisk: Risk?, nodesDone: Int?, unreadable: String?
    var policies: [Policy], nearestMiss: Miss?, protections: [Protection], decisions: [Decision]
    var nextDue: String?
    /// Other executions whose data was not read, which may take of the same caps.
    var passedOver: Int
    /// What was done, as it was decided then.
    var done: [Done]

    init(_ it: Explanation) {
        asked = it.asked.text
        done = it.done.map { Done($0) }
        passedOver = it.passedOver
        judged = it.judged.text
        root = it.root.text
        workflow = it.workflow.text
        workflowName = it.workflowName
        status = it.row.status.rawValue
        link = it.link
        healedBy = it.healedBy?.text
        memory = it.isMemoryless ? "none" : "ledger"
        chain = it.timeline.map { Event($0) }
        if it.classification != nil || it.error != nil {
            error = Failure(
                errorClass: it.classification?.errorClass.rawValue, rule: it.classification?.ruleID,
                stage: it.stage?.title, seen: it.seen.isEmpty ? nil : it.seen, name: it.error?.name,
                message: it.error?.message, httpCode: it.error?.httpCode,
                hidden: it.hiddenParts.isEmpty ? nil : it.hiddenParts)
        }
        repeatRisk = it.risk.map { Risk($0) }
        (unreadable, nodesDone) = (it.unreadable, it.nodesDone)
        now = it.now.rfc3339
        unreachable = it.unreached
        healedSince = it.hasHealedSince ? true : nil
        asOf = it.asOf.map {
            AsOf(
                time: $0.time.rfc3339, decidedAt: $0.decidedAt.rfc3339, record: $0.record,
                notBegun: $0.notBegun.isEmpty ? nil : $0.notBegun)
        }
        policies = it.policies.map { Policy($0) }
        nearestMiss = it.nearestMiss.map {
            Miss(
                policy: $0.policy, misses: $0.misses, deciding: $0.test.map { Test($0) },
                missed: $0.missed.map { Missed($0) }, missedGroup: $0.missedGroup)
        }
        protections = it.protections.map { Protection(conditions: Tree($0.tree), place: $0.place?.description) }
        decisions = it.outcomes.map { Decision($0) }
        nextDue = it.nextDue?.rfc3339
    }
}

extension ExplanationJSON.Event {
    fileprivate init(_ entry: TimelineEntry) {
        kind = entry.kind.rawValue
        execution = entry.execution.text
        status = entry.status
        actor = entry.actor.rawValue
        at = entry.at?.rfc3339
        endedAt = entry.endedAt?.rfc3339
        retryOf = entry.retryOf?.text
        policy = entry.policy
        intent = entry.intent?.number
        run = entry.child?.text
        record = entry.record
        words = entry.summary
    }
}

extension ExplanationJSON.Test {
    fileprivate init(_ test: ConditionTree.Test) {
        field = test.field
        wanted = test.wanted
        actual = test.actual
        hint = test.hint
        verdict = test.verdict.rawValue
        implicit = test.isImplicit
        place = test.place?.description
    }
}

extension ExplanationJSON.Missed {
    fileprivate init(_ miss: ConditionTree.Miss) {
        (negated, test) = (miss.isNegated, ExplanationJSON.Test(miss.test))
    }
}

extension ExplanationJSON.Policy {
    fileprivate init(_ policy: Explanation.PolicyView) {
        name = policy.name
        place = policy.place.description
        mode = policy.mode.rawValue
        verdict = policy.standing.rawValue
        reason = policy.reason
        words = policy.why.isEmpty ? nil : policy.why
        due = policy.due?.rfc3339
        deciding = policy.deciding.map { ExplanationJSON.Test($0) }
        missed = policy.missed.isEmpty ? nil : policy.missed.map { ExplanationJSON.Missed($0) }
        conditions = policy.tree.map { ExplanationJSON.Tree($0) }
        exceptions = policy.exceptions
        guards = policy.balances.map {
            ExplanationJSON.Balance(
                guard: $0.name, scope: $0.scope, used: $0.used, limit: $0.limit, left: $0.left,
                perMs: $0.per?.milliseconds,
                perTick: $0.isPerTick ? true : nil, fullUntil: $0.fullUntil?.rfc3339, state: $0.state,
                holds: policy.holding.contains($0) ? true : nil)
        }
        group = policy.group.map { GroupJSON($0, wanted: policy.wantedOfGroup) }
        bulkStopHeld = policy.bulkHeld
        givesUpAt = policy.givesUpAt?.rfc3339
    }
}

extension ExplanationJSON.Decision {
    fileprivate init(_ outcome: Explanation.Outcome) {
        policy = outcome.policy
        dryRun = outcome.isDryRun
        verdict = outcome.verdict
        words = outcome.why.isEmpty ? nil : outcome.why
        action = outcome.action?.draft.action.rawValue
        due = outcome.action?.due.rfc3339
        until = outcome.until?.rfc3339
        takenFrom = outcome.takenFrom
        wouldSend = outcome.withheld
    }
}
