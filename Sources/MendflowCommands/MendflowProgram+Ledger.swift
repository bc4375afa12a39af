import MendflowCommandLine

extension MendflowProgram {
    /// `ledger` and what stands below it.
    static let ledger =
        Command(
            "ledger", summary: "the memory as a file: how large it is, copies of it, and putting one back",
            subcommands: [
                Command(
                    "info", summary: "how large it is, what it holds, how fast it grows",
                    examples: [Example("mendflow ledger info", "also while an agent runs")],
                    run: CommandContext.ledgerInfo),
                Command(
                    "backup", summary: "copy it, while an agent runs, and check the copy",
                    discussion: "Exits with 3 where the copy is not as it was written. Nothing is written over.",
                    examples: [Example("mendflow ledger backup /backup/mendflow-monday.sqlite", "one file, checked")],
                    arguments: [Options.copy.argument], run: CommandContext.ledgerBackup),
                Command(
                    "copy", summary: "take it over into another place, a file or PostgreSQL; no agent may run",
                    discussion: """
                        Both are checked: every record, and all that is kept beside them. The copy is there whole or not at all; where \
                        it goes there must be no ledger yet. Write the new place into `ledger` of mendflow.yaml then, and move the \
                        old ledger away: an agent that went on with it would not know what was sent since. \
                        Exits with 3 where the ledger is not as it was written.
                        """,
                    examples: [
                        Example(
                            "mendflow ledger copy mendflow.sqlite postgres://mendflow@db.example.com/mendflow",
                            "from a file to PostgreSQL"),
                        Example(
                            "mendflow ledger copy postgres://mendflow@db.example.com/mendflow mendflow.sqlite",
                            "and back"),
                    ], arguments: [Options.source.argument, Options.target.argument],
                    run: CommandContext.ledgerCopy),
                Command(
                    "compact", summary: "give back what is free in the file; no agent may run",
                    examples: [Example("mendflow ledger compact", "after much was deleted")],
                    run: CommandContext.ledgerCompact),
                Command(
                    "seal", summary: "write old records to files, and drop them from it; an agent may run",
                    discussion: """
                        What they add up to stays, so that nothing is done twice. The last week stays, what policies look back to, and what \
                        belongs to anything that goes on. The files are needed to check or show what is in them: keep them.
                        """,
                    examples: [
                        Example("mendflow ledger seal --before 90d --to sealed", "what it would do; changes nothing"),
                        Example("mendflow ledger seal --before 90d --to sealed --yes", "do it"),
                    ],
                    options: [Options.sealBefore.option, Options.sealFolder.option, Options.sealNow.option],
                    run: CommandContext.ledgerSeal),
                Command(
                    "restore", summary: "put a copy in its place; no agent may run",
                    discussion: """
                        A copy does not know what was sent since it was made, so acting is paused until a person has seen to it. \
                        What was there stays beside it under another name.
                        """,
                    examples: [
                        Example(
                            "mendflow ledger restore --check /backup/monday.sqlite",
                            "what it would mean; changes nothing"),
                        Example("mendflow ledger restore /backup/monday.sqlite --reason 'the disk died'", "do it"),
                    ], options: [Options.checkCopy.option, Options.pauseReason.option],
                    arguments: [Options.copy.argument], run: CommandContext.ledgerRestore),
            ])
}
