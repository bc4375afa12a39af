import MendflowCore
import MendflowHostKit
import MendflowLedger
import MendflowSimulator
import MendflowTestKit
import MendflowWorkspace

// What is on record, judged against n8n's own.
extension Judge {
    /// Nothing is done that was not written down, whatever became of it.
    static let recorded = Judge("recorded") { evidence in
        let sent = evidence.intents.filter { $0.sendingAt != nil }
        let known = Dictionary(grouping: sent, by: \.draft.action).mapValues { Set($0.map(\.draft.execution.text)) }
        return evidence.ours.compactMap { deed in
            let (action, id): (ActionKind, Int)
            switch deed.what {
            case .retried(let execution, _): (action, id) = (.retry, execution)
            case .tagged(let execution, _): (action, id) = (.tag, execution)
            case .stopped(let execution): (action, id) = (.stop, execution)
            case .deleted(let execution): (action, id) = (.delete, execution)
            // What tells whether n8n honours keys stops nothing.
            case .stoppedMany: return "no policy stops many: \(deed.what)"
            default: return nil
            }
            return known[action]?.contains("\(id)") == true ? nil : "\(action.rawValue) of \(id) is in no record"
        }
    }

    /// Every record, and all that is kept beside them, is what was written.
    static let verified = Judge("verified") { evidence in
        try await evidence.store.verify(expecting: nil).fault.map { ["the ledger: \($0)"] } ?? []
    }

    /// Every decision comes out again from the ledger's bytes: the texts of the policies are in it, too.
    static let replayed = Judge("replayed") { evidence in
        let records = try await evidence.store.records(after: 0, limit: .max)
        let replay = try DecisionReplay(records)
        let files = MemoryFiles(["/m/mendflow.yaml": SeedWorld.configuration])
        files.write("/m/policies/retry.yaml", SeedWorld.policies(of: evidence.world.plan))
        guard let workspace = try evidence.world.workspace(0, files) else {
            return ["the configuration cannot be read"]
        }
        let instance = try workspace.instance("main")
        var sets: [EvidenceHash: PolicySet] = [:]
        let made = try replay.all { _, list in
            let set = sets[list.hash] ?? workspace.policySet(instance, recordedAs: list, texts: replay.policyTexts)
            sets[list.hash] = set
            return set
        }
        return made.filter { !$0.isSame }.map { "record \($0.number) says \($0.recorded.parts), and again \($0.again)" }
    }

    /// After hours of peace every failed run that the policy is for was decided about, or is gone.
    static let missed = Judge("missed") { evidence in
        let world = evidence.world
        let view = evidence.state.view(of: InstanceKey(name: "main", epoch: 1), shadow: false)
        // An alarm holds everything, and says so. Where the database was replaced, ids mean other runs than on record.
        guard view.alarm == nil, evidence.noted.restoredAt == nil else { return [] }
        // Where n8n limits what a key may read, data is read as that allows.
        let wait = Period.minutes(world.plan.kind.rateLimit == nil ? 20 : 60)
        let (database, limit) = (evidence.database, (world.clock.now() - wait).milliseconds)
        // Rows tell n8n's time; where its clock was set in between, they may tell an hour more.
        let jump: Int64 = evidence.noted.hasJumps ? 3_600_000 : 0
        let ahead = world.box.withSimulator { $0.configuration.clockAhead } - jump
        // A retry that healed a chain may be pruned before the run that it retried.
        let healed = Set(
            evidence.deeds.compactMap { deed in
                if case .ended(let id, .success) = deed.what { ExecutionID("\(id)") } else { nil }
            })
        // What ended before `init`, by n8n's clock, is left alone, also where that clock was set back to then.
        let since = evidence.state.baseline(of: "main")?.since.milliseconds ?? .min
        let intended = Set(evidence.state.intents(in: Set(IntentState.allCases)).map(\.draft.execution))
        let retries = evidence.deeds.compactMap { if case .retried(_, let child) = $0.what { child } else { nil } }
        let chains = Dictionary(grouping: Set(database.ids + retries), by: evidence.root)
        // What a paused replay holds is told by the replay, and not of each execution.
        let paused = view.replays.values.filter { $0.isOpen && !$0.isRunning }.map(\.begunAt.milliseconds).max()
        return database.ids.compactMap { id -> String? in
            guard let row = database[id], row.status == .error, row.workflowID == SeedCast.orders.rawValue,
                let end = row.stoppedAt, end >= since, end < limit + ahead,
                // Where a credential is wrong, no policy is for that.
                row.data?["resultData"]?["error"]?["httpCode"]?.text != "401"
            else { return nil }
            // One run speaks for its chain. A person's retry may have healed it before anybody looked.
            let root = evidence.root(id)
            let chain = ((chains[root] ?? []) + [root]).map { ExecutionID("\($0)") }
            // A run of it that goes on leaves nothing to decide.
            if (chains[root] ?? []).contains(where: { database[$0]?.status.isOver == false }) { return nil }
            let isKnown = chain.contains { view.verdicts[$0] != nil || intended.contains($0) || healed.contains($0) }
            guard !isKnown, paused.map({ $0 + ahead < end }) ?? true else { return nil }
            let of = row.retryOf.map { ", a retry of \($0)" } ?? ""
            return
                "execution \(id)\(of), failed at \(AgentTime(milliseconds: end)), and nothing was ever decided about it"
        }
    }

    /// After hours of peace nothing is under way that began long ago.
    static let recovered = Judge("recovered") { evidence in
        let limit = evidence.world.clock.now() - .hours(2)
        let view = evidence.state.view(of: InstanceKey(name: "main", epoch: 1), shadow: false)
        guard view.alarm == nil, !evidence.noted.hasJumps else { return [] }
        // In n8n's own queue a retry may wait for hours, behind a run that goes on for as long: it is under way.
        let unended = Set(
            evidence.ours.compactMap { deed -> ExecutionID? in
                guard case .retried(let id, let child) = deed.what, let run = evidence.database[child] else {
                    return nil
                }
                return run.status.isOver ? nil : ExecutionID("\(id)")
            })
        let open = evidence.intents.filter { $0.state.isOpen && $0.reservedAt < limit }
        return open.filter { $0.draft.action != .retry || !unended.contains($0.draft.execution) }.map {
            "\($0.draft.action.rawValue) of \($0.draft.execution) is \($0.state.rawValue) since \($0.reservedAt)"
        }
    }

    /// The ledger grows by what happens, and not by time.
    static let bounded = Judge("bounded") { evidence in
        let records = try await evidence.store.records(after: 0, limit: .max)
        let bytes = records.reduce(0) { $0 + $1.bytes.count }
        return bytes > 2_000_000 || records.count > 4000 ? ["\(records.count) records of \(bytes) bytes"] : []
    }
}

extension Simulator.Status {
    /// Whether a run has come to its end.
    var isOver: Bool { ![.new, .running, .waiting].contains(self) }
}
