import MendflowHTTP

extension Simulator {
    /// `GET /executions/{id}`
    func read(_ id: Int, _ route: Route, _ key: APIKey) -> HTTPResponse {
        let query: DataQuery
        do {
            query = try DataQuery(route, configuration.release)
        } catch {
            return .json(error.status, error.body)
        }
        guard let row = database[id], !isUncommitted(id) else { return .message(404, "Not Found") }
        if row.mode != "manual" {
            let fails = configuration.quirks.contains(.readFails)
            let failsWithData = configuration.quirks.contains(.readWithDataFails) && query.includesData
            if fails || failsWithData { return .message(500, "Internal server error") }
        }
        var json = row.fields(configuration.release)
        if query.includesData {
            if query.redacts == false, !key.reveals { return .mayNotReveal }
            guard isReadable(row) else { return .message(500, "Internal server error") }
            addData(of: row, to: &json, query, key)
        }
        return .json(json)
    }

    func addData(of row: Execution, to json: inout JSON, _ query: DataQuery, _ key: APIKey) {
        let isTooLarge = row.isTooLarge && configuration.release.limitsDataSize && !query.ignoresLimit
        if row.isDataUnknown || isTooLarge {
            json["data"] = .withheld
            json["dataTooLargeToDisplay"] = true
        } else {
            let data = data(of: row)
            let policy = query.redacts == nil && configuration.release.redacts && isRedactedByPolicy(row)
            if query.redacts == true || policy {
                let reason = query.redacts == true ? "user_requested" : "workflow_redaction_policy"
                let redaction = Redaction(
                    reason: reason, coversStack: configuration.release.isExact, canReveal: key.reveals)
                json["data"] = redaction.redacted(data)
            } else {
                json["data"] = data
            }
        }
        json["workflowData"] = row.snapshot
        json["customData"] = row.customData
    }

    /// Whether the server can answer with the row's data, or with a note that it is withheld. A release that has no
    /// such note fails where it cannot give the data.
    func isReadable(_ row: Execution) -> Bool {
        !row.isUnreadable && (!row.isDataUnknown || configuration.release.limitsDataSize)
    }

    private func isRedactedByPolicy(_ row: Execution) -> Bool {
        switch row.snapshot["settings"]?["redactionPolicy"]?.text {
        case "all": true
        case "non-manual": row.mode != "manual"
        default: false
        }
    }

    /// The stored data, or plausible data for a row that has none.
    func data(of row: Execution) -> JSON {
        if let data = row.data { return data }
        let start = row.startedAt ?? row.createdAt
        return data(of: row, error: .http(503, method: "POST"), start: start, end: row.stoppedAt ?? start)
    }

    /// `DELETE /executions/{id}`: the answer's id is a number.
    mutating func delete(_ id: Int, by actor: Actor) -> HTTPResponse {
        guard let row = database[id] else { return .message(404, "Not Found") }
        guard row.status != .running else { return .message(400, "Cannot delete a running execution") }
        var json = row.fields(configuration.release)
        json["id"] = .int(Int64(id))
        if queue.contains(id) {
            queue.removeAll { $0 == id }
            giveRoom()
        }
        jobs.removeAll { $0.id == id }
        memory.remove(id)
        database.remove(id)
        sleepers[id] = nil
        note(.deleted(id), by: actor)
        if row.status == .new { tellCallers(of: id, .message(500, "Internal server error")) }
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
        let words = Wording(configuration.release)
        let given = body ?? [:]
        guard let elements = given.elements else {
            return .message(400, "request/body \(words.expected("array", given))")
        }
        var tags: [String] = []
        for (place, element) in elements.enumerated() {
            guard let tag = element["id"] else {
                return .message(400, "request/body/\(place) must have required property 'id'")
            }
            guard let text = tag.text else {
                return .message(400, "request/body/\(place)/id \(words.expected("string", tag))")
            }
            tags.append(text)
        }
        guard database[id] != nil else { return .message(404, "Not Found") }
        // Since era C the annotation row is made before the tags are looked at, and stays when they are refused.
        if configuration.release.isLenient { annotate(id, by: actor) }
        guard Set(tags).count == tags.count else {
            return configuration.release.isLenient
                ? .message(500, "Internal server error") : .message(404, "Some tags not found")
        }
        guard tags.allSatisfy({ database.annotationTags[$0] != nil }) else {
            return .message(404, "Some tags not found")
        }
        annotate(id, by: actor)
        database.change(id) { $0.tags = tags }
        note(.tagged(id, tags), by: actor)
        return readTags(id)
    }

    private mutating func annotate(_ id: Int, by actor: Actor) {
        guard database[id]?.isAnnotated == false else { return }
        database.change(id) { $0.isAnnotated = true }
        note(.annotated(id), by: actor)
    }
}

extension Simulator.JSON {
    /// What n8n sends instead of data that it does not show.
    static let withheld: Self = ["version": 1, "resultData": ["runData": [:]]]
}
