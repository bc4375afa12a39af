import MendflowCore
import MendflowLedger
import MendflowSimulator

// What is waited for, and what of others is left as it is.
extension Judge {
    /// No run is retried before the policy's interval since its end has passed, nor before a crash has settled.
    static let waits = Judge("waits") { evidence in
        // Where a clock jumped, or ids mean other runs, nobody can tell.
        guard evidence.isTimely else { return [] }
        let looked = try await evidence.firstLook()
        var ended: [Int: (at: Int64, status: Simulator.Status)] = [:]
        return evidence.deeds.compactMap { deed in
            if case .ended(let id, let status) = deed.what { ended[id] = (deed.at, status) }
            guard case .retried(let id, _) = deed.what, deed.by == .key("agent"), let end = ended[id],
                !evidence.isReplayed(ExecutionID("\(id)"))
            else { return nil }
            // Of a crash before anybody looked, the end that n8n tells counts, which may be its beginning.
            if end.status == .crashed, looked.map({ $0.milliseconds > end.at }) ?? true { return nil }
            let wait: Int64 = end.status == .crashed ? SeedWorld.settling : SeedWorld.interval
            // n8n's workers and its database have clocks of their own.
            guard deed.at < end.at + wait - 5000 else { return nil }
            return "execution \(id) was retried \((deed.at - end.at) / 1000) s after it was \(end.status.rawValue)"
        }
    }

    /// A chain that a person retried is left to people for a while after the end of that run.
    static let yields = Judge("yields") { evidence in
        guard evidence.isTimely else { return [] }
        // Where a request of ours may have started the run, nobody can tell a person's.
        let ours = Set(
            evidence.intents.filter { $0.draft.action == .retry && $0.sendingAt != nil }.map(\.draft.execution))
        var people: Set<Int> = []
        var left: [Int: Int64] = [:]
        var found: [String] = []
        for deed in evidence.deeds {
            switch deed.what {
            case .retried(let id, let child) where deed.by != .key("agent"):
                if !ours.contains(ExecutionID("\(id)")) { people.insert(child) }
            case .ended(let id, _) where people.contains(id): left[evidence.root(id)] = deed.at
            case .retried(let id, _):
                guard !evidence.isReplayed(ExecutionID("\(id)")), let end = left[evidence.root(id)],
                    deed.at < end + SeedWorld.yielding - 60_000
                else { continue }
                found.append("execution \(id) was retried \((deed.at - end) / 1000) s after a person's retry")
            default: break
            }
        }
        return found
    }

    /// A server that asked to wait is not asked the same before, by an agent that lived to hear it.
    static let patient = Judge("patient") { evidence in
        guard evidence.isTimely else { return [] }
        let unheard = try await evidence.unheard()
        return evidence.noted.sends.compactMap { send in
            let asked = evidence.noted.refusals.last {
                $0.execution == send.execution && $0.action == send.action && $0.at < send.at
            }
            guard let asked, send.at < asked.until - .seconds(2),
                !unheard.contains(where: { $0.isAnswer(to: send.action, send.execution, at: asked.at) })
            else { return nil }
            return
                "\(send.action.rawValue) of \(send.execution) was sent at \(send.at), and \(asked.until) was asked for"
        }
    }

    /// Tags that people gave stay where we add one.
    static let tagsKept = Judge("tags-kept") { evidence in
        var tags: [Int: [String]] = [:]
        return evidence.deeds.compactMap { deed in
            guard case .tagged(let id, let present) = deed.what else { return nil }
            let lost = (tags[id] ?? []).filter { !present.contains($0) }
            tags[id] = present
            return deed.by == .key("agent") && !lost.isEmpty ? "execution \(id) lost the tags \(lost)" : nil
        }
    }
}

/// A request whose answer went to an agent that had died by then.
private struct Unheard {
    var action: ActionKind, execution: ExecutionID
    var sent: AgentTime, noted: AgentTime

    func isAnswer(to action: ActionKind, _ execution: ExecutionID, at time: AgentTime) -> Bool {
        self.action == action && self.execution == execution && time >= sent && time <= noted
    }
}

extension SeedEvidence {
    /// What the ledger says of requests that were under way when the agent ended.
    fileprivate func unheard() async throws -> [Unheard] {
        var sent: [IntentID: AgentTime] = [:]
        return try await store.records(after: 0, limit: .max).compactMap { record in
            let entry = try record.entry()
            switch entry.event {
            case .sending(let intent, _, _, _, _), .asked(let intent, _): sent[intent.id] = entry.at
            case .outcome(let intent, let settlement) where settlement.evidence == .agentEnded:
                return Unheard(
                    action: intent.action, execution: intent.execution, sent: sent[intent.id] ?? entry.at,
                    noted: entry.at)
            default: break
            }
            return nil
        }
    }

    /// When a tick first saw any run; nil where none did.
    fileprivate func firstLook() async throws -> AgentTime? {
        for record in try await store.records(after: 0, limit: .max) {
            let entry = try record.entry()
            if case .tick(_, let patch) = entry.event, patch.rows > 0 { return entry.at }
        }
        return nil
    }

    /// Where there are several, the clocks of machines are some seconds apart.
    var apart: Period { world.plan.shared == nil ? .zero : .seconds(10) }

    /// Whether times and ids mean what they seem to.
    var isTimely: Bool { !noted.hasJumps && noted.restoredAt == nil }
}

extension SeedWorld {
    /// In milliseconds: the policy's first interval, how long a crash is given, how long a chain is left to people.
    static let (interval, settling, yielding): (Int64, Int64, Int64) = (60_000, 300_000, 1_800_000)
    /// How long something may hold a lost request.
    static let grace = Period.minutes(15)
}
