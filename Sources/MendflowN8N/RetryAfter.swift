package import MendflowCore

extension Period {
    /// The longest that a server is left alone because one answer asks for it: it may be a mistake, or meant badly.
    private static let longestWait = Period.minutes(15)

    /// Reads `Retry-After`, seconds or a date; a date counts from `now`. At most 15 minutes, never negative.
    package init?(retryAfter text: String?, now: ServerTime) {
        guard let text else { return nil }
        if text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), !text.isEmpty {
            self = .seconds(min(Int64(text) ?? .max, Period.longestWait.milliseconds / 1000))
        } else if let date = ServerTime(httpDate: text) {
            self = max(.zero, min(Period.longestWait, date - now))
        } else {
            return nil
        }
    }
}
