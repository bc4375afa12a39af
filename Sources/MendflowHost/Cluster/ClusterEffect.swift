import MendflowCore

/// What a cluster has to do because of what it heard, in this order.
enum ClusterEffect: Sendable, Equatable {
    /// An instance's loop comes to its end, and its lease is given back then.
    case end(String)
    /// The same, and nothing more is written or sent under the lease, which is over.
    case cut(String)
    /// The lease of an instance's loop lasts at least until then, in monotonic time.
    case prolong(String, until: Period)
    /// People are told.
    case say(AgentEvent.Level, String, String, instance: String? = nil)
}
