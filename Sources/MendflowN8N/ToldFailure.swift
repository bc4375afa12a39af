/// What n8n's Error Trigger hands to an error workflow, in n8n's words. Of the error only its class name is kept: its texts may
/// hold what the run worked with.
package struct ToldFailure: Sendable {
    /// The failed execution, the workflow and how it was started, as written.
    package var execution: String, workflow: String?, mode: String?
    /// The execution that this one retries.
    package var retryOf: String?
    /// The class name of the error.
    package var errorName: String?
    /// When the error came to be, in milliseconds since 1970.
    package var timestamp: Int64?

    private static let program = JSONProgram(
        .object([
            "execution": .object([
                "id": .word, "mode": .word, "retryOf": .word,
                "error": .object(["name": .word, "timestamp": .word]),
            ]),
            "workflow": .object(["id": .word]),
        ]))

    /// Reads what an error workflow was given; nil where the bytes are no such thing. It tells of triggers that failed, too,
    /// in another form, and those are nothing that can be looked at.
    package static func read(_ body: [UInt8]) -> ToldFailure? {
        var scanner = JSONScanner(program)
        scanner.feed(body)
        guard let tree = scanner.finish(), let execution = tree["execution"], let id = execution["id"]?.word else {
            return nil
        }
        let error = execution["error"]
        return ToldFailure(
            execution: id, workflow: tree["workflow"]?["id"]?.word, mode: execution["mode"]?.word,
            retryOf: execution["retryOf"]?.word, errorName: error?["name"]?.word,
            timestamp: error?["timestamp"]?.integer)
    }
}
