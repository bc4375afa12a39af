internal import MendflowCore

/// Reads workflows and tags.
enum WorkflowAnswer {
    private static let owner = JSONPlan.object([
        "role": .word, "projectId": .word, "project": .object(["id": .word, "name": .word]),
    ])
    static let workflow = JSONPlan.object(members)
    /// What is read of a workflow.
    static let members: [String: JSONPlan] = [
        "id": .word, "name": .word, "active": .word, "isArchived": .word, "versionId": .word,
        "activeVersionId": .word,
        "tags": .array(.object(["id": .word, "name": .word]), keep: .first(100)),
        "shared": .array(owner, keep: .first(50)),
        "nodes": .array(.object(["name": .word, "type": .word, "disabled": .word]), keep: .first(300)),
        "settings": .object([
            "saveDataSuccessExecution": .word, "saveDataErrorExecution": .word, "saveExecutionProgress": .word,
            "errorWorkflow": .word,
        ]),
    ]
    static let page = JSONPlan.object([
        "data": .array(workflow, keep: .first(1000)), "nextCursor": .scalar(limit: 4096),
    ])
    static let tags = JSONPlan.array(.object(["id": .word, "name": .word]), keep: .first(1000))

    /// The workflows of an answer, as a tally.
    static func tally(_ tree: JSONTree) -> RowTally {
        var tally = RowTally()
        for item in tree["data"]?.items ?? [] { tally.add(lack(item)) }
        return tally
    }

    private static func lack(_ tree: JSONTree) -> RowLack? {
        guard tree.members != nil else { return RowLack(noRow: JSONKind(tree)) }
        func lack(_ member: String) -> RowLack {
            RowLack(member, tree[member].map { JSONKind($0) }, id: tree["id"]?.word)
        }
        if tree["id"]?.word == nil { return lack("id") }
        if tree["name"]?.text == nil { return lack("name") }
        return tree["active"]?.bool == nil ? lack("active") : nil
    }

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
        let tags = tags(tree["tags"])
        let projects = projects(tree["shared"])
        let settings = tree["settings"]
        return WorkflowInfo(
            id: WorkflowID(id), name: name, active: active,
            tags: tags ?? [], projects: projects ?? [], draftVersion: tree["versionId"]?.word,
            publishedVersion: tree["activeVersionId"]?.word,
            savesSuccesses: saves(settings?["saveDataSuccessExecution"]),
            savesFailures: saves(settings?["saveDataErrorExecution"]),
            savesProgress: settings?["saveExecutionProgress"]?.bool,
            errorWorkflow: settings?["errorWorkflow"]?.word.map { WorkflowID($0) },
            isArchived: tree["isArchived"]?.bool ?? false, hidesTags: tags == nil, hidesProjects: projects == nil,
            nodes: nodes(tree["nodes"]))
    }

    /// The nodes; nil if not all of them can be read.
    private static func nodes(_ tree: JSONTree?) -> WorkflowNodes? {
        guard let items = tree?.items, items.count == tree?.elementCount else { return nil }
        var nodes = WorkflowNodes()
        for item in items {
            guard let name = item["name"]?.word, let type = item["type"]?.word else { return nil }
            nodes.add(name: name, type: type, isDisabled: ![nil, .null, .bool(false)].contains(item["disabled"]))
        }
        return nodes
    }

    /// The names of all workflow tags; nil if the list or one of its tags is not as n8n sends it, for then nobody knows
    /// the workflow's tags.
    private static func tags(_ tree: JSONTree?) -> [String]? {
        guard let items = tree?.items, items.count == tree?.elementCount else { return nil }
        let names = items.compactMap { $0["name"]?.word }
        return names.count == items.count ? names : nil
    }

    /// Id and name of the project that owns the workflow; nil (unknown) if the answer names no owner, because every
    /// workflow has one.
    private static func projects(_ tree: JSONTree?) -> [String]? {
        guard let shares = tree?.items, shares.count == tree?.elementCount else { return nil }
        let owners = shares.filter { ($0["role"]?.word ?? "workflow:owner") == "workflow:owner" }
        let ids = owners.compactMap { $0["projectId"]?.word ?? $0["project"]?["id"]?.word }
        guard !ids.isEmpty, ids.count == owners.count else { return nil }
        return ids + owners.compactMap { $0["project"]?["name"]?.text }
    }

    /// True for `all`, false for `none`; nil for anything else, which leaves it to the instance's default. The API does
    /// not tell that default.
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

extension WorkflowInfo {
    /// The same with its names as `scrub` leaves them.
    func named(_ scrub: (String) -> String) -> WorkflowInfo {
        var info = self
        info.name = scrub(name)
        (info.tags, info.projects) = (tags.map(scrub), projects.map(scrub))
        return info
    }
}
