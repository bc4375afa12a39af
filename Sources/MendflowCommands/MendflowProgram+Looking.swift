import MendflowCommandLine

// What shows what is, what was done, and why.
extension MendflowProgram {
    static let status = Command(
        "status", summary: "the state of the instances: what needs you, what happened, what comes next",
        discussion:
            "Exits with 69 where n8n does not answer and with 1 where its database seems to be another one. With --check it "
            + "exits with 1 wherever less is done than the files say: no agent, nothing seen, paused, suspended.",
        examples: [
            Example("mendflow status", "at a glance"), Example("mendflow status --check", "for a watchdog"),
        ], options: [Options.oneOfAll.option, Options.check.option], run: CommandContext.status)

    static let health = Command(
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
        options: [Options.ready.option], run: CommandContext.health)

    static let explain = Command(
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
        arguments: [Options.execution.argument], run: CommandContext.explain)

    static let classify = Command(
        "classify", summary: "how a failed execution's saved data is judged, and by which rule",
        discussion: """
            Asks no server. Where there is a configuration its error_classes are tried first, so that a rule of \
            one's own can be tried on a failure that it is meant for.
            """,
        examples: [
            Example("mendflow classify failure.json", "class, rule, repeat risk and wait"),
            Example("curl ... '/api/v1/executions/4711?includeData=true' | mendflow classify -", "from n8n"),
        ], arguments: [Options.saved.argument], run: CommandContext.classify)

    static let inbox = Command(
        "inbox", summary: "what waits for a person: unanswered requests, held chains",
        examples: [Example("mendflow inbox", "what to resolve, and why chains are held")],
        run: CommandContext.inbox)

    static let report = Command(
        "report", summary: "what was done, held, healed and tagged, by policy and workflow",
        examples: [
            Example("mendflow report", "the last week"),
            Example("mendflow report --last 30d --csv actions.csv", "a month, and every action as a table"),
        ],
        options: [
            Options.oneOfAll.option, Options.sinceBeginning.option, Options.lastWeek.option, Options.csv.option,
        ], exclusive: [ExclusiveOptions(["since", "last"])], run: CommandContext.report)
}
