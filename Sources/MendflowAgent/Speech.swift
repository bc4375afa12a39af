import MendflowCore
import MendflowCycle
import Synchronization

/// Tells remarks to the log: dated, and of those on one topic only what changed.
final class Speech: Sendable {
    private let instance: String
    private let clock: any AgentClock
    private let events: any EventSink
    /// What was told last on each topic, and when, in monotonic time.
    private let told = Mutex<[String: (name: String, message: String, at: Period)]>([:])

    init(instance: String, clock: any AgentClock, events: any EventSink) {
        self.instance = instance
        self.clock = clock
        self.events = events
    }

    func tell(_ remarks: [Remark]) {
        for remark in remarks where isNew(remark) {
            events.emit(
                AgentEvent(
                    at: clock.now(), remark.level, remark.name, instance: instance, remark.message,
                    fields: remark.fields))
        }
    }

    private func isNew(_ remark: Remark) -> Bool {
        guard let topic = remark.topic else { return true }
        let now = clock.monotonic()
        return told.withLock { told in
            let last = told[topic.name]
            // What was never wrong need not be said to be right again.
            if last == nil, remark.isAllClear { return false }
            if let last, last.name == remark.name, remark.isAllClear { return false }
            if let last, last.name == remark.name {
                guard let again = topic.again else {
                    guard last.message != remark.message else { return false }
                    told[topic.name] = (remark.name, remark.message, now)
                    return true
                }
                guard last.at + again <= now else { return false }
            }
            told[topic.name] = (remark.name, remark.message, now)
            return true
        }
    }
}
