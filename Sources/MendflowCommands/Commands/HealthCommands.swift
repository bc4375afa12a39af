import MendflowCommandLine
import MendflowOperations
import MendflowWorkspace

extension CommandContext {
    /// `health`
    func health() async throws(MendflowFailure) -> ExitStatus {
        let answer = try await HealthProbe.ask(try workspaceOfLedger(), isForReadiness: values[Options.ready])
        show(Health(ok: answer.isGood, said: answer.said), Console.oneLine(answer.said))
        return answer.isGood ? .done : .failure
    }

    private struct Health: Encodable { var ok: Bool, said: String }
}
