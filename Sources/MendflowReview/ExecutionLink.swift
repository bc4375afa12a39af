public import MendflowCore

/// Where n8n's own pages show an execution.
public enum ExecutionLink {
    /// The page's address, below the instance's URL.
    public static func text(_ url: String, _ workflow: WorkflowID, _ execution: ExecutionID) -> String {
        "\(url)/workflow/\(workflow)/executions/\(execution)"
    }
}
