import MendflowWorkspace

// What an agent needs before it looks at any n8n: its files.
extension DoctorChecks {
    /// What keeps an agent from starting, whichever instance it is to look at.
    static func agent(_ workspace: Workspace) -> [Doctor.Check] { settings(workspace.findings) }

    /// Files with errors are no reason not to look at the rest.
    private static func settings(_ findings: FindingsReport) -> [Doctor.Check] {
        guard findings.hasErrors else { return [] }
        return [
            .init(
                .files, .wrong,
                "configuration and policies: \(findings.summary): an agent that runs goes on with what it read before, one that "
                    + "starts refuses them; what has an error is left out below")
        ]
    }
}
