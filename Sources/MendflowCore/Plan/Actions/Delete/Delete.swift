extension ActionDefinition {
    /// `DELETE /executions/{id}`.
    static let delete = ActionDefinition(
        .delete, scopes: ["execution:delete"], fits: [.error, .crashed, .canceled, .success],
        request: { ExecutionRequest.delete($0.execution).description }, holds: DeleteHolds.all,
        waits: [.refusedRecently, .droppedRecently])
}
