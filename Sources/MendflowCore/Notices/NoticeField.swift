/// What a message's template may name between braces.
public enum NoticeField: String, Sendable, Hashable, CaseIterable {
    /// One line, and the lines below it.
    case subject, text
    /// What kind of thing, which part of it, and how much it matters.
    case event, phase, level
    /// When it happened.
    case time
    /// Where.
    case instance
    /// The execution, its page in n8n, its workflow, and the policy.
    case execution
    case executionLink = "execution.link"
    /// Where an ask is answered.
    case answerLink = "answer.link"
    case workflow, policy
    /// What programs tell messages apart by, and what belongs together.
    case key, topic
    /// `dry-run`, or nothing.
    case mode

    /// What it stands for.
    public var words: String {
        switch self {
        case .subject: "the line that says what happened"
        case .text: "what else there is to know, and what to do"
        case .event: "the event's name, as under `events`"
        case .phase: "`open`, `over` or `once`"
        case .level: "`info`, `warning` or `critical`"
        case .time: "when it happened"
        case .instance: "the instance's name"
        case .execution: "the execution's id"
        case .executionLink: "the execution's page in n8n"
        case .answerLink: "where an ask is answered in the console"
        case .workflow: "the workflow's id"
        case .policy: "the name of the policy or the replay"
        case .key: "the same each time that this message is sent"
        case .topic: "the same for a message and for the one that says that it is over"
        case .mode: "`dry-run` for what would have been, or nothing"
        }
    }
}

/// A text with places that are filled with what a message says: `{subject}`; `{{` and `}}` are braces.
public struct NoticeTemplate: Sendable, Hashable {
    /// A part of it.
    enum Part: Sendable, Hashable {
        case literal(String)
        case field(NoticeField)
    }

    /// What is wrong with a template.
    public enum Fault: Error, Sendable, Hashable {
        /// A brace that is not closed, or closes nothing.
        case brace
        /// A name that is none.
        case unknown(String)
    }

    /// As it was written.
    public let source: String
    private let parts: [Part]

    /// Reads a template.
    public init(_ source: String) throws(Fault) {
        self.source = source
        parts = try NoticeTemplate.parts(of: Substring(source))
    }

    /// The text with its places filled; what is not there is nothing.
    public func filled(_ value: (NoticeField) -> String?) -> String {
        parts.map { part in
            switch part {
            case .literal(let text): text
            case .field(let field): value(field) ?? ""
            }
        }.joined()
    }

    private static func parts(of text: Substring) throws(Fault) -> [Part] {
        var (rest, literal, parts) = (text, "", [Part]())
        while let first = rest.first {
            if rest.hasPrefix("{{") || rest.hasPrefix("}}") {
                literal.append(first)
                rest = rest.dropFirst(2)
            } else if first == "{" {
                guard let end = rest.firstIndex(of: "}") else { throw .brace }
                let name = String(rest[rest.index(after: rest.startIndex)..<end])
                guard let field = NoticeField(rawValue: name) else { throw .unknown(name) }
                if !literal.isEmpty { parts.append(.literal(literal)) }
                (literal, rest) = ("", rest[rest.index(after: end)...])
                parts.append(.field(field))
            } else if first == "}" {
                throw .brace
            } else {
                literal.append(first)
                rest = rest.dropFirst()
            }
        }
        return literal.isEmpty ? parts : parts + [.literal(literal)]
    }
}
