import MendflowCommandLine
import MendflowHost

/// The program's declaration: parsing, help, completions and man page all come from it.
enum MendflowProgram {
    /// A command of the program.
    typealias Command = MendflowCommandLine.Command<CommandRun>

    /// The program.
    static let program = Program(root, version: Version.text)

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
            initialise, validate, schema, plan, apply, replay, incidents, backtest, test, diff, suggest, history,
            run, status, health, hints, reload, doctor, instance, explain, classify, inbox, resolve, approve,
            decline, promote, pause, resume, notify, assistant, report, audit, ledger, simulate, demo, completions,
            names, man,
        ])
}
