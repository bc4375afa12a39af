import MendflowCommandLine

// What stands beside the agent: the built-in n8n, and what shells and readers want.
extension MendflowProgram {
    static let simulate = Command(
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
        ], run: CommandContext.simulate)

    static let demo = Command(
        "demo", summary: "the agent against the built-in n8n, for about a minute",
        examples: [
            Example("mendflow demo", "ends with a report, a check of the audit log, and where to look closer")
        ], options: [Options.seconds.option, Options.folder.option, Options.log.option],
        run: CommandContext.demo)

    static let completions = Command(
        "completions", summary: "completions for a shell",
        examples: [Example("mendflow completions bash > /etc/bash_completion.d/mendflow", "for bash")],
        arguments: [Options.shell.argument], run: CommandContext.completions)

    /// For completions.
    static let names = Command(
        "names", summary: "the names that the configuration knows", arguments: [Options.knownNames.argument],
        isHidden: true, run: CommandContext.names)

    static let man = Command(
        "man", summary: "the man page", examples: [Example("mendflow man > mendflow.1", "in roff")],
        run: CommandContext.manPage)
}
