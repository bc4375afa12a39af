internal import MendflowCore

/// Reads a node of an execution's data.
struct NodeReading {
    /// What its parameters and the error's request say of it.
    let evidence: NodeEvidence

    init(_ node: JSONTree, name: String, request: JSONTree? = nil, scrub: EvidenceScrub) {
        let parameters = node["parameters"]
        let type = node["type"]?.word
        var operation = parameters?["operation"]?.word
        if operation == nil, type?.split(separator: ".").last?.hasPrefix("vectorStore") == true {
            operation = parameters?["mode"]?.word
        }
        let method = request?["method"] ?? NodeReading.method(parameters)
        evidence = NodeEvidence(
            name: scrub.name(name), type: type, operation: operation, resource: parameters?["resource"]?.word,
            method: method?.word,
            target: (request?["uri"] ?? request?["url"])?.text.map(scrub.text).flatMap { DetailAnswer.target($0) })
    }

    /// What a node's settings rule out; nothing where its parameters are not in the data.
    static func assurances(_ node: JSONTree) -> Set<NodeAssurance> {
        guard let parameters = node["parameters"], parameters.members != nil else { return [] }
        var found: Set<NodeAssurance> = []
        if !retries(node) { found.insert(.triesOnce) }
        let options = parameters["options"]
        if !pages(options) { found.insert(.onePage) }
        if options?["redirect"]?["redirect"]?["followRedirects"]?.bool == false { found.insert(.noRedirects) }
        if let method = NodeReading.method(parameters)?.word, !method.hasPrefix("=") { found.insert(.fixedMethod) }
        if !asksForMore(parameters) { found.insert(.noFollowUp) }
        let scripts = ["jsCode", "pythonCode", "functionCode"].compactMap { parameters[$0] }
        if !scripts.isEmpty, scripts.allSatisfy({ $0.word == "pure" }) { found.insert(.pureScript) }
        return found.union(statement(node, parameters, options))
    }

    private static func method(_ parameters: JSONTree?) -> JSONTree? {
        parameters?["method"] ?? parameters?["requestMethod"] ?? parameters?["httpRequestMethod"]
    }

    /// Whether a setting asks for calls after the deed, or may: an expression is not worked out.
    private static func asksForMore(_ parameters: JSONTree) -> Bool {
        let places = [parameters] + DetailPlan.settings.compactMap { parameters[$0] }
        return places.contains { place in
            DetailPlan.followUps.contains { name in
                // Setting a value twice is as good as once, with its expiry or without it; counting is not.
                if name == "expire", let operation = parameters["operation"]?.word, operation == "set" { return false }
                switch place[name] {
                case nil, .null, .bool(false): return false
                case .some(let value): return value.text?.isEmpty != true
                }
            }
        }
    }

    /// Whether a node runs deeds of a model's choice inside of itself or lets the model's service run them, so that no run
    /// of a tool is stored.
    static func actsUnseen(_ node: JSONTree) -> Bool {
        let parameters = node["parameters"]
        if parameters?["agent"]?.word == "sqlAgent" { return true }
        switch parameters?["builtInTools"]?["mcpServers"] {
        case nil, .null: return false
        case .object(_, let count): return count > 0
        case .some: return true
        }
    }

    /// Whether a node retries itself, or may.
    static func retries(_ node: JSONTree?) -> Bool {
        guard let setting = node?["retryOnFail"], setting != .null else { return false }
        return setting != .bool(false)
    }

    /// Whether a node pages through results, or may.
    private static func pages(_ options: JSONTree?) -> Bool {
        guard let options, options != .null else { return false }
        guard options.members != nil else { return true }
        guard let pagination = options["pagination"], pagination != .null else { return false }
        guard case .object(_, let count) = pagination, count == 0 else {
            return pagination["pagination"]?["paginationMode"]?.word != "off"
        }
        return false
    }

    private static func statement(_ node: JSONTree, _ parameters: JSONTree, _ options: JSONTree?) -> Set<NodeAssurance>
    {
        var found: Set<NodeAssurance> = []
        let query = (parameters["query"] ?? parameters["sqlQuery"]).map {
            $0.word.flatMap(StatementSource.Kind.init) ?? .unclear
        }
        switch query {
        case .reading: found = [.readingStatement, .oneStatement]
        case .single: found = [.oneStatement]
        // SQL Server takes the next statement without a semicolon, and commits each by itself.
        case .unseparated:
            found = node["type"]?.word?.hasPrefix("n8n-nodes-base.microsoftSql") == false ? [.oneStatement] : []
        case .several, .unclear, nil: break
        }
        // Postgres sends all that one call holds as one transaction, unless it says `independently` or ends it itself.
        let isPostgres = node["type"]?.word?.hasPrefix("n8n-nodes-base.postgres") == true
        let batching = options?["queryBatching"]?.word
        let isNew = node["typeVersion"]?.word.flatMap { Double($0) }.map { $0 >= 2 } ?? false
        if query != .unclear, batching == "transaction" || (isPostgres && isNew && (batching ?? "single") == "single") {
            found.insert(.oneTransaction)
        }
        return found
    }
}

extension DetailAnswer {
    /// Tools of agents that ran in this execution, once each. Of a node that retries itself the earlier tries leave no
    /// trace, so all tools of the workflow count. Nil where a node that ran is not among the workflow's, or where that is
    /// not kept whole.
    func tools(of stackNode: JSONTree?) -> [NodeEvidence]? {
        guard let runs = tree["data"]?["resultData"]?["runData"]?.members,
            case .array(let nodes, let count) =
                tree["workflowData"]?["nodes"], nodes.count == count, runs.entries.count < DetailPlan.maxNodes
        else { return nil }
        var byName: [String: JSONTree] = [:]
        for node in nodes { if let name = node["name"]?.word { byName[name] = node } }
        var names = Set<String>()
        for (name, run) in runs.entries {
            guard let type = byName[name]?["type"]?.word else { return nil }
            let isTold = run[0]?["data"]?["ai_tool"] != nil || run[0]?["inputOverride"]?["ai_tool"] != nil
            let isUnseen = byName[name].map(NodeReading.actsUnseen) ?? false
            if isTold || isUnseen || DetailAnswer.isTool(type) { names.insert(name) }
        }
        if NodeReading.retries(stackNode) {
            names.formUnion(
                byName.filter { DetailAnswer.isTool($0.value["type"]?.word ?? "") || NodeReading.actsUnseen($0.value) }
                    .keys)
        }
        if let stackNode, NodeReading.actsUnseen(stackNode), let name = stackNode["name"]?.word {
            byName[name] = stackNode
            names.insert(name)
        }
        return names.sorted().compactMap { name in
            byName[name].map { node in
                var tool = NodeReading(node, name: name, scrub: scrub).evidence
                tool.assurances = NodeReading.assurances(node)
                return tool
            }
        }
    }

    /// Whether a node type is a tool that an agent can call, or runs a workflow or a script for the node above it.
    static func isTool(_ type: String) -> Bool {
        let name = type.split(separator: ".").last ?? ""
        return name.hasPrefix("tool") || name.hasSuffix("Tool") || name.hasPrefix("mcpClient")
            || name == "retrieverWorkflow" || type == "@n8n/n8n-nodes-langchain.code"
    }

    /// Whether the runs of nodes below a root node are stored: each has its root as the source, and no main output.
    func hasSubRuns(below name: String) -> Bool {
        let runs = tree["data"]?["resultData"]?["runData"]?.members?.entries ?? []
        return runs.contains { _, run in
            run[0]?["source"]?[0]?["previousNode"]?.word == name && run[0]?["data"]?["main"] == nil
        }
    }
}
