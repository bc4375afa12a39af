import MendflowCore

/// A piece of evidence and what it means.
struct ErrorSample: Sendable, CustomStringConvertible {
    var key: String
    var errorClass: ErrorClass
    var rule: String

    init(_ key: String, _ errorClass: ErrorClass, _ rule: String) {
        self.key = key
        self.errorClass = errorClass
        self.rule = rule
    }
    var expected: Fact<Classification> { .known(Classification(errorClass, ruleID: rule)) }
    var description: String { key }
}

/// One sample of each form of each rule, in n8n's and the services' own words.
enum ErrorSamples {
    static let all = causes + codes + names + texts

    static let causes: [ErrorSample] = [
        ErrorSample("rate-limited", .rateLimit, "cause-rate-limited"),
        ErrorSample("quota-exhausted", .quota, "cause-quota-exhausted"),
        ErrorSample("temporarily-unavailable", .transient, "cause-temporarily-unavailable"),
        ErrorSample("credential-invalid", .auth, "cause-credential-invalid"),
        ErrorSample("configuration-invalid", .configuration, "cause-configuration-invalid"),
        ErrorSample("node-defect", .data, "cause-node-defect"),
    ]
    static let codes: [ErrorSample] = [
        ErrorSample("ECONNRESET", .transient, "econnreset"),
        ErrorSample("ECONNREFUSED", .transient, "econnrefused"),
        ErrorSample("ETIMEDOUT", .timeout, "etimedout"),
        ErrorSample("ECONNABORTED", .timeout, "econnaborted"),
        ErrorSample("EHOSTUNREACH", .transient, "ehostunreach"),
        ErrorSample("ENETUNREACH", .transient, "enetunreach"),
        ErrorSample("EAI_AGAIN", .transient, "eai-again"),
        ErrorSample("ENOTFOUND", .configuration, "enotfound"),
        ErrorSample("EPIPE", .transient, "epipe"),
        ErrorSample("ERR_STREAM_PREMATURE_CLOSE", .transient, "aborted"),
        ErrorSample("EADDRNOTAVAIL", .configuration, "eaddrnotavail"),
        ErrorSample("CERT_HAS_EXPIRED", .configuration, "certificate"),
        ErrorSample("DEPTH_ZERO_SELF_SIGNED_CERT", .configuration, "certificate"),
        ErrorSample("EPROTO", .configuration, "eproto"),
        ErrorSample("ENOENT", .configuration, "file-system"),
        ErrorSample("SQLITE_BUSY", .transient, "sqlite-busy"),
        ErrorSample("400", .data, "http-400"), ErrorSample("401", .auth, "http-401"),
        ErrorSample("402", .quota, "http-402"), ErrorSample("403", .auth, "http-403"),
        ErrorSample("404", .data, "http-404"), ErrorSample("405", .configuration, "http-405"),
        ErrorSample("408", .transient, "http-408"), ErrorSample("409", .conflict, "http-409"),
        ErrorSample("410", .data, "http-410"), ErrorSample("413", .data, "http-410"),
        ErrorSample("422", .data, "http-422"), ErrorSample("425", .transient, "http-423"),
        ErrorSample("429", .rateLimit, "http-429"), ErrorSample("500", .transient, "http-500"),
        ErrorSample("502", .transient, "http-502"), ErrorSample("503", .transient, "http-503"),
        ErrorSample("504", .timeout, "http-504"), ErrorSample("524", .transient, "http-520"),
        ErrorSample("529", .rateLimit, "http-529"), ErrorSample("418", .data, "http-4xx"),
        ErrorSample("507", .transient, "http-5xx"), ErrorSample("23505", .conflict, "duplicate-key"),
        ErrorSample("40P01", .transient, "deadlock"), ErrorSample("53300", .infra, "too-many-clients"),
        ErrorSample("42P01", .configuration, "sql-definition"),
    ]
    static let names: [ErrorSample] = [
        ErrorSample("NodeSslError", .configuration, "ssl"),
        ErrorSample("TimeoutExecutionCancelledError", .timeout, "canceled-by-timeout"),
        ErrorSample("ManualExecutionCancelledError", .canceledByUser, "canceled-manually"),
        ErrorSample("SystemShutdownExecutionCancelledError", .infra, "canceled-by-shutdown"),
        ErrorSample("StalledExecutionCancelledError", .crash, "canceled-as-stalled"),
        ErrorSample("ExecutionCancelledError", .canceledByUser, "canceled"),
        ErrorSample("WorkflowCrashedError", .crash, "workflow-crashed"),
        ErrorSample("NodeCrashedError", .crash, "node-crashed"),
        ErrorSample("MaxStalledCountError", .crash, "stalled-job"),
        ErrorSample("TaskRunnerOomError", .crash, "runner-memory"),
        ErrorSample("TaskRunnerDisconnectedError", .infra, "runner-disconnected"),
        ErrorSample("TaskRunnerFailedHeartbeatError", .timeout, "runner-heartbeat"),
        ErrorSample("TaskRunnerRestartLoopError", .infra, "runner-restart-loop"),
        ErrorSample("TaskRequestTimeoutError", .infra, "runner-request"),
        ErrorSample("CredentialNotFoundError", .configuration, "credential-not-found"),
        ErrorSample("DbConnectionTimeoutError", .infra, "database-connection"),
        ErrorSample("WorkflowHasIssuesError", .configuration, "workflow-issues"),
        ErrorSample("UnrecognizedNodeTypeError", .configuration, "unrecognized-node"),
        ErrorSample("SubworkflowOperationError", .configuration, "sub-workflow"),
        ErrorSample("ExpressionError", .data, "expression"),
        ErrorSample("DisallowedFilepathError", .configuration, "file-system"),
        ErrorSample("MissingExecutionDataError", .notRetryable, "data-gone"),
        ErrorSample("SyntaxError", .data, "script"),
    ]
    static let texts: [ErrorSample] = [
        ErrorSample("You exceeded your current quota, please check your plan", .quota, "insufficient-quota"),
        ErrorSample("Limit 500 requests per day", .quota, "daily-quota"),
        ErrorSample("quotaId: GenerateRequestsPerDayPerProject", .quota, "daily-quota"),
        ErrorSample("Quota exceeded for quota metric 'Write requests'", .rateLimit, "quota-metric"),
        ErrorSample("Rate limit reached for gpt-4", .rateLimit, "model-rate-limit"),
        ErrorSample(
            "This request would exceed the rate limit for your organization of 40,000 tokens", .rateLimit,
            "organization-rate-limit"),
        ErrorSample(
            "This request would exceed your organization's rate limit of 40,000 tokens", .rateLimit,
            "organization-rate-limit"),
        ErrorSample("529 - {\"type\":\"overloaded_error\"}", .rateLimit, "overloaded"),
        ErrorSample("Unable to sign without access token", .auth, "no-access-token"),
        ErrorSample("The provided authorization grant (e.g. code) is invalid, expired", .auth, "invalid-grant"),
        ErrorSample("{\"error\":\"invalid_client\"}", .auth, "invalid-client"),
        ErrorSample("ER_DUP_ENTRY: Duplicate entry '1'", .conflict, "duplicate-key"),
        ErrorSample("Database is not ready!", .infra, "database-not-ready"),
        ErrorSample("Failed to parse. Text: \"hello\"", .llmOutput, "output-parsing"),
        ErrorSample("Workflow has been canceled or timed out!", .canceledByUser, "canceled-or-timed-out"),
        ErrorSample("The execution was cancelled because it timed out", .timeout, "canceled-by-timeout"),
        ErrorSample("The execution was cancelled manually", .canceledByUser, "canceled-manually"),
        ErrorSample("The execution was cancelled because the system is shutting down", .infra, "canceled-by-shutdown"),
        ErrorSample("The execution was detected as stalled by queue recovery", .crash, "canceled-as-stalled"),
        ErrorSample("The execution was cancelled", .canceledByUser, "canceled"),
        ErrorSample("Workflow did not finish, possible out-of-memory issue", .crash, "workflow-crashed"),
        ErrorSample("Execution stopped at this node", .crash, "node-crashed"),
        ErrorSample("job stalled more than maxStalledCount", .crash, "stalled-job"),
        ErrorSample("Node ran out of memory", .crash, "runner-memory"),
        ErrorSample("FATAL: JavaScript heap out of memory", .crash, "heap-memory"),
        ErrorSample("Node execution failed", .infra, "runner-disconnected"),
        ErrorSample("The task runner became unresponsive", .timeout, "runner-heartbeat"),
        ErrorSample("Task runner has restarted 5 times within 60 seconds", .infra, "runner-restart-loop"),
        ErrorSample("Task request timed out after 60 seconds", .infra, "runner-request"),
        ErrorSample("Task execution timed out after 300 seconds", .timeout, "runner-timeout"),
        ErrorSample("Worker failed to find data for execution 12", .infra, "worker-no-data"),
        ErrorSample("Worker failed to find workflow x", .notRetryable, "worker-no-workflow"),
        ErrorSample(
            "Execution 5 was returned to the queue because the worker is stopping", .infra, "returned-to-queue"),
        ErrorSample("Too many pending onReceived executions", .infra, "admission-limit"),
        ErrorSample("No active execution found", .infra, "no-active-execution"),
        ErrorSample("Missing execution data", .notRetryable, "data-gone"),
        ErrorSample("The workflow has issues and cannot be executed", .configuration, "workflow-issues"),
        ErrorSample("Unrecognized node type: n8n-nodes-x.y", .configuration, "unrecognized-node"),
        ErrorSample("Workflow does not exist.", .configuration, "sub-workflow"),
        ErrorSample("Can't determine which item to use", .data, "expression"),
        ErrorSample("Credential with ID \"7\" does not exist for type \"x\"", .configuration, "credential-not-found"),
        ErrorSample("Node does not have any credentials set", .configuration, "no-credentials"),
        ErrorSample(
            "Could not establish database connection within the configured timeout of 20,000 ms", .infra,
            "database-connection"),
        ErrorSample("sorry, too many clients already", .infra, "too-many-clients"),
        ErrorSample("Connection terminated due to connection timeout", .transient, "database-connect-timeout"),
        ErrorSample("Connection terminated unexpectedly", .transient, "database-closed"),
        ErrorSample("timeout exceeded when trying to connect", .transient, "database-pool-timeout"),
        ErrorSample("could not serialize access due to concurrent update", .transient, "deadlock"),
        ErrorSample("relation \"orders\" does not exist", .configuration, "sql-definition"),
        ErrorSample("database is locked", .transient, "sqlite-busy"),
        ErrorSample(
            "Client network socket disconnected before secure TLS connection was established", .transient,
            "tls-disconnected"),
        ErrorSample("SSL Issue: consider using the 'Ignore SSL issues' option", .configuration, "ssl"),
        ErrorSample("self-signed certificate in certificate chain", .configuration, "certificate"),
        ErrorSample("SSL routines:ssl3_get_record:wrong version number", .configuration, "eproto"),
        ErrorSample("timeout of 300000ms exceeded", .timeout, "timeout-exceeded"),
        ErrorSample("socket hang up", .transient, "socket-hang-up"),
        ErrorSample(
            "The connection to the server wes closed unexpectedly, perhaps it is offline.", .transient, "econnreset"),
        ErrorSample("connect ECONNREFUSED 127.0.0.1:9", .transient, "econnrefused"),
        ErrorSample(
            "The connection timed out, consider setting the 'Retry on Fail' option", .timeout, "etimedout"),
        ErrorSample("The connection was aborted, perhaps the server is offline", .timeout, "econnaborted"),
        ErrorSample("The host is unreachable, perhaps the server is offline", .transient, "ehostunreach"),
        ErrorSample("connect ENETUNREACH 10.0.0.1:80", .transient, "enetunreach"),
        ErrorSample("The DNS server returned an error, perhaps the server is offline", .transient, "eai-again"),
        ErrorSample("getaddrinfo ENOTFOUND no-such-host.invalid", .configuration, "enotfound"),
        ErrorSample("The server closed the connection unexpectedly", .transient, "getaddrinfo"),
        ErrorSample("write EPIPE", .transient, "epipe"),
        ErrorSample("aborted", .transient, "aborted"),
        ErrorSample("The address is not available, ensure that", .configuration, "eaddrnotavail"),
        ErrorSample("The port is already occupied by some other application", .configuration, "eaddrinuse"),
        ErrorSample("The file or directory does not exist", .configuration, "file-system"),
        ErrorSample("Bad request - please check your parameters", .data, "http-400"),
        ErrorSample("Request failed with status code 401", .auth, "http-401"),
        ErrorSample("Payment required - perhaps check your payment details?", .quota, "http-402"),
        ErrorSample("Forbidden - perhaps check your credentials?", .auth, "http-403"),
        ErrorSample("The resource you are requesting could not be found", .data, "http-404"),
        ErrorSample("409 - \"exists\"", .conflict, "http-409"),
        ErrorSample("The service is receiving too many requests from you", .rateLimit, "http-429"),
        ErrorSample("The service was not able to process your request", .transient, "http-500"),
        ErrorSample("Bad gateway - the service failed to handle your request", .transient, "http-502"),
        ErrorSample("Service unavailable - try again later", .transient, "http-503"),
        ErrorSample("Gateway timed out - perhaps try again later?", .timeout, "http-504"),
        ErrorSample("Your request is invalid or could not be processed by the service", .data, "http-4xx"),
        ErrorSample("The service failed to process your request", .transient, "http-5xx"),
        ErrorSample("Unexpected token < in JSON at position 0", .data, "script"),
        ErrorSample("Cannot read property 'x' of undefined", .data, "script"),
    ]
}
