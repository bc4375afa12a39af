package import MendflowCore
package import MendflowText

// Pieces of evidence: an execution's data, a workflow. Rows are in `ExecutionCodec`.

extension WorkflowInfo {
    package var stored: JSONValue {
        var members = Members()
        members.set("id", id)
        members.set("name", name)
        members.set("active", active)
        members.set("tags", tags)
        members.set("tags_unread", hidesTags)
        members.set("projects", projects)
        members.set("projects_unread", hidesProjects)
        members.set("draft", draftVersion)
        members.set("published", publishedVersion)
        members.set("saves_successes", choice: savesSuccesses)
        members.set("saves_failures", choice: savesFailures)
        members.set("saves_progress", choice: savesProgress)
        members.set("error_workflow", errorWorkflow)
        members.set("archived", isArchived)
        members.set("nodes", nodes?.digits)
        return members.value
    }

    package init(_ value: JSONValue) throws(MalformedRecord) {
        var fields = try Fields(value)
        self.init(
            id: WorkflowID(try fields.text("id")), name: try fields.text("name"), active: try fields.flag("active"),
            tags: try fields.texts("tags"), projects: try fields.texts("projects"),
            draftVersion: try fields.textIfAny("draft"), publishedVersion: try fields.textIfAny("published"),
            savesSuccesses: try fields.choice("saves_successes"), savesFailures: try fields.choice("saves_failures"),
            savesProgress: try fields.choice("saves_progress"),
            errorWorkflow: try fields.textIfAny("error_workflow").map { WorkflowID($0) },
            isArchived: try fields.flag("archived"), hidesTags: try fields.flag("tags_unread"),
            hidesProjects: try fields.flag("projects_unread"), nodes: try fields.optional("nodes", WorkflowNodes.init))
        try fields.finish()
    }
}

extension WorkflowNodes {
    fileprivate init(_ value: JSONValue) throws(MalformedRecord) {
        guard case .text(let digits) = value, let nodes = WorkflowNodes(digits: digits) else {
            throw MalformedRecord("nodes is no list of nodes")
        }
        self = nodes
    }
}

extension ExecutionDetail {
    package var stored: JSONValue {
        var members = Members()
        members.set("readability", readability.word)
        if case .unreadable(let why) = readability { members.set("trouble", why) }
        members.set("status", status)
        members.set("created", createdAt)
        members.set("error", value: error?.stored)
        members.set("node", value: lastNode?.stored)
        members.set("start_node", value: startNode?.stored)
        members.set("empty_stack", hasEmptyStack)
        members.set("ran_to_its_end", ranToItsEnd)
        members.set("ran_past_stack", ranPastStack)
        members.set("reached_time_limit", choice: reachedTimeLimit)
        members.set("tools", value: tools.map { .list($0.map(\.stored)) })
        members.set("items", itemsToRepeat)
        members.set("finished_nodes", finishedNodes)
        members.set("resumes_at_node", choice: resumesAtNode)
        members.set("wait_kind", waitKind)
        if !customData.isEmpty {
            members.set("notes", value: .object(JSONObject(customData.map { ($0.key, .text($0.value)) })))
        }
        members.set("notes_unread", (unreadCustomData ?? []).sorted())
        members.set("all_notes_unread", unreadCustomData == nil)
        members.set("parent", parentExecution)
        members.set("version", workflowVersion)
        return members.value
    }

    package init(_ value: JSONValue) throws(MalformedRecord) {
        var fields = try Fields(value)
        self.init(
            readability: try Readability(&fields), status: try fields.word("status"),
            createdAt: try fields.timeIfAny("created"), error: try fields.optional("error", ErrorEvidence.init),
            lastNode: try fields.optional("node", NodeEvidence.init),
            itemsToRepeat: try fields.numberIfAny("items").map { Int($0) },
            finishedNodes: try fields.numberIfAny("finished_nodes").map { Int($0) },
            resumesAtNode: try fields.choice("resumes_at_node"), waitKind: try fields.wordIfAny("wait_kind"),
            customData: try fields.optional("notes", ExecutionDetail.notes) ?? [:],
            parentExecution: try fields.idIfAny("parent"), workflowVersion: try fields.textIfAny("version"))
        startNode = try fields.optional("start_node", NodeEvidence.init)
        hasEmptyStack = try fields.flag("empty_stack")
        ranToItsEnd = try fields.flag("ran_to_its_end")
        ranPastStack = try fields.flag("ran_past_stack")
        reachedTimeLimit = try fields.choice("reached_time_limit")
        // A list without tools is another thing than none.
        if fields.members["tools"] != nil { tools = try fields.all("tools", NodeEvidence.init) }
        unreadCustomData = Set(try fields.texts("notes_unread"))
        if try fields.flag("all_notes_unread") { unreadCustomData = nil }
        try fields.finish()
    }

    private static func notes(_ value: JSONValue) throws(MalformedRecord) -> [String: String] {
        var fields = try Fields(value)
        var notes: [String: String] = [:]
        for key in fields.members.keys { notes[key] = try fields.text(key) }
        return notes
    }
}

extension ExecutionDetail.Readability {
    fileprivate var word: String {
        switch self {
        case .readable: "readable"
        case .redacted: "redacted"
        case .oversized: "oversized"
        case .unreadable: "unreadable"
        case .unfound: "unfound"
        }
    }

    fileprivate init(_ fields: inout Fields) throws(MalformedRecord) {
        switch try fields.text("readability") {
        case "readable": self = .readable
        case "redacted": self = .redacted
        case "oversized": self = .oversized
        case "unreadable": self = .unreadable(try fields.text("trouble"))
        case "unfound": self = .unfound
        case let other: throw MalformedRecord("readability is '\(other)'")
        }
    }
}

extension NodeEvidence {
    fileprivate var stored: JSONValue {
        var members = Members()
        members.set("name", name)
        members.set("type", type)
        members.set("operation", operation)
        members.set("resource", resource)
        members.set("method", method)
        members.set("target", target)
        members.set("assures", assurances.map(\.rawValue).sorted())
        return members.value
    }

    fileprivate init(_ value: JSONValue) throws(MalformedRecord) {
        var fields = try Fields(value)
        self.init(
            name: try fields.text("name"), type: try fields.textIfAny("type"),
            operation: try fields.textIfAny("operation"), resource: try fields.textIfAny("resource"),
            method: try fields.textIfAny("method"), target: try fields.textIfAny("target"))
        for word in try fields.texts("assures") {
            guard let assurance = NodeAssurance(rawValue: word) else { throw MalformedRecord("assures '\(word)'") }
            assurances.insert(assurance)
        }
        try fields.finish()
    }
}

extension ErrorEvidence {
    fileprivate var stored: JSONValue {
        var members = Members()
        members.set("name", name)
        members.set("message", message)
        members.set("description", description)
        members.set("http_code", httpCode)
        members.set("cause", cause)
        members.set("messages", messages)
        members.set("status", status)
        members.set("codes", codes)
        members.set("answer_codes", answerCodes)
        members.set("details", details)
        members.set("at", at)
        members.set("retry_after", retryAfter)
        members.set("resets_at", resetsAt)
        members.set("item", itemIndex)
        return members.value
    }

    fileprivate init(_ value: JSONValue) throws(MalformedRecord) {
        var fields = try Fields(value)
        self.init(
            name: try fields.textIfAny("name"), message: try fields.textIfAny("message"),
            description: try fields.textIfAny("description"), httpCode: try fields.textIfAny("http_code"),
            cause: try fields.textIfAny("cause"), messages: try fields.texts("messages"),
            status: try fields.textIfAny("status"), codes: try fields.texts("codes"),
            answerCodes: try fields.texts("answer_codes"), details: try fields.texts("details"),
            at: try fields.timeIfAny("at"),
            retryAfter: try fields.numberIfAny("retry_after").map { Period(milliseconds: $0) },
            resetsAt: try fields.timeIfAny("resets_at"), itemIndex: try fields.numberIfAny("item").map { Int($0) })
        try fields.finish()
    }
}

extension Members {
    /// Yes, no, or not known, which is left out.
    mutating func set(_ key: String, choice: Bool?) { set(key, value: choice.map { .flag($0) }) }

    mutating func set(_ key: String, _ hashes: [EvidenceHash]) { set(key, hashes.map(\.description)) }
}

extension Fields {
    mutating func choice(_ key: String) throws(MalformedRecord) -> Bool? {
        try optional(key) { (value) throws(MalformedRecord) in
            guard case .flag(let flag) = value else { throw MalformedRecord("\(key) is no flag") }
            return flag
        }
    }

    mutating func hashIfAny(_ key: String) throws(MalformedRecord) -> EvidenceHash? {
        guard let text = try textIfAny(key) else { return nil }
        guard let hash = EvidenceHash(text) else { throw MalformedRecord("\(key) is no hash") }
        return hash
    }

    mutating func hashes(_ key: String) throws(MalformedRecord) -> [EvidenceHash] {
        var hashes: [EvidenceHash] = []
        for text in try texts(key) {
            guard let hash = EvidenceHash(text) else { throw MalformedRecord("\(key) holds no hashes") }
            hashes.append(hash)
        }
        return hashes
    }
}
