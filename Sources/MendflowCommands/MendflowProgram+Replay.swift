import MendflowCommandLine

extension MendflowProgram {
    static let replay = Command(
        "replay", summary: "retry what failed in an outage, once, at a pace, with the first ones as a test",
        discussion:
            "Shows exactly what would be retried, and asks. What is agreed to is frozen: these executions and no others, "
            + "each once, by the rules of every retry (never twice, protections, exceptions, caps of the instance). An "
            + "agent that runs on the ledger carries it out; where none does, this command does. It goes on after a "
            + "crash, and what healed meanwhile is left out.",
        examples: [
            Example(
                "mendflow replay --from 2026-05-04T02:00:00Z --until 2026-05-04T05:00:00Z --preview",
                "what failed between two and five, and what of it would be retried"),
            Example(
                "mendflow replay --workflow 'Order sync' --class transient --rate 30/1m --reason 'the CRM was down'",
                "asks, and retries them"),
            Example(
                "mendflow replay --rest replay-3 --reason 'the CRM is up again'", "what an earlier one left"),
        ],
        options: [
            Options.instance.option, Options.replayed.option, Options.workflows.option, Options.classes.option,
            Options.failedAs.option, Options.endedFrom.option, Options.endedBefore.option, Options.match.option,
            Options.rest.option, Options.repeats.option, Options.loadWorkflow.option, Options.pace.option,
            Options.atOnce.option, Options.canary.option, Options.stopAfter.option, Options.pauseReason.option,
            Options.preview.option, Options.detach.option, Options.yes.option,
        ],
        subcommands: [
            Command(
                "list", summary: "all replays, the newest first",
                examples: [Example("mendflow replay list", "with their states")],
                options: [Options.instance.option], run: CommandContext.replays),
            Command(
                "show", summary: "what became of each execution of a replay",
                examples: [Example("mendflow replay show replay-3", "by the ledger alone")],
                options: [Options.instance.option], arguments: [Options.replayName.argument],
                run: CommandContext.showReplay),
            Command(
                "follow", summary: "carry a replay on, or watch the agent that does",
                examples: [Example("mendflow replay follow replay-3", "as `replay` does after its question")],
                options: [Options.instance.option], arguments: [Options.replayName.argument],
                run: CommandContext.followReplay),
            Command(
                "pause", summary: "send nothing more of a replay until it is resumed",
                examples: [Example("mendflow replay pause replay-3", "what runs goes on to its end")],
                options: [Options.instance.option, Options.pauseReason.option],
                arguments: [Options.replayName.argument], run: CommandContext.pauseReplay),
            Command(
                "resume", summary: "let a replay go on; its first retries are a test again",
                examples: [
                    Example("mendflow replay resume replay-3", "after a pause, or after it paused itself")
                ],
                options: [Options.instance.option, Options.pauseReason.option],
                arguments: [Options.replayName.argument], run: CommandContext.resumeReplay),
            Command(
                "abort", summary: "end a replay; what was not sent is left as it is",
                examples: [Example("mendflow replay abort replay-3", "what runs goes on to its end")],
                options: [Options.instance.option, Options.pauseReason.option],
                arguments: [Options.replayName.argument], run: CommandContext.abortReplay),
        ], run: CommandContext.replay)
}
