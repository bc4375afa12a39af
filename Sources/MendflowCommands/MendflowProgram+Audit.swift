import MendflowCommandLine

// The audit log.
extension MendflowProgram {
    static let audit = Command(
        "audit", summary: "the audit log",
        subcommands: [
            Command(
                "tail", summary: "the last records",
                examples: [Example("mendflow audit tail -n 5", "five lines; --output json as in an export")],
                options: [Options.count.option], run: CommandContext.auditTail),
            Command(
                "verify", summary: "check that no record was changed, removed or moved",
                discussion:
                    "Checks the records, and what is kept beside them against what they add up to. The leases by which "
                    + "agents share a ledger on PostgreSQL are no record, and are not checked.",
                examples: [
                    Example("mendflow audit verify", "exit code 3 means broken"),
                    Example("mendflow audit verify --file audit.jsonl", "an export, without the ledger"),
                    Example("mendflow audit verify --segments sealed", "with what was sealed into files there"),
                ], options: [Options.export.option, Options.head.option, Options.segments.option],
                exclusive: [ExclusiveOptions(["file", "segments"])], run: CommandContext.auditVerify),
            Command(
                "replay", summary: "make every recorded decision again, and say what comes out otherwise",
                discussion:
                    "From the evidence in the ledger and the texts of the policies that were in force. Limits, protections "
                    + "and error classes are those of now: where they were changed since, so may be what comes out.",
                examples: [
                    Example("mendflow audit replay", "exit code 3 means that something comes out otherwise")
                ], options: [Options.segments.option], run: CommandContext.auditReplay),
            Command(
                "export", summary: "all records with their hashes, as lines of JSON",
                examples: [Example("mendflow audit export > audit.jsonl", "for an archive")],
                options: [Options.segments.option], run: CommandContext.auditExport),
        ])
}
