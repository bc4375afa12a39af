import MendflowCommandLine

extension MendflowProgram {
    static let assistant = Command(
        "mcp", summary: "answer an assistant's questions on standard input and output; changes nothing",
        discussion:
            "A server of the Model Context Protocol on standard input and output. It has tools that read (status, inbox, incidents, explain, plan, "
            + "report, lint, backtest, diff, suggest) and none that writes or sends. It ends with its input.",
        examples: [
            Example("mendflow mcp", "to be started by the assistant, beside mendflow.yaml"),
            Example("mendflow mcp --history month", "backtests on an exported history"),
        ],
        options: [Options.assistantHistory.option], run: CommandContext.serveAssistant)
}
