import MendflowCore
import MendflowSimulator
import Synchronization

/// Hears the agent's events and tells the story of each in one line, one line at a time.
final class DemoVoice: EventSink {
    private let server: SimulatorServer
    private let minutes: Int
    private let tell: @Sendable (Demo.Told) -> Void
    private let story = Mutex(DemoStory())

    /// Tells of a demo of so many minutes.
    init(_ server: SimulatorServer, minutes: Int, _ tell: @escaping @Sendable (Demo.Told) -> Void) {
        self.server = server
        self.minutes = minutes
        self.tell = tell
    }

    func emit(_ event: AgentEvent) {
        // Told under the lock, so that lines come in order.
        story.withLock { story in
            for line in server.withSimulator({ story.lines(of: event, $0) }) { tell(.line(line)) }
        }
    }

    /// Tells how far the demo is.
    func progress(after: Period) {
        let minute = min(minutes, Int(after.milliseconds / Period.minutes(1).milliseconds))
        story.withLock { story in tell(.progress("minute \(minute) of \(minutes): \(story.sum)")) }
    }
}
