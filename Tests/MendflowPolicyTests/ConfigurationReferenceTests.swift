import MendflowCore
import MendflowTestKit
import MendflowYAML
import Testing

@testable import MendflowPolicy

/// docs/configuration.md is made from the declarations of the keys: `MENDFLOW_GOLDEN=write scripts/test
/// ConfigurationReference` writes it.
@Suite("The page of the configuration")
struct ConfigurationReferenceTests {
    @Test("is what the declarations say")
    func fresh() throws {
        let difference = try Repository.difference(of: ConfigurationPage.text, from: "docs/configuration.md")
        #expect(difference == nil, "\(difference ?? "")")
    }

    @Test("names every key and every word of the schema but those of conditions, which docs/policies.md has")
    func complete() throws {
        let schema = Schema.configuration
        let policies = try Repository.text("docs/policies.md")
        let known = schema.allKeys.union(schema.allWords)
        #expect(known.count > 80)
        let missing = known.filter { !ConfigurationPage.text.contains("`\($0)`") && !policies.contains("`\($0)`") }
        #expect(missing.isEmpty, "\(missing.sorted())")
        for keys in ConfigurationPage.maps.map(\.keys) {
            for key in keys { #expect(ConfigurationPage.text.contains("| `\(key.key)` |")) }
        }
    }

    @Test("tells the defaults: a file that writes them all out says what one without them says")
    func defaults() throws {
        func value(_ key: ConfigurationKey) -> String? {
            if case .value(let text) = key.absent { "\(key.key): \(text)" } else { nil }
        }
        let instance = "name: a, url: \"https://a.example\", api_key_env: K"
        let written =
            (ConfigurationKeys.top.compactMap(value)
            + ["incidents: {\(ConfigurationKeys.incidents.compactMap(value).joined(separator: ", "))}"]
            + ["log: {\(ConfigurationKeys.log.compactMap(value).joined(separator: ", "))}"]
            + [
                "instances: [{\(([instance] + ConfigurationKeys.instance.compactMap(value)).joined(separator: ", ")), "
                    + "limits: {\(ConfigurationKeys.limits.compactMap(value).joined(separator: ", "))}}]"
            ]).joined(separator: "\n")
        let bare = try #require(load("incidents: {at_least: 5}\ninstances: [{\(instance)}]").configuration)
        #expect(load(written).configuration == bare, "\(written)")
    }

    @Test("tells the bounds: they are accepted, and what lies beyond them is not", arguments: [true, false])
    func bounds(isLeast: Bool) {
        var seen = 0
        for map in ConfigurationPage.maps {
            for key in map.keys {
                guard let (inside, outside) = key.bound(isLeast: isLeast) else { continue }
                seen += 1
                let place = "\(map.title) \(key.key)"
                #expect(load(map.file("\(key.key): \(inside)")).findings.isEmpty, "\(place)")
                #expect(load(map.file("\(key.key): \(outside)")).findings.map(\.id) == ["out-of-range"], "\(place)")
            }
        }
        #expect(seen >= 5)
    }

    private func load(_ text: String) -> LoadedConfiguration {
        ConfigurationLoader().load(bytes: Array(text.utf8), file: "mendflow.yaml")
    }
}

extension ConfigurationKey {
    /// A value on the bound, and one beyond it; nil where there is none.
    fileprivate func bound(isLeast: Bool) -> (String, String)? {
        switch form {
        case .length(let least, _) where isLeast:
            return (least.description, Period(milliseconds: least.milliseconds - 1).description)
        case .length(_, let most?) where !isLeast: return (most.description, (most + .milliseconds(1)).description)
        case .whole(let range):
            return isLeast
                ? ("\(range.lowerBound)", "\(range.lowerBound - 1)")
                : ("\(range.upperBound)", "\(range.upperBound + 1)")
        default: return nil
        }
    }
}

/// The page, from the declarations.
private enum ConfigurationPage {
    /// A map of the file: what it is, its keys, and a file with one more line in it.
    struct Map {
        var title: String
        var words: String
        var keys: [ConfigurationKey]
        var file: (_ entry: String) -> String
    }

    private static func instance(_ entry: String) -> String {
        "instances: [{name: a, url: \"https://a.example\", api_key_env: K, \(entry)}]"
    }

    private static func channel(_ entry: String) -> String {
        "notify: [{name: a, \(entry)}]\n\(instance("mode: enforce"))"
    }

    static var maps: [Map] {
        [
            Map(
                title: "The file", words: "", keys: ConfigurationKeys.top,
                file: { "\($0)\n\(instance("mode: enforce"))" }),
            Map(
                title: "An entry of `instances`", words: "", keys: ConfigurationKeys.instance, file: instance),
            Map(
                title: "`limits` of an instance", words: "", keys: ConfigurationKeys.limits,
                file: { instance("limits: {\($0)}") }),
            Map(
                title: "A cap in `limits`", words: "`max_actions: {amount: 20, per: tick}`, or a list of such maps.",
                keys: ConfigurationKeys.cap, file: { instance("limits: {max_actions: {per: 1h, \($0)}}") }),
            Map(
                title: "The value of a header",
                words: "`headers: {CF-Access-Client-Id: {env: CF_ID}}`: never the value itself.",
                keys: ConfigurationKeys.secret, file: { instance("headers: {X-A: {\($0)}}") }),
            Map(
                title: "An entry of `error_classes`",
                words: "All parts that it names must fit, and it must name one at least beside `status`. "
                    + "[error-classes.md](error-classes.md) has the\nbuilt-in rules and an example.",
                keys: ConfigurationKeys.rule, file: { "error_classes: [{id: a, \($0)}]\n\(instance("mode: enforce"))" }),
            Map(
                title: "`hints` of an instance",
                words:
                    "`hints: {token_env: MENDFLOW_HINTS_TOKEN}`; [hints.md](hints.md) says how n8n is set up for them.",
                keys: ConfigurationKeys.hints,
                file: { "service: {listen: \"127.0.0.1:9464\"}\n\(instance("hints: {\($0)}"))" }),
            Map(
                title: "`service`",
                words: "Nothing listens without this key. [operating.md](operating.md#service) says what is answered.",
                keys: ConfigurationKeys.service, file: { "service: {\($0)}\n\(instance("mode: enforce"))" }),
            Map(
                title: "`incidents`", words: "[incidents.md](incidents.md) says what comes of them.",
                keys: ConfigurationKeys.incidents,
                file: { "incidents: {\($0)}\n\(instance("mode: enforce"))" }),
            Map(
                title: "An entry of `notify`",
                words: "[notifications.md](notifications.md) says what is told, and how messages look.",
                keys: ConfigurationKeys.channel, file: { channel("command: {run: [page]}, \($0)") }),
            Map(
                title: "`webhook` of a channel", words: "", keys: ConfigurationKeys.webhook,
                file: { channel("webhook: {url: \"https://a.example\", \($0)}") }),
            Map(
                title: "`email` of a channel", words: "", keys: ConfigurationKeys.email,
                file: { channel("email: {host: a.example, from: a@a.example, to: b@a.example, \($0)}") }),
            Map(
                title: "`command` of a channel", words: "", keys: ConfigurationKeys.command,
                file: { channel("command: {run: [page], \($0)}") }),
            Map(
                title: "`template` of a channel",
                words: "A text with names in braces, which [notifications.md](notifications.md#templates) lists.",
                keys: ConfigurationKeys.template, file: { channel("command: {run: [page]}, template: {\($0)}") }),
            Map(
                title: "`cluster`",
                words: "[operating-at-scale.md](operating-at-scale.md) says when one agent is not enough.",
                keys: ConfigurationKeys.cluster, file: { "cluster: {\($0)}\n\(instance("mode: enforce"))" }),
            Map(
                title: "`log`", words: "", keys: ConfigurationKeys.log,
                file: { "log: {\($0)}\n\(instance("mode: enforce"))" }),
        ]
    }

    static var text: String {
        introduction
            + maps.map { map in
                "\n## \(map.title)\n\n" + (map.words.isEmpty ? "" : map.words + "\n\n")
                    + "| Key | Value | Where absent | Meaning |\n| --- | --- | --- | --- |\n"
                    + map.keys.map(row).joined()
            }.joined() + protect
    }

    private static func row(_ key: ConfigurationKey) -> String {
        let absent =
            switch key.absent {
            case .required: "required"
            case .value(let text): "`\(text)`"
            case .words(let words): words
            }
        return "| `\(key.key)` | \(words(key.form)) | \(absent) | \(key.meaning) |\n"
    }

    private static func words(_ form: ConfigurationKey.Form) -> String {
        switch form {
        case .words(let words): words.map { "`\($0)`" }.joined(separator: ", ")
        case .length(let least, let most): "a length of time, \(least) " + (most.map { "to \($0)" } ?? "or more")
        case .whole(let range): "a whole number, \(range.lowerBound) to \(range.upperBound)"
        case .flag: "`true` or `false`"
        case .other(let words, _): words
        }
    }

    private static let introduction = """
        # The configuration

        This page is made from the declarations of the keys, from which the program's parser takes its bounds and defaults.
        `mendflow.yaml` is YAML as in [policies.md](policies.md#values): lengths of time carry units (`90s`, `2h`, `7d`), and
        nothing unknown is ever ignored. Paths are relative to the file. `mendflow init` writes a first one, `mendflow validate`
        checks it, `mendflow validate --schema configuration` prints a JSON schema for editors, and
        `examples/production/mendflow.yaml` is a whole one. A secret never stands in it, only where one is.

        While `run` goes on, a change of `policies`, `protect`, `limits`, `tags` and `error_classes` is taken at the next look, so is a `mode` that is
        lowered, of the agent or of an instance, and with
        `instances_from` so is an instance that comes, goes or changes
        ([operating-at-scale.md](operating-at-scale.md#a-file-for-each-instance)); everything else needs a restart, and the log says so. The
        console is part of `service`. `read_only_operations` is left for a later release and refused.

        """

    private static let protect = """

        ## An entry of `protect`

        A map of conditions as under `match` in [policies.md](policies.md#match). What meets all of them no policy retries, stops,
        deletes or tags; a condition that nobody can judge counts as met. An entry that can never hold is an error.

            protect:
              - workflow: {tag: no-auto-retry}
              - error: {node_type: ["*.stripe", "*.emailSend"]}

        """
}
