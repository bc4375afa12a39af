import MendflowCore
import MendflowLedger

/// Goes through a ledger and notes what was held or withheld, and why it is still.
struct HeldReading {
    /// What was said of an execution last.
    private struct LastWord {
        /// Why nothing was done; nil where something was due.
        var reason: Reason?
        /// Whether it was said by a text that the policy has no more.
        var isFormer: Bool
    }
    private struct ReplayKey: Hashable { var instance: InstanceKey, name: String }

    /// What policies are called now that were called otherwise before.
    private let renamed: [String: String]
    private let former: FormerTexts
    /// Executions that were held at any time, by reason.
    private var held: [Reason: Set<RunKey>] = [:]
    /// By policy, why an execution was withheld last.
    private var withheld: [String: [RunKey: Reason]] = [:]
    /// The last words of enforced policies, and of those in dry-run.
    private var real: [RunKey: LastWord] = [:], dryRun: [RunKey: LastWord] = [:]
    /// The replay for which an enforced word was said, where it was one, and the replays that are over.
    private var replays: [RunKey: ReplayKey] = [:], over: Set<ReplayKey> = []
    /// The roots of chains that something was said of.
    private var roots: [RunKey: RunKey] = [:]
    /// What people said yes to.
    private var approved: Set<RunKey> = []

    init(renamed: [String: String], _ former: FormerTexts) {
        self.renamed = renamed
        self.former = former
    }

    mutating func note(_ event: LedgerEvent) {
        switch event {
        case .decided(let decided): note(decided)
        case .approvalAsked(let ask): approved.remove(RunKey(ask.draft.instance, ask.draft.execution))
        case .approvalAnswered(let ref, let answer) where answer.isYes:
            approved.insert(RunKey(ref.instance, ref.topic.execution))
        case .approvalClosed(let ref, _): approved.remove(RunKey(ref.instance, ref.topic.execution))
        case .replayMoved(let key, let move) where move.state == .ended || move.state == .aborted:
            over.insert(ReplayKey(instance: key, name: move.name))
        default: break
        }
    }

    private mutating func note(_ decided: DecidedExecution) {
        let run = RunKey(decided.instance, decided.execution)
        let reasons = decided.parts.map { (reason: Reason(rawValue: $0.label), part: $0.verdict) }
        roots[run] = RunKey(decided.instance, decided.root)
        let first = reasons.first { $0.reason != nil }
        let word = LastWord(
            reason: first?.reason, isFormer: former.isFormer(first?.part.version, of: first?.part.policy))
        if decided.isShadow {
            dryRun[run] = word
        } else {
            real[run] = word
            replays[run] = first?.part.policy.flatMap { name in
                Replay.number(in: name).map { _ in ReplayKey(instance: decided.instance, name: name) }
            }
        }
        for case (let reason?, let part) in reasons {
            held[reason, default: []].insert(run)
            guard reason.withholds, let policy = part.policy else { continue }
            withheld[renamed[policy] ?? policy, default: [:]][run] = reason
        }
    }

    /// Tells what was held, and what is held and withheld still. `done` is what something was done about after all: after a
    /// yes, by a replay, by another policy, by hand; `tagged` what each policy tagged; `healed` the roots of chains that healed.
    func tell(
        _ report: inout ActivityReport, done: Set<RunKey>, tagged: [String: Set<RunKey>], healed: Set<RunKey>
    ) {
        func isDone(_ run: RunKey) -> Bool { done.contains(run) || roots[run].map(healed.contains) ?? false }
        report.held = held.mapValues(\.count)
        for (policy, runs) in withheld {
            for (run, reason) in runs {
                if isDone(run) || tagged[policy]?.contains(run) ?? false {
                    report.withheldDone[policy, default: 0] += 1
                } else if !isApproved(run, reason) {
                    report.withheld[policy, default: [:]][reason, default: 0] += 1
                }
            }
        }
        for run in Set(real.keys).union(dryRun.keys) where !isDone(run) {
            guard let word = deciding(run), let reason = word.reason, !isApproved(run, reason) else { continue }
            report.heldNow[reason, default: 0] += 1
            if word.isFormer { report.heldFormerly[reason, default: 0] += 1 }
        }
    }

    /// The word that tells why nothing is done: where no enforced policy wants it, what one in dry-run says counts.
    private func deciding(_ run: RunKey) -> LastWord? {
        // What held it for a replay that is over holds it no more.
        let isOver = replays[run].map(over.contains) ?? false
        let enforced = isOver ? nil : real[run]
        guard enforced?.reason == nil || enforced?.reason == .noPolicy, let other = dryRun[run], other.reason != nil
        else { return enforced }
        return other
    }

    /// Whether it was held until somebody says yes, and somebody did: it comes at its time.
    private func isApproved(_ run: RunKey, _ reason: Reason) -> Bool {
        reason == .awaitingApproval && approved.contains(run)
    }
}
