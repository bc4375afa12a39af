import MendflowCore
import MendflowEnvironment
import MendflowHostKit
import MendflowPolicy
import MendflowRehearsal
import MendflowTestKit
import MendflowWorkspace
import Testing

@testable import MendflowOperations

@Suite("The configuration")
struct InitialiseTests {
    @Test("of `init` is read back as it was asked for, whatever stands in the words")
    func starter() throws {
        for url in ["https://n8n.example.com/a:b,c:", "http://x/'q'", "https://x/{y}[z]&*!|%`"] {
            let request = Initialise.Request(
                folder: ".", name: "prod.1", url: url, keyVariable: nil, keyFile: "odd: 'name' \\ #\"1\" .key",
                since: nil
            )
            let text = StarterFiles.configuration(request)
            let loaded = ConfigurationLoader().load(bytes: Array(text.utf8), file: "mendflow.yaml")
            let instance = try #require(loaded.configuration?.instances.first, "\(loaded.findings)")
            #expect(instance.address == url && instance.name == "prod.1")
            #expect(instance.key == .file("odd: 'name' \\ #\"1\" .key"))
        }
    }

    @Test("is not written by `init` where it could not be read", arguments: ["Prod: #1", "", "a\nb"])
    func badName(name: String) async throws {
        let folder = try Folder()
        let request = Initialise.Request(
            folder: folder.path + "/new", name: name, url: "http://127.0.0.1:1", keyVariable: "N8N_API_KEY",
            keyFile: nil, since: nil)
        let error = await #expect(throws: MendflowFailure.self) {
            try await Initialise.run(request, environment: .test(VirtualClock(.noon), [:]))
        }
        #expect(error?.kind == .usage)
        #expect(!MachineFiles().exists(folder.path + "/new"))
    }

    @Test("in another folder finds the key file where the user stood")
    func keyFileElsewhere() {
        func file(_ folder: String, _ key: String) -> String? {
            Initialise.Request(folder: folder, name: "p", url: "", keyVariable: nil, keyFile: key, since: nil)
                .placed(from: "/home/op").keyFile
        }
        #expect(file(".", "n8n.key") == "n8n.key")
        #expect(file("prod", "/etc/n8n.key") == "/etc/n8n.key")
        #expect(file("prod", "n8n.key") == "/home/op/n8n.key")
    }

    @Test("is told from the address where n8n does not take the key, or there is none")
    func key() async throws {
        let folder = try Folder()
        let (server, workspace) = try await EpochCommandTests.world(folder)
        func failure(_ key: String?, at url: String) async throws -> MendflowFailure? {
            var environment = workspace.environment
            environment.variables["N8N_API_KEY"] = key
            return try await Initialise.run(
                Initialise.Request(
                    folder: folder.path + "/new", name: "production", url: url, keyVariable: "N8N_API_KEY",
                    keyFile: nil, since: nil), environment: environment
            ).failure
        }
        for key in ["another", nil] {
            let failure = try #require(try await failure(key, at: server.url))
            #expect(failure.isOfKey, "\(failure)")
        }
        #expect(try await failure("another", at: "http://127.0.0.1:1")?.isOfKey == false)
    }

    /// Runs `init` in a folder; no n8n is there, so that only files are made.
    private func initialise(
        _ folder: String, url: String = "http://127.0.0.1:1", key: String = "N8N_API_KEY", since: ServerTime? = nil
    ) async throws -> Initialise.Outcome {
        try await Initialise.run(
            Initialise.Request(
                folder: folder, name: "production", url: url, keyVariable: key, keyFile: nil, since: since),
            environment: .test(VirtualClock(.noon)))
    }

    @Test("of `init` says which options something that was there overrules")
    func overruled() async throws {
        let folder = try Folder()
        #expect(try await initialise(folder.path + "/new").unheeded == [])
        #expect(try await initialise(folder.path + "/new").unheeded == [])
        // No ledger was made: where the key stands may have been misspelt.
        let other = try await initialise(folder.path + "/new", key: "OTHER_KEY")
        #expect(other.unheeded == [] && other.made.contains { $0.hasSuffix("mendflow.yaml") })
        #expect(other.keyPlace == "the variable OTHER_KEY")
        try folder.write("new/mendflow.yaml", Folder.configuration().replacing("name: production", with: "name: prod"))
        let named = try await initialise(folder.path + "/new", key: "THIRD_KEY").unheeded
        #expect(named.count { $0.hasPrefix("--key-env THIRD_KEY: ") } == 1)
        #expect(named.count { $0.hasPrefix("--name production: ") && $0.hasSuffix("calls the instance 'prod'") } == 1)
    }

    @Test("is made though no n8n answers, and the beginning that was asked for is not dropped without a word")
    func sinceUnreachable() async throws {
        let folder = try Folder()
        let since = try #require(ServerTime(rfc3339: "2026-05-01T00:00:00Z"))
        let outcome = try await initialise(folder.path + "/new", since: since)
        #expect(outcome.made.count == 3 && outcome.failure != nil && outcome.since == nil)
        #expect(outcome.unheeded.count == 1 && outcome.unheeded[0].hasPrefix("--since 2026-05-01T00:00:00.000Z: it"))
        #expect(outcome.unheeded[0].hasSuffix("give it again"))
    }

    private func text(_ path: String) throws -> String {
        String(decoding: try MachineFiles().read(path, limit: 1 << 20).get(), as: UTF8.self)
    }

    @Test("of `init` stops no healthy wait: only one that is overdue")
    func starterPolicies() async throws {
        let folder = try Folder()
        let made = try await initialise(folder.path + "/new")
        #expect(made.made.count == 3 && made.kept.isEmpty && made.mode == .dryRun && made.enforced.isEmpty)
        let loaded = try Workspace.load(
            path: folder.path + "/new/mendflow.yaml", environment: .test(VirtualClock(.noon)))
        #expect(loaded.report.findings.isEmpty)
        let stops = try #require(loaded.workspace).policies.filter { $0.remediation == .stop }
        #expect(stops.map { $0.match?.fields.contains(.overdue) } == [true])
        #expect(stops.map { $0.match?.fields.contains(.age) } == [false])
        let again = try await initialise(folder.path + "/new")
        #expect(again.made.isEmpty && again.kept.count == 3)
    }

    @Test("that is there stays, and `init` says what it and its policies would do")
    func existing() async throws {
        let folder = try Folder()
        let before = try text(folder.path + "/mendflow.yaml")
        let outcome = try await initialise(folder.path)
        #expect(outcome.made.isEmpty)
        #expect(outcome.kept == [folder.path + "/mendflow.yaml", folder.path + "/policies"])
        #expect(outcome.mode == .enforce && outcome.enforced == ["a", "b"])
        #expect(try text(folder.path + "/mendflow.yaml") == before)
        #expect(MachineFiles().names(inFolder: folder.path + "/policies") == ["a.yaml", "b.yaml"])
    }

    @Test("that reads policies from elsewhere gets none that it would not read")
    func otherFolder() async throws {
        let folder = try Folder()
        try folder.write("mendflow.yaml", Folder.configuration().replacing("[policies/]", with: "[policies/a.yaml]"))
        let outcome = try await initialise(folder.path)
        #expect(
            outcome.kept == [folder.path + "/mendflow.yaml", folder.path + "/policies"] && outcome.enforced == ["a"])
    }

    @Test("is made beside policies of somebody's, which stay alone: no name is there twice")
    func besidePolicies() async throws {
        let folder = try Folder()
        try folder.remove("mendflow.yaml")
        try folder.remove("policies/a.yaml")
        try folder.write("policies/mine.yaml", Folder.policy("retry-order-sync", "Order sync"))
        let outcome = try await initialise(folder.path)
        #expect(outcome.made == [folder.path + "/mendflow.yaml"] && outcome.kept == [folder.path + "/policies"])
        #expect(outcome.mode == .dryRun && outcome.enforced == ["b", "retry-order-sync"])
    }

    @Test("is made beside the policy that the README shows, which may act as it says")
    func besideReadme() async throws {
        let readme = String(decoding: try Repository.bytes("README.md"), as: UTF8.self)
        let block = try #require(readme.split(separator: "## Policies").last?.split(separator: "\n\n").first)
        let policy = block.split(separator: "\n").map { $0.dropFirst(4) }.joined(separator: "\n") + "\n"
        #expect(policy.hasPrefix("policies:\n  - name: retry-order-sync"))
        let folder = try Folder()
        for name in ["mendflow.yaml", "policies/a.yaml", "policies/b.yaml"] { try folder.remove(name) }
        try folder.write("policies/readme.yaml", policy)
        let outcome = try await initialise(folder.path)
        #expect(outcome.kept == [folder.path + "/policies"] && outcome.enforced == ["retry-order-sync"])
        let loaded = try Workspace.load(path: folder.path + "/mendflow.yaml", environment: .test(VirtualClock(.noon)))
        #expect(!loaded.report.hasErrors, "\(loaded.report.text())")
    }

    @Test("of somebody's gets no policies, nor does an empty folder of policies")
    func nothingBeside() async throws {
        let folder = try Folder()
        try MachineFiles().makeFolder(folder.path + "/bare")
        try folder.write("bare/mendflow.yaml", Folder.configuration())
        await #expect(throws: MendflowFailure.self) {
            try await initialise(folder.path + "/bare", url: "http://127.0.0.1:9")
        }
        #expect(MachineFiles().names(inFolder: folder.path + "/bare") == ["mendflow.yaml"])
        try MachineFiles().makeFolder(folder.path + "/empty/policies")
        #expect(try await initialise(folder.path + "/empty").made == [folder.path + "/empty/mendflow.yaml"])
        #expect(MachineFiles().names(inFolder: folder.path + "/empty/policies").isEmpty)
    }

    @Test("of an interrupted `init` is finished by the next one")
    func interrupted() async throws {
        let folder = try Folder()
        _ = try await initialise(folder.path + "/new")
        try folder.remove("new/policies/stop-overdue-waiting.yaml")
        try folder.write("new/policies/retry-order-sync.yaml", "")
        #expect(try await initialise(folder.path + "/new").made.count == 2)
    }

    @Test("with a wrong address is corrected by the next `init`, unless somebody changed it since")
    func wrongAddress() async throws {
        let folder = try Folder()
        let path = folder.path + "/new/mendflow.yaml"
        _ = try await initialise(folder.path + "/new", url: "http://127.0.0.1:9")
        let again = try await initialise(folder.path + "/new", url: "http://127.0.0.1:1")
        #expect(again.made == [path] && again.kept.count == 2 && again.unheeded == [])
        #expect(try text(path).contains("http://127.0.0.1:1\"") && !text(path).contains("127.0.0.1:9"))
        try folder.write("new/mendflow.yaml", try text(path) + "# mine\n")
        let error = await #expect(throws: MendflowFailure.self) {
            try await initialise(folder.path + "/new", url: "http://127.0.0.1:9")
        }
        #expect(error?.kind == .usage)
    }

    @Test("with another name for the only instance at the address is gone by")
    func otherName() async throws {
        let folder = try Folder()
        try folder.write("mendflow.yaml", Folder.configuration().replacing("name: production", with: "name: prod"))
        #expect(try await initialise(folder.path).mode == .enforce)
        let error = await #expect(throws: MendflowFailure.self) { try await initialise(folder.path, url: "http://x:1") }
        #expect(error?.kind == .usage)
    }
}
