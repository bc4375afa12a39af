extension Simulator {
    /// Why a recorded value cannot be loaded.
    public struct RecordedFault: Error, Sendable, Hashable, CustomStringConvertible {
        /// What is wrong with it.
        public var description: String

        init(_ description: String) { self.description = description }
    }

    /// What a recorded value is.
    public enum Recorded: Sendable, Hashable {
        /// A workflow.
        case workflow(id: String)
        /// An execution, with the times of its start and end in milliseconds since 1970.
        case execution(id: Int, workflow: String, startedAt: Int64?, stoppedAt: Int64?)
    }

    /// The highest id that can be loaded; it leaves room for the ids that are given afterwards.
    static let highestRecordedID = Int.max / 2

    /// Tells what a value from a server's answer is, or why it is neither an execution nor a workflow.
    public static func recorded(_ json: JSON) throws(RecordedFault) -> Recorded {
        guard json.object != nil else { throw RecordedFault("is not a JSON object but \(kind(of: json))") }
        if json["status"] == nil, json["workflowId"] == nil, json["nodes"]?.elements != nil {
            guard let id = json["id"]?.text ?? json["id"]?.integer.map(String.init), !id.isEmpty else {
                throw RecordedFault("is a workflow without an id")
            }
            guard json["name"]?.text != nil else { throw RecordedFault("is a workflow without a name") }
            return .workflow(id: id)
        }
        if json["status"] == nil, json["workflowId"] == nil {
            if let message = json["message"]?.text {
                throw RecordedFault("is an answer of n8n that says \"\(message)\", not an execution")
            }
            throw RecordedFault(
                "is neither an execution (id, workflowId, status, mode) nor a workflow (id, name, nodes)")
        }
        let row = try RecordedRow(json)
        return .execution(id: row.id, workflow: row.workflow, startedAt: row.startedAt, stoppedAt: row.stoppedAt)
    }

    private static func kind(of json: JSON) -> String {
        switch json {
        case .null: "null"
        case .array: "an array"
        default: "a \(json.typeName)"
        }
    }
}

/// The columns of an execution as a server recorded it: a list row, or an answer by id.
struct RecordedRow {
    var id: Int
    var workflow: String
    var status: Status
    var mode: String
    var createdAt, startedAt, stoppedAt, waitTill: Int64?
    var retryOf, retrySuccessID: Int?
    /// Nil where it was not recorded, or withheld by the server.
    var data: Simulator.JSON?
    var size: Int?

    init(_ json: Simulator.JSON) throws(Simulator.RecordedFault) {
        guard let given = json["id"], !given.isNull else { throw .init("has no id") }
        id = try Self.number(given, "id")
        guard let workflow = json["workflowId"], let text = workflow.text ?? workflow.integer.map(String.init),
            !text.isEmpty
        else { throw .init("has no workflowId") }
        self.workflow = text
        guard let word = json["status"]?.text else { throw .init("has no status") }
        guard let status = Status(rawValue: word) else {
            let known = Status.allCases.map(\.rawValue).joined(separator: ", ")
            throw .init("has the unknown status \"\(word)\"; n8n's are \(known)")
        }
        self.status = status
        guard let mode = json["mode"]?.text, !mode.isEmpty else { throw .init("has no mode") }
        self.mode = mode
        createdAt = try Self.time(json["createdAt"], "createdAt")
        startedAt = try Self.time(json["startedAt"], "startedAt")
        stoppedAt = try Self.time(json["stoppedAt"], "stoppedAt")
        waitTill = try Self.time(json["waitTill"], "waitTill")
        retryOf = try Self.optionalNumber(json["retryOf"], "retryOf")
        retrySuccessID = try Self.optionalNumber(json["retrySuccessId"], "retrySuccessId")
        if let data = json["data"], !data.isNull {
            guard data.object != nil else { throw .init("has data that is not a JSON object") }
            if json["dataTooLargeToDisplay"]?.flag != true { self.data = data }
        }
        size = json["jsonSizeBytes"]?.integer.flatMap { $0 >= 0 ? Int(exactly: $0) : nil }
    }

    private static func optionalNumber(
        _ json: Simulator.JSON?, _ key: String
    ) throws(Simulator.RecordedFault) -> Int? {
        guard let json, !json.isNull else { return nil }
        return try number(json, key)
    }

    private static func number(_ json: Simulator.JSON, _ key: String) throws(Simulator.RecordedFault) -> Int {
        let text = json.text ?? json.description
        guard let number = json.integer.flatMap({ Int(exactly: $0) }) ?? Route.positive(json.text), number > 0 else {
            throw .init("has the \(key) \(text), which is not a whole number above 0")
        }
        guard number <= Simulator.highestRecordedID else {
            throw .init("has the \(key) \(text), which is above \(Simulator.highestRecordedID)")
        }
        return number
    }

    /// 1970 to 3000, the year of n8n's waits without an end: moved by any difference of two such times, it can still be written.
    private static let recordable: Range<Int64> = 0..<32_535_216_000_000

    private static func time(_ json: Simulator.JSON?, _ key: String) throws(Simulator.RecordedFault) -> Int64? {
        guard let json, !json.isNull else { return nil }
        guard let time = json.text.flatMap(milliseconds), recordable.contains(time) else {
            throw .init("has the \(key) \(json.text ?? json.description), which is not a time from 1970 to 3000")
        }
        return time
    }
}
