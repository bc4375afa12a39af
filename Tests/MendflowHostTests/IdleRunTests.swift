import MendflowCore
import MendflowEnvironment
import MendflowHostKit
import MendflowTestKit
import MendflowWorkspace
import Testing

@testable import MendflowHost

@Suite("A run once")
struct IdleRunTests {
    /// What one tick says of why nothing can come of it, with the files as a test wants them.
    private func said(_ folder: Folder) async throws -> [String] {
        let workspace = try await folder.workspace(clock: VirtualClock(.noon))
        var environment = workspace.environment
        let said = Events()
        environment.log = { _, _ in said }
        let loaded = try #require(try Workspace.load(path: workspace.path, environment: environment).workspace)
        // That no server is there is not what this is about.
        do throws(MendflowFailure) { try await MendflowHost(loaded, asked: nil).run(once: true) } catch {
            #expect(error.kind == .unreachable)
        }
        let idle = said.named("idle")
        #expect(idle.allSatisfy { $0.level == .warning && $0.instance == "production" })
        return idle.map(\.message)
    }

    @Test("says that every policy is off, or that there is none, and nothing where one decides something")
    func policies() async throws {
        #expect(try await said(try Folder()).isEmpty)
        let folder = try Folder()
        for name in ["a", "b"] {
            let text = Folder.policy(name, "*").replacing("mode: enforce", with: "mode: off")
            try folder.write("policies/\(name).yaml", text)
        }
        let off = try await said(folder)
        #expect(off == ["nothing is decided but what a replay is for: the mode of every policy for it is off"])
    }

    @Test("says that its instance is off, and ends well")
    func instance() async throws {
        let folder = try Folder()
        try folder.write("mendflow.yaml", Folder.configuration(instances: "    mode: off"))
        #expect(try await said(folder) == ["nothing is looked at or sent: its mode is off"])
    }
}
