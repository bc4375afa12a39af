import MendflowCommandLine

// What sets an agent up and shows what is wrong with it.
extension MendflowProgram {
    static let initialise = Command(
        "init", summary: "write a configuration, first policies and the ledger, all in dry-run",
        discussion: """
            Finds out what it is not told: the address (localhost:5678, or as a browser shows it), the key (N8N_API_KEY or \
            n8n.key), what the server is like, and which policies its last week speaks for, in a minute at the most. \
            Nothing that is there is changed: called again, it says so and ends with 0.
            """,
        examples: [
            Example("mendflow init", "set up in this folder, for an n8n on this machine"),
            Example("mendflow init --url n8n.example.com --key-file n8n.key", "for another one"),
            Example(
                "mendflow init -c /etc/mendflow/mendflow.yaml --ledger /var/lib/mendflow/mendflow.sqlite",
                "where files and memory live apart"),
        ],
        options: [
            Options.url.option, Options.keyVariable.option, Options.keyFile.option, Options.name.option,
            Options.since.option, Options.ledger.option, Options.noHistory.option,
        ], exclusive: [ExclusiveOptions(["key-env", "key-file"])],
        arguments: [Options.directory.argument], run: CommandContext.initialise)

    static let validate = Command(
        "validate", summary: "check the configuration and its policies, or policy files alone",
        examples: [
            Example(
                "mendflow validate --instance production", "ask the server too: names, ids, what it cannot do"),
            Example("mendflow validate policies/*.yaml", "check policy files without a configuration"),
            Example(
                "mendflow validate --schema > policies.schema.json", "let an editor check them as you type"),
            Example("mendflow validate --schema configuration", "the same for mendflow.yaml"),
        ], options: [Options.schema.option, Options.server.option],
        exclusive: [ExclusiveOptions(["schema", "instance"])], arguments: [Options.files.argument],
        run: CommandContext.validate)

    static let schema = Command(
        "schema", summary: "the JSON schema of policies, configuration, instances or tests, for editors",
        discussion: "The same as `validate --schema`.",
        examples: [
            Example("mendflow schema > policies.schema.json", "let an editor check policies as you type"),
            Example("mendflow schema configuration", "the same for mendflow.yaml"),
        ], arguments: [Options.schemaKind.argument], run: CommandContext.schema)

    static let doctor = Command(
        "doctor", summary: "what each server can do, and what is wrong with key, ledger, coverage and policies",
        examples: [
            Example("mendflow doctor", "exit code 1 means that something is wrong, 69 that n8n does not answer")
        ], options: [Options.oneOfAll.option], run: CommandContext.doctor)

    static let hints = Command(
        "hints", summary: "how an n8n is set up to tell of failures as they happen",
        discussion: """
            Prints the lines of n8n's environment that switch its tracing on, or (--workflow) an error workflow to \
            import. The token is left out unless --show-token asks for it.
            """,
        examples: [
            Example("mendflow hints --url http://mendflow:9464", "as n8n in a container reaches it"),
            Example("mendflow hints --workflow > tell-mendflow.json", "to import into n8n"),
        ],
        options: [
            Options.instance.option, Options.serviceURL.option, Options.errorWorkflow.option,
            Options.showToken.option,
        ], run: CommandContext.hints)

    static let reload = Command(
        "reload", summary: "what a change of the files would lose, and letting it go",
        discussion: """
            An agent reads its files anew by itself. What holds it back and would be lost (a policy, a protection, an \
            exception, a cap) it keeps until somebody says that this is meant. Exits with 2 where something waits.
            """,
        examples: [
            Example("mendflow reload", "what waits for your word"),
            Example("mendflow reload --confirm --reason 'the ERP is gone'", "let it go"),
        ], options: [Options.confirm.option, Options.pauseReason.option], run: CommandContext.reload)

    static let instance = Command(
        "instance", summary: "instances and their databases",
        subcommands: [
            Command(
                "list", summary: "the instances, as configuration and ledger know them",
                examples: [Example("mendflow instance list", "asks no server")], run: CommandContext.instances),
            Command(
                "adopt", summary: "accept that n8n's database was restored or swapped",
                discussion: """
                    After an epoch alarm nothing is done until somebody says that the database is meant. This \
                    begins a new epoch: what ended before now (or --since) is left alone, for ids may name other \
                    runs now; requests, owners and chains of the old epoch stay with it and hold nothing any more. \
                    An agent that runs notices it within a poll interval and starts anew by itself.
                    """,
                examples: [
                    Example("mendflow instance adopt --reason 'restored from the backup of Monday'", "go on")
                ],
                options: [
                    Options.instance.option, Options.reason.option, Options.since.option,
                    Options.force.option,
                ], run: CommandContext.adopt),
        ])
}
