import FoundationEssentials
import Glibc
import MendflowCore
import MendflowLedgerSQLite
import MendflowPolicy
import Synchronization

@testable import MendflowApp

/// A folder with a configuration, which goes with the test.
final class Folder {
    let path = FileManager.default.temporaryDirectory.path + "/mendflow-\(UUID().uuidString)"

    init() throws {
        try FileManager.default.createDirectory(atPath: path + "/policies", withIntermediateDirectories: true)
        try write("policies/a.yaml", Folder.policy("a", "Order*", priority: 10))
        try write("policies/b.yaml", Folder.policy("b", "*"))
        try write("mendflow.yaml", Folder.configuration())
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    static func configuration(mode: String = "enforce", instances: String = "") -> String {
        """
        mode: \(mode)
        policies: [policies/]
        ledger: mendflow.sqlite
        instances:
          - name: production
            url: http://127.0.0.1:1
            api_key_env: N8N_API_KEY
        \(instances)
        """
    }

    static func policy(_ name: String, _ workflow: String, priority: Int = 0, retries: Int = 3) -> String {
        """
        policies:
          - name: \(name)
            mode: enforce
            priority: \(priority)
            match: {status: error, workflow: "\(workflow)"}
            actions: [{retry: {max_retries: \(retries), repeats: allow, backoff: {jitter: none}}}]

        """
    }

    func write(_ name: String, _ text: String) throws {
        try text.write(toFile: path + "/" + name, atomically: true, encoding: .utf8)
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: path + "/" + name) }

    func mode(_ name: String, _ bits: mode_t) { chmod(path + "/" + name, bits) }

    func load() throws -> (workspace: Workspace?, report: FindingsReport) {
        try Workspace.load(path: path + "/mendflow.yaml", environment: ["N8N_API_KEY": "secret-of-the-test"])
    }

    /// The workspace, with a ledger that knows its instances.
    func workspace(now: Timestamp = .noon) throws -> Workspace {
        guard let workspace = try load().workspace else { throw MendflowFailure(.findings, "the test's files are bad") }
        let ledger = try workspace.openLedger(create: true)
        for name in workspace.instanceNames {
            let baseline = InstanceBaseline(
                instance: InstanceKey(name: name, epoch: 1), url: "http://n8n", since: now - .days(1), highest: nil,
                fingerprints: [], at: now - .days(1))
            try ledger.commit([.baseline(baseline)], audit: [], at: now - .days(1))
        }
        return workspace
    }
}

extension Timestamp {
    /// 2026-05-04T12:00:00Z
    static let noon = Timestamp(milliseconds: 1_777_896_000_000)
}

/// Keeps events for tests to read.
final class Events: EventSink {
    private let log = Mutex<[AgentEvent]>([])
    func emit(_ event: AgentEvent) { log.withLock { $0.append(event) } }
    func named(_ name: String) -> [AgentEvent] { log.withLock { $0.filter { $0.name == name } } }
}
