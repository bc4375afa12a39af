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
    /// Values of `httpCode`; `*`, `?` and `[0-9]` are wild.
    public var codes: [String]
    /// Error class names; `*` is wild.
    public var names: [String]
    /// Types of the failed node; `*` is wild.
    public var nodeTypes: [String]
    /// A regular expression in RE2's syntax, unanchored.
    public var text: String?
    /// True for a rule that matches where there is no error at all.
    public var withoutError: Bool

    /// Makes a rule.
    public init(
        id: String, _ errorClass: ErrorClass, statuses: Set<ExecutionStatus>? = nil, cause: String? = nil,
        codes: [String] = [], names: [String] = [], nodeTypes: [String] = [], text: String? = nil,
        withoutError: Bool = false
    ) {
        self.id = id
        self.errorClass = errorClass
        self.statuses = statuses
        self.cause = cause
        self.codes = codes
        self.names = names
        self.nodeTypes = nodeTypes
        self.text = text
        self.withoutError = withoutError
    }

    /// The rule with its text compiled; throws what the compiler throws.
    public func compiled<Failure: Error>(
        _ compile: (String) throws(Failure) -> any TextPattern
    ) throws(Failure) -> ErrorRule {
        var match: TextMatch?
        if let text { match = .expression(try compile(text)) }
        return ErrorRule(
            id: id, errorClass, statuses: statuses, cause: cause, httpCodes: codes.map(ErrorRuleSpec.codeMatch),
            names: names.map(TextMatch.wildcard), nodeTypes: nodeTypes.map(TextMatch.wildcard), text: match,
            withoutError: withoutError)
    }

    /// How a code of a rule is compared: `5??` and `5[0-9]*` as globs, all else as a literal with `*` wild.
    public static func codeMatch(_ code: String) -> TextMatch {
        code.utf8.contains(UInt8(ascii: "?")) || code.utf8.contains(UInt8(ascii: "["))
            ? .glob(code) : .wildcard(code)
    }
}

/// The built-in error rules, in the order in which they are tried: cause, then texts that say more than a code does,
/// then codes, names, texts, and last n8n's own sentences, which replace what the service said.
public enum ErrorRuleTable {
    /// All built-in rules, in order.
    public static let builtIn: [ErrorRuleSpec] =
        causes + overrides + networkCodes + statusCodes + databaseCodes + names + texts + sentences + last

    /// The built-in rules' ids in order, each once: what `off: true` can name.
    public static let ids: [String] = {
        var seen: Set<String> = []
        return builtIn.map(\.id).filter { seen.insert($0).inserted }
    }()

    /// Users' rules, then the built-in ones but for those switched off; throws what the compiler throws.
    public static func rules<Failure: Error>(
        user: [ErrorRule] = [], off: Set<String> = [], compile: (String) throws(Failure) -> any TextPattern
    ) throws(Failure) -> [ErrorRule] {
        var rules = user
        for spec in builtIn where !off.contains(spec.id) { rules.append(try spec.compiled(compile)) }
        return rules
    }

    private static func cause(_ id: String, _ errorClass: ErrorClass) -> ErrorRuleSpec {
        ErrorRuleSpec(id: "cause-\(id)", errorClass, cause: id)
    }
    private static func codes(_ id: String, _ errorClass: ErrorClass, _ codes: String...) -> ErrorRuleSpec {
        ErrorRuleSpec(id: id, errorClass, codes: codes)
    }
    private static func names(_ id: String, _ errorClass: ErrorClass, _ names: String...) -> ErrorRuleSpec {
        ErrorRuleSpec(id: id, errorClass, names: names)
    }
    private static func text(_ id: String, _ errorClass: ErrorClass, _ pattern: String) -> ErrorRuleSpec {
        ErrorRuleSpec(id: id, errorClass, text: "(?i:\(pattern))")
    }
    /// A status that stands only in the text: n8n's sentence, the provider's `503 - ...`, or the HTTP client's words.
    private static func sentence(
        _ id: String, _ errorClass: ErrorClass, _ status: String, _ sentence: String? = nil
    ) -> ErrorRuleSpec {
        text(
            id, errorClass,
            "^(?:\(status)) - |request failed with status code (?:\(status))\\b" + (sentence.map { "|" + $0 } ?? ""))
    }

    private static let causes: [ErrorRuleSpec] = [
        cause("rate-limited", .rateLimit),
        cause("quota-exhausted", .quota),
        cause("temporarily-unavailable", .transient),
        cause("credential-invalid", .auth),
        cause("configuration-invalid", .configuration),
        cause("node-defect", .data),
    ]

    private static let overrides: [ErrorRuleSpec] = [
        ErrorRuleSpec(id: "stop-and-error", .deliberate, statuses: [.error], nodeTypes: ["*.stopAndError"]),
        text("insufficient-quota", .quota, "insufficient_quota|exceeded your current quota"),
        text("daily-quota", .quota, "tokens per day|requests per day|PerDay|dailyLimitExceeded"),
        ErrorRuleSpec(
            id: "http-403-rate-limit", .rateLimit, codes: ["403"],
            text: "(?i:rateLimitExceeded|userRateLimitExceeded|secondary rate limit)"),
        text("quota-metric", .rateLimit, "Quota exceeded for quota metric|RESOURCE_EXHAUSTED|RATE_LIMIT_EXCEEDED"),
        text("model-rate-limit", .rateLimit, "Rate limit reached for (?:model|gpt)"),
        text(
            "organization-rate-limit", .rateLimit,
            "would exceed (?:the|your) (?:organization's )?rate limit|\\brate_limit_error\\b"),
        text("overloaded", .rateLimit, "\\boverloaded_error\\b"),
        text("no-access-token", .auth, "Unable to sign without access token"),
        text(
            "invalid-grant", .auth,
            "provided authorization grant .*(?:invalid|expired|revoked)|\\binvalid_grant\\b"),
        text("invalid-client", .auth, "\\binvalid_client\\b|Client authentication failed"),
        // Whatever code comes with it: the row is there, so the deed was probably done.
        text("duplicate-key", .conflict, "duplicate key value violates unique constraint|\\bER_DUP_ENTRY\\b"),
        text("database-not-ready", .infra, "Database is not ready"),
        text(
            "output-parsing", .llmOutput,
            "Failed to parse\\. Text:|\\bOUTPUT_PARSING_FAILURE\\b|Model output doesn't fit required format"),
    ]

    private static let networkCodes: [ErrorRuleSpec] = [
        codes("econnreset", .transient, "ECONNRESET"),
        codes("econnrefused", .transient, "ECONNREFUSED"),
        codes("etimedout", .timeout, "ETIMEDOUT", "ESOCKETTIMEDOUT"),
        codes("econnaborted", .timeout, "ECONNABORTED"),
        codes("ehostunreach", .transient, "EHOSTUNREACH"),
        codes("enetunreach", .transient, "ENETUNREACH"),
        codes("eai-again", .transient, "EAI_AGAIN"),
        codes("enotfound", .configuration, "ENOTFOUND"),
        codes("getaddrinfo", .transient, "GETADDRINFO"),
        codes("epipe", .transient, "EPIPE"),
        codes("aborted", .transient, "ERR_STREAM_PREMATURE_CLOSE"),
        codes("eaddrnotavail", .configuration, "EADDRNOTAVAIL"),
        codes("eaddrinuse", .configuration, "ERRADDRINUSE", "EADDRINUSE"),
        codes(
            "certificate", .configuration, "CERT_*", "*SELF_SIGNED_CERT*", "UNABLE_TO_VERIFY*", "UNABLE_TO_GET_ISSUER*",
            "ERR_TLS_CERT_*"),
        codes("eproto", .configuration, "EPROTO", "ERR_SSL_*"),
        codes("file-system", .configuration, "ENOENT", "EISDIR", "ENOTDIR", "EACCES", "EPERM", "EEXIST"),
        codes("sqlite-busy", .transient, "SQLITE_BUSY"),
    ]

    private static let statusCodes: [ErrorRuleSpec] = [
        codes("http-400", .data, "400"),
        codes("http-401", .auth, "401"),
        codes("http-402", .quota, "402"),
        codes("http-403", .auth, "403"),
        codes("http-404", .data, "404"),
        codes("http-405", .configuration, "405"),
        codes("http-408", .transient, "408"),
        codes("http-409", .conflict, "409"),
        codes("http-410", .data, "410", "413", "414", "415"),
        codes("http-422", .data, "422"),
        codes("http-423", .transient, "423", "425"),
        codes("http-429", .rateLimit, "429"),
        codes("http-500", .transient, "500"),
        codes("http-502", .transient, "502"),
        codes("http-503", .transient, "503"),
        codes("http-504", .timeout, "504"),
        codes("http-520", .transient, "52[0-7]"),
        codes("http-529", .rateLimit, "529"),
        codes("http-4xx", .data, "4[0-9][0-9]"),
        codes("http-5xx", .transient, "5[0-9][0-9]"),
    ]

    /// Databases leave their SQLSTATE or their own code where others leave an HTTP status.
    private static let databaseCodes: [ErrorRuleSpec] = [
        codes("duplicate-key", .conflict, "23505", "ER_DUP_ENTRY"),
        codes("deadlock", .transient, "40P01", "40001", "ER_LOCK_DEADLOCK"),
        codes("too-many-clients", .infra, "53300"),
        codes("sql-definition", .configuration, "42P01", "42601", "42703"),
    ]

    private static let names: [ErrorRuleSpec] = [
        names("ssl", .configuration, "NodeSslError"),
        names("canceled-by-timeout", .timeout, "TimeoutExecutionCancelledError"),
        names("canceled-manually", .canceledByUser, "ManualExecutionCancelledError"),
        names("canceled-by-shutdown", .infra, "SystemShutdownExecutionCancelledError"),
        names("canceled-as-stalled", .crash, "StalledExecutionCancelledError"),
        names("canceled", .canceledByUser, "*ExecutionCancelledError"),
        names("workflow-crashed", .crash, "WorkflowCrashedError"),
        names("node-crashed", .crash, "NodeCrashedError"),
        names("stalled-job", .crash, "MaxStalledCountError"),
        names("runner-memory", .crash, "TaskRunnerOomError"),
        names("runner-disconnected", .infra, "TaskRunnerDisconnectedError"),
        names("runner-heartbeat", .timeout, "TaskRunnerFailedHeartbeatError"),
        names("runner-restart-loop", .infra, "TaskRunnerRestartLoopError"),
        names("runner-request", .infra, "TaskRequestTimeoutError"),
        names("credential-not-found", .configuration, "CredentialNotFoundError"),
        names("database-connection", .infra, "DbConnectionTimeoutError"),
        names("workflow-issues", .configuration, "WorkflowHasIssuesError"),
        names("unrecognized-node", .configuration, "UnrecognizedNodeTypeError"),
        names("sub-workflow", .configuration, "SubworkflowOperationError"),
        names("expression", .data, "ExpressionError"),
        names("file-system", .configuration, "DisallowedFilepath*"),
        names(
            "data-gone", .notRetryable, "BinaryDataFileNotFound*", "MissingExecutionData*", "CorruptedExecutionData*",
            "UnreadableRunData*"),
    ]

    private static let texts: [ErrorRuleSpec] = [
        // Older releases say both, and a time-out inside a Code node is told in the words of a person's stop (n8n facts
        // 17): read as the stop, for what a person stopped must not be started again.
        text(
            "canceled-or-timed-out", .canceledByUser,
            "Workflow has been canceled or timed out|Task cancelled by user"),
        text("canceled-by-timeout", .timeout, "cancelled because it timed out"),
        text("canceled-manually", .canceledByUser, "cancelled manually"),
        text("canceled-by-shutdown", .infra, "system is shutting down"),
        text("canceled-as-stalled", .crash, "detected as stalled by queue recovery"),
        text("canceled", .canceledByUser, "The execution was cancelled"),
        text("workflow-crashed", .crash, "Workflow did not finish, possible out-of-memory issue"),
        text("node-crashed", .crash, "Execution stopped at this node"),
        text(
            "stalled-job", .crash,
            "reached the maximum number of attempts and will no longer retry|job stalled more than maxStalledCount"),
        text("runner-memory", .crash, "Node ran out of memory"),
        text("heap-memory", .crash, "JavaScript heap out of memory|Maximum call stack size exceeded"),
        text("runner-disconnected", .infra, "^Node execution failed$"),
        text("runner-heartbeat", .timeout, "runner became unresponsive"),
        text("runner-restart-loop", .infra, "Task runner has restarted \\d+ times"),
        text("runner-request", .infra, "Task request timed out|not matched to a runner"),
        text("runner-timeout", .timeout, "Task execution timed out after"),
        text("worker-no-data", .infra, "Worker failed to find data for execution"),
        text("worker-no-workflow", .notRetryable, "Worker failed to find workflow"),
        text("returned-to-queue", .infra, "was returned to the queue because the worker is stopping"),
        text("admission-limit", .infra, "Too many pending onReceived executions"),
        text("no-active-execution", .infra, "No active execution found"),
        text(
            "data-gone", .notRetryable,
            "BinaryDataFileNotFound|Missing execution data|CorruptedExecutionData|UnreadableRunData"),
        text("workflow-issues", .configuration, "workflow has issues and cannot be executed"),
        text("unrecognized-node", .configuration, "Unrecognized node type"),
        text("sub-workflow", .configuration, "Workflow does not exist"),
        text("expression", .data, "Can't determine which item|Referenced node"),
        text("credential-not-found", .configuration, "Credential with ID \".*\" (?:does not exist|was not found)"),
        text("no-credentials", .configuration, "Node does not have any credentials set"),
        text("database-connection", .infra, "Could not establish database connection within the configured timeout"),
        text("too-many-clients", .infra, "sorry, too many clients already"),
        text("database-connect-timeout", .transient, "Connection terminated due to connection timeout"),
        text("database-closed", .transient, "Connection terminated unexpectedly"),
        text("database-pool-timeout", .transient, "timeout exceeded when trying to connect"),
        text("deadlock", .transient, "deadlock detected|could not serialize access"),
        text(
            "sql-definition", .configuration,
            "relation \".*\" does not exist|syntax error at or near|column .* does not exist"),
        text("sqlite-busy", .transient, "\\bSQLITE_BUSY\\b|database is locked"),
        text("tls-disconnected", .transient, "Client network socket disconnected before secure TLS"),
        text("ssl", .configuration, "SSL Issue: consider using the 'Ignore SSL issues'"),
        text("certificate", .configuration, "\\bCERT_HAS_EXPIRED\\b|self.signed certificate|UNABLE_TO_VERIFY"),
        text("eproto", .configuration, "\\bEPROTO\\b|wrong version number"),
        text("timeout-exceeded", .timeout, "timeout of \\d+ ?ms exceeded"),
        text("socket-hang-up", .transient, "socket hang up"),
        text("econnreset", .transient, "\\bECONNRESET\\b|connection to the server w[ea]s closed unexpectedly"),
        text("econnrefused", .transient, "\\bECONNREFUSED\\b|service refused the connection"),
        text("etimedout", .timeout, "\\bETIMEDOUT\\b|connection timed out, consider setting the 'Retry on Fail'"),
        text("econnaborted", .timeout, "\\bECONNABORTED\\b|connection was aborted, perhaps the server is offline"),
        text("ehostunreach", .transient, "\\bEHOSTUNREACH\\b|host is unreachable"),
        text("enetunreach", .transient, "\\bENETUNREACH\\b"),
        text("eai-again", .transient, "\\bEAI_AGAIN\\b|DNS server returned an error"),
        text("enotfound", .configuration, "\\bENOTFOUND\\b|usually occurs due to an incorrect host"),
        text("getaddrinfo", .transient, "server closed the connection unexpectedly"),
        text("epipe", .transient, "\\bEPIPE\\b"),
        text("aborted", .transient, "^aborted$|\\bERR_STREAM_PREMATURE_CLOSE\\b"),
        text("eaddrnotavail", .configuration, "\\bEADDRNOTAVAIL\\b|address is not available"),
        text("eaddrinuse", .configuration, "port is already occupied"),
        text(
            "file-system", .configuration,
            "\\b(?:ENOENT|EISDIR|ENOTDIR|EACCES|EPERM|EEXIST)\\b|file or directory does not exist"
                + "|given path is a (?:directory|file)|Forbidden by access permissions|file or directory already exists"
                + "|Operation not permitted, make sure|DisallowedFilepath"),
    ]

    private static let sentences: [ErrorRuleSpec] = [
        sentence("http-400", .data, "400", "Bad request - please check your parameters"),
        sentence("http-401", .auth, "401", "Authorization failed - please check your credentials"),
        sentence("http-402", .quota, "402", "Payment required"),
        sentence("http-403", .auth, "403", "Forbidden - perhaps check your credentials"),
        sentence("http-404", .data, "404", "resource you are requesting could not be found"),
        sentence("http-405", .configuration, "405", "Method not allowed - please check"),
        sentence("http-408", .transient, "408"),
        sentence("http-409", .conflict, "409"),
        sentence("http-410", .data, "410|413|414|415"),
        sentence("http-422", .data, "422"),
        sentence("http-423", .transient, "423|425"),
        sentence("http-429", .rateLimit, "429", "receiving too many requests from you"),
        sentence("http-500", .transient, "500", "service was not able to process your request"),
        sentence("http-502", .transient, "502", "Bad gateway"),
        sentence("http-503", .transient, "503", "Service unavailable - try again later"),
        sentence("http-504", .timeout, "504", "Gateway timed out - perhaps try again later"),
        sentence("http-520", .transient, "52[0-7]"),
        sentence("http-529", .rateLimit, "529"),
        sentence("http-4xx", .data, "4\\d\\d", "request is invalid or could not be processed by the service"),
        sentence("http-5xx", .transient, "5\\d\\d", "service failed to process your request"),
    ]

    private static let last: [ErrorRuleSpec] = [
        names("script", .data, "SyntaxError", "TypeError", "ReferenceError"),
        text(
            "script", .data,
            "\\bSyntaxError\\b|Unexpected token|is not valid JSON|is not a function"
                + "|Cannot read propert(?:y|ies)\\b.* of (?:undefined|null)"),
        ErrorRuleSpec(id: "crashed-without-error", .crash, statuses: [.crashed], withoutError: true),
        ErrorRuleSpec(id: "crashed", .crash, statuses: [.crashed]),
    ]
}
