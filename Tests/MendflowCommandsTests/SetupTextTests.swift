import MendflowCore
import Testing

@testable import MendflowCommands

@Suite("What `init` says at its end")
struct SetupTextTests {
    @Test(
        "is what an agent would do with the files as they stand",
        arguments: [
            (
                Mode.enforce, ["a", "b"],
                "CAREFUL: `mendflow run` would act at once, for both agent and policies enforce: a, b."
            ),
            (.enforce, [], "The agent is in enforce, and no policy is: nothing is sent before one says so."),
            (.dryRun, [], "The agent is in dry-run, and so are all policies: nothing is sent."),
            (.dryRun, ["a"], "The agent is in dry-run: nothing is sent. Once it is in enforce, these policies act: a."),
            (.off, ["a"], "The agent is in off: nothing is sent. Once it is in enforce, these policies act: a."),
        ])
    func standing(mode: Mode, enforced: [String], words: String) {
        #expect(SetupText.standing(mode, enforced: enforced) == words)
    }
}
