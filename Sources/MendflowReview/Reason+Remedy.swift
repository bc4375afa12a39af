public import MendflowCore

extension Reason {
    /// Whether it ends by itself, or needs nobody: `inbox` is silent about it.
    public var endsByItself: Bool { remedy == nil }

    /// What a person may do about it; nil where it ends by itself, or needs nobody.
    public var remedy: String? {
        switch self {
        case .beyondLookBack: "retry it in n8n by hand, or let the agent look back further (`look_back`)"
        case .circuitOpen: "look why the policy's actions fail: it tries one again once the breaker's time has passed"
        case .mayRepeat:
            "look in n8n what it had done; retry it there where a repeat does no harm, or write `repeats: allow` in the policy"
        case .excepted, .protected: "nothing, for it was asked for; who wants it acted on changes the condition"
        case .ownerGone: "look at its newest run, and retry or repair it in n8n; nothing else is done to this chain"
        case .exhausted: "repair what fails, and retry it in n8n: a success there settles the chain"
        case .leafGone: "look in n8n whether the work was done, and run the workflow again where it was not"
        case .matchUnknown: "open it in n8n: what its data tells decides, and the agent asks for that again by itself"
        case .unfound: "look whether n8n shows it and the key may read it: by id n8n denies it, and its lists show it"
        case .refused: "read n8n's words in the record, and do it by hand"
        case .closed: "read n8n's words in the record: n8n takes no such request for this execution any more"
        case .notOffered: "do it by hand in n8n, or update n8n; else switch the policy off here"
        case .forbidden: "give the key the scope that is missing, and start the agent again; `mendflow doctor` names it"
        case .ambiguousWorkflow: "rename one of the workflows, or match by `workflow: {id: ...}`"
        case .parentFailed: "retry the run that called it, which is another execution"
        case .stoppedByUs: "nothing, unless the stop was wrong: then retry it in n8n"
        case .draftDiffers: "publish the saved draft or discard it, or leave out `load_workflow`"
        case .nothingToResume: "run the workflow again in n8n: a retry would go through no node"
        case .outcomeUnknown: "look in n8n whether the work was done, and run the workflow again where it was not"
        case .workflowChanged: "retry it in n8n with the node that is there now, or leave out `load_workflow`"
        case .ineffective: "look in n8n why the run does not end; a worker may have to be started again"
        case .unmappedTag: "write the tag's id under `tags` of the instance: docs/operating.md says how to find it"
        case .paused: "`mendflow resume` lifts the pause"
        case .replayPaused: "`mendflow replay resume NAME` lets the replay go on, of the name that stands with it"
        case .epochAlarm:
            "where the database is meant to be another one, `mendflow instance adopt --reason ...` accepts it"
        case .clockDisputed: "set the clocks right: `mendflow doctor` says which of them disagree"
        case .demoted: "look why it heals so little; edit the policy, or `mendflow promote POLICY --reason ...`"
        case .awaitingApproval: "`mendflow approve list` shows what is asked, `mendflow approve ID` says yes"
        case .approvalExpired, .approvalDeclined:
            "nothing, if it is to be left; retry or stop it in n8n by hand otherwise, or edit the policy, which asks anew"
        case .errorWorkflow: "nothing, unless the error workflow is to be retried: then the policy names its mode"
        case .noPolicy, .beforeBaseline, .healed, .factPending, .backoff, .providerWait, .refusedRecently,
            .droppedRecently, .settling, .yieldToHumans, .outsideWindow, .maxActions, .instanceLimit, .rateLimit,
            .cooldown, .maxInFlight, .canary, .incident, .verifying, .live, .inFlight, .incompletePoll, .shadowed,
            .unresolved,
            .inBulk,
            .retryHorizon, .olderFirst, .notInRollout:
            nil
        }
    }
}
