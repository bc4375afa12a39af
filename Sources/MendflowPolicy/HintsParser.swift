import MendflowText
import MendflowYAML

/// Reads `hints` of an instance.
struct HintsParser {
    let report: Report

    /// Where the token stands; nil with a finding.
    func parse(_ node: YAMLNode) -> Configuration.Secret? {
        let written = (node.entries ?? []).map(\.key).filter { SecretWords.isName($0.text) }
        let keys = ConfigurationKeys.hints.map(\.key) + written.map(\.text)
        guard let map = MapReader(node, MapShape(what: "`hints`", keys: keys), report) else { return nil }
        for key in written where !ConfigurationKeys.hints.contains(where: { $0.key == key.text }) {
            report.error(
                "secret-in-file", "a token must not stand in this file", at: key.range,
                notes: ["name the environment variable that holds it by `token_env`, or a file by `token_file`"])
        }
        let token = ServiceParser(report: report).token(map)
        if token == nil, written.isEmpty, map.isMissing("token_env"), map.isMissing("token_file") {
            report.error("missing-token", "`hints` needs `token_env` or `token_file`", at: node.range)
        }
        return token
    }

    /// Without a service nothing listens for hints.
    func checkHeard(_ instance: YAMLNode) {
        guard let hints = instance["hints"] else { return }
        report.error(
            "unheard-hints", "`hints` are taken in by the `service`, and this file has none", at: hints.range,
            notes: ["add `service: {listen: \"\(ServiceParser.listen)\"}`, or an address at which n8n reaches it"])
    }
}

extension ConfigurationKeys {
    /// The keys of `hints`.
    static let hints = [
        ConfigurationKey(
            "token_env", .other("the name of an environment variable", ConfigurationSchema.variable),
            .words("one of the two is required"),
            "The variable that holds the token that n8n sends: at least 16 characters that nobody guesses, another one for each "
                + "instance. It is good for hints alone."),
        ConfigurationKey(
            "token_file", .other("a path", .type("string")), .words("one of the two is required"),
            "The file that holds the token."),
    ]
}
