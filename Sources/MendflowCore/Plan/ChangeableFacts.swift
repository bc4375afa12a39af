/// What an action was decided from that anybody may change at any moment without touching the execution: what is said of
/// its workflow, and annotation tags. It is read anew just before a request is sent.
public struct ChangeableFacts: Sendable, Hashable {
    /// What conditions can ask of a workflow, as it was known. A workflow that was not known decides nothing.
    public var workflows: [WorkflowID: WorkflowStanding] = [:]
    /// The names of the annotation tags of each run whose tags a condition asked for.
    public var tags: [ExecutionID: Set<String>] = [:]

    /// Nothing that could change.
    public init() {}

    /// What a condition about an execution may have gone by.
    init(_ subject: Subject) {
        self = subject.workflow.map(subject.facts.changeableFacts) ?? ChangeableFacts()
        let snapshot = subject.snapshot
        guard !snapshot.tags.isEmpty else { return }
        for node in subject.chain.nodes where node.row != nil {
            if let found = snapshot.tags[node.id] { tags[node.id] = Set(found.map(\.name)) }
        }
    }

    /// These and those of another action, for both leave in one request.
    mutating func merge(_ other: ChangeableFacts) {
        workflows.merge(other.workflows) { first, _ in first }
        tags.merge(other.tags) { first, _ in first }
    }

    /// What is different now, in words; nil where nothing is. A workflow that is gone is missing in `present`.
    package func change(to present: ChangeableFacts) -> String? {
        for (id, was) in workflows.sorted(by: { $0.key < $1.key }) {
            guard let now = present.workflows[id] else { return "workflow '\(was.name)' is not there any more" }
            if let change = was.change(to: now) { return change }
        }
        for (id, was) in tags.sorted(by: { $0.key < $1.key }) {
            let now = present.tags[id] ?? []
            if let new = now.subtracting(was).min() { return "execution \(id) bears the tag '\(new)' since" }
            if let lost = was.subtracting(now).min() { return "execution \(id) has lost the tag '\(lost)' since" }
        }
        return nil
    }
}

/// What conditions can ask of a workflow.
public struct WorkflowStanding: Sendable, Hashable {
    /// Its name.
    let name: String
    /// Its tags and projects; nil where the answer does not tell them all.
    private let tags: Set<String>?, projects: Set<String>?
    private let isSwitchedOn: Bool

    /// Takes what matters of a workflow.
    public init(_ workflow: WorkflowInfo) {
        name = workflow.name
        tags = workflow.hidesTags ? nil : Set(workflow.tags)
        projects = workflow.hidesProjects ? nil : Set(workflow.projects)
        isSwitchedOn = workflow.isSwitchedOn
    }

    fileprivate func change(to now: WorkflowStanding) -> String? {
        if name != now.name { return "workflow '\(name)' is named '\(now.name)' since" }
        if isSwitchedOn != now.isSwitchedOn {
            return "workflow '\(name)' was switched \(now.isSwitchedOn ? "on" : "off or archived") since"
        }
        if let tags, let present = now.tags, tags != present {
            return "the tags of workflow '\(name)' were changed since"
        }
        // The list of workflows names projects by their ids only, an answer about one of them by its name too.
        if let projects, let present = now.projects, !projects.isSubset(of: present), !present.isSubset(of: projects) {
            return "workflow '\(name)' was moved to another project since"
        }
        return nil
    }
}
