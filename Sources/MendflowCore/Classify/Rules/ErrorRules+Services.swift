extension ErrorRuleTable {
    /// What the clients of models say, and n8n of their answers.
    static let models: [ErrorRuleSpec] = [
        .words(
            "output-parsing", .llmOutput, example: "Model output doesn't fit required format",
            source: "n8n: output parsers; LangChain: OUTPUT_PARSING_FAILURE", #"failed to parse\. text:"#,
            #"\bOUTPUT_PARSING_FAILURE\b"#, "model output doesn't fit required format", "model output does not match",
            "could not parse (?:llm|tool|model|output|the )", "failed to parse (?:tool|model|llm|output)",
            "did not match expected schema", "max iterations", "stopped due to (?:max|iteration)",
            "INVALID_TOOL_RESULTS", "invalid json in model output", "no valid JSON"),
        .words(
            "model-overloaded", .transient, example: "The model is overloaded. Please try again later.",
            source: "model services: OpenAI, Anthropic, Google, Groq, Mistral error pages",
            "model is (?:currently )?overloaded", "engine is currently overloaded",
            "currently (?:overloaded|loading|experiencing high)", "is overloaded", "model .* is loading",
            "server had an error", "server_error", "api_error", "internal server error", "high demand"),
        .words(
            "model-input", .data, example: "INVALID_PROMPT_INPUT",
            source: "model services: OpenAI, Anthropic, Google, Groq, Mistral error pages", "INVALID_PROMPT_INPUT",
            "invalid_request_error", "finish reason", "finishReason", "safety", "RECITATION", "blocked by",
            "no prompt", "prompt is (?:empty|required)"),
        .words(
            "sub-node", .configuration, example: "A Chat Model sub-node must be connected and enabled",
            source: "n8n: @n8n/n8n-nodes-langchain", "must be connected", "sub-?node", "no session id found",
            "requires more system memory", "expected to find the (?:prompt|session)", "please connect a model"),
    ]

    /// Services that fail without a status: with 200, in GraphQL, over gRPC.
    static let services: [ErrorRuleSpec] = [
        .words(
            "slack-auth", .auth, example: #"Slack error response: "org_login_required""#,
            source: "Slack: errors of chat.postMessage and others",
            "slack error response: .*(?:token|auth|account|scope|permission|login|restricted|not_allowed"
                + "|access)",
            "missing required oauth scopes", "need higher role level", "no_permission", "ekm_access_denied"),
        .words(
            "slack-unavailable", .transient, example: #"Slack error response: "internal_error""#,
            source: "Slack: errors of chat.postMessage and others",
            "slack error response: .*(?:internal_error|fatal_error|service_unavailable|request_timeout"
                + "|team_added_to_org|rollup_error)"),
        .words(
            "slack-data", .data, example: #"Slack error response: "channel_not_found""#,
            source: "Slack: errors of chat.postMessage and others", "slack error response", "channel_not_found",
            "not_in_channel", "is_archived", "message_not_found"),
        .words(
            "discord-rights", .auth, example: "Missing Permissions", source: "Discord: JSON error codes",
            "^missing (?:permissions|access)$", "^unauthorized$", "invalid webhook token",
            "cannot send messages to this user"),
        .words(
            "discord-data", .data, example: "Unknown Webhook", source: "Discord: JSON error codes",
            "^unknown (?:webhook|channel|guild|message|user|member|role|emoji|interaction|application)",
            "invalid form body", "cannot send an empty message"),
        .words(
            "service-rights", .auth, example: "code: FORBIDDEN",
            source: "GraphQL over HTTP; Apollo: error codes; Shopify, Linear, monday.com, GitHub",
            "code: (?:FORBIDDEN|UNAUTHENTICATED|UNAUTHORIZED|ACCESS_DENIED|AUTHENTICATION_ERROR"
                + "|INVALID_CREDENTIALS)",
            "not authorized", "unauthorized", "not authenticated",
            "authentication (?:is )?(?:required|failed|failure|error)", "UserUnauthorized", "forbidden$",
            "permission denied", "access (?:is )?denied", "AccessDenied", "PERMISSION_DENIED",
            "insufficient (?:permissions?|scopes?|privileges|rights|access)", "insufficientPermissions",
            "INSUFFICIENT_ACCESS", "(?:does not|not) have (?:the )?(?:permission|access|sufficient)",
            #"code: (?:190|102|10|2\d\d)\b"#, "no permission", "not allowed to access", "bad credentials",
            "login required", #"AADSTS\d"#, "missing permissions", "invalid signature"),
        .words(
            "service-unavailable", .transient, example: "code: SERVICE_UNAVAILABLE",
            source: "GraphQL over HTTP; Apollo: error codes; Shopify, Linear, monday.com, GitHub",
            "code: (?:INTERNAL_SERVER_ERROR|INTERNAL|SERVICE_UNAVAILABLE|UNAVAILABLE|TIMEOUT"
                + #"|INTERNAL_ERROR)\b"#,
            #"\b(?:14|13|10) (?:UNAVAILABLE|INTERNAL|ABORTED)\b"#, "no connection established",
            "(?:service|server|api|endpoint|system|model)[ _](?:is )?(?:currently |temporarily )?unavailable",
            "SERVICE_UNAVAILABLE", "temporarily unavailable", "ServerBusy", "try again later", "please try again in",
            "internal[ _]error", "InternalServerError", "ServiceUnavailable", "(?:under|down for) maintenance",
            "bad gateway", "server error"),
        .words(
            "service-input", .data, example: #"Cannot query field "total" on type "Order"."#,
            source: "GraphQL over HTTP; Apollo: error codes; Shopify, Linear, monday.com, GitHub",
            "code: (?:BAD_USER_INPUT|GRAPHQL_VALIDATION_FAILED|GRAPHQL_PARSE_FAILED|NOT_FOUND"
                + "|INVALID_INPUT|argumentNotFound|undefinedField|BAD_REQUEST)",
            "cannot query field", "unknown argument", #"variable "?\$"#, "argument validation error",
            "validation (?:error|failed|exception)", "ValidationError", "ValidationException", "INVALID_ARGUMENT",
            "entity not found", "not[ _]found", "NotFoundException", "does not match the schema",
            "parameter values? (?:were|was|is) invalid", "invalid parameter", "INVALID_FIELD",
            "REQUIRED_FIELD_MISSING", "FIELD_CUSTOM_VALIDATION", "MALFORMED", "ENTITY_IS_DELETED", #"code: 100\b"#,
            "bad request", "no longer available"),
    ]
}
