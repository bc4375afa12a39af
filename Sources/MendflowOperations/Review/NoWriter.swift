import MendflowCore

/// Stands where an agent that plans as if it acted needs a writer. It sends nothing, whatever is asked of it.
struct NoWriter: ExecutionWriter {
    private static let answer = WriteAnswer.nothing(
        proof: .neverSent, scope: .thisTry, status: nil, message: "a plan sends nothing", retryAfter: nil)

    func retry(_ id: ExecutionID, loadWorkflow: Bool) async -> WriteAnswer { NoWriter.answer }
    func stop(_ id: ExecutionID) async -> WriteAnswer { NoWriter.answer }
    func setTags(of id: ExecutionID, to tagIDs: [String]) async -> WriteAnswer { NoWriter.answer }
    func stopMany(_ request: BulkStopRequest) async -> WriteAnswer { NoWriter.answer }
    func delete(_ id: ExecutionID) async -> WriteAnswer { NoWriter.answer }
}
