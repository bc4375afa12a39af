import MendflowHTTP

/// A refusal of what a query or body says.
struct Refusal: Error {
    var message: String
    init(_ message: String) { self.message = message }
}

/// What `GET /executions` was asked for.
private struct ListQuery {
    var status: Status?
    var workflow: String?
    var project: String?
    var startedAfter: Int64?
    var startedBefore: Int64?
    var includeData = false
    var ignoresLimit = false
    var redacts = false
    var limit = 100
    var before: Int?

    init(_ route: Route) throws(Refusal) {
        func one(_ key: String, expected: String = "string") throws(Refusal) -> String? {
            let values = route.values(key)
            guard values.count < 2 else { throw Refusal("request/query/\(key) Expected \(expected), received array") }
            return values.first
        }
        func flag(_ key: String) throws(Refusal) -> Bool {
            let choices = "'true' | 'false'"
            guard let text = try one(key, expected: choices) else { return false }
            guard text == "true" || text == "false" else {
                throw Refusal("request/query/\(key) Invalid enum value. Expected \(choices), received '\(text)'")
            }
            return text == "true"
        }
        func date(_ key: String) throws(Refusal) -> Int64? {
            guard let text = try one(key) else { return nil }
            guard let time = milliseconds(text) else { throw Refusal("request/query/\(key) Invalid datetime") }
            return time
        }
        let statuses = Status.allCases.map(\.rawValue).sorted().map { "'\($0)'" }.joined(separator: " | ")
        if let text = try one("status", expected: statuses) {
            guard let known = Status(rawValue: text) else {
                throw Refusal("request/query/status Invalid enum value. Expected \(statuses), received '\(text)'")
            }
            status = known
        }
        workflow = try one("workflowId")
        project = try one("projectId")
        startedAfter = try date("startedAfter")
        startedBefore = try date("startedBefore")
        includeData = try flag("includeData")
        ignoresLimit = try flag("ignoreDataSizeLimit")
        redacts = try flag("redactExecutionData")
        if let text = try one("limit") {
            guard let number = Int(text) else {
                throw Refusal("request/query/limit Param `limit` must be a valid integer")
            }
            guard number >= 0 else {
                throw Refusal("request/query/limit Param `limit` must be a non-negative integer")
            }
            limit = min(number, 250)
        }
        if let text = try one("cursor"), !text.isEmpty { try take(cursor: text) }
    }

    /// The cursor's own limit wins over the query's.
    private mutating func take(cursor: String) throws(Refusal) {
        guard let bytes = decodeBase64(cursor), let json = try? JSON(parsing: bytes), json.object != nil else {
            throw Refusal("An invalid cursor was provided")
        }
        if let last = json["lastId"]?.text { before = Int(last) }
        if let number = json["limit"]?.integer { limit = Int(max(1, min(number, 250))) }
    }
}

extension Simulator {
    /// `GET /executions`: newest id first; what runs in this process shows only when asked for by status.
    func list(_ route: Route) -> HTTPResponse {
        let query: ListQuery
        do {
            query = try ListQuery(route)
        } catch {
            return .message(400, error.message)
        }
        // A limit of 0 drops the LIMIT clause: the whole table in one page.
        let limit = query.limit == 0 ? Int.max : query.limit
        var rows: [JSON] = []
        var last = 0
        var more = false
        let end = query.before.map { database.position(of: $0) } ?? database.ids.count
        for id in database.ids[..<end].reversed() {
            guard let row = database[id], matches(row, query) else { continue }
            if rows.count == limit {
                more = true
                break
            }
            rows.append(query.includeData ? listed(row, query) : row.row)
            last = id
        }
        let cursor = more ? encodeBase64(#"{"lastId":"\#(last)","limit":\#(query.limit)}"#) : nil
        return .json(["data": .array(rows), "nextCursor": .init(cursor)])
    }

    private func matches(_ row: Execution, _ query: ListQuery) -> Bool {
        if query.status != .running, runs[row.id] != nil { return false }
        if let status = query.status, row.status != status { return false }
        if let workflow = query.workflow, row.workflowID != workflow { return false }
        if let project = query.project, database.workflows[row.workflowID]?.projectID != project { return false }
        if let after = query.startedAfter { guard let start = row.startedAt, start >= after else { return false } }
        if let before = query.startedBefore { guard let start = row.startedAt, start <= before else { return false } }
        return true
    }

    private func listed(_ row: Execution, _ query: ListQuery) -> JSON {
        var json = row.row
        json["storedAt"] = "db"
        json["jsonSizeBytes"] = row.fields["jsonSizeBytes"]
        json["workflowVersionId"] = .init(row.workflowVersionID)
        addData(of: row, to: &json, ignoresLimit: query.ignoresLimit, redacts: query.redacts)
        return json
    }
}

private let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

func encodeBase64(_ text: String) -> String {
    let bytes = Array(text.utf8)
    var encoded: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
        let group = bytes[start..<min(start + 3, bytes.count)]
        var bits = 0
        for place in 0..<3 { bits = bits << 8 | (place < group.count ? Int(group[start + place]) : 0) }
        for place in 0..<4 {
            encoded.append(place <= group.count ? alphabet[bits >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
        }
    }
    return String(decoding: encoded, as: UTF8.self)
}

func decodeBase64(_ text: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    var bits = 0
    var count = 0
    for byte in text.utf8 where byte != UInt8(ascii: "=") {
        guard let value = alphabet.firstIndex(of: byte) else { return nil }
        bits = (bits << 6 | value) & 0xFFFFFF
        count += 6
        if count >= 8 {
            count -= 8
            bytes.append(UInt8(bits >> count & 255))
        }
    }
    return bytes
}
