import MendflowHostKit
import MendflowPolicy
import MendflowTestKit
import MendflowWorkspace
import Testing

@testable import MendflowOperations

@Suite("What speaks to an instance")
struct InstanceAdapterTests {
    let clock = VirtualClock(.noon)

    @Test("without its key names the variable or the file, and never a key")
    func key() throws {
        let folder = try Folder()
        let workspace = try #require(
            try Workspace.load(path: folder.path + "/mendflow.yaml", environment: .test(clock, [:])).workspace)
        var error = #expect(throws: MendflowFailure.self) {
            try workspace.adapters(try workspace.instance(nil))
        }
        #expect(error?.message.contains("N8N_API_KEY") == true)
        try folder.write(
            "mendflow.yaml", Folder.configuration().replacing("api_key_env: N8N_API_KEY", with: "api_key_file: n8n.key")
        )
        let other = try #require(try folder.load().workspace)
        error = #expect(throws: MendflowFailure.self) {
            try other.adapters(try other.instance(nil))
        }
        #expect(error?.message.contains(folder.path + "/n8n.key") == true)
    }

    @Test("warns of a key that others can read, and does not show it")
    func exposed() throws {
        let folder = try Folder()
        try folder.write("n8n.key", "secret-of-the-test\n")
        try folder.write(
            "mendflow.yaml", Folder.configuration().replacing("api_key_env: N8N_API_KEY", with: "api_key_file: n8n.key")
        )
        let workspace = try #require(try folder.load().workspace)
        folder.mode("n8n.key", 0o644)
        let open = try workspace.adapters(try workspace.instance(nil))
        #expect(open.warnings.count == 1 && open.warnings[0].contains("chmod 600"))
        #expect(!open.warnings[0].contains("secret-of-the-test"))
        folder.mode("n8n.key", 0o600)
        #expect(try workspace.adapters(try workspace.instance(nil)).warnings.isEmpty)
    }
}
