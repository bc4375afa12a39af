extension RepeatRiskTable {
    /// Errors that say that nothing was done, those that hold whatever the node first.
    static let refusalRules: [RefusalRule] =
        neverStarted + connecting + answers + services + databases + queues + mail

    /// Statuses of HTTP that refuse: 4xx but for 408, 460 and 499, after which the deed may have been done.
    private static let refusingStatuses = [
        "40[0-79]", "41?", "42?", "43?", "44?", "45?", "46[1-9]", "47?", "48?", "49[0-8]",
    ]

    private static let neverStarted: [RefusalRule] = [
        RefusalRule(
            id: "never-started", .nothingSent,
            names: texts("WorkflowHasIssuesError", "UnrecognizedNodeTypeError", "CredentialNotFoundError"),
            texts: texts(
                "Credential with ID * does not exist for type *", "Node does not have any credentials set*",
                "Node type * is not known*", "Credentials could not be decrypted*"), needs: [],
            RiskReason(
                "n8n could not start the node",
                why: "its type, its credential or its settings are missing, which shows before the first item",
                counterExample: "a credential that is deleted between two of the node's items")),
        RefusalRule(
            id: "bad-parameter", .nothingSent, names: texts("ExpressionError"),
            texts: texts(
                "URL parameter must be a string*", "Invalid URL*", "The value in the \"*\" field is not valid JSON*",
                "JSON parameter needs to be valid JSON*", "Could not get parameter*", "Parameter \"*\" is required*",
                "The parameter \"*\" is required*", "Required parameter*", "Referenced node doesn't exist*",
                "This operation expects the node's input data to contain a binary file*",
                "There is no binary data*", "No binary data*", "Paired item data for*",
                "Can't get data for expression*", "invalid syntax", "Could not find the data table: *"),
            needs: [.oneItem, .assured(.onePage)],
            RiskReason(
                "n8n refused a parameter before it called anybody",
                why: "parameters are worked out before an item's call, but for those of a second page",
                counterExample: "a node that works out a second parameter after its first call")),
        RefusalRule(
            id: "no-model", .types(langchain("*")),
            texts: texts("A Chat Model sub-node must be connected and enabled*"), needs: [],
            RiskReason(
                "there was no model to ask", why: "an agent looks for its model before it does anything",
                counterExample: "none is known")),
        RefusalRule(
            id: "child-not-started", .types(base("executeWorkflow")),
            texts: texts("Workflow is not active and cannot be executed*", "Workflow does not exist*"),
            needs: [.oneItem, .assured(.triesOnce)], risk: .unlikely,
            RiskReason(
                "the child workflow was not started", why: "n8n looks whether it is published before it runs it",
                counterExample: "a child that did something and then called a grandchild that is not published")),
        RefusalRule(
            id: "script-refused", .types(base("code")), texts: texts("Module '*' is disallowed*"),
            needs: [.assured(.triesOnce)], risk: .unlikely,
            RiskReason(
                "the script asked for a module that it may not use", why: "modules are loaded first as a rule",
                counterExample: "a script that calls out and then loads the module")),
        RefusalRule(
            id: "credential-expired", .nothingSent,
            texts: texts(
                "The credential \"*\" needs to be reconnected*", "Unable to sign without access token*",
                "The provided authorization grant *"),
            RiskReason(
                "n8n had no valid token to call with", why: "it could not renew the token, so the call was refused",
                counterExample: "a node of several calls whose token runs out between them")),
        RefusalRule(
            id: "file-refused", .types(base("readWriteFile", "writeBinaryFile", "git")),
            texts: texts(
                "ENOENT: no such file or directory*", "EACCES: permission denied*",
                "Access to the repository path is not*",
                "Access to the file is not allowed*", "The file * does not exist*", "The file * is not writable*"),
            RiskReason(
                "a file or folder could not be opened", why: "nothing is written before it is open",
                counterExample: "a clone that got half way before it met the file")),
    ]

    private static let connecting: [RefusalRule] = [
        RefusalRule(
            id: "refused", .lastCall, codes: texts("ECONNREFUSED"),
            texts: texts(
                "connect ECONNREFUSED*", "getConnection: connect ECONNREFUSED*",
                "Connection error: connect ECONNREFUSED*", "Connection refused", "connack timeout",
                "connect ETIMEDOUT*", "connect EHOSTUNREACH*", "connect ENETUNREACH*", "connect EHOSTDOWN*"),
            RiskReason(
                "no connection came about, so nothing was sent", why: "a request needs an open connection",
                counterExample: "an earlier call of the same item that went well")),
        RefusalRule(
            id: "host-not-found", .lastCall, codes: texts("ENOTFOUND", "EAI_AGAIN", "EDNS"),
            texts: texts(
                "getaddrinfo ENOTFOUND*", "getaddrinfo EAI_AGAIN*", "queryA ENOTFOUND*", "querySrv ENOTFOUND*"),
            RiskReason(
                "the host has no address, so nothing was sent",
                why: "a name is looked up before a connection is opened",
                counterExample: "a redirect to a host that does not exist, after the first one took the request")),
        RefusalRule(
            id: "tls", .lastCall,
            codes: texts(
                "CERT_*", "*SELF_SIGNED_CERT*", "UNABLE_TO_VERIFY*", "UNABLE_TO_GET_ISSUER*", "ERR_TLS_CERT_*", "ETLS"),
            names: texts("NodeSslError"),
            texts: texts(
                "SSL Issue: consider using*", "self-signed certificate*", "self signed certificate*",
                "certificate has expired*", "unable to verify the first certificate*",
                "unable to get local issuer certificate*", "Hostname/IP does not match certificate's altnames*",
                "*SSL routines:*wrong version number*", "*SSL routines:*handshake failure*",
                "*SSL routines:*unsupported protocol*", "*SSL routines:*unknown ca*",
                "*SSL routines:*certificate required*",
                "Client network socket disconnected before secure TLS*", "The server does not support SSL connections*"),
            RiskReason(
                "no secure connection came about, so nothing was sent",
                why: "a request is sent only after both sides agree on the connection",
                counterExample: "a redirect to a host with a bad certificate, after the first one took the request")),
        RefusalRule(
            id: "login-refused", .lastCall, codes: texts("EAUTH"),
            texts: texts(
                "All configured authentication methods failed*", "Login incorrect*", "530 Login*", "530 Not logged*",
                "Handshake terminated by server: 403*", "Connection refused: Not authorized*",
                "Connection refused: Bad username or password*", "Connection refused: Identifier rejected*",
                "Cannot parse privateKey*", "Handshake failed: no matching*",
                "Timed out while waiting for handshake*", "SASL * authentication failed*",
                "Authentication failed*",
                "Invalid credentials*", "InvalidCredentialsError*"),
            RiskReason(
                "the server refused the login", why: "a server does nothing for who has not logged in",
                counterExample: "a node that logs in anew for a second call of the same item")),
    ]

    private static let answers: [RefusalRule] = [
        RefusalRule(
            id: "http-4xx", .lastCall, codes: refusingStatuses.map { .glob($0) },
            texts: refusingStatuses.flatMap { status -> [TextMatch] in
                [
                    .glob("\(status) - *"), .glob("Request failed with status code \(status)"),
                    .glob("AWS error response \\[\(status)\\]*"),
                ]
            },
            RiskReason(
                "the service refused the call: a 4xx",
                why:
                    "such a status says that the request was not taken; 408, 460 and 499 do not say so and are left out",
                counterExample:
                    "a redirect: the first address took the POST, the second one answered 4xx, and n8n keeps no "
                    + "trace of the first")),
        RefusalRule(
            id: "slack-refused", .types(base("slack")),
            texts: texts("Slack error response: \"*\"*", "Your Slack credential is missing required Oauth Scopes*"),
            exceptTexts: texts("*fatal_error*", "*internal_error*", "*service_unavailable*", "*request_timeout*"),
            RiskReason(
                "Slack refused the call by a word", why: "its answer is 200 with `ok: false` and a word that says why",
                counterExample: "its words for an inner error, which are left out")),
    ]

    private static let services: [RefusalRule] = [
        RefusalRule(
            id: "discord-refused", .types(base("discord")),
            texts: texts(
                "You are being rate limited.", "Unknown *", "Invalid Webhook Token*", "Missing Access*",
                "Missing Permissions*", "Invalid Form Body*", "Cannot send an empty message*",
                "Cannot send messages to this user*", "401: Unauthorized*", "Invalid Token*", "Maximum number of *"),
            RiskReason(
                "Discord refused the call by a sentence",
                why: "the node keeps the sentence of a 4xx and drops the status",
                counterExample: "none is known")),
        RefusalRule(
            id: "graphql-limit", .types(base("linear", "mondayCom")),
            texts: texts("Rate limit exceeded*", "Complexity budget exhausted*"),
            RiskReason(
                "the service counted too many requests", why: "the limit is checked before a query is run",
                counterExample: "none is known")),
    ]
}
