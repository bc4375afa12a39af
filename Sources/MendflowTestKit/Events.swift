public import MendflowCore
private import Synchronization

/// Keeps events for tests to read.
public final class Events: EventSink {
    private let log = Mutex<[AgentEvent]>([])
    /// Makes an empty one.
    public init() {}

    /// Keeps one.
    public func emit(_ event: AgentEvent) { log.withLock { $0.append(event) } }
    /// Those of a name, in their order.
    public func named(_ name: String) -> [AgentEvent] { log.withLock { $0.filter { $0.name == name } } }
}
