import MendflowCommandLine

extension MendflowProgram {
    static let notify = Command(
        "notify", summary: "who is told of what, and whether it arrives",
        subcommands: [
            Command(
                "preview", summary: "the literal messages that channels would send",
                discussion:
                    "Asks no server and sends nothing. Without --event those events are shown that a channel wants.",
                examples: [
                    Example("mendflow notify preview --event unresolved", "one event, by every channel"),
                    Example("mendflow notify preview --channel ops", "all that one channel would send"),
                ],
                options: [Options.channel.option, Options.noticeEvent.option], run: CommandContext.previewNotices),
            Command(
                "test", summary: "send one message by a channel",
                examples: [Example("mendflow notify test --channel ops", "says whether it was taken")],
                options: [Options.channel.option], run: CommandContext.testChannel),
            Command(
                "status", summary: "what waits, what was told last, and what fails",
                examples: [Example("mendflow notify status", "by the ledger alone; exit code 1 where a channel fails")],
                run: CommandContext.channelStatus),
        ])
}
