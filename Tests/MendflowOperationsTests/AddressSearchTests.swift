import MendflowCore
import MendflowEnvironment
import MendflowHostKit
import MendflowRehearsal
import MendflowSimulator
import MendflowTestKit
import MendflowWorkspace
import Testing

@testable import MendflowOperations

@Suite("What init finds out by itself")
struct AddressSearchTests {
    @Test(
        "is the address behind what people copy out of a browser",
        arguments: [
            ("https://n8n.example.com/home/workflows", ["https://n8n.example.com"]),
            ("https://x.org/n8n/workflow/abc?projectId=1#top", ["https://x.org/n8n"]),
            ("http://localhost:5678/api/v1/", ["http://localhost:5678"]),
            ("https://n8n.example.com/", ["https://n8n.example.com"]),
            ("n8n.example.com", ["https://n8n.example.com", "http://n8n.example.com"]),
            ("localhost:5678/signin", ["http://localhost:5678", "https://localhost:5678"]),
            ("10.0.0.7:5678", ["http://10.0.0.7:5678", "https://10.0.0.7:5678"]),
            ("https://n8n.example.com/n8n", ["https://n8n.example.com/n8n"]), ("ftp://x", ["ftp://x"]), ("", [""]),
            ("https://user:pass@x.org", ["https://user:pass@x.org"]), ("https://x.org?key=1", ["https://x.org?key=1"]),
        ])
    func candidates(given: String, meant: [String]) {
        #expect(AddressSearch.candidates(given, [:]) == meant)
    }

    @Test("is looked for where n8n's own settings say, and on this machine, each address once")
    func machine() {
        let near = ["http://localhost:5678", "http://n8n:5678"]
        #expect(AddressSearch.candidates(nil, [:]) == near)
        let told = ["N8N_EDITOR_BASE_URL": "https://n.example.com/", "WEBHOOK_URL": "https://n.example.com"]
        #expect(AddressSearch.candidates(nil, told) == ["https://n.example.com"] + near)
    }

    @Test("is the first address at which an n8n is, and the key of the variable, or of the file that is there")
    func found() async throws {
        let folder = try Folder()
        let (server, workspace) = try await EpochCommandTests.world(folder)
        var environment = workspace.environment
        let host = server.url.replacing("http://", with: "")
        let found = try await AddressSearch.run(
            url: host, keyVariable: nil, keyFile: nil, folder: folder.path, environment)
        #expect(found.url == server.url && found.keyVariable == "N8N_API_KEY" && found.keyFile == nil)
        #expect(found.remarks == ["n8n's address is taken to be \(server.url)"])
        environment.variables = [:]
        let error = await #expect(throws: MendflowFailure.self) {
            try await AddressSearch.run(url: host, keyVariable: nil, keyFile: nil, folder: folder.path, environment)
        }
        #expect(error?.kind == .usage && error?.message.contains("Settings, n8n API") == true)
        try folder.write("n8n.key", "secret-of-the-test")
        let file = try await AddressSearch.run(
            url: host, keyVariable: nil, keyFile: nil, folder: folder.path, environment)
        #expect(file.keyFile == folder.path + "/n8n.key" && file.keyVariable == nil)
    }

    @Test("is what a configuration says that is there already")
    func known() throws {
        let folder = try Folder()
        let found = AddressSearch.known(folder.path + "/mendflow.yaml", "other", .test(VirtualClock(.noon), [:]))
        #expect(
            found?.url == "http://127.0.0.1:1" && found?.name == "production" && found?.keyVariable == "N8N_API_KEY")
        #expect(AddressSearch.known(folder.path + "/none.yaml", "x", .test(VirtualClock(.noon))) == nil)
    }

    @Test("is that even where something else is asked for, and `init` says that it is not heeded")
    func unheeded() async throws {
        let folder = try Folder()
        let path = folder.path + "/mendflow.yaml"
        let environment = Environment.test(VirtualClock(.noon), [:])
        func unheeded(_ name: String?, _ variable: String?, _ file: String?) async throws -> [String] {
            let found = try #require(
                AddressSearch.known(
                    path, name: name, keyVariable: variable, keyFile: file, or: "production", environment))
            let request = Initialise.Request(
                folder: folder.path, name: try #require(found.name), url: found.url, keyVariable: found.keyVariable,
                keyFile: found.keyFile, since: nil)
            return try await Initialise.run(request, environment: environment).unheeded
        }
        #expect(try await unheeded(nil, nil, nil) == [])
        let both = try await unheeded("other", nil, "/x")
        #expect(both.map { $0.prefix { $0 != ":" } } == ["--name other", "--key-file /x"])
        #expect(try await unheeded(nil, "OTHER", nil).count == 1)
    }

    @Test("goes into a configuration and a ledger where they are asked for, and a second time changes nothing")
    func places() async throws {
        let folder = try Folder()
        let (server, workspace) = try await EpochCommandTests.world(folder)
        var request = Initialise.Request(
            folder: folder.path + "/etc", name: "n8n", url: server.url, keyVariable: "N8N_API_KEY", keyFile: nil,
            since: nil)
        request.configuration = folder.path + "/etc/agent.yaml"
        request.ledger = folder.path + "/var/lib/ledger.sqlite"
        request.writesExample = false
        let first = try await Initialise.run(request, environment: workspace.environment)
        #expect(
            first.made
                == ["etc/agent.yaml", "etc/policies/stop-overdue-waiting.yaml", "var/lib/ledger.sqlite"]
                .map { folder.path + "/" + $0 })
        let policies = try #require(first.policyFolder)
        let example = try Initialise.add(nil, to: policies, workspace.environment)
        #expect(example == policies + "/retry-order-sync.yaml")
        #expect(try Initialise.add(nil, to: policies, workspace.environment) == nil)
        let again = try await Initialise.run(request, environment: .test(VirtualClock(.noon), [:]))
        #expect(again.failure == nil && again.made.isEmpty && again.unheeded.isEmpty)
    }
}
