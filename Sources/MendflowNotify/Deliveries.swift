import MendflowCore
import MendflowEnvironment

/// How the telling of one channel goes beside what its queue knows: which tries failed, and what went out lately. Pure.
struct Deliveries: Sendable {
    /// How often the present message failed, how often of these it was refused for good, and when it is tried again.
    private var failures = 0, refusals = 0, nextTry: AgentTime?
    /// Records whose message went out, and that could not be written down yet: a full disk is no reason to send it again.
    private(set) var unwritten: Set<Int64> = []
    /// When messages went out lately, and which of them pressed.
    private var sent: [(at: AgentTime, isPressing: Bool)] = []

    /// The most messages within a time: what comes faster is put together. What presses has as many for itself.
    static let burst = 10, window = Period.minutes(10)
    /// How often a message is tried that is refused for good.
    private static let mostRefusals = 5

    /// Takes in what went out lately as the ledger has it.
    mutating func begin(sent: [(at: AgentTime, isPressing: Bool)]) { self.sent = sent }

    /// Whether a message may be tried now: not while one has just failed, nor where there were many lately.
    mutating func mayTry(_ notices: [Notice], at now: AgentTime) -> Bool {
        if let nextTry, now < nextTry { return false }
        return !isCrowded(at: now, pressing: notices.contains(where: \.isPressing))
    }

    /// Whether there were as many messages lately as there may be, of those that press or of the others.
    mutating func isCrowded(at now: AgentTime, pressing: Bool) -> Bool {
        sent.removeAll { now - $0.at > Deliveries.window || $0.at > now }
        return sent.count { $0.isPressing == pressing } >= Deliveries.burst
    }

    /// A message went out, which is still to be written down.
    mutating func wentOut(_ notices: [Notice], at now: AgentTime) {
        (failures, refusals, nextTry) = (0, 0, nil)
        sent.append((now, notices.contains(where: \.isPressing)))
        unwritten = Set(notices.map(\.record))
    }

    /// What went out is written down.
    mutating func wroteDown() { unwritten = [] }

    /// A try failed: when the next one is made, later and later; nil where the message was refused for good too often.
    mutating func failed(_ fault: DeliveryFault, at now: AgentTime) -> AgentTime? {
        failures += 1
        refusals += fault.isFinal ? 1 : 0
        guard refusals < Deliveries.mostRefusals else { return nil }
        let wait = min(Period.minutes(15), Period(milliseconds: 10_000 << Int64(min(failures - 1, 7))))
        nextTry = now + wait
        return nextTry
    }

    /// The present message is not tried any more.
    mutating func gaveUp() { (failures, refusals, nextTry) = (0, 0, nil) }
}
