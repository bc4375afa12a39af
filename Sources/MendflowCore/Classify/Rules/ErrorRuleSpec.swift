/// An error rule as plain data: its text is the source of a regular expression, for this module compiles none.
public struct ErrorRuleSpec: Sendable, Hashable {
    /// The rule's id; rules of one id are alternatives and are switched off together.
    public var id: String
    /// The class it gives.
    public var errorClass: ErrorClass
    /// The statuses it looks at; nil is any.
    public var statuses: Set<ExecutionStatus>?
    /// `failure.cause`.
    public var cause: String?
    /// The HTTP status of the failed call, or a code that stands in the error; `*`, `?` and `[0-9]` are wild.
    public var codes: [String]
    /// Error class names; `*` is wild.
    public var names: [String]
    /// Types of the failed node; `*` is wild.
    public var nodeTypes: [String]
    /// A regular expression in RE2's syntax, unanchored, that looks at all texts of the error.
    public var text: String?
    /// Whether the run has to have reached its workflow's time limit; nil where that does not matter.
    public var reachedTimeLimit: Bool?
    /// True for a rule that matches where there is no error at all.
    public var withoutError: Bool
    /// What the rule knows an error by: a text that services say, else a code, a name or a cause.
    public var example: String
    /// Where the fact is from.
    public var source: String

    /// Makes a rule; `words` are patterns of which one has to stand in a text, letters of either case.
    public init(
        id: String, _ errorClass: ErrorClass, statuses: Set<ExecutionStatus>? = nil, cause: String? = nil,
        codes: [String] = [], names: [String] = [], nodeTypes: [String] = [], words: [String] = [],
        reachedTimeLimit: Bool? = nil, withoutError: Bool = false, example: String, source: String
    ) {
        self.id = id
        self.errorClass = errorClass
        self.statuses = statuses
        self.cause = cause
        self.codes = codes
        self.names = names
        self.nodeTypes = nodeTypes
        self.text = words.isEmpty ? nil : "(?i:\(words.joined(separator: "|")))"
        self.reachedTimeLimit = reachedTimeLimit
        self.withoutError = withoutError
        self.example = example
        self.source = source
    }

    /// A rule that knows an error by its words.
    static func words(
        _ id: String, _ errorClass: ErrorClass, example: String, source: String, _ words: String...
    ) -> ErrorRuleSpec {
        ErrorRuleSpec(id: id, errorClass, words: words, example: example, source: source)
    }

    /// A rule that knows an error by its status or code.
    static func codes(_ id: String, _ errorClass: ErrorClass, source: String, _ codes: String...) -> ErrorRuleSpec {
        ErrorRuleSpec(id: id, errorClass, codes: codes, example: sample(of: codes[0]), source: source)
    }

    /// A rule that knows an error by its class name.
    static func names(_ id: String, _ errorClass: ErrorClass, source: String, _ names: String...) -> ErrorRuleSpec {
        ErrorRuleSpec(id: id, errorClass, names: names, example: sample(of: names[0]), source: source)
    }

    /// A word that a pattern of codes or names matches.
    private static func sample(of pattern: String) -> String {
        pattern.replacing("[0-9]", with: "7").replacing("[0-37]", with: "1").replacing("*", with: "Some")
    }

    /// The same rule for nodes of these types only.
    func of(_ nodeTypes: [String]) -> ErrorRuleSpec {
        var rule = self
        rule.nodeTypes = nodeTypes
        return rule
    }

    /// The rule with its text compiled; throws what the compiler throws.
    public func compiled<Failure: Error>(
        _ compile: (String) throws(Failure) -> any TextPattern
    ) throws(Failure) -> ErrorRule {
        guard let text else { return rule(matching: nil) }
        return rule(matching: try compile(text))
    }

    /// The rule with its compiled text.
    func rule(matching text: (any TextPattern)?) -> ErrorRule {
        var rule = ErrorRule(
            id: id, errorClass, statuses: statuses, cause: cause, httpCodes: codes.map(ErrorRuleSpec.codeMatch),
            names: names.map(TextMatch.wildcard), nodeTypes: nodeTypes.map(TextMatch.wildcard),
            text: text.map { .expression($0) },
            reachedTimeLimit: reachedTimeLimit, withoutError: withoutError)
        rule.spokenOnly = true
        return rule
    }

    /// How a code of a rule is compared: `5??` and `5[0-9]*` as globs, all else as a literal with `*` wild.
    public static func codeMatch(_ code: String) -> TextMatch {
        code.utf8.contains(UInt8(ascii: "?")) || code.utf8.contains(UInt8(ascii: "["))
            ? .glob(code) : .wildcard(code)
    }
}

extension ErrorRuleSpec {
    /// A failure that the rule is meant for, made of its example.
    public var exampleFailure: ExecutionDetail {
        let type = nodeTypes.first.map { $0.replacing("*", with: "n8n-nodes-base") } ?? "n8n-nodes-base.erp"
        var detail = ExecutionDetail(
            status: statuses?.min { $0.rawValue < $1.rawValue } ?? .error,
            lastNode: NodeEvidence(name: "Node", type: type), reachedTimeLimit: reachedTimeLimit)
        guard !withoutError else { return detail }
        var error = ErrorEvidence(name: names.isEmpty ? "NodeApiError" : example, cause: cause)
        if text != nil || (codes.isEmpty && names.isEmpty && cause == nil) { error.message = example }
        if !codes.isEmpty { error.httpCode = ErrorRuleSpec.sample(of: codes[0]) }
        detail.error = error
        return detail
    }
}
