import MendflowEnvironment
import MendflowHostKit
import MendflowPolicy
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
}
