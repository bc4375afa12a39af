import MendflowHTTP

/// Data as a redacted answer shows it: no items, and of an error its name and code only.
struct Redaction {
    var reason: String
    /// Whether the items on the stack are removed too; releases before 2.30 forgot them.
    var coversStack: Bool
    var canReveal: Bool

    func redacted(_ data: Simulator.JSON) -> Simulator.JSON {
        var data = data
        let runs = data["resultData"]?["runData"]?.object?.fields ?? []
        data["resultData"]?["runData"] = .object(
            .init(runs.map { ($0.key, .array(($0.value.elements ?? []).map(redacted(entry:)))) }))
        if coversStack {
            let stack = data["executionData"]?["nodeExecutionStack"]?.elements ?? []
            data["executionData"]?["nodeExecutionStack"] = .array(stack.map(redacted(entry:)))
        }
        if let error = data["resultData"]?["error"] {
            data["resultData"]?["error"] = nil
            data["resultData"]?["redactedError"] = redacted(error: error)
        }
        data["redactionInfo"] = [
            "isRedacted": true, "reason": .string(reason), "canReveal": .bool(canReveal),
        ]
        return data
    }

    private func redacted(entry: Simulator.JSON) -> Simulator.JSON {
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

    private func redacted(item: Simulator.JSON) -> Simulator.JSON {
        var item = item
        item["json"] = [:]
        item["redaction"] = ["redacted": true, "reason": .string(reason)]
        return item
    }

    private func redacted(error: Simulator.JSON) -> Simulator.JSON {
        var short: Simulator.JSON = ["type": error["name"] ?? "Error"]
        if let code = error["httpCode"] { short["httpCode"] = code }
        return short
    }
}

extension HTTPResponse {
    /// The key's user may not see what is redacted.
    static let mayNotReveal = HTTPResponse.message(
        403, "You do not have permission to reveal execution data. The 'execution:reveal' scope is required.")
}
