import MendflowCore
import MendflowOperations
import MendflowText
import MendflowWorkspace
import Testing

@testable import MendflowBacktest
@testable import MendflowCommands

@Suite("What `init` and `validate` say at their end")
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

    @Test("where n8n did not answer is what to look at, and that the same command mends it")
    func again() {
        func again(_ failure: MendflowFailure, file: String? = nil) -> String {
            let request = Initialise.Request(
                folder: "try", name: "main", url: "http://n8m", keyVariable: file == nil ? "N8N_API_KEY" : nil,
                keyFile: file, since: nil)
            return SetupText.again(request, failure, keyPlace: nil)
        }
        let words = again(MendflowFailure(.unreachable, "no answer"))
        #expect(words.contains("http://n8m") && words.hasSuffix("with another --url it corrects try/mendflow.yaml."))
        #expect(again(MendflowFailure(.failed, "the clock")) == "Run the command again when that is mended.")
        let refused = MendflowFailure(.unreachable, "401", cause: .key)
        #expect(again(refused).hasPrefix("It is the key, and not the address: it comes from the variable N8N_API_KEY."))
        #expect(again(refused, file: "n8n.key").contains("it comes from the file n8n.key."))
    }

    @Test("and what the doctor says of the agent, stands before the instances, and only where something is to be said")
    func agent() {
        var doctor = FixedWorld.doctor
        #expect(DoctorText.render(doctor).text().hasPrefix("production"))
        doctor.agent = [.init(.files, .wrong, "1 error")]
        #expect(DoctorText.render(doctor).text().hasPrefix("agent  1 WRONG, 0 to look at\n"))
        #expect(DoctorJSON(doctor).agent?.map(\.words) == ["1 error"] && !DoctorJSON(doctor).ok)
    }

    @Test("of what was found says of what it is, and of the policies why they are worth having")
    func found() {
        let text = TextReport(
            SetupText.found([
                .init(.workflows, .ok, "14 that the key can see"),
                .init(.key, .wrong, "it lacks the scope workflow:list"),
            ])
        ).text()
        #expect(
            text.split(separator: "\n").map { $0.split(separator: " ").prefix(2) }
                == [["found", "workflows"], ["WRONG", "key"]])
        let policy = Suggestion(
            name: "retry-orders", workflow: "Orders", why: ["5 failed and passed later.", "More."], yaml: "",
            yamlIfRepeated: nil, id: "w")
        #expect(
            SetupText.suggested([policy])
                == ["The last week speaks for 1 policy, in dry-run:", "  retry-orders: 5 failed and passed later."])
        #expect(SetupText.suggested([]).isEmpty)
    }

    @Test("of a check without a server is one line that says what was left open, and how to ask")
    func notAsked() {
        for isAlone in [true, false] {
            let line = SetupText.notAsked(filesAlone: isAlone)
            #expect(line.hasPrefix("Not checked: ") && line.contains("`mendflow validate --instance NAME`"))
            #expect(line.contains("`limits`") == isAlone && !line.contains("\n"))
        }
    }
}
