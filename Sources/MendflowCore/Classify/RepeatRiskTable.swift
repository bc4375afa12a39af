/// A call or a node that changes nothing when it is done again: all parts that it names must match.
public struct ReadOnlyRule: Sendable, Hashable {
    /// The rule's id.
    public var id: String
    /// Types of the node; empty is any.
    public var nodeTypes: [TextMatch]
    /// The node's resources; empty is any.
    public var resources: [TextMatch]
    /// The node's operations; empty is any.
    public var operations: [TextMatch]
    /// HTTP methods, in capitals; empty is any.
    public var methods: Set<String>
    /// True for a node that only computes unless its script calls out: no proof where its error speaks of a call.
    public var unlessItCalled: Bool

    /// Makes a rule; one that names nothing matches nothing.
    public init(
        id: String, nodeTypes: [TextMatch] = [], resources: [TextMatch] = [], operations: [TextMatch] = [],
        methods: Set<String> = [], unlessItCalled: Bool = false
    ) {
        self.id = id
        self.nodeTypes = nodeTypes
        self.resources = resources
        self.operations = operations
        self.methods = methods
        self.unlessItCalled = unlessItCalled
    }

    func matches(_ node: NodeEvidence) -> Bool {
        guard !(nodeTypes.isEmpty && resources.isEmpty && operations.isEmpty && methods.isEmpty) else { return false }
        return (nodeTypes.isEmpty || nodeTypes.match(node.type))
            && (resources.isEmpty || resources.match(node.resource))
            && (operations.isEmpty || operations.match(node.operation))
            && (methods.isEmpty || node.method.map { methods.contains($0.uppercased()) } == true)
    }
}

/// An error that proves that the failed call did nothing: all parts that it names must match.
public struct NothingDoneRule: Sendable, Hashable {
    /// The rule's id.
    public var id: String
    /// Values of `httpCode`; empty is any.
    public var httpCodes: [TextMatch]
    /// Error class names; empty is any.
    public var names: [TextMatch]
    /// Patterns of which one must match in messages, description or message; empty is any.
    public var texts: [TextMatch]

    /// Makes a rule; one that names nothing matches nothing.
    public init(id: String, httpCodes: [TextMatch] = [], names: [TextMatch] = [], texts: [TextMatch] = []) {
        self.id = id
        self.httpCodes = httpCodes
        self.names = names
        self.texts = texts
    }

    func matches(_ error: ErrorEvidence) -> Bool {
        guard !(httpCodes.isEmpty && names.isEmpty && texts.isEmpty) else { return false }
        let told = error.messages + [error.description, error.message].compactMap(\.self)
        return (httpCodes.isEmpty || httpCodes.match(error.httpCode)) && (names.isEmpty || names.match(error.name))
            && (texts.isEmpty || told.contains { text in texts.contains { $0.matches(text) } })
    }
}

/// What repeat risk is judged by: data, so that users can extend it.
public struct RepeatRiskTable: Sendable, Hashable {
    /// What only reads.
    public var readOnly: [ReadOnlyRule]
    /// Errors that prove that nothing was done.
    public var nothingDone: [NothingDoneRule]
    /// Types of nodes that do many things in one item: their error speaks of one of these only, and proves nothing.
    public var composite: [TextMatch]

    /// Makes a table.
    public init(readOnly: [ReadOnlyRule], nothingDone: [NothingDoneRule], composite: [TextMatch]) {
        self.readOnly = readOnly
        self.nothingDone = nothingDone
        self.composite = composite
    }

    /// This table after users' rules, and without the rules of these ids.
    public func extended(
        readOnly: [ReadOnlyRule] = [], nothingDone: [NothingDoneRule] = [], off: Set<String> = []
    ) -> RepeatRiskTable {
        RepeatRiskTable(
            readOnly: readOnly + self.readOnly.filter { !off.contains($0.id) },
            nothingDone: nothingDone + self.nothingDone.filter { !off.contains($0.id) }, composite: composite)
    }

    /// The built-in table.
    public static let builtIn = RepeatRiskTable(
        readOnly: [httpRead, operation, script, pure, file], nothingDone: proofs,
        composite: [
            .wildcard("*.executeWorkflow"), .wildcard("@n8n/n8n-nodes-langchain.*"), .wildcard("*.code"),
            .wildcard("*.function"), .wildcard("*.functionItem"),
        ])

    private static func base(_ names: String...) -> [TextMatch] { names.map { .wildcard("n8n-nodes-base.\($0)") } }
    private static func literals(_ texts: String...) -> [TextMatch] { texts.map(TextMatch.wildcard) }

    // Only of the HTTP node: another node's failed GET may follow a POST of the same item.
    private static let httpRead = ReadOnlyRule(
        id: "http-read", nodeTypes: base("httpRequest"), methods: ["GET", "HEAD", "OPTIONS"])

    private static let operation = ReadOnlyRule(
        id: "read-operation", nodeTypes: base("*"),
        operations: literals(
            "get", "getAll", "getMany", "getFields", "getRow", "getRows", "getAllRows", "getDatabaseSchema", "search",
            "searchAll", "lookup", "list", "listAll", "read", "readRows", "find", "findAll", "select", "count",
            "exists", "rowExists", "rowNotExists", "download", "describe", "keys", "info"))

    private static let script = ReadOnlyRule(
        id: "script", nodeTypes: base("code", "function", "functionItem"), unlessItCalled: true)

    private static let pure = ReadOnlyRule(
        id: "pure-node",
        nodeTypes: base(
            "set", "if", "switch", "filter", "merge", "noOp", "sort", "limit", "aggregate", "splitOut",
            "splitInBatches", "summarize", "itemLists", "dateTime", "crypto", "jwt", "html", "htmlExtract", "markdown",
            "xml", "compareDatasets", "renameKeys", "stopAndError", "extractFromFile", "convertToFile",
            "moveBinaryData", "spreadsheetFile", "compression", "editImage", "executeWorkflowTrigger"))

    private static let file = ReadOnlyRule(
        id: "file-read", nodeTypes: base("readBinaryFile", "readBinaryFiles", "readPDF", "rssFeedRead"))

    private static let proofs: [NothingDoneRule] = [
        NothingDoneRule(id: "refused", httpCodes: literals("ECONNREFUSED")),
        NothingDoneRule(id: "refused", texts: [.contains("connect ECONNREFUSED")]),
        NothingDoneRule(id: "host-not-found", httpCodes: literals("ENOTFOUND", "EAI_AGAIN")),
        NothingDoneRule(
            id: "host-not-found", texts: [.contains("getaddrinfo ENOTFOUND"), .contains("getaddrinfo EAI_AGAIN")]),
        // Of connecting only: a route can also be lost under an open connection.
        NothingDoneRule(
            id: "unreachable", texts: [.contains("connect EHOSTUNREACH"), .contains("connect ENETUNREACH")]),
        NothingDoneRule(
            id: "tls",
            httpCodes: literals(
                "CERT_*", "*SELF_SIGNED_CERT*", "UNABLE_TO_VERIFY*", "UNABLE_TO_GET_ISSUER*", "ERR_TLS_CERT_*")),
        NothingDoneRule(id: "tls", names: literals("NodeSslError")),
        NothingDoneRule(id: "tls", texts: [.contains("Client network socket disconnected before secure TLS")]),
        // Not 408 and 499, after which the deed may have been done, nor 409, which may say that it was.
        NothingDoneRule(
            id: "http-4xx",
            httpCodes: [
                .glob("40[0-7]"), .glob("41[0-7]"), .glob("42[1-6]"), .wildcard("428"), .wildcard("431"),
                .wildcard("451"),
            ]),
        NothingDoneRule(id: "http-429", httpCodes: literals("429")),
        NothingDoneRule(id: "http-503", httpCodes: literals("503")),
        NothingDoneRule(
            id: "never-started",
            names: literals("WorkflowHasIssuesError", "UnrecognizedNodeTypeError", "CredentialNotFoundError")),
    ]
}
