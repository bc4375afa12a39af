public import MendflowCore
import MendflowText

extension ReadingGap {
    /// What is held, and for want of what.
    public var held: String {
        switch part {
        case .lists: "nothing is done before all of n8n can be read"
        case .below(let id): "retries of what began below \(id) wait until the list there is read"
        case .above(let id): "no retry is sent before n8n tells of the ids above \(id)"
        case .data(let count):
            "policies that look at errors leave \(count.words("failed run", "failed runs")) alone, whose data n8n does not "
                + "answer"
        }
    }

    /// What a person may do about it.
    public var remedy: String {
        switch part {
        case .lists: "see why n8n answers so (its log, a proxy before it); it goes on by itself once a look is whole"
        case .below: "it goes on by itself; where it comes no nearer, let n8n answer the key more often, or faster"
        case .above:
            "see why n8n answers so where there may be no such execution yet, for which 404 is expected; it goes on by itself once "
                + "it tells, or once a newer execution shows"
        case .data:
            "see why n8n answers so (its log, a proxy before it); each is asked for again after 5m, then less often"
        }
    }

    /// All of it: what is held, since when, why, and what to do.
    public func words(at now: AgentTime) -> String {
        let lasted = Period(milliseconds: max(0, (now - since).milliseconds / 1000 * 1000))
        return "\(held), since \(since.rfc3339Seconds) (\(lasted)): \(why); \(remedy)"
    }
}
