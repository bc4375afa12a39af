/// What holds a retry.
enum RetryHolds {
    /// What holds a chain whether or not its retries are used up (semantics 12): it is no settled failure, or not ours to
    /// judge. A chain that one of these holds is not exhausted.
    static let beforeExhaustion =
        [
            HoldRule(.healed, "A run of the chain has succeeded, seen or remembered.") {
                .held(if: $0.subject.isHealed)
            },
            HoldRule(.noPolicy, "It has not failed, and nothing of the chain is live.", isNoFailure),
            HoldRule(.stoppedByUs, "It was canceled by a stop of ours.", wasStoppedByUs),
            HoldRule(.incompletePoll, "Its chain began before all that is read: it may have unknown retries.") {
                .held(by: $0.unknownRetries)
            },
            HoldRule(
                .parentFailed, "Nobody can tell how the chain was started: it may be a sub-workflow's.", hidesOrigin),
            HoldRule(
                .errorWorkflow, "Another run's failure started it, and the policy does not name that mode.", isOfError),
            HoldRule(
                .parentFailed, "It is a sub-workflow's run: its parent failed, or cannot be read.", hasFailedParent),
            HoldRule(.live, "It is a sub-workflow's run, and its parent goes on.", hasLiveParent),
            HoldRule(.live, "A run of the chain is live.") {
                .held(by: $0.subject.chain.firstLive.map { "\($0.id) is \($0.status.rawValue)" })
            },
            HoldRule(.inFlight, "A retry of the chain is on its way.") {
                .held(by: $0.chainRetries.first { $0.state.isOpen }.map { "intent \($0.id)" })
            },
            HoldRule(.unresolved, "A retry of the chain was never answered, and may not be sent again.", isUnresolved),
            HoldRule(
                .outcomeUnknown,
                "A run of the chain is on record that went to its end although n8n says that it failed.",
                isOfUnknownOutcome),
            HoldRule(.leafGone, "The newest run of the chain was not kept.", hasHiddenLeaf),
            HoldRule(.leafGone, "It was retried, and the run of that cannot be seen.", hasHiddenRetry),
        ] + CommonHolds.ofAnswers + [
            HoldRule(.shadowed, "In dry-run it was decided already.") { proposal in
                .held(if: !proposal.context.view.isMemoryless && proposal.earlier.contains { $0.state == .shadow })
            }
        ]

    /// What the policy itself says, asked before exhaustion where `on_exhausted` hands the chain on: a chain that the policy
    /// holds is not handed on, so that its hold, and not exhaustion, is why nothing happens.
    private static let instead = CommonHolds.ofPolicy.map {
        $0.only("With `continue: true`, once retries are used up: ", where: isSpentAndPassesOn)
    }

    static let all =
        beforeExhaustion + instead + [
            HoldRule(.exhausted, "Its retries are used up, or it first failed longer than `give_up_after` ago.") {
                .held(by: $0.isExhausted ? $0.exhaustionWords : nil)
            }
        ] + CommonHolds.ofPolicy + CommonHolds.ofOthers + CommonHolds.ofInstance + [
            HoldRule(.replayPaused, "The replay that wants it is paused, or over.") { proposal in
                guard let replay = proposal.context.view.replays[proposal.policy.name] else { return .clear }
                return .held(by: replay.isRunning ? nil : replay.standing)
            },
            HoldRule(
                .outcomeUnknown,
                "It ran to its end although n8n says that it failed: whether it did well is not known.",
                ranToItsEnd),
            HoldRule(
                .nothingToResume,
                "Its stored stack is empty: a retry would run nothing, and n8n would call it a success.",
                hasNothingToResume),
            HoldRule(
                .mayRepeat, "A retry may do again what was done already, and `repeats` does not allow it.", mayRepeat),
            HoldRule(.draftDiffers, "`load_workflow` would run a draft that is not what is published.", runsDraft),
            HoldRule(
                .workflowChanged,
                "With `load_workflow`, the node at which the retry begins is gone, disabled or of another type by now.",
                changedWorkflow),
        ]

    /// Whether a policy that passes on has nothing left to try.
    static func isSpent(_ proposal: Proposal) -> Bool {
        beforeExhaustion.firstHold(of: proposal) == nil && proposal.isExhausted
    }
}
