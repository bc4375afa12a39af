extension ErrorRuleTable {
    /// Words that say more than any code beside them: a quota behind a 429, a rate limit behind a 403.
    static let qualifiers: [ErrorRuleSpec] = [
        ErrorRuleSpec(
            id: "invalid-value", .data, codes: ["400", "404", "409", "422"],
            words: [
                "is not a property that exists", "not one of the allowed (?:options|values)",
                "value for restricted picklist", #"\bINVALID_OPTION\b"#, "RESTRICTED_PICKLIST", "ColumnValueException",
                "INVALID_MULTIPLE_CHOICE_OPTIONS", "create new select option",
                "possible (?:statuses|values|options) are",
                #"\bInvalidValue\b"#, "quantity limit exceeded",
            ], example: "Billing was not one of the allowed options: [General inquiry, Payment required]",
            source:
                "Notion, HubSpot, Salesforce, monday.com, Airtable, Zendesk: values that are not among the allowed ones"
        ),
        ErrorRuleSpec(
            id: "invalid-value", .data, nodeTypes: ["*.googleSheets", "*.googleSheetsTool"],
            words: ["^sheet with (?:name|id) .* not found"], example: "Sheet with name Orders not found",
            source: "n8n: Google Sheets"),
        .words(
            "disk-full", .infra,
            example:
                "index [orders] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, index has "
                + "read-only-allow-delete block];",
            source: "Elasticsearch: disk watermarks", "flood[- ]stage", "disk usage exceeded", "read-only-allow-delete"),
        .words(
            "request-too-large", .data, example: "This model's maximum context length is 128000 tokens. ",
            source: "model services: OpenAI, Anthropic, Google, Groq, Mistral error pages", "context_length_exceeded",
            "maximum context length", "prompt is too long", "CONTEXT_OVERFLOW", "string_above_max_length",
            "exceeds? (?:the )?(?:maximum |model.?s? )?(?:context|token) (?:length|window|limit|count)",
            "input token count .* exceeds", "request too large for", "request_too_large", "input is too long",
            "too many (?:input )?tokens", "reduce the length of the (?:messages|input|prompt)",
            "input length and .?max_tokens.? exceed"),
        .words(
            "daily-quota", .quota, example: "Daily Limit Exceeded",
            source: "Google: usageLimits reasons; Amazon SES; HubSpot: policyName; OpenAI and "
                + "Groq: tokens per day",
            #"\b(?:tokens|requests|queries|calls|messages|emails|units|mails|recipients|operations) per[ "#
                + "-](?:day|week|month)",
            "per[_-]?day", "per[_-]?month", "dailyLimitExceeded", "OVER_DAILY_LIMIT",
            #"(?:\b|_)(?:daily|weekly|monthly)(?:\b|_)[^.]*(?:limit|quota|cap\b|credit|allowance|budget|usage)"#,
            #"(?:limit|quota|exceed|allowance|usage)[^.]*\b(?:daily|weekly|monthly|this month|this week"#
                + #"|today|per month|a day|a month|every month)\b"#,
            #"policyName\W+(?:DAILY|MONTHLY)"#, "try again tomorrow", "(?:Daily|Monthly)_?(?:Limit|Quota)",
            #"\d(?: \w+)?(?: \w+)?(?: \w+)? ?/ ?(?:day|week|month)\b"#,
            #"limit[^.]* for (?:the|this|your) (?:day|week|month)\b"#,
            #"\b(?:day|week|month) limit\b[^.]*(?:reached|exceeded)"#, "in (?:a|the last|any) 24[- ]hours?",
            "24[- ]hour (?:limit|period|window|quota)"),
        .words(
            "recipient-refused", .data, example: "Forbidden: bot was blocked by the user",
            source: "Telegram Bot API: answers of sendMessage", "bot was blocked by the user", "user is deactivated",
            "bot was kicked from", "bot can't initiate conversation"),
        .words(
            "rate-per-minute", .rateLimit,
            example: "Quota exceeded for quota metric 'Write requests' and limit 'Write requests "
                + "per minute per user'",
            source: "Google: quota limits; Gemini: QuotaFailure and RetryInfo; OpenAI: RPM and TPM",
            "(?:requests?|tokens?|calls?|messages?|queries|limit|quota|operations)[^.]* (?:per|each"
                + #"|every|/) ?(?:\d+ )?(?:min|minute|sec|second|hour)s?\b"#,
            "Per(?:Minute|Second|Hour)", "PER_(?:MINUTE|SECOND|HOUR)", #"\bRetryInfo\b"#, #"retryDelay\W+\d"#,
            "SECONDLY", "quota exceeded for quota metric", #"please retry in \d"#),
        .words(
            "insufficient-quota", .quota,
            example: "You exceeded your current quota, please check your plan and billing details.",
            source: "OpenAI: error codes", "insufficient_quota", "exceeded your current quota",
            "billing_hard_limit_reached", "usage_limit_reached", "reached your (?:specified )?(?:api )?usage limits"),
        .words(
            "billing", .quota, example: "Your credit balance is too low to access the Anthropic API.",
            source: "Anthropic, OpenRouter, DeepSeek, SendGrid, Airtable, Google: billing errors",
            "credit balance is too low", "insufficient[ _](?:credits?|balance|funds for|account balance|api credits)",
            "not[ _]enough[ _](?:credits?|balance|funds)", "insufficient_space", "out of credits?",
            #"no (?:more |remaining )?credits\b"#, "max(?:imum)? credits exceeded", "requires more credits",
            #"credits? (?:\w+ )?(?:exhausted|depleted|used up|exceeded|expired)"#,
            "(?:exceeded|exhausted|depleted|used (?:up )?all)[^.]*credits?", "BILLING_",
            "billing (?:limit|hard limit|account|is not enabled|has not been enabled|to be enabled)",
            "check your billing", "billing not active", "payment_required", "spend(?:ing)? (?:limit|cap)",
            #"(?:upgrade|exceeded|limit of|beyond) (?:your|the|to a|to the|current)[^.]*\bplan\b"#,
            "plan limits? (?:was |has been |is )?(?:exceeded|reached)",
            "(?:trial|subscription) (?:has |is )?(?:expired|ended|inactive)", "unpaid invoice",
            "(?:add|update) (?:a|your) payment", "eligibility payment issue", #"(?:#|code\W+)131042\b"#,
            "account is not active"),
        .words(
            "rate-limit", .rateLimit, example: "API rate limit exceeded for user ID 1.",
            source: "GitHub, Slack, Notion, Microsoft, AWS, Meta, Shopify: rate limits", "rate[ _-]?limit",
            "too[ _-]?many[ _-]?(?:requests|calls|messages|connections from|login attempts|attempts"
                + "|concurrent|simultaneous)",
            "throttl(?:ed|ing|e)", "rate (?:was |has been |is )?exceeded", "sending rate", "SlowDown", "slow down",
            "request rate",
            "(?:request|call|application|user|page|api) (?:request )?limit (?:has been )?(?:reached"
                + "|exceeded|hit)",
            #"concurren\w+ (?:\w+ )?limit"#, "MailboxConcurrency", "ConcurrentRequests", "ConcurrentPerOrg",
            "abuse detection", "complexity budget", "COMPLEXITY_BUDGET", "M_LIMIT_EXCEEDED",
            "too_many_write_operations", "ProvisionedThroughputExceeded", "provisioned throughput",
            "exceeds the (?:allowed|configured) throughput", "OVER_QUERY_LIMIT", "capacity_exceeded", "FLOOD_WAIT",
            "flood control", "activityLimitReached", "TooManyRequests", "RequestLimitExceeded",
            "BandwidthLimitExceeded", "RESOURCE_EXHAUSTED", "requests? (?:are )?allowed per",
            #"(?:#|code\W+)(?:130429|131048|131056|80007)\b"#, "made too many requests"),
        .words(
            "overloaded", .rateLimit,
            example: #"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#,
            source: "Anthropic: error types", #"\boverloaded_error\b"#),
        .words(
            "quota", .quota, example: "Calendar usage limits exceeded.",
            source: "Google, Microsoft, Salesforce, DeepL: quota reasons", "quotaExceeded",
            "quota (?:has been |was |is |limit )?(?:exceeded|reached|exhausted|full)",
            "exceed(?:ed|s|ing)?[^.]*quota", "over ?quota", "out of quota", "quota_exceeded",
            "storage ?(?:quota|limit)", "STORAGE_LIMIT", "quotaLimitReached",
            "(?:usage|account|plan|storage|transfer|bandwidth|contact|record|row|user|seat|license"
                + "|subscriber|message|sending|send|email|recipient|file|project|object)s? limits? (?:has been "
                + "|have been |was )?(?:exceeded|reached)",
            "mailbox (?:is )?full", "insufficient storage", "limit of your (?:plan|account)", "ServiceQuotaExceeded",
            #"over your (?:\w+ )?quota"#, "execution limit reached", "table size limit exceeded",
            "ErrorExceededMessageLimit", #"reached (?:the|your) (?:\w+ )?(?:limit|quota)"#),
        .words(
            "lock", .transient, example: "unable to obtain exclusive access to this record or 1 records: 001xx",
            source: "Salesforce: UNABLE_TO_LOCK_ROW; Stripe: lock_timeout; Microsoft Graph: "
                + "resourceLocked",
            "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access", "lock_timeout", "resource ?locked",
            "resource is (?:currently )?locked", "(?:document|file|workbook|sheet|row) (?:is )?(?:currently )?locked",
            "being (?:edited|modified|updated|processed) by another", "lock(?:ed)? by another",
            "ConcurrentModification",
            "another (?:API )?(?:request|operation|update|transaction) (?:is |was )?(?:already "
                + "|currently )?in progress",
            "OperationAborted", "conflicting conditional operation"),
        .words(
            "duplicate-key", .conflict, example: #"duplicate key value violates unique constraint "orders_pkey""#,
            source: "PostgreSQL 23505, MySQL 1062, SQLite, SQL Server 2627, Oracle ORA-00001, "
                + "MongoDB E11000",
            "duplicate key", "duplicate entry", "unique constraint", "UNIQUE constraint failed", #"\bER_DUP_ENTRY"#,
            "E11000", "ORA-00001", "violation of (?:UNIQUE|PRIMARY) KEY", "conflicting key value violates exclusion"),
        .words(
            "duplicate", .conflict,
            example: "a@example.com is already a list member. Use PUT to insert or update list members.",
            source: "Mailchimp, Salesforce, HubSpot, Dropbox, Google, DynamoDB: errors of what "
                + "is there already",
            "already exists?", "already_?exists",
            "(?:has|have) already been (?:taken|used|processed|registered|created|posted|submitted|sent"
                + "|added|paid|captured|refunded)",
            #"already (?:a|an) (?:\w+ )?(?:member|subscriber|contact|user)"#,
            "already (?:subscribed|registered|processed|in channel|reacted|taken|refunded|captured|paid"
                + "|sent|posted)",
            "already_(?:reacted|in_channel|in_team|invited|taken|pinned)", "member exists", "DUPLICATES?_",
            "Duplicate(?:Record|Value|Document|Name|Request|Submission|Transaction)",
            "duplicate (?:record|value|request|transaction|order|name|email|submission|document|contact"
                + "|content|message)",
            "status is a duplicate", "(?:path|to)/conflict", "ConditionalCheckFailed", "conditional request failed",
            "name_taken", "must be unique", "is not unique"),
        ErrorRuleSpec(
            id: "limit-exceeded", .quota,
            codes: ["400", "401", "402", "403", "404", "406", "409", "412", "413", "422"],
            words: [
                "LimitExceeded",
                "LIMIT_EXCEEDED", "limit (?:has been |was )?(?:exceeded|reached)", "limits exceeded",
                #"(?:exceeded|reached) (?:the|your|its) (?:\w+ )?limit"#, #"over (?:the|your|its) (?:\w+ )?limit"#,
            ],
            example: "TotalRequests Limit exceeded.", source: "Salesforce, AWS: limits that another status carries"),
        .words(
            "reference", .data,
            example: #"insert or update on table "lines" violates foreign key constraint "#
                + #""lines_order_id_fkey""#,
            source: "PostgreSQL 23503 and 23514, also behind PostgREST",
            "violates (?:foreign key|check|not-null) constraint", "foreign key constraint fails"),
        .words(
            "no-access-token", .auth, example: "Unable to sign without access token", source: "n8n: OAuth helper",
            "unable to sign without access token"),
        .words(
            "invalid-grant", .auth, example: "The provided authorization grant is invalid, expired, revoked",
            source: "OAuth 2.0, RFC 6749 section 5.2", "provided authorization grant .*(?:invalid|expired|revoked)",
            #"\binvalid_grant\b"#, "needs to be reconnected"),
        .words(
            "invalid-client", .auth, example: "invalid_client", source: "OAuth 2.0, RFC 6749 section 5.2",
            #"\b(?:invalid|unauthorized)_client\b"#, "client authentication failed", "access_denied",
            #"\binvalid_(?:token|scope)\b"#, "interaction_required", "consent_required"),
        .words(
            "token", .auth, example: "Error validating access token: Session has expired",
            source: "Meta 190, Slack, Salesforce, GitHub, Google, AWS, Microsoft: token and key errors",
            "error validating access token",
            "(?:session|token|api key|jwt|key|credential|password|signature) (?:has |is |was )?(?:been "
                + ")?(?:expired|revoked|invalidated)",
            #"(?:expired|revoked|invalid|missing|malformed|bad|wrong|incorrect) (?:\w+ )?(?:token|api[ "#
                + #"_-]?key|credentials?|password|jwt)\b"#,
            "username or password", "token_(?:expired|revoked)", "ExpiredToken", "InvalidClientTokenId",
            "UnrecognizedClient", "SignatureDoesNotMatch", "InvalidAccessKeyId", "IncompleteSignature",
            "MissingAuthenticationToken", "security token included in the request", "INVALID_PERMISSIONS",
            "EXPIRED_AUTHENTICATION", "INVALID_AUTHENTICATION", "INVALID_SESSION_ID", "INVALID_LOGIN",
            "API_KEY_INVALID", "api key not valid", "invalid_api_key", "incorrect api key", "invalid[_ ]auth",
            "authentication_error", "invalid authentication", "not_authed", "account_inactive",
            "user_(?:is_)?(?:inactive|deactivated)", "missing_scope", "not_allowed_token_type",
            "InvalidAuthenticationToken", "Authorization_RequestDenied", "ErrorAccessDenied", "MODEL_AUTHENTICATION",
            "UNAUTHENTICATED", "refresh token", "session (?:has )?timed out", "grant (?:has )?expired"),
        ErrorRuleSpec(
            id: "denied", .auth, codes: ["400"],
            words: [
                "AccessDenied", "not authorized", "unauthorized",
                "permission denied", "PERMISSION_DENIED",
                "insufficient (?:permissions?|scopes?|privileges|rights|access)", "insufficientPermissions",
                "INSUFFICIENT_ACCESS", "do(?:es)? not have (?:the )?(?:permission|access|sufficient)",
                "authentication (?:is )?(?:required|failed|failure|error)", #"code: (?:190|102|10|2\d\d)\b"#,
                #"\(#(?:3|10|102|190|2\d\d)\)"#, #"AADSTS\d"#, "bad credentials", "login required", "OptInRequired",
                "AuthFailure",
            ], example: "User: arn:aws:iam::1:user/x is not authorized to perform: dynamodb:PutItem",
            source: "AWS, Meta, Microsoft: refusals that come with 400"),
        .words(
            "service-disabled", .configuration,
            example: "Gmail API has not been used in project 1 before or it is disabled.",
            source: "Google: SERVICE_DISABLED, accessNotConfigured", "accessNotConfigured", "SERVICE_DISABLED",
            "has not been used in project .* before or it is disabled", "API_DISABLED_FOR_ORG"),
        .words(
            "no-model", .configuration, example: "The model `gpt-9` does not exist or you do not have access to it.",
            source: "model services: OpenAI, Anthropic, Google, Groq, Mistral error pages", #"\bmodel_not_found"#,
            #"\bmodel\b[^.]* (?:does not exist|not found|is not (?:found|supported|available)|not a valid)"#,
            "unknown model", "invalid model", "no such model", "try pulling it first", "is not a valid model",
            #"models?/\S+ is not found"#, "(?:has been|is) (?:decommissioned|deprecated)",
            "does not support (?:tools|function|tool|image|chat|system)", "no endpoints found"),
        .words(
            "content-policy", .data,
            example: "The response was filtered due to the prompt triggering content management policy.",
            source: "model services: OpenAI, Anthropic, Google, Groq, Mistral error pages", "content_filter",
            "content management policy", "content_policy_violation", "ResponsibleAIPolicyViolation", "usage policies",
            "safety system"),
        .words(
            "card-declined", .data, example: "Your card was declined.", source: "Stripe: card errors",
            "card_declined", "card_error", "card was declined", "insufficient_funds", "do_not_honor"),
        .words(
            "query-timeout", .timeout, example: "QUERY_TIMEOUT: Your query request was running for too long.",
            source: "Salesforce: QUERY_TIMEOUT; Google: DEADLINE_EXCEEDED", "QUERY_TIMEOUT", "running for too long",
            "(?:Model|Gateway|Request|Lambda|Connection)Timeout(?:Exception|Error)", "DEADLINE_EXCEEDED",
            "deadline exceeded", #"task timed out after [\d.]+ seconds"#),
        ErrorRuleSpec(
            id: "try-again", .transient,
            codes: ["400", "404", "406", "409", "410", "412", "417", "418", "421", "422", "424"],
            words: [
                "temporar(?:y|ily) (?:unavailable|error|failure|problem|issue|down|out of)",
                #"is_transient\W+true"#,
                #"(?:try|retry)(?: \w+ request| it| this)?(?: again)? (?:later|shortly|soon|in a (?:few"#
                    + "|moment|minute|while))",
                "service (?:is )?(?:currently |temporarily )?unavailable", "SERVER_UNAVAILABLE",
                "please retry your request", "conflict occurred while saving", "data collision", "backendError",
                "internalError",
            ],
            example: "An unexpected error has occurred. Please retry your request later.",
            source: "Meta: error code 2; Salesforce: SERVER_UNAVAILABLE"),
    ]
}
