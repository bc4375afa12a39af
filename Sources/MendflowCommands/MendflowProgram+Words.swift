import MendflowCommandLine

// What a person says to it.
extension MendflowProgram {
    static let resolve = Command(
        "resolve", summary: "settle an unanswered request by your word",
        examples: [
            Example(
                "mendflow resolve 7 --not-run --reason 'not in n8n'", "nothing happened: it may be sent again")
        ],
        options: [Options.ran.option, Options.notRun.option, Options.reason.option],
        exclusive: [ExclusiveOptions(["ran", "not-run"], isRequired: true)],
        arguments: [Options.intent.argument], run: CommandContext.resolve)

    static let pause = Command(
        "pause", summary: "stop acting; go on evaluating and recording",
        examples: [
            Example("mendflow pause", "the kill switch"),
            Example("mendflow pause --for 2h --reason 'maintenance of the ERP'", "ends by itself"),
        ],
        options: [Options.pauseLength.option, Options.pauseReason.option, Options.oneOfAll.option],
        run: CommandContext.pause)

    static let resume = Command(
        "resume", summary: "act again: lifts every pause, or that of one instance",
        discussion: """
            Where acting is paused because the ledger may not know all that was sent (a restored copy, a database that \
            lost something), it says so and lifts nothing without --force.
            """,
        examples: [Example("mendflow resume", "lift every pause, those of single instances too")],
        options: [Options.oneOfAll.option, Options.forcedResume.option], run: CommandContext.resume)
}
