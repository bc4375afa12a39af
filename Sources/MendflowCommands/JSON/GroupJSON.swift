import MendflowCore

/// What a group of executions was found to have, as JSON.
struct GroupJSON: Encodable {
    var policy: String, workflow: String?, wanted: String?, count: Int, pending: Int, unknown: Int, complete: Bool
    var holds: Bool?

    init(_ group: GroupCount, wanted: String?) {
        policy = group.policy
        workflow = group.workflow?.text
        self.wanted = wanted
        count = group.count
        pending = group.pending
        unknown = group.unknown
        complete = group.isComplete
        holds = group.holds
    }
}
