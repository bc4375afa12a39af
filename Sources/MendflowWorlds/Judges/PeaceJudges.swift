import MendflowCore
import MendflowLedger
import MendflowSimulator
import MendflowTestKit

// What has come right after hours in which nothing went wrong.
extension Judge {
    /// No chain waits any more for a time that came long ago.
    static let settled = Judge("settled") { evidence in
        guard evidence.isTimely, evidence.view.alarm == nil else { return [] }
        let retried = Set(evidence.deeds.compactMap { if case .retried(let id, _) = $0.what { id } else { nil } })
        let limit = evidence.peaceful(for: .minutes(100))
        // What becomes of a chain is told by its newest run, which may wait in a queue for as long as n8n has one.
        let newest = Dictionary(evidence.database.ids.map { (evidence.root($0), $0) }) { max($0, $1) }
        return evidence.database.ids.compactMap { id -> String? in
            guard let row = evidence.database[id], row.status == .error, row.stoppedAt ?? .max < limit,
                // What no list shows an agent that starts anew never sees.
                newest[evidence.root(id)] == id, !retried.contains(id), !evidence.hidden.contains(id),
                let verdict = evidence.view.verdicts[ExecutionID("\(id)")]
            else { return nil }
            // What was decided for a replay that is over or paused since, nobody decides again.
            let standing = verdict.parts.filter { part in
                part.policy.flatMap { evidence.view.replays[$0] }?.isRunning ?? true
            }
            guard let open = standing.compactMap(\.phase.reason).first(where: Judge.passing.contains),
                !evidence.wasJustTried(id)
            else { return nil }
            return "execution \(id) is \(open.rawValue) since long ago"
        }
    }

    /// Of what becomes of a chain, what passes.
    private static let passing: Set<Reason> = [
        .backoff, .droppedRecently, .refusedRecently, .settling, .yieldToHumans, .shadowed,
    ]

    /// What counts as stopped does not go on.
    static let stopped = Judge("stopped") { evidence in
        guard evidence.isTimely else { return [] }
        let limit = evidence.world.clock.now() - .minutes(30)
        return evidence.intents.filter { $0.draft.action == .stop && $0.state == .applied }.compactMap { intent in
            guard let settled = intent.settledAt, settled < limit, !intent.isResolved,
                let row = evidence.database[Int(intent.draft.execution.text) ?? -1], row.status != .canceled
            else { return nil }
            let status = row.status
            // What was seen to have stopped may yet write its own end over that, hours later.
            if status.isOver,
                intent.evidence == .stopVerified || row.stoppedAt ?? .max > evidence.peaceful(for: .minutes(30))
            {
                return nil
            }
            return "\(intent.draft.execution) counts as stopped since \(settled) and is \(status.rawValue)"
        }
    }

    /// A lost answer is settled where n8n shows the run that it was about.
    static let answered = Judge("answered") { evidence in
        guard evidence.isTimely, evidence.view.alarm == nil else { return [] }
        let open = Set(
            evidence.intents.filter { $0.draft.action == .retry && $0.state == .unresolved }.map(\.draft.execution))
        let limit = evidence.peaceful(for: .minutes(60))
        return evidence.ours.compactMap { deed in
            guard case .retried(let id, let child) = deed.what, open.contains(ExecutionID("\(id)")),
                !evidence.hidden.contains(child), evidence.database[child]?.stoppedAt ?? .max < limit
            else { return nil }
            return "the retry of \(id) is unresolved, and n8n shows its run \(child)"
        }
    }
}

extension SeedEvidence {
    /// Whether its turn came only lately, behind many others that the policy's caps let go first, and n8n refused it for
    /// its limit of requests. What is refused again and again does not count.
    fileprivate func wasJustTried(_ id: Int) -> Bool {
        let limit = world.clock.now() - .minutes(30)
        let refused = intents.filter { intent in
            guard case .proof(.throttled, _, _)? = intent.evidence, intent.draft.action == .retry else { return false }
            return intent.draft.execution == ExecutionID("\(id)")
        }
        return 1...2 ~= refused.count && refused.allSatisfy { $0.settledAt.map { $0 > limit } ?? false }
    }
}

extension Judge {
    /// A lost request that began nothing is proven to have done so, where every id since is there to be seen, or was named by
    /// the answer to another retry.
    static let accounted = Judge("accounted") { evidence in
        guard evidence.isTimely, evidence.view.alarm == nil else { return [] }
        let made = Set(evidence.deeds.compactMap { if case .retried(let id, _) = $0.what { id } else { nil } })
        let given = evidence.deeds.compactMap { deed -> (at: Int64, id: Int)? in
            switch deed.what {
            case .triggered(let id), .retried(_, child: let id): (deed.at, id)
            default: nil
            }
        }
        let limit = evidence.peaceful(for: .minutes(45))
        let named = Set(
            evidence.intents.filter { $0.state == .applied && !$0.isOnlyHinted }
                .compactMap { $0.child.flatMap { Int($0.text) } })
        return evidence.intents.compactMap { intent in
            guard intent.draft.action == .retry, intent.state == .unresolved, let sent = intent.sendingAt,
                let settled = intent.settledAt, let id = Int(intent.draft.execution.text), !made.contains(id),
                let parent = evidence.database[id], parent.retrySuccessID == nil
            else { return nil }
            // What was given in the same moment was not there yet when it was looked for the last time, and what was not kept
            // nobody could see.
            let looked = (sent - evidence.apart).milliseconds
            let from =
                given.filter { $0.at < looked && evidence.database[$0.id] != nil }.map(\.id).max() ?? id
            let grace = (settled + SeedWorld.grace + .seconds(30)).milliseconds
            // A run proves something once it has begun, and in queue mode that may take hours.
            let last = given.first { $0.at > grace && evidence.database[$0.id]?.stoppedAt ?? .max < limit }
            guard let last, last.id > from else { return nil }
            let isWhole = (from + 1...last.id).allSatisfy {
                named.contains($0) || evidence.database[$0] != nil && !evidence.hidden.contains($0)
            }
            return isWhole
                ? "the retry of \(id) began nothing, as \(from) to \(last.id) show, and it is unresolved" : nil
        }
    }
}

extension Intent {
    /// Whether nothing but a hint, which may be false, says that it ran.
    fileprivate var isOnlyHinted: Bool { if case .toldBySpan = evidence { true } else { false } }

    /// Whether an operator's word settled it, which may be wrong.
    fileprivate var isResolved: Bool { if case .resolved = evidence { true } else { false } }
}

extension SeedEvidence {
    /// What is on record of the instance.
    var view: LedgerView { state.view(of: InstanceKey(name: "main", epoch: 1), shadow: false) }

    /// The last moment, by n8n's clock, since which so much time has passed.
    func peaceful(for period: Period) -> Int64 {
        let ahead = world.box.withSimulator { $0.configuration.clockAhead }
        return (world.clock.now() - period).milliseconds + min(0, ahead)
    }
}
