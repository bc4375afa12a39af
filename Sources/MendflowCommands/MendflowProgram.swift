import MendflowCommandLine
import MendflowHost

/// The program's declaration: parsing, help, completions and man page all come from it.
enum MendflowProgram {
    private typealias Command = MendflowCommandLine.Command<CommandRun>

    /// The program.
    static let program = Program(root, version: Version.text)

    private static let history = Command(
        "history", summary: "an n8n's past in files, for backtests",
        subcommands: [
            Command(
                "export", summary: "pull executions, and the data of what failed, into a folder",
                discussion:
                    "Keeps what decisions look at, bounded and without secrets. Called again, it fetches what is new and "
                    + "goes on where it was ended.",
                examples: [
                    Example("mendflow history export --last 30d", "the last month, beside mendflow.yaml"),
                    Example("mendflow history export --dir past --rate 5", "everything, slowly, somewhere else"),
                ],
                options: [
                    Options.instance.option, Options.folder.option, Options.from.option, Options.last.option,
                    Options.rate.option,
                ], exclusive: [ExclusiveOptions(["since", "last"])], run: CommandContext.exportHistory),
            Command(
                "info", summary: "what a history holds, and what it lacks",
                examples: [Example("mendflow history info history/production", "counts by status, workflow and class")],
                arguments: [Options.histories.argument], run: CommandContext.historyInfo),
            Command(
                "sample", summary: "write a recorded month of an n8n, to try backtests on",
                examples: [Example("mendflow history sample --dir month", "three files of what n8n answered")],
                options: [Options.sampleFolder.option], run: CommandContext.sampleHistory),
        ])

    private static let root = Command(
        "mendflow", summary: "policy-driven auto-remediation for n8n",
        discussion: "Retries, stops and tags n8n executions as YAML policies say. Nothing is sent before you say so.",
        examples: [
            Example("mendflow demo", "see it work, against a built-in n8n"),
            Example("mendflow init --url https://n8n.example.com --key-env N8N_API_KEY", "set up, in dry-run"),
            Example("mendflow plan", "what would happen now, and why not the rest"),
        ], exitCodes: ExitStatus.allCases.map { ExitCode($0.rawValue, $0.meaning) },
        options: [Options.config.option, Options.output.option],
        subcommands: [
            Command(
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
                arguments: [Options.directory.argument], run: CommandContext.initialise),
            Command(
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
                run: CommandContext.validate),
            Command(
                "schema", summary: "the JSON schema of policies, configuration, instances or tests, for editors",
                discussion: "The same as `validate --schema`.",
                examples: [
                    Example("mendflow schema > policies.schema.json", "let an editor check policies as you type"),
                    Example("mendflow schema configuration", "the same for mendflow.yaml"),
                ], arguments: [Options.schemaKind.argument], run: CommandContext.schema),
            Command(
                "plan", summary: "what would happen now, and why not the rest",
                examples: [
                    Example("mendflow plan --as enforce", "what would be done if all that is in dry-run were enforced"),
                    Example("mendflow plan --policy retry-order-sync --explain", "one policy, with every reason"),
                    Example("mendflow plan --output json", "for programs; exit code 2 means something is pending"),
                    Example("mendflow plan --out today.plan", "keep it, to apply exactly that: mendflow apply"),
                ],
                options: [
                    Options.instance.option, Options.asMode.option, Options.policy.option, Options.details.option,
                    Options.all.option, Options.out.option,
                ], exclusive: [ExclusiveOptions(["as", "out"])], run: CommandContext.plan),
            Command(
                "apply", summary: "do what a saved plan says, and nothing else",
                discussion:
                    "Decides anew about each action of the plan and sends what is decided as it was then; what has changed since "
                    + "is left as it is and said. No other agent may run on the ledger meanwhile.",
                examples: [
                    Example("mendflow plan --out today.plan", "see it, and keep it for an hour"),
                    Example("mendflow apply today.plan", "asks, and sends it"),
                    Example("mendflow apply --yes today.plan", "where nobody can be asked"),
                ], options: [Options.yes.option], arguments: [Options.savedPlan.argument], run: CommandContext.apply),
            replay, incidents,
            Command(
                "backtest", summary: "what policies would have done in the past",
                discussion:
                    "Lives a history through as if the agent had run then, with every guard, as if all policies were "
                    + "enforced. Without --history it first fetches what is new of the instance's (history export).",
                examples: [
                    Example("mendflow backtest --last 30d", "the policies of mendflow.yaml, on the last month"),
                    Example("mendflow backtest --history history/ --html report.html", "a page to send around"),
                    Example(
                        "mendflow backtest --history executions.jsonl --history details.jsonl policies/*.yaml",
                        "policy files alone, on what n8n answered"),
                    Example("mendflow backtest --history history/ --output json", "for programs"),
                    Example("mendflow backtest --history history/ --matches-only", "a first look, in a moment"),
                ],
                options: [
                    Options.pastHistory.option, Options.from.option, Options.last.option, Options.upTo.option,
                    Options.instance.option, Options.policy.option, Options.rate.option, Options.page.option,
                    Options.everything.option, Options.matchesOnly.option,
                ],
                exclusive: [ExclusiveOptions(["since", "last"]), ExclusiveOptions(["html", "matches-only"])],
                arguments: [Options.files.argument], run: CommandContext.backtest),
            Command(
                "test", summary: "run the tests that stand beside policies",
                discussion:
                    "A scenario gives executions and what they do over time, and says what is expected of the policies. An action "
                    + "that nobody expected is a failure.",
                examples: [
                    Example("mendflow test policies/", "every *.test.yaml in a folder"),
                    Example("mendflow test --coverage --junit tests.xml", "for CI, with what no test decides"),
                    Example("mendflow test --capture 4711 --to policies/fixtures/4711.jsonl", "a failure as a fixture"),
                ],
                options: [
                    Options.coverage.option, Options.junit.option, Options.sarif.option, Options.capture.option,
                    Options.fixture.option, Options.instance.option,
                ], arguments: [Options.tests.argument], run: CommandContext.testPolicies),
            Command(
                "diff", summary: "what other policies would have done otherwise",
                discussion:
                    "Lives one history through with both, as if all were enforced. Exits with 2 where anything differs.",
                examples: [
                    Example("mendflow diff policies/ proposed/ --history history/", "two folders on one past"),
                    Example(
                        "mendflow diff main:policies policies --history h --markdown diff.md",
                        "what is changed since main, for the comment on a pull request"),
                ],
                options: [
                    Options.pastHistory.option, Options.from.option, Options.last.option, Options.upTo.option,
                    Options.instance.option, Options.rate.option, Options.markdown.option, Options.sarif.option,
                    Options.everything.option,
                ], exclusive: [ExclusiveOptions(["since", "last"])],
                arguments: [Options.oldPolicies.argument, Options.newPolicies.argument], run: CommandContext.diff),
            Command(
                "suggest", summary: "policies that the past speaks for, in dry-run, with their backtests",
                discussion:
                    "Writes a policy file with the reasons as comments. Read it, keep what you want: nothing is enforced by "
                    + "itself.",
                examples: [
                    Example("mendflow suggest --last 30d > policies/suggested.yaml", "out of the last month"),
                    Example("mendflow suggest --history history/", "out of an export"),
                ],
                options: [
                    Options.pastHistory.option, Options.from.option, Options.last.option, Options.instance.option,
                    Options.rate.option,
                ], exclusive: [ExclusiveOptions(["since", "last"])], run: CommandContext.suggest),
            history,
            Command(
                "run", summary: "the agent: poll, decide, act, record",
                examples: [
                    Example("mendflow run --dry-run", "decide and record, send nothing"),
                    Example("mendflow run --once", "one tick, for cron"),
                ],
                options: [
                    Options.once.option, Options.dryRun.option, Options.enforce.option, Options.logLevel.option,
                ],
                exclusive: [ExclusiveOptions(["dry-run", "enforce"])], run: CommandContext.runAgent),
            Command(
                "status", summary: "the state of the instances: what needs you, what happened, what comes next",
                discussion:
                    "Exits with 69 where n8n does not answer and with 1 where its database seems to be another one. With --check it "
                    + "exits with 1 wherever less is done than the files say: no agent, nothing seen, paused, suspended.",
                examples: [
                    Example("mendflow status", "at a glance"), Example("mendflow status --check", "for a watchdog"),
                ], options: [Options.oneOfAll.option, Options.check.option], run: CommandContext.status),
            Command(
                "health", summary: "ask the agent that runs here whether it lives, for a container's health check",
                discussion: """
                    Asks `/healthz` of the `service` that the configuration names, or `/readyz`. Exits with 0 where all is \
                    well, with 1 where it is not, and says why, with 69 where nobody answers, with 64 where there is no \
                    `service`.
                    """,
                examples: [
                    Example("mendflow health", "does it live, and do its loops turn?"),
                    Example("mendflow health --ready", "is every instance read, and can the ledger be written?"),
                ],
                options: [Options.ready.option], run: CommandContext.health),
            Command(
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
                ], run: CommandContext.hints),
            Command(
                "reload", summary: "what a change of the files would lose, and letting it go",
                discussion: """
                    An agent reads its files anew by itself. What holds it back and would be lost (a policy, a protection, an \
                    exception, a cap) it keeps until somebody says that this is meant. Exits with 2 where something waits.
                    """,
                examples: [
                    Example("mendflow reload", "what waits for your word"),
                    Example("mendflow reload --confirm --reason 'the ERP is gone'", "let it go"),
                ], options: [Options.confirm.option, Options.pauseReason.option], run: CommandContext.reload),
            Command(
                "doctor", summary: "what each server can do, and what is wrong with key, ledger, coverage and policies",
                examples: [
                    Example("mendflow doctor", "exit code 1 means that something is wrong, 69 that n8n does not answer")
                ], options: [Options.oneOfAll.option], run: CommandContext.doctor),
            Command(
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
                ]),
            Command(
                "explain", summary: "why an execution was acted on, or not; why a workflow's run is missed, or not",
                examples: [
                    Example("mendflow explain 4711", "chain, conditions with actual values, verdict"),
                    Example("mendflow explain 4711 --at 2026-05-01T06:00:00Z", "what stood then, and why"),
                    Example("mendflow explain 4711 --bundle > 4711.md", "to show to others"),
                    Example(
                        "mendflow explain --workflow 'Nightly backup'",
                        "the last run, and by when the next one is wanted"),
                ],
                options: [
                    Options.instance.option, Options.allPolicies.option, Options.moment.option, Options.bundle.option,
                    Options.missingRuns.option, Options.segments.option,
                ],
                exclusive: [
                    ExclusiveOptions(["workflow", "at"]), ExclusiveOptions(["workflow", "all"]),
                    ExclusiveOptions(["workflow", "bundle"]),
                ],
                arguments: [Options.execution.argument], run: CommandContext.explain),
            Command(
                "classify", summary: "how a failed execution's saved data is judged, and by which rule",
                discussion: """
                    Asks no server. Where there is a configuration its error_classes are tried first, so that a rule of \
                    one's own can be tried on a failure that it is meant for.
                    """,
                examples: [
                    Example("mendflow classify failure.json", "class, rule, repeat risk and wait"),
                    Example("curl ... '/api/v1/executions/4711?includeData=true' | mendflow classify -", "from n8n"),
                ], arguments: [Options.saved.argument], run: CommandContext.classify),
            Command(
                "inbox", summary: "what waits for a person: unanswered requests, held chains",
                examples: [Example("mendflow inbox", "what to resolve, and why chains are held")],
                run: CommandContext.inbox),
            Command(
                "resolve", summary: "settle an unanswered request by your word",
                examples: [
                    Example(
                        "mendflow resolve 7 --not-run --reason 'not in n8n'", "nothing happened: it may be sent again")
                ],
                options: [Options.ran.option, Options.notRun.option, Options.reason.option],
                exclusive: [ExclusiveOptions(["ran", "not-run"], isRequired: true)],
                arguments: [Options.intent.argument], run: CommandContext.resolve),
            approve, decline, promote,
            Command(
                "pause", summary: "stop acting; go on evaluating and recording",
                examples: [
                    Example("mendflow pause", "the kill switch"),
                    Example("mendflow pause --for 2h --reason 'maintenance of the ERP'", "ends by itself"),
                ],
                options: [Options.pauseLength.option, Options.pauseReason.option, Options.oneOfAll.option],
                run: CommandContext.pause),
            Command(
                "resume", summary: "act again: lifts every pause, or that of one instance",
                discussion: """
                    Where acting is paused because the ledger may not know all that was sent (a restored copy, a database that \
                    lost something), it says so and lifts nothing without --force.
                    """,
                examples: [Example("mendflow resume", "lift every pause, those of single instances too")],
                options: [Options.oneOfAll.option, Options.forcedResume.option], run: CommandContext.resume),
            notify, assistant,
            Command(
                "report", summary: "what was done, held, healed and tagged, by policy and workflow",
                examples: [
                    Example("mendflow report", "the last week"),
                    Example("mendflow report --last 30d --csv actions.csv", "a month, and every action as a table"),
                ],
                options: [
                    Options.oneOfAll.option, Options.sinceBeginning.option, Options.lastWeek.option, Options.csv.option,
                ], exclusive: [ExclusiveOptions(["since", "last"])], run: CommandContext.report),
            Command(
                "audit", summary: "the audit log",
                subcommands: [
                    Command(
                        "tail", summary: "the last records",
                        examples: [Example("mendflow audit tail -n 5", "five lines; --output json as in an export")],
                        options: [Options.count.option], run: CommandContext.auditTail),
                    Command(
                        "verify", summary: "check that no record was changed, removed or moved",
                        discussion:
                            "Checks the records, and what is kept beside them against what they add up to. The leases by which "
                            + "agents share a ledger on PostgreSQL are no record, and are not checked.",
                        examples: [
                            Example("mendflow audit verify", "exit code 3 means broken"),
                            Example("mendflow audit verify --file audit.jsonl", "an export, without the ledger"),
                            Example("mendflow audit verify --segments sealed", "with what was sealed into files there"),
                        ], options: [Options.export.option, Options.head.option, Options.segments.option],
                        exclusive: [ExclusiveOptions(["file", "segments"])], run: CommandContext.auditVerify),
                    Command(
                        "replay", summary: "make every recorded decision again, and say what comes out otherwise",
                        discussion:
                            "From the evidence in the ledger and the texts of the policies that were in force. Limits, protections "
                            + "and error classes are those of now: where they were changed since, so may be what comes out.",
                        examples: [
                            Example("mendflow audit replay", "exit code 3 means that something comes out otherwise")
                        ], options: [Options.segments.option], run: CommandContext.auditReplay),
                    Command(
                        "export", summary: "all records with their hashes, as lines of JSON",
                        examples: [Example("mendflow audit export > audit.jsonl", "for an archive")],
                        options: [Options.segments.option], run: CommandContext.auditExport),
                ]),
            ledger,
            Command(
                "simulate", summary: "serve the built-in n8n on loopback",
                examples: [
                    Example(
                        "mendflow simulate --port 5678 --speed 60", "an hour passes in a minute; the key is test-key"),
                    Example("mendflow simulate --era A", "an n8n of 2.27.5, which hides what waits"),
                    Example("mendflow simulate --workers 2", "queue mode: queued runs are in no list"),
                    Example(
                        "mendflow simulate --era 2.37.0 --history executions.jsonl.gz --history workflows.json --live",
                        "your own past, which goes on as it went"),
                ],
                options: [
                    Options.port.option, Options.speed.option, Options.era.option, Options.queueMode.option,
                    Options.workers.option, Options.slots.option, Options.concurrency.option, Options.history.option,
                    Options.until.option, Options.live.option, Options.scopes.option, Options.hintsURL.option,
                    Options.hintsToken.option,
                ], run: CommandContext.simulate),
            Command(
                "demo", summary: "the agent against the built-in n8n, for about a minute",
                examples: [
                    Example("mendflow demo", "ends with a report, a check of the audit log, and where to look closer")
                ], options: [Options.seconds.option, Options.folder.option, Options.log.option],
                run: CommandContext.demo),
            Command(
                "completions", summary: "completions for a shell",
                examples: [Example("mendflow completions bash > /etc/bash_completion.d/mendflow", "for bash")],
                arguments: [Options.shell.argument], run: CommandContext.completions),
            // For completions.
            Command(
                "names", summary: "the names that the configuration knows", arguments: [Options.knownNames.argument],
                isHidden: true, run: CommandContext.names),
            Command(
                "man", summary: "the man page", examples: [Example("mendflow man > mendflow.1", "in roff")],
                run: CommandContext.manPage),
        ])
}
