/// Until when what planning finds out holds, where nothing but time goes on.
///
/// Whatever planning compares with now it compares through here, so that the times at which a comparison would turn out
/// otherwise become known: those that concern the row that is judged, and those that concern all.
final class PlanValidity {
    private let now: ServerTime
    /// Lengths of time that conditions compare ages and run times with.
    private let limits: [Period]
    /// The first time at which something may be decided otherwise: of any row, and of the row that is judged.
    private(set) var ofAll: ServerTime, ofRow: ServerTime
    private var judgesRow = false
    /// Whether anything was compared with now for the row that is judged.
    private(set) var comparesRow = false

    /// Every row is judged again after so long, should something be compared with now that does not go through here. It is
    /// a safeguard: no decision is right only because of it.
    private static let longest = Period.hours(1)

    init(_ now: ServerTime, limits: [Period]) {
        self.now = now
        self.limits = limits
        ofAll = now + .days(1)
        ofRow = ofAll
    }

    /// What is compared from here on concerns one row.
    func beginRow() {
        (judgesRow, comparesRow) = (true, false)
        ofRow = now + PlanValidity.longest
    }

    /// Whether a time has come.
    func hasCome(_ time: ServerTime) -> Bool {
        comparesRow = judgesRow
        if time > now {
            if judgesRow { ofRow = min(ofRow, time) } else { ofAll = min(ofAll, time) }
        }
        return time <= now
    }

    /// Whether a time lies behind.
    func hasPassed(_ time: ServerTime) -> Bool { hasCome(time + .milliseconds(1)) }

    /// How long ago something was.
    func age(since time: ServerTime) -> Period {
        comparesRow = judgesRow
        // At the limit itself "longer than" is not true yet.
        for limit in limits where hasCome(time + limit) { _ = hasPassed(time + limit) }
        return now - time
    }

    /// Now, for a decision that holds this very time in it: it must be made again at the next tick, for then the time is
    /// another one.
    func momentary() -> ServerTime {
        comparesRow = judgesRow
        if judgesRow { ofRow = now } else { ofAll = now }
        return now
    }

    /// Notes a time at which something changes for all rows, where it was met while one of them was judged.
    func changesAll(at time: ServerTime) {
        if time > now { ofAll = min(ofAll, time) }
    }
}

extension PolicySet {
    /// Lengths of time that conditions compare with what grows with time.
    static func limits(_ policies: [Policy], _ protections: [Protection]) -> [Period] {
        let conditions =
            policies.compactMap(\.match) + policies.flatMap { $0.exceptions.map(\.match) } + protections.map(\.match)
        return Array(Set(conditions.flatMap(\.periods)))
    }
}

extension Condition {
    /// Every length of time that something is compared with.
    fileprivate var periods: [Period] {
        switch self {
        case .all(let parts), .any(let parts): parts.flatMap(\.periods)
        case .not(let part): part.periods
        case .test(let test):
            test.operators.compactMap { if case .period(_, let period) = $0 { period } else { nil } }
        }
    }
}
