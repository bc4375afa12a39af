/// The agent's clock was ahead and was set back: what was written before shows times that had not come.
///
/// Entries keep what the clock showed, and their order is that of their numbers. What is reckoned from such times, as the
/// age of a request or a cap's window, would stand still until real time has caught up. So times that cannot be true are
/// taken to be that of the setting back, which came later.
public struct ClockSetBack: Sendable, Hashable {
    /// The latest time that any entry had shown, and what the clock showed when it was found to be set back.
    public var from: AgentTime, to: AgentTime
    /// The number of the last entry before.
    public var entry: Int64

    /// Clocks are corrected by less all the time.
    private static let tolerance = Period.minutes(5)

    /// Makes one.
    public init(from: AgentTime, to: AgentTime, entry: Int64) {
        self.from = from
        self.to = to
        self.entry = entry
    }

    /// Whether the clock was set back, by a ledger whose latest time is `latest` and whose last entry has this number:
    /// nil where it never was, the one that is known where nothing has happened since.
    public static func found(
        latest: AgentTime, entry: Int64, now: AgentTime, known: ClockSetBack?
    ) -> ClockSetBack? {
        guard latest > now + tolerance, known?.from != latest else { return known }
        return ClockSetBack(from: latest, to: now, entry: entry)
    }

    /// When something was that an intent tells: at the latest when the clock was set back, or now.
    fileprivate func date(_ time: AgentTime, of intent: Intent, now: AgentTime) -> AgentTime {
        guard intent.id.number <= entry, time > to, time <= from else { return time }
        // What an intent of that time tells is of that time unless it is earlier than the intent itself. Another one's may
        // be of later, as soon as that time has come.
        let isOfThatTime = intent.reservedAt > to ? time >= intent.reservedAt : time > now
        return isOfThatTime ? to : time
    }

    /// When an ask was made: at the latest when the clock was set back.
    fileprivate func date(of approval: Approval) -> AgentTime {
        let time = approval.askedAt
        return approval.id.number <= entry && time > to && time <= from ? to : time
    }

    /// The time, or now where it is still to come.
    fileprivate static func limit(_ time: AgentTime, _ now: AgentTime) -> AgentTime {
        time > now + tolerance ? now : time
    }
}

extension LedgerView {
    /// Takes no time of an intent for one that has not come at `now`.
    package mutating func correctTimes(by setBack: ClockSetBack?, at now: AgentTime) {
        for index in intents.indices {
            let intent = intents[index]
            func corrected(_ time: AgentTime) -> AgentTime {
                ClockSetBack.limit(setBack?.date(time, of: intent, now: now) ?? time, now)
            }
            let reserved = corrected(intent.reservedAt)
            let (sending, settled) = (intent.sendingAt.map(corrected), intent.settledAt.map(corrected))
            guard reserved != intent.reservedAt || sending != intent.sendingAt || settled != intent.settledAt else {
                continue
            }
            // A server asked to wait for so long after its answer.
            let answered = intent.settledAt ?? intent.reservedAt
            let moved = (settled ?? reserved) - answered
            intents[index].notBefore = intent.notBefore.map { $0 + moved }
            (intents[index].reservedAt, intents[index].sendingAt) = (reserved, sending)
            intents[index].askedAt = intent.askedAt.map(corrected)
            intents[index].settledAt = settled
        }
        for (topic, approval) in approvals {
            let asked = ClockSetBack.limit(setBack?.date(of: approval) ?? approval.askedAt, now)
            guard asked != approval.askedAt else { continue }
            // It stands for as long as it was meant to.
            approvals[topic]?.ask.expiresAt = approval.ask.expiresAt + (asked - approval.askedAt)
            approvals[topic]?.askedAt = asked
        }
    }
}
