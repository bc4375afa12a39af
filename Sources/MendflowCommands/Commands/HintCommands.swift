import MendflowCommandLine
import MendflowOperations
import MendflowText
import MendflowWorkspace

extension CommandContext {
    /// `hints`
    func hints() async throws(MendflowFailure) -> ExitStatus {
        let setup = try HintSetup.make(
            try workspaceOfLedger(), instance: values[Options.instance], url: values[Options.serviceURL],
            showsToken: values[Options.showToken])
        var writer = JSONWriter(.indented)
        writer.value(.object(setup.workflow))
        if values[Options.errorWorkflow] {
            console.result(writer.string)
        } else {
            show(HintSetupJSON(setup), HintSetupText.render(setup))
        }
        if let lacking = setup.lacking {
            console.message("none are taken in yet: \(values[Options.config]) needs \(lacking) (docs/hints.md)")
        }
        return .done
    }
}

/// `hints` as text: lines of an environment file, with what to do as comments.
enum HintSetupText {
    static func render(_ setup: HintSetup) -> String {
        let lines = setup.variables.map { "\($0.name)=\($0.value)" }
        return """
            # The environment of n8n '\(setup.instance)', its main process and workers alike; start n8n anew then.
            # n8n has to reach \(setup.url); say --url where it is elsewhere for n8n.
            \(lines.joined(separator: "\n"))
            # Crashed runs are told by error workflows alone: mendflow hints --workflow > tell-mendflow.json
            # Import it, publish it, and choose it as "Error workflow" in the settings of your workflows.
            """
    }
}

/// `hints` as JSON.
struct HintSetupJSON: Encodable {
    var instance: String, url: String, environment: [String: String], lacking: String?

    init(_ setup: HintSetup) {
        (instance, url, lacking) = (setup.instance, setup.url, setup.lacking)
        environment = Dictionary(setup.variables.map { ($0.name, $0.value) }) { first, _ in first }
    }
}

extension CommandContext {
    /// Where `simulate` tells of its runs; nil where it does not.
    func toldHints() throws(MendflowFailure) -> (url: String, token: String)? {
        guard let url = values[Options.hintsURL] else {
            guard values[Options.hintsToken] == nil else {
                throw MendflowFailure(.usage, "--hints-token-env belongs to --hints-url")
            }
            return nil
        }
        let name = values[Options.hintsToken] ?? "MENDFLOW_HINTS_TOKEN"
        guard let token = console.environment[name], !token.isEmpty else {
            throw MendflowFailure(.usage, "the variable \(name), which --hints-token-env names, holds no token")
        }
        return (url, token)
    }
}
