import MendflowCommandLine
import Testing

@testable import MendflowCommands

@Suite("The command that prints schemas")
struct SchemaCommandTests {
    @Test("prints that of policies unless told otherwise, as `validate --schema` does")
    func kinds() throws {
        for (words, kind) in [
            ([], nil), (["policies"], .policies), (["configuration"], .configuration), (["tests"], SchemaKind.tests),
        ] {
            guard case .run(_, let values) = MendflowProgram.program.parse(["schema"] + words) else {
                Issue.record("\(words) cannot be run")
                continue
            }
            #expect(values[Options.schemaKind] == kind)
        }
    }

    @Test(
        "knows no other",
        arguments: [["schema", "policy"], ["schema", "tests", "tests"], ["validate", "--schema", "policy"]])
    func unknown(words: [String]) async {
        #expect(await CommandRunner.run(words) == .usage)
    }
}
