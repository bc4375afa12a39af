import MendflowCore
import MendflowEnvironment
import MendflowHTTP
import MendflowHistory
import MendflowHost
import MendflowHostKit
import MendflowLedger
import MendflowOperations
import MendflowSimulator
import MendflowTestKit
import MendflowWorkspace
import Testing

/// A host that really ran for some hours on a simulated n8n, and what is left of it: the ledger, and the history as the program
/// exports it.
struct LiveRun {
    /// Something that the agent sent, as ledger and backtest both tell it.
    struct Deed: Hashable, CustomStringConvertible {
        var at: ServerTime
        var kind: ActionKind
        var execution: ExecutionID
        var policies: [String]
        var attempt: Int
        var tags: [String]
        var description: String { "\(at) \(kind.rawValue) \(execution) \(attempt) \(policies) \(tags)" }
    }
    /// Why something was not done for a while, and since when.
    struct Hold: Hashable, CustomStringConvertible {
        var since: ServerTime
        var root: ExecutionID
        var reason: Reason
        var description: String { "\(since) \(root) \(reason.rawValue)" }
    }

    /// 2026-11-02T08:00:00Z
    static let start = AgentTime(milliseconds: 1_793_606_400_000)
    /// What was sent, and what was held, in order.
    let deeds: [Deed], holds: [Hold]
    /// The runs that its retries started.
    let children: Set<ExecutionID>
    /// The history, with everything that was in n8n in the end.
    let history: History
    /// The policies that were in force.
    let policies: PolicySet
    /// When it ran.
    let span: Range<ServerTime>

    struct Unloadable: Error {}

    /// Lets a host with these policies run on an n8n with these workflows, each with the length of time between its starts.
    init(
        _ workflows: [(Simulator.Workflow, every: Period)], policies text: String, hours: Int64, seed: UInt64
    ) throws {
        var simulator = Simulator(now: Self.start.milliseconds)
        simulator.configuration.keys = [.init(key: "key", name: "agent")]
        simulator.add(tag: "Tag0000000000001", name: "needs-human")
        for (workflow, _) in workflows { simulator.add(workflow) }
        let simulation = Simulation(seed: seed, start: Self.start, simulator)
        let (disk, clock, box) = (MemoryDisk(), simulation.clock, simulation.box)
        let files = MemoryFiles(["/m/mendflow.yaml": Self.configuration, "/m/policies/p.yaml": text])
        @Sendable func workspace(_ process: Int) throws -> Workspace {
            let environment = Environment(
                clock: clock, files: files, variables: ["KEY": "key"], user: "operator",
                connect: { _ in SimulatedTransport(box) }, ledgers: disk.ledgers(process: process),
                log: { _, _ in Silence() }, signals: { _ in () })
            guard let loaded = try Workspace.load(path: "/m/mendflow.yaml", environment: environment).workspace else {
                throw Unloadable()
            }
            return loaded
        }
        let executor = simulation.executor
        try simulation.run {
            let request = Initialise.Request(
                folder: "/m", name: "main", url: "http://n8n", keyVariable: "KEY", keyFile: nil, since: nil)
            _ = try await Initialise.run(request, environment: workspace(0).environment)
            box.withSimulator { n8n in
                for (place, (workflow, every)) in workflows.enumerated() {
                    let first = Self.start.milliseconds + Int64(place + 1) * 17_000
                    n8n.trigger(workflow.id, every: every.milliseconds, from: first)
                }
            }
            let host = MendflowHost(try workspace(1), asked: nil)
            let task = Task(executorPreference: executor) { try? await host.run(once: false) }
            try await clock.sleep(for: .hours(hours))
            host.stop()
            await task.value
            disk.release(process: 1)
            _ = try await Histories.export(
                workspace(2), instance: nil, to: "/m/history", since: nil, rate: 1000, progress: { _ in })
        }
        let final = try workspace(3)
        history = try HistoryReader.read(["/m/history"], files)
        policies = final.policySet(try final.instance(nil))
        let store = try #require(try disk.ledger("/m/mendflow.sqlite"))
        let (state, records) = try simulation.run {
            (
                try await store.load(LedgerScope(since: AgentTime(milliseconds: .min))),
                try await store.records(after: 0, limit: .max)
            )
        }
        let events = try records.map { try LedgerEntry(CanonicalRecord(bytes: $0.bytes).record) }
        let ticks = events.compactMap { entry -> AgentTime? in
            if case .tick = entry.event { entry.at } else { nil }
        }
        let first = ClockOffset.zero.server(try #require(ticks.first))
        span = first..<ClockOffset.zero.server(clock.now())
        let intents = state.intents(in: Set(IntentState.allCases))
        children = Set(intents.compactMap(\.child))
        deeds = intents.sorted { $0.id < $1.id }.map { intent in
            Deed(
                at: ClockOffset.zero.server(intent.reservedAt), kind: intent.draft.action,
                execution: intent.draft.execution, policies: intent.draft.contributors, attempt: intent.draft.attempt,
                tags: intent.draft.tags)
        }
        holds = Self.holds(events)
    }

    private static func holds(_ entries: [LedgerEntry]) -> [Hold] {
        var seen: Set<String> = []
        var holds: [Hold] = []
        for entry in entries {
            guard case .decided(let decided) = entry.event, !decided.isShadow else { continue }
            for part in decided.parts {
                guard let reason = Reason(rawValue: part.label),
                    seen.insert("\(decided.root) \(reason.rawValue)").inserted
                else { continue }
                holds.append(Hold(since: decided.now, root: decided.root, reason: reason))
            }
        }
        return holds
    }

    private static let configuration = """
        mode: enforce
        policies: [policies/]
        ledger: mendflow.sqlite
        protect: [{workflow: {name: Payments}}]
        instances:
          - name: main
            url: http://n8n
            api_key_env: KEY
            mode: enforce
            tags: {needs-human: Tag0000000000001}
            limits: {max_actions: [{amount: 6, per: 1h}], max_in_flight: 2}
        """
}

private struct Silence: EventSink {
    func emit(_ event: AgentEvent) {}
}
