import MendflowCore
import MendflowPolicy
import MendflowYAML
import Testing

@Suite("Instances that have a file each")
struct InstanceFileTests {
    private func load(_ text: String, _ files: [(name: String, text: String)]) -> LoadedConfiguration {
        ConfigurationLoader().load(bytes: Array(text.utf8), file: "mendflow.yaml") { folder in
            files.map { InstanceFile(name: folder + $0.name, bytes: Array($0.text.utf8)) }
        }
    }

    private func told(_ loaded: LoadedConfiguration) -> [String] {
        loaded.findings.map { "\($0.file):\($0.line ?? 0):\($0.column ?? 0): \($0.message) [\($0.id)]" }
    }

    private func instance(_ name: String, _ more: String = "") -> String {
        "name: \(name)\nurl: https://\(name).example.com\napi_key_env: KEY\n\(more)"
    }

    @Test("are those of the list and those of the folder, in the order of the files")
    func both() throws {
        let loaded = load(
            "instances_from: instances/\ninstances: [{name: a, url: \"https://a.example.com\", api_key_env: KEY}]",
            [("b.yaml", instance("b", "mode: dry_run\n")), ("c.yaml", instance("c"))])
        let configuration = try #require(loaded.configuration, "\(told(loaded))")
        #expect(configuration.instances.map(\.name) == ["a", "b", "c"])
        #expect(configuration.instances.map(\.mode) == [.enforce, .dryRun, .enforce])
        #expect(configuration.instancesFrom == "instances/" && loaded.findings.isEmpty)
    }

    @Test("need no list, and nobody looks for them where nobody says how")
    func alone() throws {
        #expect(load("instances_from: i/", [("b.yaml", instance("b"))]).configuration?.instances.map(\.name) == ["b"])
        let unread = ConfigurationLoader().load(bytes: Array("instances_from: i/".utf8), file: "mendflow.yaml")
        #expect(unread.configuration?.instances == [])
        #expect(
            told(load("instances_from: i/", []))
                == ["mendflow.yaml:1:17: there is no instance: no file of one is in `i/` [missing-key]"])
        #expect(
            told(load("mode: enforce", [])) == ["mendflow.yaml:1:1: the configuration needs `instances` [missing-key]"])
    }

    @Test("are told with their file, line and column, and no secret of them is shown")
    func findings() {
        let loaded = load(
            "instances_from: i/",
            [
                ("a.yaml", "name: a\nurl: https://a.example.com\napi_key: hunter2\n"), ("b.yaml", "nmae: b\n"),
                ("c.yaml", ""),
            ])
        let words = told(loaded)
        #expect(loaded.configuration == nil)
        #expect(words.contains("i/a.yaml:3:1: an API key must not stand in this file [secret-in-file]"), "\(words)")
        #expect(words.contains { $0.hasPrefix("i/b.yaml:1:1: `nmae` is not a key of an instance") }, "\(words)")
        #expect(words.contains { $0.hasPrefix("i/c.yaml:0:0: the file is empty") }, "\(words)")
        #expect(!String(describing: loaded.findings).contains("hunter2"))
    }

    @Test("are found twice across files, and hints that nobody listens for")
    func alike() {
        let words = told(
            load(
                "instances_from: i/\ninstances: [{name: a, url: \"https://a.example.com\", api_key_env: KEY}]",
                [
                    ("b.yaml", "name: a\nurl: https://b.example.com\napi_key_env: KEY\n"),
                    ("c.yaml", "name: c\nurl: https://B.example.com/\napi_key_env: KEY\nhints: {token_env: T}\n"),
                ]))
        #expect(
            words.contains("i/b.yaml:1:7: another instance is named `a`, in mendflow.yaml [duplicate-name]"), "\(words)"
        )
        let same =
            "i/c.yaml:2:6: another instance has the same `url`, in i/b.yaml; both would act on one server [same-server]"
        #expect(words.contains(same), "\(words)")
        #expect(words.contains { $0.hasPrefix("i/c.yaml:4:8: ") && $0.hasSuffix("[unheard-hints]") }, "\(words)")
    }

    @Test("have a schema, and are told from files of policies")
    func schema() throws {
        let schema = Schema(ConfigurationSchema.instanceJSON())
        func faults(_ text: String) throws -> [String] {
            schema.faults(in: try #require(YAMLReader.read(bytes: Array(text.utf8), file: "a").root))
        }
        #expect(try faults(instance("a", "mode: dry_run\nlimits: {max_in_flight: 2}\n")).isEmpty)
        #expect(try !faults("name: a\nurl: https://a.example.com\npolicies: []\n").isEmpty)
        #expect(try !faults("name: a\n").isEmpty)
        #expect(InstanceFile(name: "a", bytes: Array(instance("a").utf8)).isOne)
        #expect(!InstanceFile(name: "a", bytes: Array("policies: []\nurl: x\n".utf8)).isOne)
        #expect(InstanceFile(name: "a", bytes: Array(instance("a").utf8)).findings.isEmpty)
    }
}
