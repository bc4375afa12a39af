/// Something that a rule of repeat risk relies on besides node and error. Each one can only lower the risk.
public enum RiskFact: Sendable, Hashable {
    /// The node was fed one item.
    case oneItem
    /// The HTTP method is that of every call: it is written down, or there was one item and n8n kept its request.
    case knownMethod
    /// The failed call went to the address that was asked for: the node follows no redirects, or the error names it.
    case sameAddress
    /// It is known which tools of agents ran, and all of them only read.
    case quietTools
    /// It is one statement: written so, or an operation that makes one.
    case singleStatement
    /// The node's settings rule something out.
    case assured(NodeAssurance)

    /// The fact in words.
    public var summary: String {
        switch self {
        case .oneItem: "one item"
        case .knownMethod: "the method is written down, or one item"
        case .sameAddress: "the address is the one that was called"
        case .quietTools: "no tool that writes has run"
        case .singleStatement: "a single statement"
        case .assured(.onePage): "no pagination"
        case .assured(.noRedirects): "no redirects"
        case .assured(.triesOnce): "no retry on fail"
        case .assured(.noFollowUp): "no setting that asks for more calls after the deed"
        case .assured(.fixedMethod): "a method that is written down"
        case .assured(.pureScript): "no call in its source"
        case .assured(.readingStatement): "a statement that only reads"
        case .assured(.oneStatement): "a single statement"
        case .assured(.oneTransaction): "all in one transaction"
        case .assured(.subRunsStored): "the runs below it are stored"
        }
    }
}

/// What a reader needs to check a rule of repeat risk.
public struct RiskReason: Sendable, Hashable {
    /// What the rule claims.
    public var claim: String
    /// Why that is so.
    public var why: String
    /// When it would be wrong all the same.
    public var counterExample: String

    /// Makes a reason.
    public init(_ claim: String, why: String, counterExample: String) {
        self.claim = claim
        self.why = why
        self.counterExample = counterExample
    }
}

/// Nodes by what they do: all parts that it names must match, and one that names nothing matches nothing.
public struct CallPattern: Sendable, Hashable {
    /// Types of the node; empty is any.
    public var types: [TextMatch]
    /// The node's resources; empty is any.
    public var resources: [TextMatch]
    /// The node's operations; empty is any.
    public var operations: [TextMatch]
    /// Operations that are not meant although `operations` matches them.
    public var exceptOperations: [TextMatch]
    /// HTTP methods, in capitals; empty is any.
    public var methods: Set<String>

    /// Makes a pattern.
    public init(
        types: [TextMatch] = [], resources: [TextMatch] = [], operations: [TextMatch] = [],
        exceptOperations: [TextMatch] = [], methods: Set<String> = []
    ) {
        self.types = types
        self.resources = resources
        self.operations = operations
        self.exceptOperations = exceptOperations
        self.methods = methods
    }

    func matches(_ node: NodeEvidence) -> Bool {
        guard !(types.isEmpty && resources.isEmpty && operations.isEmpty && methods.isEmpty) else { return false }
        return (types.isEmpty || types.match(node.type)) && (resources.isEmpty || resources.match(node.resource))
            && (operations.isEmpty || operations.match(node.operation))
            && !exceptOperations.match(node.operation)
            && (methods.isEmpty || node.method.map { methods.contains($0.uppercased()) } == true)
    }
}

/// A node that changes nothing when it is run again, whatever its error.
public struct ReadingRule: Sendable, Hashable {
    /// The rule's id.
    public var id: String
    /// The nodes; one of these patterns must match.
    public var calls: [CallPattern]
    /// What it relies on; all must be known.
    public var needs: Set<RiskFact>
    /// Claim, ground and counter-example.
    public var reason: RiskReason

    /// Makes a rule.
    public init(id: String, _ calls: [CallPattern], needs: Set<RiskFact> = [], _ reason: RiskReason) {
        self.id = id
        self.calls = calls
        self.needs = needs
        self.reason = reason
    }

    func matches(_ call: FailedCall) -> Bool {
        needs.isSubset(of: call.facts) && calls.contains { $0.matches(call.node) }
    }
}

/// An error that says that the failed call did nothing: any part that it names may match.
public struct RefusalRule: Sendable, Hashable {
    /// For which nodes an error speaks.
    public enum Reach: Sendable, Hashable {
        /// For nodes of these types, whatever else is known of them.
        case types([TextMatch])
        /// For any node but those that do many things in one item: nothing was sent at all.
        case nothingSent
        /// For the last call. Of a node that follows redirects, makes several calls or is not n8n's own, an earlier call
        /// may have done something: the risk is `unlikely`.
        case lastCall
    }

    /// The rule's id.
    public var id: String
    /// For which nodes it speaks.
    public var reach: Reach
    /// Values of `httpCode`.
    public var codes: [TextMatch]
    /// Error class names.
    public var names: [TextMatch]
    /// Whole texts, of which one must be the message or among `messages`.
    public var texts: [TextMatch]
    /// Whole texts, of which one must be the description.
    public var descriptions: [TextMatch]
    /// Texts that are not meant although `texts` matches them.
    public var exceptTexts: [TextMatch]
    /// What it relies on; all must be known.
    public var needs: Set<RiskFact>
    /// The lowest risk that it can prove.
    public var risk: RepeatRisk
    /// Claim, ground and counter-example.
    public var reason: RiskReason

    /// What an error says of one call only relies on: a single item, and no calls before it.
    public static let oneCall: Set<RiskFact> = [.oneItem, .assured(.triesOnce), .assured(.onePage)]

    /// Makes a rule.
    public init(
        id: String, _ reach: Reach, codes: [TextMatch] = [], names: [TextMatch] = [], texts: [TextMatch] = [],
        descriptions: [TextMatch] = [], exceptTexts: [TextMatch] = [], needs: Set<RiskFact> = oneCall,
        risk: RepeatRisk = .none, _ reason: RiskReason
    ) {
        self.id = id
        self.reach = reach
        self.codes = codes
        self.names = names
        self.texts = texts
        self.descriptions = descriptions
        self.exceptTexts = exceptTexts
        self.needs = needs
        self.risk = risk
        self.reason = reason
    }

    func matches(_ error: ErrorEvidence) -> Bool {
        if codes.match(error.httpCode) || names.match(error.name) || descriptions.match(error.description) {
            return true
        }
        guard !texts.isEmpty else { return false }
        return error.messages.contains(where: says) || error.message.map(says) == true
    }

    private func says(_ text: String) -> Bool {
        texts.contains { $0.matches(text) } && !exceptTexts.contains { $0.matches(text) }
    }
}

/// A call that failed, with what is known of it.
struct FailedCall {
    let node: NodeEvidence
    let error: ErrorEvidence?
    let facts: Set<RiskFact>
}
