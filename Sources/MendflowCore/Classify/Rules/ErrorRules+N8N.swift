extension ErrorRuleTable {
    /// Nodes that only work on the items they are given.
    private static let pureNodes = [
        "set", "if", "switch", "filter", "merge", "sort", "limit", "aggregate", "splitOut", "splitInBatches",
        "summarize", "itemLists", "dateTime", "crypto", "jwt", "html", "htmlExtract", "markdown", "xml",
        "compareDatasets", "renameKeys", "removeDuplicates", "extractFromFile", "convertToFile", "moveBinaryData",
        "spreadsheetFile", "compression", "editImage", "readWriteFile", "readBinaryFile", "readPDF", "totp", "iCal",
    ].map { "n8n-nodes-base.\($0)" }

    /// What n8n and its nodes say of credentials, publishing, expressions, types and items.
    static let nodeErrors: [ErrorRuleSpec] = [
        .names(
            "credential-not-found", .configuration, source: "n8n: credentials and publishing",
            "CredentialNotFoundError", "CredentialsOverwrites*"),
        .words(
            "credential-not-found", .configuration,
            example: #"Credential with ID "gone000000000000" does not exist for type "httpHeaderAuth"."#,
            source: "n8n: credentials and publishing",
            #"credential with id ".*" (?:does not exist|was not found|could not be found)"#,
            "credentials? .* (?:not found|could not be found)"),
        .words(
            "no-credentials", .configuration, example: "Node does not have any credentials set",
            source: "n8n: credentials and publishing", "does not have any credentials", "no credentials got returned",
            "credentials? (?:are|is|were) (?:missing|required|not set|not configured)",
            "credentials could not be decrypted", "could not be decrypted", "mismatching encryption",
            "requires credentials", "credentials? (?:data )?(?:is|are)? ?(?:missing|invalid type)", "no .*credentials"),
        .names(
            "workflow-issues", .configuration, source: "n8n: workflow-has-issues.error.ts", "WorkflowHasIssuesError"),
        .words(
            "workflow-issues", .configuration,
            example: "The workflow has issues and cannot be executed for that reason. Please fix "
                + "them first.",
            source: "n8n: workflow-has-issues.error.ts", "workflow has issues and cannot be executed",
            "has no node to start", "missing node to start", "no (?:trigger|start) node", "problem in node"),
        .names(
            "unrecognized-node", .configuration, source: "n8n: unrecognized-node-type.error.ts",
            "UnrecognizedNodeTypeError", "UnrecognizedCredentialTypeError"),
        .words(
            "unrecognized-node", .configuration, example: "Unrecognized node type: n8n-nodes-x.y",
            source: "n8n: unrecognized-node-type.error.ts", "unrecognized (?:node|credential) type",
            "unknown node type", "node type .* (?:is not known|not found|unknown)", "install this node"),
        .names(
            "sub-workflow", .configuration, source: "n8n: subworkflow-operation.error.ts",
            "SubworkflowOperationError", "SubworkflowPolicyDenialError", "WorkflowNotFoundError"),
        .words(
            "sub-workflow", .configuration, example: "Workflow is not active and cannot be executed.",
            source: "n8n: subworkflow errors", "workflow does not exist", "workflow is not active",
            "workflow .* (?:is archived|is not published|not published)", "could not find workflow",
            "workflow .* (?:could not be found|not found)", "policy.* (?:prevent|den)", "calling .* is not allowed",
            "no execute workflow trigger", "workflow has no"),
        .names(
            "access-denied", .configuration, source: "n8n: file and environment access", "DisallowedFilepath*",
            "FileAccess*", "DisallowedModule*"),
        .words(
            "access-denied", .configuration, example: "Access to the repository path is not allowed",
            source: "n8n: file and environment access", "access to the .* (?:is )?not allowed",
            "access to (?:the )?env", #"is not allowed\.? allowed paths"#,
            "blocked by (?:the )?(?:admin|ssrf|environment)", "resolves to a (?:restricted|private|blocked)",
            "path is not allowed", "not (?:writable|readable)",
            "feature is not (?:available|licensed|enabled)", "not licensed for",
            "not supported in (?:your|this) (?:plan|version)"),
        .names(
            "expression", .data, source: "n8n: expression.error.ts", "ExpressionError", "ExpressionExtensionError",
            "ExpressionClassExtensionError", "ExpressionReservedVariableError", "ExpressionWithStatementError"),
        .words(
            "expression", .data, example: "Can't determine which item to use", source: "n8n: expressions",
            "can't determine which item", "referenced node", "paired ?item", "cannot convert to luxon",
            "^invalid syntax$", "can't get data for expression", "cannot assign to read only", "can't use",
            "is not defined", "is not iterable", "hasn.t been executed", "multiple matching items",
            "invalid datetime", "unable to determine which item", "no path back to",
            "node .* (?:unexecuted|not executed)", "data from .* is unavailable"),
        .words(
            "type-check", .data, example: "'x' expects a number but we got 'abc' [item 0]",
            source: "n8n: type validation", "expects an? .* but (?:we )?got", "wrong type",
            "invalid (?:date|time|number|email|value|input|format|type|argument|option|range|xml|csv"
                + #"|timezone|regular expression|phone|id\b|key|data|url|operation|parameter|query|request"#
                + "|resource|json|base64|cron|interval|array|object|string|boolean|field|file|image|pdf|token format)",
            #" must be (?:an?|of|the|one|in|at|greater|less|unique|specified|set|provided|valid|between|not)\b"#,
            #" should be (?:an?|of|the)\b"#, #"is not (?:an?|valid)\b"#, "not supported", "unsupported",
            "cannot be (?:empty|blank|undefined|converted|negative|parsed)", "type validation"),
        .words(
            "missing-input", .data, example: #"No property named "nope" exists!"#,
            source: "n8n: nodes that read items", "no property named", "does not (?:contain|exist|have)",
            "doesn't (?:exist|have|contain)",
            "no (?:binary|data|items?|file|results?|matching|columns?|rows?|fields?|input|output|email"
                + #"|records?|messages?|sheet|such)\b"#,
            "(?:binary|field|property|column|key|parameter|item|file|sheet|row|record|value|attribute) "
                + ".*(?:not found|missing|is empty|is required|is not set|not exist)",
            "is (?:missing|empty|required)", "can't be empty", "missing required",
            "required (?:field|parameter|property|value)", "could not (?:get|find)", "cannot find", "not be found",
            "couldn't find", "please (?:provide|specify|select|enter|fill|add|set|make sure|check|define|choose|use)",
            "at least one", "need(?:s)? to be", "has to be", "you must", "nothing to"),
        .words(
            "file-format", .data, example: "Non-whitespace before first tag.",
            source: "sax, xml2js, pdf.js, xlsx, jszip, csv-parse: parsers", "before first tag",
            "unclosed (?:root )?tag", "unexpected close tag", "attribute without value", "text data outside of root",
            "central directory", "corrupted", "invalid (?:record|opening|closing|pdf|zip|signature|html)",
            "password-protected", "bad compressed", "unrecognized (?:image|file)", "no decode delegate",
            "not a (?:zip|pdf|valid)", "file is (?:too large|empty|not)", "unknown file"),
    ]

    /// What is left: names, and nodes that only work on items.
    static let lastResorts: [ErrorRuleSpec] = [
        ErrorRuleSpec(id: "crashed", .crash, statuses: [.crashed], example: "gone", source: "n8n: status crashed"),
        .names(
            "script-error", .data, source: "ECMAScript: error names", "SyntaxError", "TypeError", "ReferenceError",
            "RangeError"),
        .words(
            "script-error", .data, example: "Cannot read properties of undefined (reading 'x')",
            source: "ECMAScript: error messages", #"\b(?:SyntaxError|TypeError|ReferenceError)\b"#,
            "unexpected token", "is not a function", "maximum call stack size exceeded",
            #"cannot read propert(?:y|ies)\b"#, "cannot destructure",
            "cannot convert undefined"),
        ErrorRuleSpec(
            id: "item", .data, nodeTypes: pureNodes, example: "anything", source: "n8n: nodes that only work on items"),
        .names(
            "named-rate-limit", .rateLimit, source: "clients: openai, anthropic, AWS SDK", "RateLimitError",
            "*ThrottlingException", "*ThrottledException", "TooManyRequests*"),
        .names(
            "named-auth", .auth, source: "clients: openai, anthropic, AWS SDK, mongodb", "AuthenticationError",
            "PermissionDeniedError", "AccessDeniedException", "UnauthorizedError", "ForbiddenError",
            "ExpiredTokenException", "InvalidGrantError", "MongoAuthenticationError"),
        .names(
            "named-timeout", .timeout, source: "clients: undici, openai, Node.js", "*TimeoutError",
            "*TimeoutException", "AbortError"),
        .names(
            "named-transient", .transient, source: "clients: openai, undici, mongodb, AWS SDK", "APIConnectionError",
            "SocketError", "MongoNetworkError", "MongoServerSelectionError", "InternalServerError",
            "InternalServerException", "ServiceUnavailableException", "FetchError", "NetworkError", "ConnectionError"),
        .names(
            "named-conflict", .conflict, source: "clients: openai, mongodb", "ConflictError", "MongoBulkWriteError"),
        .names(
            "named-data", .data, source: "clients: openai, AWS SDK, ajv, zod", "BadRequestError", "NotFoundError",
            "UnprocessableEntityError", "ValidationException", "ValidationError", "ZodError",
            "ResourceNotFoundException", "CastError", "BSONError"),
        .names("node-operation", .data, source: "n8n: node-operation.error.ts", "NodeOperationError"),
    ]
}
