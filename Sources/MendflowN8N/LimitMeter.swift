import MendflowCore
import MendflowHTTP
import Synchronization

/// What the last answers told of an API key's limits; shared by all that use the key.
final class LimitMeter: Sendable {
    private let told = Mutex(KeyLimits())

    var limits: KeyLimits { told.withLock { $0 } }

    /// Takes in what an answer tells; one that tells nothing leaves what is known.
    func note(_ answer: Answer, isWrite: Bool, _ clock: any AgentClock) {
        let head = answer.head.headers
        guard let limit = head["x-ratelimit-limit"].flatMap({ Int($0) }), limit > 0,
            let remaining = head["x-ratelimit-remaining"].flatMap({ Int($0) }), remaining >= 0,
            let reset = head["x-ratelimit-reset"].flatMap({ Int64($0) }), reset >= 0
        else { return }
        let serverNow = answer.serverTime ?? ClockOffset.zero.server(clock.now())
        let found = KeyLimit(
            limit: limit, remaining: min(remaining, limit), ends: clock.monotonic() + LimitMeter.time(reset, serverNow))
        told.withLock { if isWrite { $0.writes = found } else { $0.reads = found } }
    }

    /// How long a window goes on. A small number is seconds; a large one is a time, in seconds or in milliseconds since 1970.
    private static func time(_ reset: Int64, _ now: ServerTime) -> Period {
        let left =
            switch reset {
            case ..<1_000_000_000: Period.seconds(reset)
            case ..<1_000_000_000_000: ServerTime(milliseconds: reset * 1000) - now
            default: ServerTime(milliseconds: reset) - now
            }
        return max(.zero, min(left, longest))
    }

    /// The longest that what one answer tells is gone by: it may be a mistake.
    private static let longest = Period.minutes(15)
}
