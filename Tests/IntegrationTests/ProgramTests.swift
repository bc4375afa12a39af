import FoundationEssentials
import Glibc
import MendflowCore
import MendflowSimulator
import MendflowSimulatorServer
import Testing

/// The program itself, as a process, against a simulated n8n on loopback.
@Suite("The program", .serialized)
struct ProgramTests {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mendflow-\(UUID().uuidString)").path

    static let program: String = {
        // Tests are linked into a bundle that stands beside the program.
        let root = String(#filePath.dropLast("/Tests/IntegrationTests/ProgramTests.swift".count))
        return root + "/.build/debug/mendflow"
    }()

    /// Runs the program to its end and answers its exit code.
    static func run(_ words: [String], key: String = "test-key") async -> Int32 {
        await withCheckedContinuation { continuation in
            Thread.detach {
                var process = pid_t()
                func copies(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
                    var copies: [UnsafeMutablePointer<CChar>?] = []
                    for text in texts { copies.append(strdup(text)) }
                    return copies + [nil]
                }
                let arguments = copies([program] + words)
                let variables = copies(["N8N_API_KEY=\(key)", "PATH=/usr/bin:/bin"])
                var actions = posix_spawn_file_actions_t()
                posix_spawn_file_actions_init(&actions)
                for descriptor in [Int32(1), 2] {
                    posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_WRONLY, 0)
                }
                let failure = posix_spawn(&process, program, &actions, nil, arguments, variables)
                var status: Int32 = 0
                if failure == 0 { waitpid(process, &status, 0) }
                (arguments + variables).forEach { free($0) }
                continuation.resume(returning: failure == 0 ? (status >> 8) & 0xff : -failure)
            }
        }
    }

    /// A server with one workflow that has failed once, a minute ago.
    func server() throws -> SimulatorServer {
        let now: @Sendable () -> Int64 = { Int64(time(nil)) * 1000 }
        var simulator = Simulator(now: now())
        simulator.add(
            Simulator.Workflow(
                id: "Wf00000000000001", name: "Order sync",
                nodes: [.webhook("orders"), .http(method: "POST", url: "http://shop.example/orders")],
                script: .always(.success(after: 10))))
        // Nothing is scheduled in this n8n, so nobody has to wait for it.
        return try SimulatorServer.start(simulator, now: now) { _ in throw CancellationError() }
    }

    @Test("is set up, plans, ticks once and keeps an intact record")
    func life() async throws {
        let server = try server()
        let config = ["--config", folder + "/mendflow.yaml"]
        #expect(await Self.run(["init", folder, "--url", server.url, "--key-env", "N8N_API_KEY"]) == 0)
        #expect(await Self.run(["validate"] + config) == 0)
        #expect(await Self.run(["plan"] + config) == 0)
        #expect(await Self.run(["run", "--once"] + config) == 0)
        #expect(await Self.run(["status"] + config) == 0)
        #expect(await Self.run(["audit", "verify"] + config) == 0)
        #expect(server.withSimulator { $0.deeds.isEmpty })
        await server.stop()
        try FileManager.default.removeItem(atPath: folder)
    }

    @Test("finds nothing wrong with what comes along", arguments: ["examples/production/mendflow.yaml"])
    func examples(path: String) async {
        let root = String(#filePath.dropLast("/Tests/IntegrationTests/ProgramTests.swift".count))
        #expect(await Self.run(["validate", "--config", "\(root)/\(path)"]) == 0)
        #expect(await Self.run(["validate", "\(root)/policies"]) == 0)
    }

    @Test("says by its exit code what is wrong with the instance")
    func unreachable() async throws {
        let server = try server()
        #expect(await Self.run(["init", folder, "--url", server.url, "--key-env", "N8N_API_KEY"], key: "wrong") == 69)
        #expect(await Self.run(["run", "--once", "--config", folder + "/mendflow.yaml"]) == 1)
        #expect(await Self.run(["plan", "--config", folder + "/mendflow.yaml"]) == 0)
        await server.stop()
        #expect(await Self.run(["plan", "--config", folder + "/mendflow.yaml"]) == 69)
        try FileManager.default.removeItem(atPath: folder)
    }
}

/// A thread for a call that blocks, so that no cooperative thread waits for a process.
enum Thread {
    static func detach(_ body: @escaping @Sendable () -> Void) {
        var thread = pthread_t()
        let box = Unmanaged.passRetained(Box(body))
        pthread_create(
            &thread, nil,
            { pointer in
                guard let pointer else { return nil }
                Unmanaged<Box>.fromOpaque(pointer).takeRetainedValue().body()
                return nil
            }, box.toOpaque())
        pthread_detach(thread)
    }
    private final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}
