import MendflowCommandLine
import MendflowCore
import MendflowEnvironment
import MendflowOperations
import MendflowWorkspace

extension MendflowProgram {
    static let incidents = MendflowCommandLine.Command<CommandRun>(
        "incidents", summary: "failures that belong together, as one thing that went wrong",
        discussion:
            "By the ledger alone: what `incidents` of mendflow.yaml made the agent look for. Without a subcommand it lists them.",
        examples: [
            Example("mendflow incidents", "those that go on, and those of the last week"),
            Example("mendflow incidents show incident-5210", "one of them, with all that was written down of it"),
        ],
        options: [Options.instance.option, Options.recent.option],
        subcommands: [
            MendflowCommandLine.Command<CommandRun>(
                "list", summary: "those that go on, and those of the last week",
                examples: [Example("mendflow incidents list --last 30d", "of a longer time")],
                options: [Options.instance.option, Options.recent.option], run: CommandContext.listIncidents),
            MendflowCommandLine.Command<CommandRun>(
                "show", summary: "one incident, with all that was written down of it",
                examples: [Example("mendflow incidents show incident-5210", "its key stands in the list")],
                options: [Options.instance.option], arguments: [Options.incidentKey.argument],
                run: CommandContext.showIncident),
        ], run: CommandContext.listIncidents)
}

extension CommandContext {
    /// `incidents`, `incidents list`
    func listIncidents() async throws(MendflowFailure) -> ExitStatus {
        let workspace = try workspaceOfLedger()
        let since = workspace.clock.now() - (values[Options.recent] ?? .days(7))
        let all = try await IncidentReports.read(workspace, instance: values[Options.instance], since: since)
        show(IncidentsJSON(all), IncidentText.render(all))
        return .done
    }

    /// `incidents show`
    func showIncident() async throws(MendflowFailure) -> ExitStatus {
        let found = try await IncidentReport.read(
            try workspaceOfLedger(), instance: values[Options.instance], values[Options.incidentKey])
        show(IncidentJSON(found), IncidentText.render(found))
        return .done
    }
}
