import MendflowCommandLine

// What lives the past through, or scenarios.
extension MendflowProgram {
    static let backtest = Command(
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
        arguments: [Options.files.argument], run: CommandContext.backtest)

    static let test = Command(
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
        ], arguments: [Options.tests.argument], run: CommandContext.testPolicies)

    static let diff = Command(
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
        arguments: [Options.oldPolicies.argument, Options.newPolicies.argument], run: CommandContext.diff)

    static let suggest = Command(
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
        ], exclusive: [ExclusiveOptions(["since", "last"])], run: CommandContext.suggest)

    static let history = Command(
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
}
