import MendflowCore
import MendflowEnvironment
import MendflowHostKit
import MendflowPolicy
import MendflowTestKit
import MendflowWorkspace
import Testing

@testable import MendflowOperations

@Suite("What the doctor says of the agent")
struct DoctorAgentTests {
    private static let notify = """
        service: {token_env: TOKEN}
        notify:
          - {name: pager, command: {run: [PROGRAM]}}
          - {name: chat, webhook: {url: {env: CHAT}}}

        """

    private func look(_ settings: String, _ variables: [String: String]) async throws -> Doctor {
        let folder = try Folder()
        try folder.write("page", "#!/bin/sh\n")
        let program = folder.path + "/page"
        try folder.write(
            "mendflow.yaml",
            Folder.configuration().replacing("mode: enforce\n", with: "mode: enforce\n" + settings)
                .replacing("PROGRAM", with: program))
        let loaded = try Workspace.load(
            path: folder.path + "/mendflow.yaml", environment: .test(VirtualClock(.noon), variables))
        var doctor = try await Doctor.look(try #require(loaded.workspace, "\(loaded.report.text())"), instance: nil)
        // That nobody works on the ledger is told of all of them.
        let unseen = doctor.agent.filter { $0.level == .note }
        #expect(unseen.map(\.topic) == [.ledger] && unseen[0].message.hasSuffix(AgentElsewhere.unseen))
        doctor.agent.removeAll { $0.level == .note }
        return doctor
    }

    @Test("is nothing where it answers nobody and tells nobody")
    func nothing() async throws {
        #expect(try await look("", [:]).agent.isEmpty)
    }

    @Test("is that it has all it needs, or what keeps it from starting or telling, and what to do")
    func tokens() async throws {
        let well = try await look(Self.notify, ["TOKEN": "0123456789abcdef", "CHAT": "https://chat.example.com/x"])
        #expect(well.agent.map(\.level) == [.ok, .ok, .ok])
        let short = try await look(Self.notify, ["TOKEN": "0123456789abcde", "CHAT": "https://chat.example.com/x"])
        #expect(short.agent.map(\.level) == [.wrong, .ok, .ok] && !short.isWell)
        #expect(short.agent[0].message.contains("has 15 characters and needs 16"))
        let away = try await look(Self.notify.replacing("PROGRAM", with: "/no/such"), [:]).agent
        #expect(away.map(\.topic) == [.service, .notify, .notify] && away.allSatisfy { $0.level == .wrong })
        #expect(away[0].message.contains("TOKEN is not set") && away[0].message.contains("openssl rand"))
        #expect(
            away[1].message.contains("no file /no/such") && away[1].message.contains("notify test --channel pager`"))
        #expect(away[2].message.contains("CHAT is not set") && !away[2].message.contains("chat.example.com"))
    }

    @Test("is that a token of hints is not set, rather than that none has arrived")
    func hints() async throws {
        func told(_ variables: [String: String]) async throws -> [Doctor.Check] {
            let folder = try Folder()
            try folder.write(
                "mendflow.yaml",
                Folder.configuration(instances: "    hints: {token_env: HINTS}\nservice: {listen: '127.0.0.1:9464'}\n"))
            let loaded = try Workspace.load(
                path: folder.path + "/mendflow.yaml",
                environment: .test(VirtualClock(.noon), variables.merging(["N8N_API_KEY": "key"]) { $1 }))
            let workspace = try #require(loaded.workspace, "\(loaded.report.text())")
            return try await Doctor.look(workspace, instance: nil).instances[0].checks
        }
        let unset = try await told([:])
        #expect(
            unset.contains {
                $0.level == .wrong && $0.message.hasPrefix("the token of `hints` of 'production' cannot be had: ")
            })
        #expect(!unset.contains { $0.message.contains("no hint has arrived") })
        #expect(try await told(["HINTS": "0123456789abcdef"]).contains { $0.message.contains("no hint has arrived") })
    }
}
