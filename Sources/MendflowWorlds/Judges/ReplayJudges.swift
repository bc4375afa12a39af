import MendflowCore
import MendflowLedger
import MendflowSimulator

// What is run again because somebody ordered it.
extension Judge {
    /// Nothing leaves for a replay that is paused or over.
    static let replayHalted = Judge("replay-halted") { evidence in
        evidence.replaySends.compactMap { send, replay in
            // What was under way when the halt came may arrive a little later.
            let isHalted = replay.halts.contains {
                send.lived > $0.from + .seconds(2) && $0.to.map { send.lived < $0 } ?? true
            }
            return isHalted ? "\(send.execution) was retried for \(replay.name) while that was halted" : nil
        }
    }

    /// A replay retries what was chosen and nothing else.
    static let replayFrozen = Judge("replay-frozen") { evidence in
        evidence.replaySends.compactMap { send, replay in
            replay.executions.contains(send.execution)
                ? nil : "\(send.execution) was retried for \(replay.name), and was not chosen"
        }
    }

    /// No more than the first ones are retried before so many have healed.
    static let replayCanary = Judge("replay-canary") { evidence in
        guard evidence.noted.restoredAt == nil else { return [] }
        let children = evidence.firstSuccesses
        return evidence.begun.compactMap { replay in
            var keys: Set<String> = []
            // One that is let go on has first retries anew.
            let end = replay.halts.map(\.from).min() ?? .milliseconds(.max)
            let sends = evidence.replaySends.filter { $0.replay.name == replay.name && $0.send.lived < end }.map(\.send)
                .filter { $0.key.map { keys.insert($0).inserted } ?? true }
            guard replay.canary > 0, sends.count > replay.canary else { return nil }
            let next = sends[replay.canary]
            let healed = sends[..<replay.canary].count { first in
                children[first.execution].map { $0 <= next.at } ?? false
            }
            return healed == replay.canary
                ? nil
                : "\(next.execution) was retried for \(replay.name), and only \(healed) of \(replay.canary) had healed"
        }
    }

    /// In peace a replay comes to its end, or waits for a person. In a queue runs of all workflows may wait for hours, and hold
    /// the places of others.
    static let replayEnds = Judge("replay-ends") { evidence in
        guard evidence.view.alarm == nil, evidence.noted.restoredAt == nil, evidence.world.plan.kind.mode == .regular
        else { return [] }
        // Nothing is retried while nobody knows what time it is at n8n.
        let isTimeKnown = evidence.state.baseline(of: "main").flatMap { evidence.state.tick(of: $0.instance) }
            .map { !$0.clockOffset.isDisputed }
        guard isTimeKnown ?? true else { return [] }
        let goesOn = { (intent: Intent) in
            let child = intent.child.flatMap { Int($0.text) }.flatMap { evidence.database[$0] }
            return child.map { [.new, .running, .waiting].contains($0.status) } ?? false
        }
        return evidence.view.replays.values.filter(\.isRunning).map(\.name).sorted().filter { name in
            !evidence.intents.contains { $0.draft.policy == name && ($0.state.isOpen || goesOn($0)) }
        }.map { "\($0) runs on, hours after its last retry could have been sent" }
    }
}

extension SeedEvidence {
    /// What was sent for replays, oldest first. Which retry was for whom only the ledger tells.
    fileprivate var replaySends: [(send: SeedSend, replay: SeedReplay)] {
        // What was refused for n8n's limit of requests is sent again under the same key, for another policy perhaps.
        let bearers = Dictionary(grouping: intents) { $0.key?.text ?? "" }
        return noted.sends.compactMap { send in
            guard send.action == .retry, let key = send.key, let all = bearers[key],
                let name = (all.last { $0.reservedAt <= send.at + apart } ?? all.first)?.draft.policy,
                let replay = begun.first(where: { $0.name == name })
            else { return nil }
            return (send, replay)
        }
    }

    /// Those that are in the ledger: of two that were begun at once under one name, one was refused.
    fileprivate var begun: [SeedReplay] {
        noted.replays.filter { view.replays[$0.name]?.start.reason == $0.reason }
    }

    /// When the first retry of each execution that succeeded did so.
    fileprivate var firstSuccesses: [ExecutionID: AgentTime] {
        var parents: [Int: Int] = [:]
        var found: [ExecutionID: AgentTime] = [:]
        for deed in deeds {
            switch deed.what {
            case .retried(let id, let child): parents[child] = id
            case .ended(let id, .success):
                guard let parent = parents[id].map({ ExecutionID("\($0)") }), found[parent] == nil else { continue }
                found[parent] = AgentTime(milliseconds: deed.at)
            default: break
            }
        }
        return found
    }

    /// Whether somebody ordered that an execution is run again.
    func isReplayed(_ execution: ExecutionID) -> Bool { noted.replays.contains { $0.executions.contains(execution) } }

    /// How many replays chose a run of a chain.
    func replays(ofChain root: Int) -> Int {
        noted.replays.count { replay in replay.executions.contains { self.root(Int($0.text) ?? -1) == root } }
    }
}
