internal import MendflowCore

// The keys of `notify`.
extension ConfigurationKeys {
    private static let text = SchemaNode.type("string")
    private static let words = ConfigurationKey.Form.other("text", text)
    private static let texts = SchemaNode.anyOf(text, .ref("secret"))
    private static let plain = Configuration.Channel(
        name: "", destination: .command(Configuration.Command(words: [])))

    static let notify = ConfigurationKey(
        "notify", .other("a list, which may be empty", .listOrEmpty(of: .ref("channel"))), .words("nobody is told"),
        "Who is told of what needs a person, and how.")
    static let digestAbove = ConfigurationKey(
        "digest_above", .whole(1...100), .value("\(plain.digestAbove)"),
        "More messages than these that wait at once become one.")
    static let giveUpAfter = ConfigurationKey(
        "give_up_after", .length(atLeast: .minutes(10), atMost: .days(30)), .value(plain.giveUpAfter.description),
        "How long a message is tried before it is given up, which the log and other channels say.")

    /// An entry of `notify`.
    static let channel = [
        name("What the ledger remembers by it what was told: a new name is a new channel."),
        ConfigurationKey(
            "webhook", .other("a map", ConfigurationKey.map(webhook)), .words("one of the three is required"),
            "Messages go to a server by POST."),
        ConfigurationKey(
            "email", .other("a map", ConfigurationKey.map(email)), .words("one of the three is required"),
            "Messages go out by mail."),
        ConfigurationKey(
            "command", .other("a map", ConfigurationKey.map(command)), .words("one of the three is required"),
            "Messages go to a program of this machine."),
        ConfigurationKey(
            "events",
            .other(
                "one or more of \(NoticeEvent.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", "))",
                .oneOrMore(.words(NoticeEvent.allCases.map(\.rawValue)))), .words("all of them"),
            "Which things are told."),
        ConfigurationKey(
            "min_level", .words(NoticeLevel.allCases.map(\.rawValue)), .value(plain.minLevel.rawValue),
            "The least weight of what is told."),
        ConfigurationKey(
            "dry_run", .flag, .value("\(plain.tellsDryRun)"),
            "Whether that is told too, marked as such, which would have been in dry-run."),
        digestAbove, giveUpAfter,
        ConfigurationKey(
            "template", .other("a map", ConfigurationKey.map(template)), .words("our own words"),
            "What a message looks like."),
    ]

    /// `webhook` of a channel.
    static let webhook = [
        ConfigurationKey(
            "url", .other("an address, or where it stands", texts), .required,
            "Where messages go; an address that lets in whoever knows it stands in a variable or file."),
        ConfigurationKey(
            "format", .words(Configuration.Webhook.Format.allCases.map(\.rawValue)),
            .value(Configuration.Webhook.Format.json.rawValue),
            "`json` says all there is; `slack` is what Slack takes, and Mattermost, Rocket.Chat and the like."),
        ConfigurationKey(
            "headers", .other("a map of names to where the value stands", .mapOf(.ref("secret"))), .words("none"),
            "Further header fields, such as Authorization."),
        ConfigurationKey(
            "ca_file", .other("a path", text), .words("the machine's own authorities"),
            "Certificates of a private authority, trusted beside the machine's own."),
        ConfigurationKey(
            "proxy", .words(InstanceParser.Proxy.allCases.map(\.rawValue)), .value(InstanceParser.Proxy.none.rawValue),
            "Whether the proxies are used that the environment names."),
    ]

    /// `email` of a channel.
    static let email = [
        ConfigurationKey("host", words, .required, "The mail server."),
        ConfigurationKey(
            "port", .whole(1...65535), .words("587 with STARTTLS, 465 with TLS, 25 without"), "The mail server's port."),
        ConfigurationKey(
            "encryption", .words(Configuration.Mail.Encryption.allCases.map(\.rawValue)),
            .value(Configuration.Mail.Encryption.starttls.rawValue),
            "`starttls` and `tls` never send without; `none` sends in the clear, and takes no password."),
        ConfigurationKey("from", .other("an address", text), .required, "Who sends."),
        ConfigurationKey("to", .other("an address, or a list of them", .oneOrMore(text)), .required, "Who gets it."),
        ConfigurationKey("user", .other("text, or where it stands", texts), .words("nobody signs in"), "Who signs in."),
        ConfigurationKey(
            "password", .other("where it stands", .ref("secret")), .words("nobody signs in"), "With which password."),
        ConfigurationKey(
            "ca_file", .other("a path", text), .words("the machine's own authorities"),
            "Certificates of a private authority, trusted beside the machine's own."),
    ]

    static let timeout = ConfigurationKey(
        "timeout", .length(atLeast: .seconds(1), atMost: .minutes(1)),
        .value(Configuration.Command(words: []).timeout.description), "After how long the program is ended.")
    /// `command` of a channel.
    static let command = [
        ConfigurationKey(
            "run", .other("a list of words", .list(of: text)), .required,
            "The program's path and its arguments. No shell reads them; the message is JSON on standard input."),
        timeout,
    ]

    /// `template` of a channel.
    static let template = [
        ConfigurationKey("subject", words, .words("our own words"), "The line that says what happened."),
        ConfigurationKey("text", words, .words("our own words"), "What stands below it."),
    ]
}
