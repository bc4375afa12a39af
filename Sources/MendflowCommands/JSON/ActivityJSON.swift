import MendflowCore
import MendflowOperations

/// What was done, for programs.
struct ActivityJSON: Encodable {
    struct Deed: Encodable {
        var at: String
        var instance: String
        var intent: Int64
        var action: String
        var state: String
        var execution: String
        var root: String
        var workflow: String
        var workflowName: String?
        var policies: [String]
        var tags: [String]
        var errorClass: String?
        var node: String?
        var message: String?
        var failedAt: String?
        var link: String
        var sent: Bool
        var outcome: String
        var child: String?
        var healed: Bool?
    }
    struct GivenUp: Encodable {
        var at: String, instance: String, execution: String, policy: String, workflow: String?, link: String?
    }
    struct Asks: Encodable { var asked: Int, approved: Int, declined: Int, expired: Int, withdrawn: Int }
    struct Line: Encodable {
        var name: String, formerly: [String]?
        var done: [String: Int]
        var void: Int
        var unsent: Int
        var underWay: Int
        var unresolved: Int
        var wouldHave: Int
        var chainsRetried: Int
        var healed: Int
        var exhausted: Int

        init(_ it: ActivityReport.Line) {
            formerly = it.formerly.isEmpty ? nil : it.formerly
            (name, void, unsent, unresolved, wouldHave) = (it.name, it.void, it.unsent, it.unresolved, it.wouldHave)
            underWay = it.underWay
            (chainsRetried, healed, exhausted) = (it.retried, it.healed, it.exhausted)
            done = Dictionary(it.done.map { ($0.key.rawValue, $0.value) }) { one, _ in one }
        }
    }
    struct Agreed: Encodable {
        struct Line: Encodable { var name: String, agreed: Int, later: Int, more: Int }
        var byPeople: Int, both: Int, before: Int, healed: Int, agreed: Int, later: Int, earlierMs: Int64?, more: Int
        var missed: [String: Int], policies: [Line]

        init(_ it: Agreement) {
            (byPeople, both, before, healed) = (it.byPeople, it.both, it.before, it.healed)
            (agreed, later, more) = (it.agreed, it.later, it.more)
            earlierMs = it.earlier?.milliseconds
            missed = Dictionary(it.missed.map { ($0.key.rawValue, $0.value) }) { one, _ in one }
            policies = it.policies.map { Line(name: $0.name, agreed: $0.agreed, later: $0.later, more: $0.more) }
        }
    }
    struct Missed: Encodable {
        var at: String
        var instance: String
        var absence: AbsenceJSON
        var endedAt: String?
        var ended: String?
        var run: String?
    }
    var since: String
    var missed: [Missed]?
    var incidents: [IncidentJSON]?
    var policies: [Line]
    var workflows: [Line]
    var givenUp: [GivenUp]
    var held: [String: Int], heldNow: [String: Int], heldFormerly: [String: Int]?
    var withheld: [String: [String: Int]], withheldDone: [String: Int]?
    var asks: Asks, demoted: [String]
    var retriedByPeople: Int, retriedBySomebody: Int?
    var agreement: Agreed
    var actions: [Deed]

    init(_ it: ActivityReport) {
        (since, retriedByPeople) = (it.since.rfc3339, it.retriedByPeople)
        retriedBySomebody = it.retriedBySomebody > 0 ? it.retriedBySomebody : nil
        (policies, workflows) = (it.policies.map(Line.init), it.workflows.map(Line.init))
        agreement = Agreed(it.agreement)
        givenUp = it.givenUp.map {
            GivenUp(
                at: $0.at.rfc3339, instance: $0.instance, execution: $0.execution.text, policy: $0.policy,
                workflow: $0.workflow, link: $0.link)
        }
        held = Dictionary(it.held.map { ($0.key.rawValue, $0.value) }) { one, _ in one }
        heldNow = Dictionary(it.heldNow.map { ($0.key.rawValue, $0.value) }) { one, _ in one }
        heldFormerly =
            it.heldFormerly.isEmpty
            ? nil : Dictionary(it.heldFormerly.map { ($0.key.rawValue, $0.value) }) { one, _ in one }
        withheldDone = it.withheldDone.isEmpty ? nil : it.withheldDone
        asks = Asks(
            asked: it.asks.asked, approved: it.asks.approved, declined: it.asks.declined, expired: it.asks.expired,
            withdrawn: it.asks.withdrawn)
        demoted = it.demotions.map(\.what.policy)
        withheld = it.withheld.mapValues { reasons in
            Dictionary(reasons.map { ($0.key.rawValue, $0.value) }) { one, _ in one }
        }
        incidents =
            it.incidents.isEmpty
            ? nil
            : it.incidents.map { happened in
                var json = IncidentJSON(happened.incident)
                (json.instance, json.overAt) = (happened.instance, happened.overAt?.rfc3339)
                if json.overAt != nil { json.state = "over" }
                return json
            }
        missed =
            it.missed.isEmpty
            ? nil
            : it.missed.map {
                Missed(
                    at: $0.at.rfc3339, instance: $0.instance, absence: AbsenceJSON($0.absence),
                    endedAt: $0.endedAt?.rfc3339, ended: $0.end?.cause.rawValue, run: $0.end?.run?.text)
            }
        actions = it.deeds.map { deed in
            Deed(
                at: deed.at.rfc3339, instance: deed.instance, intent: deed.intent, action: deed.action.rawValue,
                state: deed.state.rawValue, execution: deed.execution.text, root: deed.root.text,
                workflow: deed.workflow.text, workflowName: deed.workflowName, policies: deed.policies,
                tags: deed.tags, errorClass: deed.errorClass?.rawValue, node: deed.node,
                message: deed.message, failedAt: deed.failedAt?.rfc3339, link: deed.link,
                sent: deed.wasSent, outcome: deed.outcome.rawValue, child: deed.child?.text, healed: deed.isHealed)
        }
    }
}
