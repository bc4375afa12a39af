import FoundationEssentials
import Glibc
import MendflowCore
import MendflowEnvironment
import MendflowHostKit
import MendflowTestKit
import MendflowYAML
import Testing

@testable import MendflowWorkspace

@Suite("A workspace")
struct WorkspaceTests {
    @Test("that has no configuration says so, and how to get one")
    func missing() throws {
        let error = #expect(throws: MendflowFailure.self) {
            try Workspace.load(
                path: "/nonexistent/mendflow.yaml", environment: .test(VirtualClock(.noon), [:]))
        }
        #expect(error?.kind == .findings)
        #expect(error?.message.contains("/nonexistent/mendflow.yaml") == true)
        #expect(error?.message.contains("mendflow init") == true)
    }

    @Test("with a misspelt key is refused, with the place and the right spelling")
    func misspelt() throws {
        let folder = try Folder()
        try folder.write("mendflow.yaml", Folder.configuration() + "\npolicis: []\n")
        let loaded = try folder.load()
        #expect(loaded.workspace == nil)
        let item = try #require(loaded.report.findings.first { $0.severity == .error })
        #expect(item.suggestion == "policies" && item.line != nil)
    }

    @Test("with a misspelt policy is refused as a whole")
    func badPolicy() throws {
        let folder = try Folder()
        try folder.write("policies/b.yaml", Folder.policy("b", "*").replacing("match:", with: "mach:"))
        let loaded = try folder.load()
        #expect(loaded.workspace == nil && loaded.report.hasErrors)
    }

    @Test("names what `policies` names and is not there")
    func missingPolicies() throws {
        let folder = try Folder()
        try folder.write("mendflow.yaml", Folder.configuration().replacing("[policies/]", with: "[none.yaml]"))
        let loaded = try folder.load()
        let item = try #require(loaded.report.findings.first)
        #expect(loaded.workspace == nil && item.id == "unreadable-file" && item.file == folder.path + "/mendflow.yaml")
        #expect(loaded.report.text().contains("[none.yaml]\n") && loaded.report.text().contains("  ^~~~"))
        #expect(
            item.message.contains("`policies` names `none.yaml`") && item.message.hasSuffix("No such file or directory")
        )
    }

    @Test("says which policy files it passes over: folders below, endings in capitals, and a folder without any")
    func passedOver() throws {
        let folder = try Folder()
        try FileManager.default.createDirectory(
            atPath: folder.path + "/policies/team", withIntermediateDirectories: true)
        try folder.write("policies/team/c.yaml", Folder.policy("c", "*"))
        try FileManager.default.createDirectory(
            atPath: folder.path + "/policies/fixtures", withIntermediateDirectories: true)
        try folder.write("policies/fixtures/1.jsonl", "{}")
        try folder.write("policies/D.YAML", Folder.policy("d", "*"))
        try folder.write("policies/README.md", "not a policy")
        let loaded = try folder.load()
        #expect(loaded.workspace?.policies.map(\.name) == ["a", "b"])
        #expect(
            loaded.report.findings.filter { $0.id.hasSuffix("not-read") }.map(\.file).map {
                $0.dropFirst(folder.path.count)
            }
                == ["/policies/D.YAML", "/policies/team"])
        #expect(loaded.report.findings.allSatisfy { $0.severity == .warning })
        for name in ["a.yaml", "b.yaml", "D.YAML"] { try folder.remove("policies/" + name) }
        let empty = try folder.load().report.findings
        #expect(empty.contains { $0.id == "empty-policy-folder" && $0.file == folder.path + "/policies/" })
    }

    @Test("does not wait for a named pipe, be it a policy file or a key")
    func pipe() throws {
        let folder = try Folder()
        mkfifo(folder.path + "/policies/p.yaml", 0o600)
        mkfifo(folder.path + "/n8n.key", 0o600)
        let item = try #require(try folder.load().report.findings.first)
        #expect(item.file == folder.path + "/policies/p.yaml" && item.message.contains("not a regular file"))
        #expect(throws: SecretSource.Fault.self) {
            try SecretSource.file(folder.path + "/n8n.key").read(.test(VirtualClock(.noon), [:]))
        }
    }

    @Test("is written whole or not at all, and an empty file that a cut-off `init` left is replaced")
    func interrupted() throws {
        let folder = try Folder()
        let path = folder.path + "/new.yaml"
        #expect(try MachineFiles().create(path, "one\n"))
        #expect(try !MachineFiles().create(path, "two\n"))
        #expect(try MachineFiles().read(path, limit: 10).get() == Array("one\n".utf8))
        try folder.write("new.yaml", "")
        #expect(try MachineFiles().create(path, "two\n"))
        #expect(try MachineFiles().read(path, limit: 10).get() == Array("two\n".utf8))
        #expect(MachineFiles().names(inFolder: folder.path).filter { $0.hasSuffix(".new") }.isEmpty)
        #expect(throws: FileFault.self) { try MachineFiles().create(folder.path + "/none/new.yaml", "x") }
    }

    @Test("is written where a link leads, and a device or a pipe is written to and stays what it is")
    func notInPlace() throws {
        let folder = try Folder()
        try folder.write("page.html", "old")
        let (page, link, device) = (folder.path + "/page.html", folder.path + "/link.html", folder.path + "/full.html")
        #expect(symlink(page, link) == 0 && symlink("/dev/full", device) == 0)
        try MachineFiles().replace(link, "new")
        #expect(try MachineFiles().read(page, limit: 10).get() == Array("new".utf8))
        #expect(throws: FileFault.self) { try MachineFiles().replace(device, "new") }
        var facts = stat()
        #expect(lstat(device, &facts) == 0 && facts.st_mode & S_IFMT == S_IFLNK)
        #expect(stat(device, &facts) == 0 && facts.st_mode & S_IFMT == S_IFCHR)
    }

    @Test("says what of all policies together is not judged while one cannot be read")
    func withheld() throws {
        let folder = try Folder()
        try folder.write("policies/a.yaml", Folder.policy("a", "*") + "    on_exhausted: [{tag: [needs-human]}]\n")
        func ids() -> [String] {
            Workspace.validate(files: [folder.path + "/policies"], environment: .test(VirtualClock(.noon), [:])).0
                .findings
                .map(\.id)
        }
        #expect(ids().contains("kept-for-ever") && !ids().contains("not-judged"))
        try folder.write("policies/c.yaml", Folder.policy("c", "*").replacing("match:", with: "mach:"))
        #expect(ids().contains("not-judged") && !ids().contains("kept-for-ever"))
        #expect(ids().contains("never-owns"), "what is true of two policies is told all the same")
    }

    @Test(
        "with an error in its configuration tells what is wrong with its policies all the same, where that is asked for"
    )
    func broken() throws {
        let folder = try Folder()
        try folder.write("mendflow.yaml", Folder.configuration().replacing("mode: enforce", with: "mode: enfroce"))
        try folder.write("policies/b.yaml", Folder.policy("b", "*").replacing("match:", with: "mach:"))
        let report = try Workspace.load(
            path: folder.path + "/mendflow.yaml", environment: .test(VirtualClock(.noon), [:]), needs: .ledger
        ).report
        #expect(
            Set(report.findings.filter { $0.severity == .error }.map(\.id)).isSuperset(of: [
                "unknown-value", "unknown-key",
            ]))
    }

    @Test("holds a file for one at a time, and lets go with whoever holds it")
    func hold() throws {
        let folder = try Folder()
        let path = folder.path + "/export.state"
        var one = try MachineFiles().hold(path)
        #expect(one != nil && MachineFiles().exists(path))
        #expect(try MachineFiles().hold(path) === nil)
        one = nil
        #expect(try MachineFiles().hold(path) !== nil)
        #expect(throws: FileFault.self) { try MachineFiles().hold("/nonexistent/folder/file") }
    }

    @Test("has one limit for its files, said in one way")
    func tooBig() throws {
        let folder = try Folder()
        try folder.write("policies/a.yaml", String(repeating: "#", count: Workspace.fileLimit + 1))
        let items = try folder.load().report.findings.filter { $0.severity == .error }
        #expect(items.count == 1 && items[0].message.contains("larger than 1048576 bytes"), "\(items)")
    }

    @Test("never shows a key that stands in the configuration")
    func keyInFile() throws {
        let folder = try Folder()
        let text = Folder.configuration().replacing("api_key_env: N8N_API_KEY", with: "api_key: secret-of-the-test")
        try folder.write("mendflow.yaml", text)
        let report = try folder.load().report
        #expect(report.hasErrors)
        #expect(!report.text().contains("secret-of-the-test"))
        #expect(!report.findings.contains { $0.message.contains("secret-of-the-test") })
    }

    @Test("shows the line of mendflow.yaml that a finding is about, whatever the variable of the key is called")
    func lineOfConfiguration() throws {
        let folder = try Folder()
        let text = Folder.configuration()
        #expect(text.contains("api_key_env: N8N_API_KEY"))
        try folder.write("mendflow.yaml", "mod: off\n" + text)
        #expect(try folder.load().report.text().contains("\n    1 | mod: off\n      | ^~~\n"))
    }

    @Test("shows no secret of mendflow.yaml with what a server says of it either")
    func ofServer() throws {
        let text = "protect: [{workflow: a}] # {api_key: n8n_api_0123456789}\n"
        var report = FindingsReport([], sources: ["m.yaml": SourceText(bytes: Array(text.utf8))])
        let range = SourceRange(at: SourcePosition(line: 1, column: 11))
        report.tell(ofServer: [
            Finding(.warning, "unknown-workflow", "no workflow is named so", file: "m.yaml", range: range)
        ])
        #expect(report.text().contains("| protect: [{workflow: a}]") && !report.text().contains("0123456789"))
    }

    @Test("lists for an instance the policies that are meant for it, by what they can do there")
    func policiesOfInstance() throws {
        let folder = try Folder()
        try folder.write(
            "mendflow.yaml",
            Folder.configuration(
                instances: "  - {name: staging, url: 'http://127.0.0.1:2', api_key_env: STAGING_KEY, mode: dry_run}\n"))
        try folder.write("policies/a.yaml", Folder.policy("a", "Order*") + "    instances: [staging]\n")
        let workspace = try #require(try folder.load().workspace)
        func policies(_ name: String) throws -> [[String]] {
            let instance = try workspace.instance(name)
            let found = workspace.policies(of: instance, mode: workspace.mode(instance, asked: nil))
            return [found.acting, found.dryRun]
        }
        #expect(try policies("production") == [["b"], []])
        #expect(try policies("staging") == [[], ["a", "b"]])
    }
}
