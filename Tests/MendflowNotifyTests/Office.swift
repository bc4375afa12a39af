import MendflowCore
import MendflowEnvironment
import MendflowHTTP
import MendflowHostKit
import MendflowLedger
import MendflowNotify
import MendflowOperations
import MendflowPolicy
import MendflowTestKit
import MendflowWorkspace
import Synchronization
import Testing

/// A server that takes messages, as a test lets it.
final class Hook: Transport {
    /// What becomes of a message.
    enum Mood: Sendable { case takes, refuses(Int), dies(SimulatedProcess), hangs, fails(TransportFailure) }
    private struct State {
        var mood = Mood.takes
        var requests: [HTTPRequest] = []
    }
    private let state = Mutex(State())

    var mood: Mood {
        get { state.withLock { $0.mood } }
        set { state.withLock { $0.mood = newValue } }
    }
    var requests: [HTTPRequest] { state.withLock { $0.requests } }
    var keys: [String] { requests.compactMap { $0.headers["Idempotency-Key"] } }
    var bodies: [String] { requests.map { String(decoding: $0.body ?? [], as: UTF8.self) } }

    func send(
        _ request: HTTPRequest, observer: @escaping @Sendable (TransferEvent) -> TransferDemand
    ) async throws(TransportFailure) -> TransferSummary {
        let mood = state.withLock { state in
            state.requests.append(request)
            return state.mood
        }
        var status = 200
        switch mood {
        case .takes: break
        case .refuses(let other): status = other
        case .dies(let process): process.bury()
        case .fails(let failure): throw failure
        case .hangs:
            while !Task.isCancelled { await Task.yield() }
            throw TransportFailure(.cancelled, bytesSent: 0, message: "cancelled")
        }
        return TransferSummary(
            head: HTTPResponseHead(status: status), bytesSent: 1, bytesReceived: 0, framing: .none, stopped: false)
    }
}

/// A configuration with channels, a ledger in memory, and a hook that every webhook leads to.
final class Office: Sendable {
    let clock = VirtualClock(.noon)
    let hook = Hook()
    let events = Events()
    private let files: MemoryFiles
    let disk = MemoryDisk()

    static let channel = "{name: ops, webhook: {url: \"https://hook.example/x\"}}"

    init(_ channels: String = channel) async throws {
        files = MemoryFiles([
            "/m/mendflow.yaml": """
            instances: [{name: production, url: "https://n8n.example", api_key_env: KEY}]
            policies: [tag.yaml]
            notify: [\(channels)]
            """,
            "/m/tag.yaml": "policies: [{name: tag, match: {status: error}, actions: [{tag: [seen]}]}]",
        ])
        let workspace = try workspace()
        _ = try await workspace.openLedger(create: true)
        try await append([
            .began(
                InstanceBaseline(
                    instance: Past.key, url: "https://n8n.example", since: .noon, highest: nil, fingerprints: [],
                    at: .noon), .initialised(by: "test")),
            .suspended(Past.key, .delete, reason: "long ago"),
        ])
    }

    func workspace(_ process: SimulatedProcess = SimulatedProcess()) throws -> Workspace {
        let hook = hook
        let environment = process.environment(
            Environment(
                clock: clock, files: files, variables: ["KEY": "key", "HOOK": "https://secret.example/token"],
                user: "test", connect: { _ in hook },
                ledgers: disk.ledgers(process: 0), log: { _, _ in Events() }, signals: { _ in () }))
        let loaded = try Workspace.load(path: "/m/mendflow.yaml", environment: environment)
        return try #require(loaded.workspace, "\(loaded.report.summary)")
    }

    /// The desk of a channel as a process has it.
    func desk(_ process: SimulatedProcess = SimulatedProcess(), channel: Int = 0) async throws -> ChannelDesk {
        let workspace = try workspace(process)
        let desk = ChannelDesk(workspace, workspace.configuration.channels[channel], log: events)
        await desk.begin()
        return desk
    }

    func append(_ events: [LedgerEvent]) async throws {
        let entries = events.map { LedgerEntry($0, at: clock.now()) }
        try await Ledger(try workspace().openLedger(), LedgerScope()).append(entries)
    }

    /// What the ledger says of channels, oldest first.
    func told(_ kind: ChannelEntry.Kind) async throws -> [ChannelEntry] {
        try await workspace().openLedger().records(after: 0, limit: .max).compactMap { sealed in
            guard case .notified(let entry) = try sealed.entry().event, entry.kind == kind else { return nil }
            return entry
        }
    }

    static func pause(_ number: Int) -> LedgerEvent { .paused(instance: nil, reason: "pause \(number)", by: "ana") }
}
