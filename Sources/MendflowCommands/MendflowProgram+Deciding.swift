import MendflowCommandLine

// What shows what would be done, and does it.
extension MendflowProgram {
    static let plan = Command(
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
        ], exclusive: [ExclusiveOptions(["as", "out"])], run: CommandContext.plan)

    static let apply = Command(
        "apply", summary: "do what a saved plan says, and nothing else",
        discussion:
            "Decides anew about each action of the plan and sends what is decided as it was then; what has changed since "
            + "is left as it is and said. No other agent may run on the ledger meanwhile.",
        examples: [
            Example("mendflow plan --out today.plan", "see it, and keep it for an hour"),
            Example("mendflow apply today.plan", "asks, and sends it"),
            Example("mendflow apply --yes today.plan", "where nobody can be asked"),
        ], options: [Options.yes.option], arguments: [Options.savedPlan.argument], run: CommandContext.apply)

    static let run = Command(
        "run", summary: "the agent: poll, decide, act, record",
        examples: [
            Example("mendflow run --dry-run", "decide and record, send nothing"),
            Example("mendflow run --once", "one tick, for cron"),
        ],
        options: [
            Options.once.option, Options.dryRun.option, Options.enforce.option, Options.logLevel.option,
        ],
        exclusive: [ExclusiveOptions(["dry-run", "enforce"])], run: CommandContext.runAgent)
}
