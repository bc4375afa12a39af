import MendflowCore
import MendflowEnvironment
import MendflowHostKit
import MendflowPolicy
import MendflowTestKit
import MendflowYAML
import Testing

@testable import MendflowWorkspace

@Suite("A workspace whose instances have a file each")
struct InstanceFolderTests {
    let folder: Folder

    init() throws {
        folder = try Folder()
        try folder.makeFolder("instances")
        try folder.write(
            "mendflow.yaml",
            "mode: enforce\npolicies: [policies/]\nledger: mendflow.sqlite\ninstances_from: instances\n")
        try write("a")
        try write("b")
    }

    private func write(_ name: String, _ more: String = "") throws {
        let port = name == "a" ? 1 : 2
        try folder.write(
            "instances/\(name).yaml", "name: \(name)\nurl: http://127.0.0.1:\(port)\napi_key_env: N8N_API_KEY\n\(more)")
    }

    @Test("has them, and another reading of it where one of them changes, comes or goes")
    func contents() throws {
        let workspace = try #require(try folder.load().workspace)
        #expect(workspace.instanceNames == ["a", "b"])
        let first = workspace.contents
        try write("b", "mode: dry_run\n")
        #expect(workspace.contents != first)
        try write("b")
        #expect(workspace.contents == first)
        try folder.remove("instances/b.yaml")
        #expect(workspace.contents != first)
    }

    /// `mendflow.yaml` with some lines more.
    private func configure(_ more: String) throws {
        try folder.write(
            "mendflow.yaml",
            "mode: enforce\npolicies: [policies/]\nledger: mendflow.sqlite\ninstances_from: instances\n\(more)")
    }

    @Test(
        "says the same whatever a machine needs for itself",
        arguments: [
            "cluster: {name: berlin-2, lease: 8s}", "log: {level: debug, format: json}",
            "service: {listen: 127.0.0.1:9999}", "ledger_password: {env: PASSWORD}", "# a remark",
            "notify: [{name: ops, webhook: {url: \"http://127.0.0.1:1/x\"}}]",
        ])
    func ofMachine(_ line: String) throws {
        try folder.write("policies/b.yaml", Folder.policy("b", "*"))
        let before = try #require(try folder.load().workspace)
        let reading = before.contents
        try configure(line + "\n")
        try write("a", "proxy: environment\n")
        let after = try #require(try folder.load().workspace)
        #expect(after.contents != reading && after.meaning == before.meaning)
    }

    @Test(
        "says something else where more or less is done",
        arguments: [
            "protect: [{workflow: Payments}]", "settling: 7m", "incidents: {at_least: 7}", "look_back: 3d",
            "error_classes: [{id: own, class: transient, matches: busy}]",
        ])
    func ofDeeds(_ line: String) throws {
        let before = try #require(try folder.load().workspace).meaning
        try configure(line + "\n")
        let loaded = try folder.load()
        #expect(try #require(loaded.workspace, "\(loaded.report)").meaning != before)
        try configure("")
        #expect(try #require(try folder.load().workspace).meaning == before)
        try write("b", "limits: {max_in_flight: 1}\n")
        let limited = try #require(try folder.load().workspace).meaning
        try folder.write("policies/b.yaml", Folder.policy("b", "Payments"))
        let more = try #require(try folder.load().workspace).meaning
        #expect(Set([before, limited, more]).count == 3)
    }

    @Test("names the file that cannot be read, and the folder that is not there")
    func unreadable() throws {
        try folder.makeFolder("instances/c.yaml")
        let report = try folder.load().report
        #expect(report.hasErrors && report.findings.contains { $0.file.hasSuffix("instances/c.yaml") })
        try folder.remove("instances")
        let gone = try folder.load()
        #expect(gone.workspace == nil)
        #expect(gone.report.findings.contains { $0.id == "unreadable-file" && $0.message.contains("instances_from") })
    }

    @Test("is there without an instance whose file has errors, for whoever asks about another, and names that file")
    func leftOut() throws {
        try folder.write("policies/b.yaml", Folder.policy("b", "*") + "    instances: [a, b]\n")
        try write("b", "moed: off\n")
        func asked(_ needs: Workspace.Needs) throws -> Workspace? {
            try Workspace.load(
                path: folder.path + "/mendflow.yaml", environment: .test(VirtualClock(.noon)), needs: needs
            ).workspace
        }
        for needs in [Workspace.Needs.question, .configuration] {
            let workspace = try #require(try asked(needs))
            #expect(workspace.instanceNames == ["a"])
            #expect(workspace.leftOut.map { $0.hasSuffix("instances/b.yaml") } == [true] && !workspace.areOthersWrong)
            let refused = #expect(throws: MendflowFailure.self) { try workspace.instance("b") }
            #expect(refused?.message.contains("instances/b.yaml has errors") ?? false)
        }
        #expect(try asked(.everything) == nil)
        try write("a", "moed: off\n")
        #expect(try asked(.configuration) == nil)
        try write("a")
        try configure("moed: off\n")
        #expect(try asked(.configuration) == nil)
    }

    @Test("checks such a file alone where it is named")
    func alone() throws {
        let path = folder.path + "/instances/a.yaml"
        #expect(Workspace.validate(files: [path], environment: .test(VirtualClock(.noon))).0.findings.isEmpty)
        try write("a", "moed: off\n")
        let (report, policies) = Workspace.validate(files: [path], environment: .test(VirtualClock(.noon)))
        #expect(report.findings.map(\.id) == ["unknown-key"] && policies == 0)
    }

    @Test("says of hints that they need a restart, and of nothing else in an instance")
    func restart() throws {
        let workspace = try #require(try folder.load().workspace)
        try write("b", "mode: off\nlimits: {max_in_flight: 2}\n")
        try folder.write("instances/d.yaml", "name: d\nurl: http://127.0.0.1:4\napi_key_env: N8N_API_KEY\n")
        let read = try #require(try folder.load().workspace)
        #expect(workspace.fixedDifferences(from: read) == [])
        let next = workspace.taking(read, keeping: [])
        #expect(next.instanceNames == ["a", "b", "d"] && next.configuration.instances[1].mode == .off)
        // What is taken away widens nothing, so nobody has to let it go.
        try folder.remove("instances/b.yaml")
        let less = try #require(try folder.load().workspace)
        #expect(workspace.loosenings(to: less).isEmpty)
        #expect(workspace.taking(less, keeping: []).instanceNames == ["a", "d"])
    }
}
