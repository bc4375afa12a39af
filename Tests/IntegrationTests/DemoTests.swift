import FoundationEssentials
import Glibc
import Testing

/// The demo as a process, and what can be done with what it leaves behind.
@Suite("The demo", .timeLimit(.minutes(30)))
struct DemoTests {
    private static func run(_ words: [String], seconds: Int = 60) throws -> Child {
        try Child(words, environment: ["PATH": "/usr/bin:/bin"], seconds: seconds)
    }

    @Test("tells a line of each event and what it comes to, and its three commands work as they stand")
    func life() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "demo \(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let end = try await Self.run([World.program, "demo", "--seconds", "14", "--dir", folder]).end()
        #expect(end.code == 0, "\(end.err)\(end.out)")
        let lines = end.err.split(separator: "\n")
        #expect(lines.contains { $0.contains("order sync") && $0.hasSuffix("connection reset; retried; healed") })
        #expect(lines.contains { $0.contains("reminders") && $0.hasSuffix("stopped") })
        #expect(!end.err.contains("level="))

        // Each stands below what it is for.
        let commands = end.out.split(separator: "\n").suffix(6).filter { $0.hasPrefix("    ") }
            .map { String($0.drop { $0 == " " }) }
        let inbox = try await Self.run(["/bin/sh", "-c", commands[0]]).end()
        #expect(inbox.code == 0 && inbox.out.contains("Requests that nobody answered"), "\(inbox.err)\(inbox.out)")
        // As it stands it goes on behind the shell; here it has to end.
        let simulate = try #require(commands[1].split(separator: "&").first)
        let server = try Self.run(["/bin/sh", "-c", "exec \(simulate)"])
        defer { server.signal(SIGKILL) }
        try await server.wrote("n8n is simulated at")
        let explained = try await Self.run(["/bin/sh", "-c", commands[2]]).end()
        #expect(explained.code == 0 && explained.out.contains("What we did, and why then"), "\(explained)")
    }

    @Test("writes the agent's log instead where it is asked to")
    func log() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "demo-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let demo = try Self.run([World.program, "demo", "--log", "logfmt", "--seconds", "30", "--dir", folder])
        try await demo.wrote(" event=action.applied instance=demo ")
        demo.signal(SIGINT)
        let end = await demo.end()
        #expect(end.code == 0 && end.err.contains("event=stopped "), "\(end.err)")
        #expect(!end.err.contains("retried; healed"))
    }
}
