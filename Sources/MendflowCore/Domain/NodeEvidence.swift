/// A node named by an execution's data.
public struct NodeEvidence: Sendable, Hashable {
    /// The node's name.
    public var name: String
    /// Its type, as `n8n-nodes-base.httpRequest`.
    public var type: String?
    /// `parameters.operation`, where the node has one; of a vector store its mode.
    public var operation: String?
    /// `parameters.resource`, where the node has one.
    public var resource: String?
    /// The HTTP method of the failed call: `error.context.request.method`, else `parameters.method`.
    public var method: String?
    /// Host and path of the failed call, without query or user.
    public var target: String?
    /// What its settings rule out.
    public var assurances: Set<NodeAssurance>

    /// Makes a node.
    public init(
        name: String, type: String? = nil, operation: String? = nil, resource: String? = nil, method: String? = nil,
        target: String? = nil, assurances: Set<NodeAssurance> = []
    ) {
        self.name = name
        self.type = type
        self.operation = operation
        self.resource = resource
        self.method = method
        self.target = target
        self.assurances = assurances
    }
}

/// Something that a node's settings rule out. Each one makes a repeat less likely, and one that could not be read is
/// missing: what is not known never reassures.
public enum NodeAssurance: String, Sendable, Hashable, CaseIterable {
    /// It does not page through results, so there are no earlier pages that were sent already.
    case onePage = "one-page"
    /// It follows no redirects, so the address that answered is the one that was called.
    case noRedirects = "no-redirects"
    /// It does not retry by itself, so there are no earlier tries, which leave no trace.
    case triesOnce = "tries-once"
    /// No setting asks it for more calls once its deed is done: to wait for the outcome, to fetch it, to link it.
    case noFollowUp = "no-follow-up"
    /// Its HTTP method is written down, not worked out for each item.
    case fixedMethod = "fixed-method"
    /// Its script shows no call to the outside.
    case pureScript = "pure-script"
    /// Its statement or query only reads.
    case readingStatement = "reading-statement"
    /// Its statement is a single one: what a database refuses of it is rolled back.
    case oneStatement = "one-statement"
    /// All items and statements are sent as one transaction.
    case oneTransaction = "one-transaction"
    /// The runs of the nodes below it (models, memories, tools) are stored.
    case subRunsStored = "sub-runs-stored"
}
