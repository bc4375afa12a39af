public import MendflowCore
import MendflowLedger
import MendflowPolicy
import MendflowReview
public import MendflowWorkspace

/// How a replay stands: what became of each of its executions, by the ledger alone.
public struct ReplayReport: Sendable {
    /// What became of an execution.
    public enum Result: String, Sendable, Hashable, CaseIterable {
        /// Its retry succeeded.
        case healed
        /// The run of its retry ended, and did not succeed.
        case notHealed = "not_healed"
        /// Its retry is on its way, or runs.
        case running
        /// Its retry was sent and nobody knows whether it ran: see `inbox`.
        case unresolved
        /// n8n refused it, or it was not sent in the end.
        case notRun = "not_run"
        /// It was left as it is: it had healed, was retried by a person, or something held it.
        case leftOut = "left_out"
        /// It is still to be retried.
        case waiting

        /// What it is called, wherever people read of it.
        package var words: String {
            switch self {
            case .healed: "healed"
            case .notHealed: "not healed"
            case .running: "running"
            case .unresolved: "without an answer"
            case .notRun: "not run"
            case .leftOut: "left out"
            case .waiting: "to be retried"
            }
        }
    }
    /// An execution of it.
    public struct Item: Sendable, Hashable {
        /// The execution, what became of it, and the evidence in words.
        public var execution: ExecutionID, result: Result, why: String
        /// The intent, the run that retried it, and when it was reserved.
        public var intent: Int64?, child: ExecutionID?, at: AgentTime?
        /// Whether nothing is left to try: it has healed, was retried otherwise, or is gone.
        public var isSettled = false
    }

    /// The instance by its name, and the replay.
    public var instance: String, replay: Replay
    /// How fast it goes, and the most retries in a time where somebody said so.
    public var pace: ReplayPace, rate: RateLimit?
    /// Its executions in order.
    public var items: [Item]
    /// Whether an agent is there that carries it out while it runs; nil where that cannot be seen from here.
    public var isCarriedOut: Bool?
    /// Why nothing is sent for it now, though nobody stopped it; nil where nothing keeps it, or somebody stopped it.
    public var waits: ReplayWait?

    /// A replay that took up what was left of it, by `--rest`.
    public struct Successor: Sendable, Hashable {
        /// The replay, and which of the executions it took up.
        public var replay: Replay, executions: Set<ExecutionID>
    }
    /// The replays that took up what was left of it, the oldest first.
    public var successors: [Successor] = []

    /// What is left over and that no other replay took up.
    public var untaken: [ExecutionID] {
        let taken = successors.reduce(into: Set<ExecutionID>()) { $0.formUnion($1.executions) }
        return rest.filter { !taken.contains($0) }
    }

    /// How many there are of each kind.
    public func count(_ result: Result) -> Int { items.count { $0.result == result } }

    /// How many there are of each kind of which there are any.
    public var counts: [Result: Int] { Dictionary(grouping: items, by: \.result).mapValues(\.count) }

    /// What is worth trying again: the newest runs of what did not heal, and what was not retried.
    public var rest: [ExecutionID] {
        items.compactMap { item in
            switch item.result {
            case .notHealed: item.child ?? item.execution
            case .notRun, .leftOut, .waiting: item.isSettled ? nil : item.execution
            case .healed, .running, .unresolved: nil
            }
        }
    }

    /// Reads how a replay stands.
    public static func read(
        _ workspace: Workspace, instance asked: String?, _ name: String
    ) async throws(MendflowFailure) -> ReplayReport {
        let replay = try await Replaying.find(workspace, instance: asked, name)
        let policy = try await workspace.policy(of: replay)
        let chosen = policy.match?.executions ?? []
        let instance = try workspace.instance(asked)
        let scope = LedgerScope.instance(instance.name, since: replay.begunAt, chains: Set(chosen))
        guard let state = try await workspace.readLedger(scope),
            let key = state.baseline(of: instance.name)?.instance
        else { throw await workspace.noLedger() }
        let reading = ReplayReading(replay, state.view(of: key, shadow: false), state.tick(of: key))
        return ReplayReport(
            instance: instance.name, replay: replay, pace: policy.replay ?? ReplayPace(),
            rate: policy.guards.rateLimits.first, items: chosen.map(reading.item),
            isCarriedOut: try await Replaying.isCarriedOut(workspace),
            waits: replay.isRunning ? try await Replaying.wait(workspace, instance: asked) : nil,
            successors: try await successors(of: replay, among: state.replays(of: key), workspace))
    }

    private static func successors(
        of replay: Replay, among all: [Replay], _ workspace: Workspace
    ) async throws(MendflowFailure) -> [Successor] {
        var found: [Successor] = []
        for other in all where other.start.restOf == replay.name {
            // One whose text cannot be read took up something all the same.
            let executions = try? await workspace.policy(of: other).match?.executions
            found.append(Successor(replay: other, executions: Set(executions ?? [])))
        }
        return found
    }
}

/// Tells what became of executions by a view of the ledger.
private struct ReplayReading {
    private let replay: Replay
    private let view: LedgerView
    private let tick: TickState?
    private let intents: [ExecutionID: Intent]
    private let parents: [ExecutionID: ExecutionID]

    init(_ replay: Replay, _ view: LedgerView, _ tick: TickState?) {
        self.replay = replay
        self.view = view
        self.tick = tick
        let own = view.intents.filter { $0.draft.policy == replay.name && $0.draft.action == .retry }
        intents = Dictionary(own.map { ($0.draft.execution, $0) }) { _, newer in newer }
        parents = Dictionary(view.children.flatMap { parent, children in children.map { ($0, parent) } }) { one, _ in
            one
        }
    }

    func item(_ execution: ExecutionID) -> ReplayReport.Item {
        guard let intent = intents[execution] else { return untouched(execution) }
        var item = ReplayReport.Item(
            execution: execution, result: .running, why: intent.note ?? "", intent: intent.id.number,
            child: intent.child, at: intent.reservedAt)
        switch intent.state {
        case .reserved, .sending: break
        case .unresolved, .superseded, .shadow: item.result = .unresolved
        case .void, .ineffective: item.result = replay.isOpen ? .waiting : .notRun
        case .applied:
            let isHealed = view.healed.contains(intent.draft.root)
            item.result = isHealed ? .healed : isOver(intent) ? .notHealed : .running
            if item.result == .notHealed { item.why = "its retry \(intent.child?.text ?? "") did not succeed" }
        }
        return item
    }

    /// Whether the run of a retry that did not heal is known to have come to its end.
    private func isOver(_ intent: Intent) -> Bool {
        // It ends once nothing of it runs any more.
        replay.state == .ended || intent.hasEnded(view, tick)
    }

    private func untouched(_ execution: ExecutionID) -> ReplayReport.Item {
        var item = ReplayReport.Item(execution: execution, result: replay.isOpen ? .waiting : .leftOut, why: "")
        if view.healed.contains(root(execution)) {
            (item.result, item.why, item.isSettled) = (.leftOut, "it had healed", true)
        } else if view.children[execution] != nil {
            (item.result, item.why, item.isSettled) = (.leftOut, "it was retried otherwise", true)
        } else if view.gone.contains(execution) {
            (item.result, item.why, item.isSettled) = (.leftOut, "n8n does not keep it any more", true)
        } else if let phase = view.verdicts[execution]?.parts.first(where: { $0.policy == replay.name })?.phase {
            item.why = phase.reason?.words ?? ""
        }
        // What was aborted before its turn nothing had held.
        if item.result == .leftOut, item.why.isEmpty, replay.state == .aborted {
            (item.result, item.why) = (.notRun, "the replay was aborted before its turn")
        }
        return item
    }

    private func root(_ execution: ExecutionID) -> ExecutionID {
        var (root, steps) = (execution, 0)
        while let parent = parents[root], steps < 1000 { (root, steps) = (parent, steps + 1) }
        return root
    }
}

extension Condition {
    /// The executions that it names by id.
    var executions: [ExecutionID] {
        switch self {
        case .all(let parts): parts.lazy.map(\.executions).first { !$0.isEmpty } ?? []
        case .test(let test) where test.field == .executionID:
            test.operators.flatMap { operation -> [ExecutionID] in
                if case .numberIn(let numbers) = operation { numbers.map { ExecutionID(String($0)) } } else { [] }
            }
        default: []
        }
    }
}
