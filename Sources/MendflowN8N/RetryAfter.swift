import MendflowCore

extension Period {
    /// Reads `Retry-After`, seconds or a date; a date counts from `now`. At most a day, never negative.
    init?(retryAfter text: String?, now: ServerTime) {
        guard let text else { return nil }
        let day = Period.days(1)
        if text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), !text.isEmpty {
            self = .seconds(min(Int64(text) ?? 86_400, 86_400))
        } else if let date = ServerTime(httpDate: text) {
            self = max(.zero, min(day, date - now))
        } else {
            return nil
        }
    }
}
