import MendflowCommandLine
import MendflowCore
import MendflowText
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

    @Test(
        "asks whether another one was meant",
        arguments: [("policy", "policies"), ("config", "configuration"), ("test", "tests")])
    func meant(word: String, name: String) {
        for words in [["schema", word], ["validate", "--schema", word]] {
            switch MendflowProgram.program.parse(words) {
            case .failure(let error): #expect("\(error)".contains("did you mean '\(name)'?"), "\(error)")
            case .run: #expect(Spelling.meant(by: word, among: SchemaKind.allCases.map(\.rawValue)) == name)
            default: Issue.record("\(words) was answered otherwise")
            }
        }
    }

    @Test("takes a time, a day, or so long ago wherever a moment is asked for")
    func moments() {
        let now = AgentTime(milliseconds: 1_777_896_000_000)
        #expect(Moment("2026-05-01T06:00:00Z")?.time(at: now).rfc3339 == "2026-05-01T06:00:00.000Z")
        #expect(Moment("2026-05-01")?.time(at: now).rfc3339 == "2026-05-01T00:00:00.000Z")
        #expect(Moment("2d")?.time(at: now) == ClockOffset.zero.server(now) - .days(2))
        for word in ["yesterday", "0s", "-2d", "2", ""] { #expect(Moment(word) == nil, "\(word)") }
        for words in [
            ["init", "--since", "2d"], ["instance", "adopt", "--reason", "r", "--since", "1h30m"],
            ["backtest", "--since", "1w"], ["explain", "7", "--at", "90m"], ["report", "--since", "3d"],
        ] {
            let outcome = MendflowProgram.program.parse(words)
            guard case .run = outcome else {
                Issue.record("\(words): \(outcome)")
                continue
            }
        }
    }
}
