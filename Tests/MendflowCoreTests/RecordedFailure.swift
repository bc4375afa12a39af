import FoundationEssentials
import MendflowCore
import MendflowTestKit
import Synchronization
import Testing

/// A pattern on Swift's own engine: good enough for tests, which choose their input.
final class SwiftPattern: TextPattern {
    let source: String
    private let expression: Mutex<Regex<AnyRegexOutput>>

    init(_ source: String) throws {
        self.source = source
        expression = Mutex(try Regex(source))
    }

    func matches(_ text: String) -> Bool { expression.withLock { text.contains($0) } }

    static func compile(_ source: String) throws -> any TextPattern { try SwiftPattern(source) }

    /// The built-in rules, compiled once.
    static let builtIn = Result { try ErrorRuleTable.rules(compile: compile) }
}

/// A recorded failure, cut down to what classification reads.
struct RecordedFailure: Decodable {
    struct Error: Decodable {
        var name: String?
        var message: String?
        var description: String?
        var httpCode: String?
        var messages: [String]?
        var itemIndex: Int?
    }
    var `case`: String
    var count: Int
    var status: String
    var redacted: Bool
    var error: Error?
    var lastNode: String
    var type: String?
    var operation: String?
    var resource: String?
    var method: String?
    var target: String?
    var items: Int?
    var finishedNodes: Int
    var resumesAtNode: Bool

    var detail: ExecutionDetail {
        ExecutionDetail(
            readability: redacted ? .redacted : .readable, status: ExecutionStatus(api: status),
            error: error.map {
                ErrorEvidence(
                    name: $0.name, message: $0.message, description: $0.description, httpCode: $0.httpCode,
                    messages: $0.messages ?? [], itemIndex: $0.itemIndex)
            },
            lastNode: NodeEvidence(
                name: lastNode, type: type, operation: operation, resource: resource, method: method, target: target,
                assurances: [.onePage, .triesOnce, .fixedMethod, .noFollowUp]),
            itemsToRepeat: items, finishedNodes: finishedNodes, resumesAtNode: resumesAtNode)
    }

    static func all() throws -> [RecordedFailure] {
        let bytes = try Repository.bytes("Tests/Fixtures/errors/recorded.json")
        return try JSONDecoder().decode([RecordedFailure].self, from: Data(bytes))
    }
}
