import MendflowCore

/// Takes events and forgets them.
struct SilentEvents: EventSink {
    func emit(_ event: AgentEvent) {}
}
