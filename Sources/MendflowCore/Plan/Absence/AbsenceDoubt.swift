/// Why nobody is told that a workflow did not run, although no run of it was seen: what was not seen need not be missing.
public enum AbsenceDoubt: String, Sendable, Hashable, CaseIterable {
    /// n8n's database seems to be another one than it was.
    case epochAlarm = "epoch_alarm"
    /// Nobody can tell n8n's time.
    case clockDisputed = "clock_disputed"
    /// The workflow is switched off or archived.
    case switchedOff = "switched_off"
    /// The workflow was switched on less than `within` ago.
    case switchedOnLately = "switched_on_lately"
    /// Several workflows bear the name by which the policy means one.
    case ambiguousWorkflow = "ambiguous_workflow"
    /// It does not keep the runs that would count.
    case keepsNoSuccesses = "keeps_no_successes", keepsNoFailures = "keeps_no_failures"
    /// The agent does not look back that far.
    case beyondLookBack = "beyond_look_back"
    /// This poll was incomplete, or parts of n8n's list were not read yet.
    case notRead = "not_read"
    /// A waiting run of it may be in no list of this server.
    case mayBeHidden = "may_be_hidden"
    /// No run of it was ever seen within the look-back.
    case neverSeen = "never_seen"

    /// The doubt in words.
    public var words: String {
        switch self {
        case .epochAlarm: "n8n's database seems to be another one than it was"
        case .clockDisputed: "nobody can tell n8n's time"
        case .switchedOff:
            "the workflow is switched off or archived; `workflow: {active: any}` looks for it all the same"
        case .switchedOnLately: "the workflow was switched on a short while ago"
        case .ambiguousWorkflow: "several workflows bear this name; match by id"
        case .keepsNoSuccesses: "the workflow does not keep its successful runs, so that none is seen proves nothing"
        case .keepsNoFailures:
            "the workflow does not keep its failed runs, so that none is seen proves nothing; `status: success` asks for "
                + "less"
        case .beyondLookBack: "the agent does not look back that far: write a longer `look_back`"
        case .notRead: "not everything was read yet"
        case .mayBeHidden:
            "a waiting run of it may be in no list of this server: `status: success` does not ask for waiting runs"
        case .neverSeen: "no run of it was seen within the look-back, so that nobody can tell since when one is missing"
        }
    }
}
