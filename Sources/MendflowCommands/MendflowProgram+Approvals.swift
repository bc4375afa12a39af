import MendflowCommandLine

extension MendflowProgram {
    static let approve = MendflowCommandLine.Command<CommandRun>(
        "approve", summary: "say yes to what a policy with `approval` asks, or see what is asked",
        discussion:
            "A yes is for what was shown, and until the ask expires. An agent that runs sends it at its next look, if nothing "
            + "has changed by then: a chain that healed, a policy that was edited, a protection keep it back.",
        examples: [
            Example("mendflow approve list", "what waits for a yes"),
            Example("mendflow approve 812 813 --note 'looked at both'", "two of them"),
            Example("mendflow approve --policy retry-billing", "all that this policy asks now"),
        ],
        options: [Options.asksOf.option, Options.note.option, Options.oneOfAll.option],
        arguments: [Options.asks.argument], run: CommandContext.approve)

    static let decline = MendflowCommandLine.Command<CommandRun>(
        "decline", summary: "say no to what a policy with `approval` asks",
        examples: [Example("mendflow decline 812 --reason 'was done by hand'", "it is left alone")],
        options: [Options.reason.option], arguments: [Options.declined.argument], run: CommandContext.decline)

    static let promote = MendflowCommandLine.Command<CommandRun>(
        "promote", summary: "let a policy act again that went back to dry-run by itself",
        discussion: "What it heals is counted anew from then on. Editing the policy lets it act again, too.",
        examples: [Example("mendflow promote retry-crm --reason 'the CRM was down all week'", "it acts again")],
        options: [Options.pauseReason.option, Options.oneOfAll.option], arguments: [Options.promoted.argument],
        run: CommandContext.promote)
}
