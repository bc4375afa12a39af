import MendflowBacktest
import MendflowCommandLine
import MendflowCore
import MendflowEnvironment
import MendflowOperations
import MendflowText
import MendflowWorkspace

extension CommandContext {
    /// `test`
    func testPolicies() async throws(MendflowFailure) -> ExitStatus {
        if let execution = values[Options.capture] { return try await capture(execution) }
        let isConfigured = environment.files.exists(values[Options.config])
        let workspace = isConfigured ? try workspaceOfLedger() : nil
        let outcome = try PolicyTesting.run(values[Options.tests], workspace, environment: environment)
        for report in outcome.findings { console.styledMessage(report.text(colours: console.messageColours)) }
        try write(JUnitReport.text(outcome), to: values[Options.junit])
        try write(TestSARIF.log(outcome).text, to: values[Options.sarif])
        show(TestJSON(outcome), TestText.render(outcome, coverage: values[Options.coverage]))
        if outcome.isBroken { return .findings }
        return outcome.failed == 0 ? .done : .failure
    }

    /// Writes an execution of an instance as a fixture.
    private func capture(_ execution: String) async throws(MendflowFailure) -> ExitStatus {
        let (fixture, scenario) = try await PolicyTesting.capture(
            try workspaceOfLedger(), execution: execution, instance: values[Options.instance])
        let path = values[Options.fixture] ?? "execution-\(execution).jsonl"
        if let folder = path.lastIndex(of: "/").map({ String(path[..<$0]) }), !folder.isEmpty {
            do throws(FileFault) { try environment.files.makeFolder(folder) } catch {
                throw MendflowFailure(.failed, "the fixture cannot be written: \(error)")
            }
        }
        let isMade: Bool
        do throws(FileFault) { isMade = try environment.files.create(path, fixture) } catch {
            throw MendflowFailure(.failed, "the fixture cannot be written: \(error)")
        }
        guard isMade else {
            throw MendflowFailure(
                .usage, "\(path) is there already, and is left as it is: --to names another file for the fixture")
        }
        console.result(
            "\(path) holds what decisions look at of execution \(execution), without secrets, hosts, addresses, notes and versions. "
                + "Read it before you share it. In a scenario:\n\n"
                + "      \(scenario.replacing("FIXTURE", with: path))")
        return .done
    }
}
