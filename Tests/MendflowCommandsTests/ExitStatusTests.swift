import MendflowCommands
import Testing

@Suite("The command line")
struct CommandLineTests {
    @Test("keeps its documented exit codes")
    func codes() {
        #expect(ExitStatus.allCases.map(\.rawValue) == [0, 1, 2, 3, 64, 65, 69, 74, 75])
    }

    @Test(
        "is declared without faults, and a misspelt command is a usage error",
        arguments: [["plna"], ["audit"], ["run", "--dryrun"]])
    func usage(words: [String]) async {
        #expect(await CommandRunner.run(words) == .usage)
    }

    @Test(
        "takes for an execution only what n8n would take for one", arguments: ["", "1001 ", "../workflows", "-1", "0"])
    func executionID(word: String) async {
        #expect(await CommandRunner.run(["explain", "--config", "/nonexistent/mendflow.yaml", "--", word]) == .usage)
    }

    @Test("takes no reason that says nothing", arguments: ["", "  ", "\n", "-"])
    func reason(word: String) async {
        for command in [["pause"], ["resolve", "7", "--ran"], ["instance", "adopt"]] {
            let words = command + ["--config", "/nonexistent/mendflow.yaml", "--reason=\(word)"]
            #expect(await CommandRunner.run(words) == .usage, "\(words)")
        }
    }

    @Test("a configuration that is not there is a finding", arguments: ["plan", "run", "validate", "status", "inbox"])
    func missing(command: String) async {
        #expect(await CommandRunner.run([command, "--config", "/nonexistent/mendflow.yaml"]) == .findings)
    }
}
