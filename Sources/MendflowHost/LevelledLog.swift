import MendflowCore
import Synchronization

/// A log whose level can change while it is written.
final class LevelledLog: EventSink {
    private let base: any EventSink
    private let least: Mutex<AgentEvent.Level>

    /// Makes a log of events of a level and above.
    init(_ base: any EventSink, from level: AgentEvent.Level) {
        self.base = base
        least = Mutex(level)
    }

    /// From now on it is about events of a level and above.
    func begin(from level: AgentEvent.Level) { least.withLock { $0 = level } }

    func emit(_ event: AgentEvent) {
        guard event.level >= least.withLock({ $0 }) else { return }
        base.emit(event)
    }
}
