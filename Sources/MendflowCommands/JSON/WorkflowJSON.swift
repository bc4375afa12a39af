import MendflowCore
import MendflowReview

/// Why runs of workflows count as missed or not, for programs.
struct WorkflowsJSON: Encodable {
    struct Run: Encodable { var execution: String, status: String, at: String? }
    struct Wish: Encodable {
        var mode: String, place: String, finding: AbsenceFindingJSON, lastRun: Run?, wantedBy: String?,
            toldSince: String?
    }
    struct Workflow: Encodable {
        var instance: String, workflow: String, name: String, switchedOn: Bool, now: String, policies: [Wish]
        var others: [String]
    }

    var workflows: [Workflow]

    init(_ all: [WorkflowExplanation]) {
        workflows = all.map { it in
            Workflow(
                instance: it.instance, workflow: it.workflow.text, name: it.name, switchedOn: it.isSwitchedOn,
                now: it.now.rfc3339,
                policies: it.wishes.map { wish in
                    Wish(
                        mode: wish.mode.rawValue, place: wish.place.description,
                        finding: AbsenceFindingJSON(wish.finding),
                        lastRun: wish.finding.last.map {
                            Run(execution: $0.execution.text, status: $0.status.rawValue, at: $0.at?.rfc3339)
                        }, wantedBy: wish.wantedBy?.rfc3339, toldSince: wish.toldSince?.rfc3339)
                }, others: it.others)
        }
    }
}
