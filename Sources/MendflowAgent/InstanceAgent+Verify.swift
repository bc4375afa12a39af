import MendflowCore

extension InstanceAgent {
    /// For how long a stopped run is looked at again: n8n may let a stopped run go on, or finish after all (n8n facts 4).
    private static let flipWatch = Period.minutes(10)
    private static let stopVerification = Period.seconds(60)
    private static let deletionsPerTick = 5
    private static let stopsPerTick = 10

    /// Asks again, one, three and nine minutes later, for runs that were seen to have stopped: where they went on, no list that is read
    /// need show it.
    func lookAtStoppedAgain(_ poll: Intake.Report, now: Timestamp) async {
        guard let view = view() else { return }
        let due = view.intents.filter { intent in
            guard intent.draft.action == .stop, intent.state == .applied, let settled = intent.settledAt else {
                return false
            }
            let times = Int64(lookedAtAgain[intent.id] ?? 0)
            let next = (0..<times).reduce(InstanceAgent.stopVerification.milliseconds) { time, _ in time * 3 }
            return now - settled >= Period(milliseconds: next) && now - settled <= InstanceAgent.flipWatch
        }
        for intent in due.prefix(InstanceAgent.stopsPerTick) {
            lookedAtAgain[intent.id, default: 0] += 1
            guard !poll.seen.contains(intent.draft.execution) else { continue }
            do throws(ReadFailure) {
                guard let row = try await reader.execution(intent.draft.execution) else { continue }
                do throws(EpochWatch.Contradiction) { try book.note(row, at: now) } catch { raiseAlarm(error) }
            } catch {
                return emit(error)
            }
        }
        let known = Set(view.intents.map(\.id))
        lookedAtAgain = lookedAtAgain.filter { known.contains($0.key) }
    }

    /// A stop is believed when the row says so, and not believed any more when the row says otherwise later; one that did
    /// not take twice is not hammered.
    func verifyStops(_ view: LedgerView, _ writing: inout TickWriting, _ now: Timestamp) {
        for intent in view.intents where !intent.draft.isShadow {
            switch intent.draft.action {
            case .bulkStop: verifyBulk(intent, &writing, now)
            case .stop: verifyStop(intent, &writing, now)
            case .retry, .tag, .delete: continue
            }
        }
    }

    private func verifyStop(_ intent: Intent, _ writing: inout TickWriting, _ now: Timestamp) {
        guard intent.state == .applied || intent.state == .unresolved,
            let row = book.executions[intent.draft.execution], let settled = intent.settledAt
        else { return }
        let isVerified = intent.note?.hasPrefix("verified") == true
        if isVerified, settled + InstanceAgent.flipWatch < now { return }
        switch row.status {
        case .canceled:
            if !isVerified { writing.settle(intent, Settlement(.applied, note: "verified: canceled"), at: now) }
        case _ where !row.status.isLive:
            // It ended by itself, before the stop or in spite of it.
            let words = "\(isVerified ? "canceled at first, then" : "not canceled:") \(row.status.rawValue)"
            let settlement = Settlement(.ineffective, note: words)
            writing.settle(intent, settlement, at: now)
            emitIneffective(intent, settlement)
        default:
            guard intent.draft.attempt >= 2, settled + InstanceAgent.stopVerification <= now else { return }
            let settlement = Settlement(.ineffective, note: "still \(row.status.rawValue)")
            writing.settle(intent, settlement, at: now)
            emitIneffective(intent, settlement)
        }
    }

    private func emitIneffective(_ intent: Intent, _ settlement: Settlement) {
        emit(
            .warning, "action.ineffective",
            "\(intent.draft.action.rawValue) of \(intent.draft.execution) did not take: \(settlement.note ?? "")",
            [("execution", intent.draft.execution.text), ("policy", intent.draft.policy)])
    }

    /// Predicted, what n8n says it stopped, and what is seen to have stopped, side by side. What goes on is stopped by
    /// itself then.
    private func verifyBulk(_ intent: Intent, _ writing: inout TickWriting, _ now: Timestamp) {
        guard intent.state == .applied || intent.state == .unresolved, intent.note?.contains("verified") != true,
            let bulk = intent.draft.bulk, let settled = intent.settledAt,
            settled + InstanceAgent.stopVerification <= now
        else { return }
        let live = bulk.predicted.filter { book.executions[$0]?.status.isLive == true }
        let canceled = bulk.predicted.count { book.executions[$0]?.status == .canceled }
        let words = "\(intent.note ?? ""), \(canceled) verified as canceled, \(live.count) still live"
        let settlement = Settlement(live.isEmpty ? .applied : .ineffective, note: words)
        writing.settle(intent, settlement, at: now)
        if !live.isEmpty { emitIneffective(intent, settlement) }
    }

    /// Asks for rows whose deletion was never answered: one that is gone was deleted, another may be deleted again.
    func verifyDeletions() async {
        let open: [Intent]
        do throws(LedgerFailure) { open = try ledger.intents(in: [.unresolved], instance: instance) } catch {
            return emit(.error, "ledger.failed", "\(error)")
        }
        for intent in open.filter({ $0.draft.action == .delete }).prefix(InstanceAgent.deletionsPerTick) {
            do throws(ReadFailure) {
                let isThere = try await reader.execution(intent.draft.execution) != nil
                settle(
                    intent,
                    isThere
                        ? Settlement(.void, note: "it is there still") : Settlement(.applied, note: "verified: gone"))
            } catch {
                return emit(error)
            }
        }
    }
}
