import MendflowHTTP

extension Simulator {
    /// `GET /workflows`: ascending by id, with a cursor of the offset form.
    func listWorkflows(_ route: Route) -> HTTPResponse {
        var limit = route.values("limit").first.flatMap { Int($0) } ?? 100
        var offset = 0
        if let text = route.values("cursor").first, !text.isEmpty {
            guard let bytes = decodeBase64(text), let json = try? JSON(parsing: bytes), json.object != nil else {
                return .message(400, "An invalid cursor was provided")
            }
            offset = json["offset"]?.integer.map { Int($0) } ?? 0
            limit = json["limit"]?.integer.map { Int($0) } ?? limit
        }
        limit = max(1, min(limit, 250))
        offset = max(0, offset)
        let wantedTags = route.values("tags").first.map { $0.split(separator: ",").map(String.init) } ?? []
        let matching = database.workflows.values.filter { workflow in
            (route.values("active").first.map { ($0 == "true") == workflow.active } ?? true)
                && (route.values("name").first.map { workflow.name.contains($0) } ?? true)
                && (route.values("projectId").first.map { workflow.projectID == $0 } ?? true)
                && wantedTags.allSatisfy(workflow.tags.contains)
        }.sorted { $0.id < $1.id }
        let page = matching.dropFirst(offset).prefix(limit)
        let next = offset + page.count
        let cursor = next < matching.count ? encodeBase64(#"{"limit":\#(limit),"offset":\#(next)}"#) : nil
        return .json(["data": .array(page.map(item)), "nextCursor": .init(cursor)])
    }

    /// `GET /workflows/{id}`
    func readWorkflow(_ id: String) -> HTTPResponse {
        guard let workflow = database.workflows[id] else { return .message(404, "Not Found") }
        var json = item(workflow)
        json["description"] = .null
        json["versionCounter"] = 1
        if configuration.release.isSecond {
            json["nodeGroups"] = []
            json["sourceWorkflowId"] = .null
        }
        return .json(json)
    }

    func item(_ workflow: Workflow) -> JSON {
        let created = JSON(time: workflow.createdAt)
        let updated = JSON(time: workflow.updatedAt)
        let tags: [JSON] = workflow.tags.map { name in
            ["id": .string("tag-" + name), "name": .string(name), "createdAt": created, "updatedAt": created]
        }
        var json: JSON = [
            "id": .string(workflow.id), "name": .string(workflow.name), "active": .bool(workflow.active),
            "activeVersionId": .init(workflow.activeVersionID), "createdAt": created, "updatedAt": updated,
            "isArchived": .bool(workflow.isArchived), "versionId": .string(workflow.versionID),
            "triggerCount": workflow.active ? 1 : 0, "nodes": .array(workflow.nodes.map(\.json)),
            "connections": workflow.connections, "settings": workflow.settings,
            "staticData": nil, "pinData": nil, "meta": nil, "tags": .array(tags),
            "shared": workflow.shared ?? [
                [
                    "role": "workflow:owner", "workflowId": .string(workflow.id),
                    "projectId": .string(workflow.projectID), "createdAt": created, "updatedAt": updated,
                ]
            ],
        ]
        if configuration.release.isExact { json["nodeGroups"] = [] }
        if let version = workflow.activeVersionID {
            let published = database.versions[version]?.snapshot
            json["activeVersion"] = [
                "versionId": .string(version), "workflowId": .string(workflow.id),
                "nodes": published?["nodes"] ?? .array(workflow.nodes.map(\.json)),
                "connections": published?["connections"] ?? workflow.connections, "nodeGroups": [],
                "authors": "Own Er", "name": nil, "description": nil, "autosaved": false, "createdAt": created,
                "updatedAt": updated,
            ]
            if !configuration.release.isSecond {
                json["activeVersion"]?["nodeGroups"] = nil
                json["activeVersion"]?["autosaved"] = nil
            }
            if let history = workflow.publishHistory { json["activeVersion"]?["workflowPublishHistory"] = history }
        } else {
            json["activeVersion"] = .null
        }
        return json
    }

    /// `GET /discover`: what of this model's endpoints the key may call.
    func discover(_ actor: Actor) -> HTTPResponse {
        let key = configuration.keys.first { .key($0.name) == actor }
        let all = Endpoint.allCases.compactMap(\.scope)
        let scopes = Set(all).filter { key?.scopes?.contains($0) ?? true }.sorted()
        func endpoint(_ method: String, _ path: String, _ operation: String) -> JSON {
            [
                "method": .string(method), "path": .string(configuration.base + path),
                "operationId": .string(operation),
            ]
        }
        let old = !configuration.release.isLenient
        let one = old ? "/executions/{id}" : "/executions/{executionId}"
        let executions: [JSON] = [
            endpoint("GET", "/executions", "getExecutions"), endpoint("GET", one, "getExecution"),
            endpoint("DELETE", one, "deleteExecution"), endpoint("POST", one + "/retry", "retryExecution"),
            endpoint("POST", one + "/stop", "stopExecution"),
            endpoint("POST", "/executions/stop", "stopManyExecutions"),
            endpoint("GET", one + "/tags", "getExecutionTags"), endpoint("PUT", one + "/tags", "updateExecutionTags"),
        ]
        let workflows: [JSON] = [
            endpoint("GET", "/workflows", "getWorkflows"),
            endpoint("GET", old ? "/workflows/{id}" : "/workflows/{workflowId}", "getWorkflow"),
        ]
        var resources: JSON = [:]
        resources[old ? "execution" : "executions"] = [
            "operations": ["list", "read", "delete", "update", "stop", "retry"], "endpoints": .array(executions),
        ]
        resources["workflow"] = ["operations": ["read", "list"], "endpoints": .array(workflows)]
        return .json([
            "data": [
                "scopes": .array(scopes.map { .string($0) }), "resources": resources, "filters": [:],
                "specUrl": .string(configuration.base + "/openapi.yml"),
            ]
        ])
    }
}
