extension ErrorRuleTable {
    /// Nodes that speak with file servers.
    static let fileServers = ["*.ftp", "*.ssh"]

    private static let mailSource = "RFC 5321 replies, RFC 3463 enhanced codes; nodemailer: smtp-connection"
    private static let fileSource = "RFC 959 replies; basic-ftp, ssh2"

    /// A reply of a mail server behind the words of the mail client.
    private static func reply(_ pattern: String) -> String {
        "(?:failed|rejected|login|response|starttls|greeting|closed|error)[:=] ?" + pattern
    }

    /// Replies of mail servers, whose numbers are no HTTP statuses.
    static let mailReplies: [ErrorRuleSpec] = [
        .words(
            "mail-quota", .quota,
            example: "Can't send mail - all recipients were rejected: 452 4.2.2 over the storage "
                + "allocation",
            source: mailSource,
            reply(#"[45]\d\d[ -][45]\.(?:2\.2|4\.5)\b"#),
            reply(
                #"[45]\d\d[ -][^:]*(?:over ?quota|quota|mailbox (?:is )?full|\blimit exceeded|sending "#
                    + "limit|storage allocation)")),
        .words(
            "mail-rate", .rateLimit,
            example: "Can't send mail - all recipients were rejected: 450 4.2.1 The user you are "
                + "trying to contact is receiving mail at a rate",
            source: mailSource,
            reply(
                #"4\d\d[ -][^:]*(?:\brate\b|too many|too fast|throttl|concurrent|too much mail|per "#
                    + "(?:minute|hour)|too quickly|unusual)"),
            reply(#"4\d\d[ -]4\.7\.28"#)),
        .words(
            "mail-starttls", .configuration,
            example: "Mail command failed: 530 5.7.0 Must issue a STARTTLS command first",
            source: mailSource, "must issue a starttls",
            "starttls (?:is )?required", "STARTTLS not supported", "server does not support STARTTLS"),
        .words(
            "mail-temporary", .transient,
            example: "Message failed: 451 4.3.0 Requested action aborted: local error in processing",
            source: mailSource, reply(#"4\d\d\b"#),
            "grey?listed", "greylisting"),
        .words(
            "mail-auth", .auth, example: "Invalid login: 535 5.7.8 Username and Password not accepted.",
            source: mailSource, "invalid login",
            reply(#"(?:53[0458])\b"#), reply(#"5\d\d[ -]5\.7\.(?:3|8|9|1[14]|57|60|139|708)\b"#),
            "missing credentials for", "SmtpClientAuthentication is disabled", "SendAsDenied",
            "client was not authenticated", "AUTHENTICATIONFAILED", #"invalid credentials \(failure\)"#,
            "application-specific password required"),
        .words(
            "mail-relay", .configuration,
            example: "Can't send mail - all recipients were rejected: 550 5.7.1 Relaying denied",
            source: mailSource,
            reply(
                #"5\d\d[ -][^:]*(?:relay|not permitted to send|sender (?:address )?(?:rejected|verify)"#
                    + "|not owned by)"),
            reply(#"50[0-4]\b"#), reply("55[03][ -][^:]*not local")),
        .words(
            "mail-refused", .data, example: "Message failed: 554 5.7.1 Message rejected as spam by content filtering",
            source: mailSource, reply(#"5\d\d\b"#),
            "no recipients defined"),
        .words(
            "mail-greeting", .timeout, example: "Greeting never received",
            source: mailSource,
            "greeting never received", "timed out while (?:authenticating|connecting)"),
        ErrorRuleSpec(
            id: "mail-closed", .transient, nodeTypes: ["*.emailSend", "*.emailSendTool", "*.emailReadImap"],
            words: ["connection (?:was )?(?:closed|ended|lost|terminated)", "socket (?:was )?closed"],
            example: "Connection closed unexpectedly", source: mailSource),
        .codes(
            "mail-auth", .auth, source: mailSource,
            "EAUTH", "ENOAUTH"),
    ]

    /// Replies of file servers, likewise.
    static let fileReplies: [ErrorRuleSpec] = [
        ErrorRuleSpec(
            id: "ftp-auth", .auth, nodeTypes: fileServers,
            words: [
                #"^530\b"#, "login incorrect", "not logged in",
                "authentication methods failed", "authentication failure", "permission denied",
                "(?:parse|parsing) privatekey", "unsupported key format", "passphrase",
            ],
            example: "All configured authentication methods failed", source: fileSource),
        ErrorRuleSpec(
            id: "ssh-algorithms", .configuration, nodeTypes: fileServers,
            words: ["no matching (?:key exchange|host key|.*cipher|.*mac|.*compression)"],
            example: "Handshake failed: no matching key exchange algorithm", source: fileSource),
        ErrorRuleSpec(
            id: "ftp-full", .quota, nodeTypes: fileServers,
            words: [#"^(?:452|552)\b"#, "exceeded storage allocation", "disk quota"],
            example: "552 Exceeded storage allocation", source: fileSource),
        ErrorRuleSpec(
            id: "ftp-temporary", .transient, nodeTypes: fileServers,
            words: [#"^(?:421|425|426|450|451)\b"#, "too many (?:users|connections)"],
            example: "421 Too many connections", source: fileSource),
        ErrorRuleSpec(
            id: "ftp-timeout", .timeout, nodeTypes: fileServers, words: ["timed out", "timeout"],
            example: "Timed out while waiting for handshake", source: fileSource),
        ErrorRuleSpec(
            id: "ftp-data", .data, nodeTypes: fileServers,
            words: [
                #"^(?:550|553|501)\b"#, "no such file",
                "not found", "is a directory", "file exists", "no such path", "failure$",
            ], example: "550 File not found",
            source: fileSource),
    ]
}
