import MendflowCore
import MendflowHTML
import MendflowOperations
import MendflowReview

/// That something is held since not all of an n8n can be read: no decision about a single execution says that of all of them.
struct GapNotice {
    private let instance: String, gap: ReadingGap, now: AgentTime, lasts: Bool

    /// Nil where everything was read at the last tick.
    init?(_ status: InstanceStatus) {
        guard let gap = status.record?.lastTick?.gap else { return nil }
        (instance, self.gap, now, lasts) = (status.instance, gap, status.now, status.lastingGap != nil)
    }

    var html: HTMLText {
        .notice(
            "<p><strong>Not all of \(instance) is read</strong>: \(gap.held), \(HTMLText.countdown(gap.since, from: now)). \(gap.why). What to do: \(gap.remedy).</p>",
            lasts ? .bad : .wait)
    }
}
