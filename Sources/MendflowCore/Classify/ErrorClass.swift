/// What kind of failure it is, which decides whether trying again can help.
public enum ErrorClass: String, Sendable, Hashable, CaseIterable {
    /// Network and service hiccups.
    case transient
    /// Too many requests; waiting helps.
    case rateLimit = "rate_limit"
    /// A budget of hours or days is used up.
    case quota
    /// Credentials.
    case auth
    /// Took too long; the deed may have been done.
    case timeout
    /// The process died.
    case crash
    /// n8n's own platform: runner, database, queue.
    case infra
    /// The input or the logic.
    case data
    /// A model's answer did not fit.
    case llmOutput = "llm_output"
    /// The set-up.
    case configuration
    /// The deed seems to be done already.
    case conflict
    /// The workflow's author stops it on purpose.
    case deliberate
    /// A person stopped it.
    case canceledByUser = "canceled_by_user"
    /// What a retry needs is gone.
    case notRetryable = "not_retryable"
    /// No rule knows it.
    case unknown

    /// What the class means, for people.
    public var meaning: String {
        switch self {
        case .transient: "a hiccup of network or service"
        case .rateLimit: "too many requests; waiting helps"
        case .quota: "a budget of hours, days or money is used up"
        case .auth: "credentials or rights"
        case .timeout: "it took too long; the deed may have been done"
        case .crash: "the process died"
        case .infra: "n8n's own platform, or a server without room: runner, database, queue"
        case .data: "the input or the logic"
        case .llmOutput: "a model's answer did not fit"
        case .configuration: "the set-up"
        case .conflict: "the deed seems to be done already"
        case .deliberate: "the workflow's author stops it on purpose"
        case .canceledByUser: "a person stopped it"
        case .notRetryable: "what a retry needs is gone"
        case .unknown: "no rule knows it"
        }
    }

    /// Classes that a retry without an `error` condition leaves alone (semantics 46).
    public static let notHelpedByRetry: Set<ErrorClass> = [
        .deliberate, .notRetryable, .canceledByUser, .auth, .configuration, .data,
    ]
}

/// One rule of the error table: all parts that it names must match.
public struct ErrorRule: Sendable, Hashable {
    /// The rule's id, by which users switch it off and `explain` names it.
    public var id: String
    /// The class it gives.
    public var errorClass: ErrorClass
    /// The statuses it looks at; nil is any.
    public var statuses: Set<ExecutionStatus>?
    /// `failure.cause`.
    public var cause: String?
    /// The HTTP status of the failed call, or a code that stands in the error: literals such as `429` or `ECONNRESET`, `5*`
    /// for all that start so.
    public var httpCodes: [TextMatch]
    /// Codes that stand in the error besides `httpCode`, as they are.
    public var codes: [TextMatch]
    /// Error class names.
    public var names: [TextMatch]
    /// Types of the failed node.
    public var nodeTypes: [TextMatch]
    /// A pattern over all texts of the error: messages, description, message and details.
    public var text: TextMatch?
    /// Whether the run has to have reached its workflow's time limit; nil where that does not matter.
    public var reachedTimeLimit: Bool?
    /// True for a rule that matches where there is no error at all.
    public var withoutError: Bool
    /// Whether `text` looks only at what n8n and the services say, not at queries, rows and names of the user's that they
    /// repeat; so do built-in rules.
    public var spokenOnly = false

    /// Makes a rule.
    public init(
        id: String, _ errorClass: ErrorClass, statuses: Set<ExecutionStatus>? = nil, cause: String? = nil,
        httpCodes: [TextMatch] = [], codes: [TextMatch] = [], names: [TextMatch] = [], nodeTypes: [TextMatch] = [],
        text: TextMatch? = nil, reachedTimeLimit: Bool? = nil, withoutError: Bool = false
    ) {
        self.id = id
        self.errorClass = errorClass
        self.statuses = statuses
        self.cause = cause
        self.httpCodes = httpCodes
        self.codes = codes
        self.names = names
        self.nodeTypes = nodeTypes
        self.text = text
        self.reachedTimeLimit = reachedTimeLimit
        self.withoutError = withoutError
    }
}
