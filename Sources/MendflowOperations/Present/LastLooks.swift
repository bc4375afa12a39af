public import MendflowAgent
import MendflowCore
import MendflowCycle
import Synchronization

/// What the running agents of this process saw last, and decided of it. Whoever shows how things stand reads it here, so that
/// no page and no question costs n8n a request.
public final class LastLooks: Sendable {
    /// What an agent saw last.
    struct Look: Sendable {
        /// The last step that was taken, and the policies that it was taken by; nil before the first.
        var step: Step?, policies: PolicySet?
        /// Its moment by n8n's clock, and when it was told.
        var now: ServerTime, at: AgentTime
        /// Whether everything was seen.
        var completeness = Completeness.complete
        /// Why the newest poll read nothing; nil where it did.
        var trouble: String?
    }
    private let looks = Mutex<[String: Look]>([:])
    /// Where hints about instances come in; with an empty name what comes from nobody who is known.
    private let inboxes = Mutex<@Sendable () -> [(instance: String, inbox: HintInbox)]>({ [] })

    /// Makes one that knows nothing yet.
    public init() {}

    /// Says where hints about instances come in; what comes from nobody who is known has an empty name.
    public func hears(by inboxes: @escaping @Sendable () -> [(instance: String, inbox: HintInbox)]) {
        self.inboxes.withLock { $0 = inboxes }
    }

    /// What became of hints, by instance, in order; nothing where none are taken in.
    public var hints: [(instance: String, counts: HintInbox.Counts)] {
        let inboxes = inboxes.withLock { $0 }
        return inboxes().map { ($0.instance, $0.inbox.counts) }
    }

    /// Takes up what an agent found at a tick. Of one that read nothing only that stays: the decisions before it stand.
    func note(_ report: TickReport, of instance: String, at time: AgentTime) {
        looks.withLock { looks in
            guard let step = report.step else {
                guard let trouble = report.failures.first?.description else { return }
                looks[instance, default: Look(now: report.now, at: time)].trouble = trouble
                return
            }
            looks[instance] = Look(
                step: step, policies: report.policies, now: report.now, at: time, completeness: report.completeness)
        }
    }

    /// An instance is not looked at from here any more.
    func forget(_ instance: String) { looks.withLock { $0[instance] = nil } }

    /// What an instance's agent saw last; nil before its first tick.
    func look(at instance: String) -> Look? { looks.withLock { $0[instance] } }
}
