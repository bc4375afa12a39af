public import MendflowCore

/// What n8n answered once and somebody saved: rows of its lists, executions with their data, workflows.
public enum SavedAnswers {
    /// One saved value.
    public enum Value: Sendable {
        /// A row as the list of executions shows it.
        case row(Execution)
        /// An execution with its data.
        case execution(DetailedExecution)
        /// A workflow.
        case workflow(WorkflowInfo)
    }

    /// A saved value, and what in it cannot be read and is not needed.
    public struct Item: Sendable {
        /// The value.
        public var value: Value
        /// Times of its row that are none; the row is as if they were not told.
        public var unreadTimes: [UnreadTime] = []
    }

    /// Something that stands where a time should.
    public struct UnreadTime: Sendable, Hashable {
        /// The member, and what is written there: a text in quotes.
        public var member: String, written: String
    }

    /// Why something saved is none of these.
    public struct Fault: Error, Sendable, Hashable, CustomStringConvertible {
        /// What it is instead.
        public var description: String
        /// The number, from 1, of the element of a list that it is about.
        public var element: Int?

        private static let noJSON = "is not JSON, or is cut off"
        /// Of a text that is no JSON at all.
        static let notJSON = Fault(description: noJSON)
        /// Whether the text is no JSON at all.
        public var isNoJSON: Bool { description == Fault.noJSON }

        /// Makes a fault.
        public init(description: String, element: Int? = nil) {
            (self.description, self.element) = (description, element)
        }
    }

    /// The rows of a text that has a row a line; nil where anything in it is no such row, or a time in it is none. They are read
    /// as a page of the list is, which is much faster than one by one.
    public static func rows(_ lines: [UInt8]) -> [Execution]? {
        var scanner = JSONScanner(into: RowPageBuilder())
        var page = Array(#"{"data":["#.utf8)
        page.reserveCapacity(lines.count + 64)
        var isFirst = true
        for line in lines.split(separator: UInt8(ascii: "\n")) where !line.allSatisfy(isBlank) {
            if !isFirst { page.append(UInt8(ascii: ",")) }
            isFirst = false
            page += line
        }
        page += Array(#"],"nextCursor":null}"#.utf8)
        scanner.feed(page)
        guard scanner.end(), !scanner.sink.hasData, !scanner.sink.hasUnreadTime else { return nil }
        return scanner.sink.page?.executions
    }

    /// The largest number of rows that `rows` reads at once.
    public static let mostRows = RowPageBuilder.maxRows

    /// Everything in one JSON text: a value, a list of values, or an answer of the API (`{"data": [...]}`).
    public static func read(_ text: [UInt8]) throws(Fault) -> [Item] {
        // Nearly all are executions with their data, which one reading tells.
        if let tree = tree(text, one), tree["data"]?.members != nil, tree["status"] != nil { return [try item(tree)] }
        guard let shape = tree(text, shape) else { throw .notJSON }
        if shape.elementCount != nil { return try values(tree(text, list)) }
        if shape["data"]?.elementCount != nil { return try values(tree(text, answer)?["data"]) }
        guard shape.members != nil else { throw Fault(description: "is \(JSONKind(shape).phrase), not an object") }
        guard let item = tree(text, one) else { throw Fault(description: "has more than can be read") }
        return [try Self.item(item)]
    }

    private static func values(_ list: JSONTree?) throws(Fault) -> [Item] {
        guard let items = list?.items, items.count == list?.elementCount else {
            throw Fault(description: "is a list of more than can be read at once: write one value a line")
        }
        var values: [Item] = []
        for (place, item) in items.enumerated() {
            do throws(Fault) { values.append(try Self.item(item)) } catch {
                throw Fault(description: error.description, element: place + 1)
            }
        }
        return values
    }

    private static let members: [String: JSONPlan] = WorkflowAnswer.members.merging(DetailPlan.members) { _, one in one
    }
    .merging(["message": .scalar(limit: 200)]) { one, _ in one }
    private static let one = JSONProgram(.object(members))
    private static let list = JSONProgram(.array(.object(members), keep: .first(RowPageBuilder.maxRows)))
    private static let answer = JSONProgram(
        .object(["data": .array(.object(members), keep: .first(RowPageBuilder.maxRows))]))
    private static let shape = JSONProgram(
        .record(["data"], levels: 2, text: 0, elements: 0))

    private static func tree(_ text: [UInt8], _ program: JSONProgram) -> JSONTree? {
        var scanner = JSONScanner(program, budget: mostKept)
        scanner.feed(text)
        return scanner.finish()
    }

    /// What one text may leave behind, in bytes.
    private static let mostKept = 64 << 20

    private static func item(_ tree: JSONTree) throws(Fault) -> Item {
        let value = try value(tree)
        if case .workflow = value { return Item(value: value) }
        return Item(value: value, unreadTimes: RowAnswer.unreadTimes(tree))
    }

    private static func value(_ tree: JSONTree) throws(Fault) -> Value {
        guard tree.members != nil else { throw Fault(description: "is \(JSONKind(tree).phrase), not an object") }
        if tree["status"] == nil, tree["workflowId"] == nil {
            if let info = WorkflowAnswer.info(tree) { return .workflow(info) }
            if let message = tree["message"]?.text {
                throw Fault(description: "is an answer of n8n that says \"\(message)\", not an execution")
            }
            throw Fault(
                description: "is neither an execution (id, workflowId, status) nor a workflow (id, name, active)")
        }
        guard let row = RowAnswer.execution(tree) else {
            let lack = RowAnswer.tally(tree).first?.lack
            throw Fault(description: "has \(lack?.instead ?? "no id"), which every execution has")
        }
        guard tree["data"]?.members != nil || tree["dataTooLargeToDisplay"] != nil else { return .row(row) }
        return .execution(
            DetailedExecution(
                execution: row, detail: DetailAnswer(tree: tree, execution: row, scrub: EvidenceScrub()).detail()))
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
