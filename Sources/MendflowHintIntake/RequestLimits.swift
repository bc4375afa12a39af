import MendflowCore
private import Synchronization

/// How many requests are taken in: so many at once, and so many a second for long. Those without a token share one small limit.
final class RequestLimits: Sendable {
    private struct Bucket: Sendable {
        var left: Double
        var at: Period
    }

    private static let perSecond = 50.0, atOnce = 500.0
    private static let perSecondUnknown = 5.0, atOnceUnknown = 20.0
    private let buckets = Mutex<[String: Bucket]>([:])
    private let clock: any AgentClock

    init(clock: any AgentClock) { self.clock = clock }

    /// Takes one place of an instance's, or of those whom nobody knows.
    func hasRoom(for instance: String?) -> Bool {
        let now = clock.monotonic()
        let (rate, most) =
            instance == nil
            ? (RequestLimits.perSecondUnknown, RequestLimits.atOnceUnknown)
            : (RequestLimits.perSecond, RequestLimits.atOnce)
        return buckets.withLock { buckets in
            var bucket = buckets[instance ?? ""] ?? Bucket(left: most, at: now)
            bucket.left = min(most, bucket.left + rate * Double((now - bucket.at).milliseconds) / 1000)
            bucket.at = now
            defer { buckets[instance ?? ""] = bucket }
            guard bucket.left >= 1 else { return false }
            bucket.left -= 1
            return true
        }
    }
}

/// Says a thing, and not again for a while: whoever sends what is refused could fill a log.
struct RareLog: Sendable {
    private static let pause = Period.minutes(10)
    private let log: any EventSink
    private let clock: any AgentClock
    private let said = Said()

    private final class Said: Sendable { let times = Mutex<[String: Period]>([:]) }

    init(log: any EventSink, clock: any AgentClock) {
        self.log = log
        self.clock = clock
    }

    func warn(_ name: String, _ message: String, instance: String? = nil) {
        let now = clock.monotonic()
        let isNew = said.times.withLock { times in
            let key = "\(name) \(instance ?? "")"
            if let last = times[key], last + RareLog.pause > now { return false }
            times[key] = now
            return true
        }
        if isNew { log.emit(AgentEvent(at: clock.now(), .warning, name, instance: instance, message)) }
    }
}
