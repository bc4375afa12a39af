/// Why something is not done, or not yet; the label goes to records, metrics and tables.
public enum Reason: String, Sendable, Hashable, CaseIterable {
    // Nobody's.
    /// No enforced policy matches.
    case noPolicy = "no_policy"
    /// Nobody can tell whether a policy matches, because a value that it looks at cannot be read.
    case matchUnknown = "match_unknown"
    /// n8n's lists show it, and by id n8n says that it is not there.
    case unfound
    /// It ended longer ago than the agent looks back.
    case beyondLookBack = "beyond_look_back"
    /// It ended before `init`.
    case beforeBaseline = "before_baseline"
    /// The chain succeeded.
    case healed
    /// A fact that the decision needs could not be fetched yet.
    case factPending = "fact_pending"

    // Owned and waiting for a time.
    /// The interval before the next retry has not passed.
    case backoff
    /// The failed service asked to wait.
    case providerWait = "provider_wait"
    /// n8n or a proxy asked to wait, or refused a moment ago.
    case refusedRecently = "refused_recently"
    /// The last look before sending objected a moment ago.
    case droppedRecently = "dropped_recently"
    /// It crashed a moment ago, and n8n may still give it another end.
    case settling
    /// A person retried the chain.
    case yieldToHumans = "yield_to_humans"
    /// Outside the policy's hours.
    case outsideWindow = "outside_window"
    /// The policy's cap on actions.
    case maxActions = "max_actions"
    /// The instance's cap on actions.
    case instanceLimit = "instance_limit"
    /// The policy's rate limit.
    case rateLimit = "rate_limit"
    /// The policy acted on the workflow a moment ago.
    case cooldown
    /// The policy's actions failed too often.
    case circuitOpen = "circuit_open"
    /// As many retries as allowed are running.
    case maxInFlight = "max_in_flight"
    /// A replay's first retries have to heal before the others are sent.
    case canary
    /// It belongs to an incident: one of its runs is tried first, and when that heals the others are let go at a pace.
    case incident
    /// A stop was sent and is being verified.
    case verifying

    // Owned and held.
    /// A run of the chain is live.
    case live
    /// A request for the chain is on its way.
    case inFlight = "in_flight"
    /// Nobody knows whether our last request did anything.
    case unresolved
    /// A retry may do again what was done already.
    case mayRepeat = "may_repeat"
    /// An exception of the policy.
    case excepted
    /// A protection of the configuration.
    case protected
    /// The policy that owns the chain is gone or no longer matches.
    case ownerGone = "owner_gone"
    /// All retries are used up, or it took too long.
    case exhausted
    /// The newest run was not kept.
    case leafGone = "leaf_gone"
    /// Three tries were refused.
    case refused
    /// n8n says that it cannot be acted on.
    case closed
    /// The server has no request for it.
    case notOffered = "not_offered"
    /// The key may not do it.
    case forbidden
    /// The workflow's name belongs to several workflows.
    case ambiguousWorkflow = "ambiguous_workflow"
    /// The parent run failed too, and is the one to retry.
    case parentFailed = "parent_failed"
    /// We stopped it ourselves.
    case stoppedByUs = "stopped_by_us"
    /// Draft and published workflow differ.
    case draftDiffers = "draft_differs"
    /// A retry would run nothing.
    case nothingToResume = "nothing_to_resume"
    /// It ran to its end, and n8n does not tell how that went.
    case outcomeUnknown = "outcome_unknown"
    /// The node at which the retry begins is not the same in the present workflow.
    case workflowChanged = "workflow_changed"
    /// The stop did not take, twice.
    case ineffective
    /// The tag's name has no id.
    case unmappedTag = "unmapped_tag"
    /// Acting is paused.
    case paused
    /// The replay that wants it is paused, or over.
    case replayPaused = "replay_paused"
    /// n8n's database seems to be another one than it was.
    case epochAlarm = "epoch_alarm"
    /// The poll was incomplete.
    case incompletePoll = "incomplete_poll"
    /// It depends on n8n's time, and nobody can tell that.
    case clockDisputed = "clock_disputed"
    /// It was started by another run's failure, and the policy does not name that mode.
    case errorWorkflow = "error_workflow"
    /// One request stops it together with others.
    case inBulk = "in_bulk"
    /// It may still be retried, so it is not deleted.
    case retryHorizon = "retry_horizon"
    /// The run that it retries is deleted first.
    case olderFirst = "older_first"
    /// In dry-run it was decided already.
    case shadowed

    // Due, and withheld.
    /// The policy's roll-out leaves out the chain.
    case notInRollout = "not_in_rollout"
    /// The policy healed less than it declares, and is in dry-run.
    case demoted
    /// A person has to say yes first.
    case awaitingApproval = "awaiting_approval"
    /// Nobody said yes in time, or what was approved was not sent in time.
    case approvalExpired = "approval_expired"
    /// A person said no.
    case approvalDeclined = "approval_declined"

    /// Whether it withholds what is due and held by nothing else, so that the record says what would have been done.
    public var withholds: Bool { WithholdRules.all.contains { $0.reason == self } }
}
