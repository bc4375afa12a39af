import MendflowCore
import MendflowHTTP
import Synchronization

/// What the last answers told of an API key's limits; shared by all that use the key.
final class LimitMeter: Sendable {
    private struct Told {
        var limits = KeyLimits()
        /// The longest that a window of writes had still to go when an answer told of it.
        var window = Period.zero
    }

    private let told = Mutex(Told())

    var limits: KeyLimits { told.withLock { $0.limits } }

    /// Takes one write out of what is left; how long to wait where nothing is.
    func takeWrite(at now: Period) -> Period? {
        told.withLock { told in
            guard let writes = told.limits.writes else { return nil }
            if let wait = writes.emptyFor(at: now) { return wait }
            told.limits.writes = writes.taken(at: now, window: told.window)
            return nil
        }
    }

    /// Takes in what an answer tells; one that tells nothing leaves what is known.
    func note(_ answer: Answer, isWrite: Bool, _ clock: any AgentClock) {
        let head = answer.head.headers
        guard let limit = head["x-ratelimit-limit"].flatMap({ Int($0) }), limit > 0,
            let remaining = head["x-ratelimit-remaining"].flatMap({ Int($0) }), remaining >= 0,
            let reset = head["x-ratelimit-reset"].flatMap({ Int64($0) }), reset >= 0
        else { return }
        let serverNow = answer.serverTime ?? ClockOffset.zero.server(clock.now())
        let left = LimitMeter.time(reset, serverNow)
        let found = KeyLimit(limit: limit, remaining: min(remaining, limit), ends: clock.monotonic() + left)
        told.withLock { told in
            guard isWrite else {
                told.limits.reads = found
                return
            }
            told.window = max(told.window, left)
            told.limits.writes = found.without(told.limits.writes)
        }
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

extension KeyLimit {
    /// What an answer tells, where others were taken out of the same window that the server had not heard of yet.
    fileprivate func without(_ known: KeyLimit?) -> KeyLimit {
        guard let known, known.limit == limit, (known.ends - ends).magnitude < .seconds(2) else { return self }
        return KeyLimit(limit: limit, remaining: min(remaining, known.remaining), ends: ends)
    }
}
