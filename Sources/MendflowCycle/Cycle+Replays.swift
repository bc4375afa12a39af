import MendflowCore
import MendflowLedger

// Replays that stop by themselves, and those of which nothing is left to do.
extension Cycle {
    /// Pauses the replays whose retries fail again more often than they may, before anything else is planned for them.
    func replaysToStop(_ before: LedgerView, _ input: Input) -> [LedgerEvent] {
        guard acts, before.replays.values.contains(where: \.isRunning) else { return [] }
        let view = input.ledger.view(of: instance, shadow: false, at: input.poll.clockOffset.agent(input.now))
        let snapshot = snapshot(input)
        return running(view, input.policies).compactMap { policy, pace in
            ReplayProgress(policy.name, view, snapshot).objection(pace).map {
                .replayMoved(instance, ReplayMove(policy.name, .paused, by: "", why: $0))
            }
        }
    }

    /// Ends the replays of which nothing can be done any more: every execution was retried, and how that went is known, or is
    /// held for good. Nothing is concluded where not everything was seen.
    func replaysThatAreOver(_ step: Step, _ input: Input) -> [LedgerEvent] {
        guard acts, input.poll.completeness == .complete, input.coverage.unread.isEmpty, step.questions.isEmpty else {
            return []
        }
        return running(step.view, input.policies).compactMap { policy, _ in
            let progress = ReplayProgress(policy.name, step.view, step.snapshot)
            let isLeft = step.plan.decisions.contains { $0.policy?.name == policy.name && $0.mayStillAct }
            guard progress.pending == 0, !isLeft else { return nil }
            return .replayMoved(instance, ReplayMove(policy.name, .ended, by: "", why: ""))
        }
    }

    private func running(_ view: LedgerView, _ policies: PolicySet) -> [(policy: Policy, pace: ReplayPace)] {
        policies.policies.compactMap { policy in
            guard let pace = policy.replay, view.replays[policy.name]?.isRunning == true else { return nil }
            return (policy, pace)
        }
    }
}

extension Decision {
    /// Whether something may still be done by it without anybody changing anything.
    fileprivate var mayStillAct: Bool {
        guard case .held(let reason, _) = verdict else { return true }
        return Decision.passing.contains(reason)
    }

    /// Reasons that say nothing of the execution itself, or that pass.
    private static let passing: Set<Reason> = [
        .factPending, .incompletePoll, .clockDisputed, .epochAlarm, .paused, .replayPaused, .live, .inFlight,
    ]
}
