import MendflowCore
import MendflowPolicy
import MendflowWorkspace

/// What there is to lead, and how it is heard that it changes.
struct Roster: Sendable {
    /// What is there now, by name.
    var present: @Sendable () async -> [String: Led]
    /// Yields whenever that may have changed.
    var changes: AsyncStream<Void>
    /// Whether it may change at all, so that there may be something to do later where there is nothing now.
    var isOpen: Bool
    /// Looks for changes, where no loop does; nil where nobody has to. How often that is to be done.
    var look: (@Sendable () async -> Void)?, interval: Period

    /// What is there for as long as the host lives.
    init(always instances: [String: Led]) {
        present = { instances }
        (changes, isOpen, interval) = (AsyncStream { $0.finish() }, false, .seconds(30))
    }

    /// What is there at each moment.
    init(
        changes: AsyncStream<Void>, every interval: Period, look: (@Sendable () async -> Void)?,
        present: @escaping @Sendable () async -> [String: Led]
    ) {
        isOpen = true
        self.present = present
        self.changes = changes
        self.interval = interval
        self.look = look
    }
}

/// What a loop leads: an instance, or nil for the telling of messages.
struct Led: Sendable, Hashable {
    var instance: Configuration.Instance?

    /// Whether two are the same to a loop that runs, which takes in by itself what else differs.
    static func == (one: Led, other: Led) -> Bool { one.instance?.ofLoop == other.instance?.ofLoop }
    func hash(into hasher: inout Hasher) { hasher.combine(instance?.ofLoop) }
}
