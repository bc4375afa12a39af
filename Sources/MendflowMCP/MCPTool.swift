import MendflowText

/// Something that a client may ask. What it does stands with whoever makes it: nothing here reads or writes anything.
public struct MCPTool: Sendable {
    /// Its name, and what people read of it.
    public var name: String, title: String, description: String
    /// What may be given to it.
    public var parameters: [MCPParameter]
    /// Answers a question.
    public var answer: @Sendable (MCPArguments) async throws(MCPFault) -> MCPAnswer

    /// Makes a tool.
    public init(
        _ name: String, title: String, _ description: String, _ parameters: [MCPParameter] = [],
        answer: @escaping @Sendable (MCPArguments) async throws(MCPFault) -> MCPAnswer
    ) {
        self.name = name
        self.title = title
        self.description = description
        self.parameters = parameters
        self.answer = answer
    }
}

/// Something that may be given to a tool.
public struct MCPParameter: Sendable {
    /// What it may be.
    public enum Kind: Sendable {
        /// A text of so many characters at most.
        case text(longest: Int)
        /// An id: a text of so many characters at most, or a whole number that is meant as one.
        case id(longest: Int)
        /// One of some words.
        case word([String])
        /// A whole number.
        case whole(ClosedRange<Int64>)
        /// true or false.
        case flag
    }
    /// Its name, and what it means.
    public var name: String, description: String
    /// What it may be, and whether it must be there.
    public var kind: Kind, isRequired: Bool

    /// Makes a parameter.
    public init(_ name: String, _ kind: Kind, _ description: String, isRequired: Bool = false) {
        self.name = name
        self.kind = kind
        self.description = description
        self.isRequired = isRequired
    }

    /// What is wrong with a value; nil where nothing is.
    func fault(of value: JSONAny) -> String? {
        switch (kind, value) {
        case (.text(let longest), .text(let text)), (.id(let longest), .text(let text)):
            text.unicodeScalars.count <= longest ? nil : "`\(name)` has more than \(longest) characters"
        case (.word(let words), .text(let text)):
            words.contains(text)
                ? nil
                : "`\(name)` cannot be \(text.inBackticks)"
                    + (Spelling.nearest(to: text, among: words).map { "; did you mean `\($0)`?" }
                        ?? "; known: \(words.joined(separator: ", "))")
        case (.whole(let range), .integer(let number)):
            range.contains(number) ? nil : "`\(name)` is \(range.lowerBound) to \(range.upperBound)"
        case (.flag, .flag), (.id, .integer): nil
        default: "`\(name)` must be \(wanted), not \(value.kind)"
        }
    }

    private var wanted: String {
        switch kind {
        case .text, .word: "a text"
        case .id: "a number or a text"
        case .whole: "a whole number"
        case .flag: "true or false"
        }
    }

    /// Its schema.
    func write(to writer: inout JSONWriter) {
        writer.object { object in
            object.member("description", description)
            switch kind {
            case .text(let longest):
                object.member("type", "string")
                object.key("maxLength")
                object.integer(Int64(longest))
            case .id(let longest):
                object.key("type")
                object.list { for type in ["string", "integer"] { $0.text(type) } }
                object.key("maxLength")
                object.integer(Int64(longest))
            case .word(let words):
                object.member("type", "string")
                object.key("enum")
                object.list { for word in words { $0.text(word) } }
            case .whole(let range):
                object.member("type", "integer")
                object.key("minimum")
                object.integer(range.lowerBound)
                object.key("maximum")
                object.integer(range.upperBound)
            case .flag: object.member("type", "boolean")
            }
        }
    }
}

/// What was given to a tool, checked.
public struct MCPArguments: Sendable {
    private let values: [String: JSONAny]

    /// Checks what was given against what may be.
    init(_ given: JSONAny?, for parameters: [MCPParameter]) throws(MCPFault) {
        let members: [String: JSONAny]
        switch given {
        case nil, .null?: members = [:]
        case .object(let given)?: members = given
        case .some(let other): throw MCPFault("`arguments` must be an object, not \(other.kind)")
        }
        var faults: [String] = []
        let names = parameters.map(\.name)
        for name in members.keys.sorted() where !names.contains(name) {
            let near = Spelling.nearest(to: name, among: names).map { "; did you mean `\($0)`?" }
            faults.append("there is no argument \(name.inBackticks)" + (near ?? ""))
        }
        for parameter in parameters {
            switch members[parameter.name] {
            case nil, .null?: if parameter.isRequired { faults.append("`\(parameter.name)` is missing") }
            case .some(let value): if let fault = parameter.fault(of: value) { faults.append(fault) }
            }
        }
        guard faults.isEmpty else { throw MCPFault(faults.joined(separator: "; ")) }
        values = members
    }

    /// A text, where it was given, or the digits of an id that was given as a number.
    public func text(_ name: String) -> String? {
        if case .integer(let number)? = values[name] { return String(number) }
        return values[name]?.string
    }
    /// A whole number, where it was given.
    public func whole(_ name: String) -> Int64? {
        if case .integer(let number)? = values[name] { number } else { nil }
    }
    /// Whether a flag was given as true.
    public func flag(_ name: String) -> Bool { values[name] == .flag(true) }
}

/// What a tool answers.
public struct MCPAnswer: Sendable {
    /// A sentence that says what it is, and the answer as one JSON object on one line.
    public var sentence: String, json: [UInt8]

    /// Makes an answer.
    public init(_ sentence: String, json: [UInt8]) {
        self.sentence = sentence
        self.json = json
    }
}

/// Why a tool has no answer, for whoever asked.
public struct MCPFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// What happened, and what to do.
    public var description: String
    /// Makes a fault.
    public init(_ description: String) { self.description = description }
}
