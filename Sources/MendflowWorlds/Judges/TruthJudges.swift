import MendflowCore
import MendflowLedger
import MendflowSimulator
import MendflowTestKit

// Whether what is on record is so.
extension Judge {
    /// What counts as never done was not done.
    static let void = Judge("void") { evidence in
        guard evidence.noted.restoredAt == nil else { return [] }
        var done: [ExecutionID: Int] = [:]
        for deed in evidence.ours {
            guard case .retried(let id, let child) = deed.what, !evidence.isForgottenWithKey(child, of: id),
                !evidence.isUnseenCopy(child, of: id)
            else { continue }
            done[ExecutionID("\(id)"), default: 0] += 1
        }
        var counted: [ExecutionID: Int] = [:]
        for intent in evidence.intents where intent.draft.action == .retry && intent.state != .void {
            counted[intent.draft.execution, default: 0] += 1
        }
        let told = Set(evidence.noted.told)
        return done.filter { $0.value > counted[$0.key] ?? 0 && !told.contains($0.key) }.sorted { $0.key < $1.key }.map
        {
            "execution \($0.key) was retried \($0.value) times, and \(counted[$0.key] ?? 0) of these count as done"
        }
    }

    /// What an operator said to have run is not sent again.
    static let believed = Judge("believed") { evidence in
        guard evidence.isTimely else { return [] }
        return evidence.noted.toldRan.compactMap { told in
            let again = evidence.noted.sends.first {
                $0.action == .retry && $0.execution == told.execution && $0.at > told.at
            }
            return again.map { "\(told.execution) was retried at \($0.at), and an operator had said that it ran" }
        }
    }

    /// What was decided to be done is carried out, or it is on record why not.
    static let carriedOut = Judge("carried-out") { evidence in
        guard evidence.view.alarm == nil else { return [] }
        let limit = evidence.world.clock.now() - .minutes(30)
        let reserved = Dictionary(grouping: evidence.intents, by: \.draft.execution)
        var last: [ExecutionID: (at: AgentTime, sequence: Int64, isAct: Bool)] = [:]
        for record in try await evidence.store.records(after: 0, limit: .max) {
            let entry = try record.entry()
            guard case .decided(let decided) = entry.event, !decided.isShadow else { continue }
            last[decided.execution] = (
                entry.at, record.sequence, decided.verdict.parts.contains { $0.phase == .act }
            )
        }
        return last.filter { id, decision in
            decision.isAct && decision.at < limit
                && !(reserved[id] ?? []).contains { $0.id.number > decision.sequence || $0.reservedAt >= decision.at }
        }.sorted { $0.key < $1.key }.map { "\($0.key) was to be acted on since \($0.value.at), and nothing was done" }
    }

    /// In peace, a run that has waited for too long is stopped soon after it has.
    static let prompt = Judge("prompt") { evidence in
        let stops = evidence.ours.compactMap { if case .stopped(let id) = $0.what { (id, $0.at) } else { nil } }
        // Where n8n cannot stop runs, nobody can; and in queue mode a run that has slept waits for a worker, perhaps for hours.
        guard evidence.world.plan.kind.mode == .regular, evidence.isTimely, evidence.view.alarm == nil, !stops.isEmpty,
            let peace = evidence.noted.edits.last
        else { return [] }
        let (from, to) = (SeedWorld.start + peace.from + .minutes(30), evidence.world.clock.now() - .minutes(30))
        var (began, ended): ([Int: Int64], [Int: Int64]) = ([:], [:])
        for deed in evidence.deeds {
            if case .began(let id) = deed.what, began[id] == nil { began[id] = deed.at }
            if case .ended(let id, _) = deed.what { ended[id] = deed.at }
        }
        let stopped = Dictionary(stops, uniquingKeysWith: min)
        return evidence.database.ids.compactMap { id in
            guard evidence.database[id]?.workflowID == SeedCast.approvals.rawValue, let start = began[id] else {
                return nil
            }
            let due = AgentTime(milliseconds: start) + .hours(2)
            let limit = (due + .minutes(25)).milliseconds
            guard due > from, due < to, ended[id] ?? .max > limit, stopped[id] ?? .max > limit else { return nil }
            return "execution \(id) has waited for too long since \(due), and was not stopped"
        }
    }

    /// An action that does not fit any more is not taken up again and again.
    static let current = Judge("current") { evidence in
        let stale = evidence.intents.filter {
            if case .notSent(let objection?)? = $0.evidence { objection.hasPrefix("drifted") } else { false }
        }
        return Dictionary(grouping: stale) { "\($0.draft.action.rawValue) of \($0.draft.execution)" }
            .filter { $0.value.count >= 5 }.sorted { $0.key < $1.key }
            .map { "\($0.key) was dropped \($0.value.count) times, for n8n shows another status than was known" }
    }
}

extension SeedEvidence {
    /// Whether a run is that of one of two copies of a retry, of which n8n keeps no row, and whose other one it refused for
    /// its limit of requests: until the next try nothing shows it, and after three refusals there is none
    /// (docs/guarantees.md, the limits of never-twice).
    fileprivate func isUnseenCopy(_ run: Int, of execution: Int) -> Bool {
        guard database[run] == nil else { return false }
        return intents.contains { intent in
            guard intent.draft.execution == ExecutionID("\(execution)"), intent.draft.action == .retry,
                intent.state == .void, case .proof(.throttled, _, _)? = intent.evidence
            else { return false }
            return true
        }
    }
}
