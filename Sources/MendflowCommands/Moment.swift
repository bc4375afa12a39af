import MendflowCommandLine
import MendflowCore

/// A moment as people type it: a time, a day's beginning in UTC, or so long ago.
enum Moment: Sendable, Hashable {
    case at(ServerTime), ago(Period)

    /// Reads one; nil where it is none.
    init?(_ word: String) {
        if let time = ServerTime(rfc3339: word) ?? ServerTime(rfc3339: word + "T00:00:00Z") {
            self = .at(time)
        } else if let length = Period(word), length > .zero {
            self = .ago(length)
        } else {
            return nil
        }
    }

    /// When that is.
    func time(at now: AgentTime) -> ServerTime {
        switch self {
        case .at(let time): time
        case .ago(let length): ClockOffset.zero.server(now) - length
        }
    }

    static let kind = ValueKind<Moment>.custom("TIME", show: { $0.text }) { (word) throws(ValueError) in
        guard let moment = Moment(word) else {
            throw ValueError(
                "is not a time, like 2026-05-01T06:00:00Z, nor a day, like 2026-05-01, nor so long ago, like 2d")
        }
        return moment
    }

    private var text: String {
        switch self {
        case .at(let time): time.rfc3339
        case .ago(let length): length.description
        }
    }
}
