internal import MendflowCore

/// Reads workflows and tags.
enum WorkflowAnswer {
    private static let owner = JSONPlan.object([
        "role": .word, "projectId": .word, "project": .object(["id": .word, "name": .word]),
    ])
    static let workflow = JSONPlan.object([
        "id": .word, "name": .word, "active": .word, "isArchived": .word, "versionId": .word,
        "activeVersionId": .word,
        "tags": .array(.object(["id": .word, "name": .word]), keep: .first(100)),
        "shared": .array(owner, keep: .first(50)),
        "settings": .object([
            "saveDataSuccessExecution": .word, "saveDataErrorExecution": .word, "saveExecutionProgress": .word,
            "errorWorkflow": .word,
        ]),
    ])
    static let page = JSONPlan.object([
        "data": .array(workflow, keep: .first(1000)), "nextCursor": .scalar(limit: 4096),
    ])
    static let tags = JSONPlan.array(.object(["id": .word, "name": .word]), keep: .first(1000))

    /// The workflows of a page and the cursor of the next; nil where it is no page of workflows.
    static func page(_ answer: Answer) -> (workflows: [WorkflowInfo], next: String?)? {
        guard let tree = answer.json, let data = tree["data"], let items = data.items,
            items.count == data.elementCount, let cursor = RowAnswer.Cursor(tree["nextCursor"])
        else { return nil }
        let workflows = items.compactMap(info)
        return workflows.count == items.count ? (workflows, cursor.text) : nil
    }

    static func info(_ tree: JSONTree) -> WorkflowInfo? {
        guard let id = tree["id"]?.word, let name = tree["name"]?.text, let active = tree["active"]?.bool else {
            return nil
        }
        let owners = (tree["shared"]?.items ?? []).filter { ($0["role"]?.word ?? "workflow:owner") == "workflow:owner" }
        let projects = owners.flatMap { share in
            [share["projectId"]?.word ?? share["project"]?["id"]?.word, share["project"]?["name"]?.text]
        }
        let settings = tree["settings"]
        return WorkflowInfo(
            id: WorkflowID(id), name: name, active: active,
            tags: (tree["tags"]?.items ?? []).compactMap { $0["name"]?.text },
            projects: projects.compactMap { $0 }, draftVersion: tree["versionId"]?.word,
            publishedVersion: tree["activeVersionId"]?.word,
            savesSuccesses: saves(settings?["saveDataSuccessExecution"]),
            savesFailures: saves(settings?["saveDataErrorExecution"]),
            savesProgress: settings?["saveExecutionProgress"]?.bool,
            errorWorkflow: settings?["errorWorkflow"]?.word.map { WorkflowID($0) },
            isArchived: tree["isArchived"]?.bool ?? false)
    }

    /// `all`, `none`; anything else leaves it to the instance's default.
    private static func saves(_ setting: JSONTree?) -> Bool? {
        switch setting?.text {
        case "all": true
        case "none": false
        default: nil
        }
    }

    /// Annotation tags; nil where the answer is no list of them.
    static func tags(_ answer: Answer) -> [AnnotationTag]? {
        guard let items = answer.json?.items, items.count == answer.json?.elementCount else { return nil }
        let tags = items.compactMap { item -> AnnotationTag? in
            guard let id = item["id"]?.word, let name = item["name"]?.text else { return nil }
            return AnnotationTag(id: id, name: name)
        }
        return tags.count == items.count ? tags : nil
    }
}
