import MendflowHTTP

extension Simulator {
    /// `GET /executions/{id}`
    func read(_ id: Int, _ route: Route) -> HTTPResponse {
        for key in ["includeData", "ignoreDataSizeLimit", "redactExecutionData"] {
            guard let text = route.values(key).first, text != "true", text != "false" else { continue }
            let words = "Invalid enum value. Expected 'true' | 'false', received '\(text)'"
            return .message(400, "request/query/\(key) \(words)")
        }
        guard let row = database[id] else { return .message(404, "Not Found") }
        var json = row.fields
        if route.values("includeData").first == "true" {
            guard !row.isUnreadable else { return .message(500, "Internal server error") }
            addData(
                of: row, to: &json, ignoresLimit: route.values("ignoreDataSizeLimit").first == "true",
                redacts: route.values("redactExecutionData").first == "true")
        }
        return .json(json)
    }

    func addData(of row: Execution, to json: inout JSON, ignoresLimit: Bool, redacts: Bool) {
        if row.isTooLarge, !ignoresLimit {
            json["data"] = ["version": 1, "resultData": ["runData": [:]]]
            json["dataTooLargeToDisplay"] = true
        } else {
            let data = data(of: row)
            json["data"] = redacts ? redacted(data) : data
        }
        json["workflowData"] = row.snapshot
        json["customData"] = row.customData
    }

    /// The stored data, or plausible data for a row that was loaded without.
    func data(of row: Execution) -> JSON {
        if let data = row.data { return data }
        let start = row.startedAt ?? row.createdAt
        let fresh = RunData.fresh(snapshot: row.snapshot, mode: row.mode, body: ["n": 1], now: start)
        var data = RunData(fresh, snapshot: row.snapshot)
        if row.status == .success { data.succeed(now: start) }
        return data.json
    }

    /// `DELETE /executions/{id}`: the answer's id is a number.
    mutating func delete(_ id: Int, by actor: Actor) -> HTTPResponse {
        guard let row = database[id] else { return .message(404, "Not Found") }
        guard row.status != .running else { return .message(400, "Cannot delete a running execution") }
        var json = row.fields
        json["id"] = .int(Int64(id))
        database.remove(id)
        sleepers[id] = nil
        note(.deleted(id), by: actor)
        return .json(json)
    }

    /// `GET /executions/{id}/tags`
    func readTags(_ id: Int) -> HTTPResponse {
        guard let row = database[id] else { return .message(404, "Not Found") }
        return .json(tags(of: row))
    }

    func tags(of row: Execution) -> JSON {
        .array(row.tags.compactMap { database.annotationTags[$0]?.json })
    }

    /// `PUT /executions/{id}/tags`: replaces the set, or changes nothing.
    mutating func writeTags(_ id: Int, _ body: JSON?, by actor: Actor) -> HTTPResponse {
        guard let elements = body?.elements else {
            return .message(400, "request/body Expected array, received \(body?.typeName ?? "undefined")")
        }
        var tags: [String] = []
        for (place, element) in elements.enumerated() {
            guard let tag = element["id"] else {
                return .message(400, "request/body/\(place) must have required property 'id'")
            }
            guard let text = tag.text else {
                return .message(400, "request/body/\(place)/id Expected string, received \(tag.typeName)")
            }
            tags.append(text)
        }
        guard database[id] != nil else { return .message(404, "Not Found") }
        // The annotation row is made before the tags are looked at, and stays when they are refused.
        database.change(id) { $0.isAnnotated = true }
        guard Set(tags).count == tags.count else { return .message(500, "Internal server error") }
        guard tags.allSatisfy({ database.annotationTags[$0] != nil }) else {
            return .message(404, "Some tags not found")
        }
        database.change(id) { $0.tags = tags }
        note(.tagged(id, tags), by: actor)
        return readTags(id)
    }
}

/// The data as `redactExecutionData=true` answers it: no items, and of an error its name and code only.
private func redacted(_ data: JSON) -> JSON {
    var data = data
    let runs = data["resultData"]?["runData"]?.object?.fields ?? []
    data["resultData"]?["runData"] = .object(
        .init(runs.map { ($0.key, .array(($0.value.elements ?? []).map(redacted(entry:)))) }))
    let stack = data["executionData"]?["nodeExecutionStack"]?.elements ?? []
    data["executionData"]?["nodeExecutionStack"] = .array(stack.map(redacted(entry:)))
    if let error = data["resultData"]?["error"] {
        data["resultData"]?["error"] = nil
        data["resultData"]?["redactedError"] = redacted(error: error)
    }
    data["redactionInfo"] = ["isRedacted": true, "reason": "user_requested", "canReveal": true]
    return data
}

private func redacted(entry: JSON) -> JSON {
    var entry = entry
    if let outputs = entry["data"]?["main"]?.elements {
        entry["data"]?["main"] = .array(outputs.map { .array(($0.elements ?? []).map(redacted(item:))) })
    }
    if let error = entry["error"] {
        entry["error"] = nil
        entry["redactedError"] = redacted(error: error)
    }
    return entry
}

private func redacted(item: JSON) -> JSON {
    var item = item
    item["json"] = [:]
    item["redaction"] = ["redacted": true, "reason": "user_requested"]
    return item
}

private func redacted(error: JSON) -> JSON {
    var short: JSON = ["type": error["name"] ?? "Error"]
    if let code = error["httpCode"] { short["httpCode"] = code }
    return short
}
