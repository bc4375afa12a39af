import MendflowCore
import MendflowLedger

/// Which n8n's an agent reaches, as far as that matters to who leads them: whoever leads one and has not read it for long
/// asks it once more, and while a leader says that it is blind the others ask as well. Nobody else asks anything, so that
/// peace costs nothing.
struct Sight: Sendable {
    /// How long an instance may be unread before its leader asks whether it is cut off; how often it is asked then.
    let patience: Period, interval: Period
    /// How long whoever was cut off is not preferred again, though it reaches the n8n since.
    let memory: Period

    private struct Known {
        var askedAt: Period
        var failedAt: Period?
        /// How often in a row it was reached.
        var run = 0
    }
    private var known: [String: Known] = [:]
    /// Whether the leaders are blind, of what is led elsewhere.
    private var areLeadersBlind: [String: Bool] = [:]
    private var led: Set<String> = []

    /// Judges by the time between two looks at n8n.
    init(pollInterval: Period) {
        func times(_ number: Int64) -> Period { Period(milliseconds: pollInterval.milliseconds * number) }
        (patience, interval) = (.minutes(1) + times(3), pollInterval)
        memory = max(.minutes(5), times(10))
    }

    /// Takes in who leads what, and when the instances that are led from here were read last; answers what is to be asked now.
    mutating func look(
        at board: LeaseBoard, from here: AgentName, _ instances: Set<String>, read: [String: Period], now: Period
    ) -> [String] {
        led = Set(read.keys)
        known = known.filter { instances.contains($0.key) }
        var due: [String] = []
        for name in instances.sorted() {
            let holder = board.held(name)?.holder
            areLeadersBlind[name] = holder.flatMap { board.agents[$0]?.blind.contains(name) } ?? false
            guard isInQuestion(name, read[name], now) else {
                known[name] = nil
                continue
            }
            if known[name].map({ $0.askedAt + interval <= now }) ?? true {
                known[name, default: Known(askedAt: now)].askedAt = now
                due.append(name)
            }
        }
        return due
    }

    private func isInQuestion(_ name: String, _ read: Period?, _ now: Period) -> Bool {
        if let read { return now - read > patience }
        let isRemembered = known[name]?.failedAt.map { now - $0 < memory || known[name]?.run == 0 } ?? false
        return areLeadersBlind[name] ?? false || isRemembered
    }

    /// Takes in whether an n8n was reached.
    mutating func note(_ name: String, isReached: Bool, now: Period) {
        // Nobody asks about it any more.
        guard var it = known[name] else { return }
        it.run = isReached ? it.run + 1 : 0
        if !isReached { it.failedAt = now }
        known[name] = it
    }

    /// What others are blind to and this agent reaches: twice in a row, so that a leader that reaches it again as well has
    /// found out before.
    var sees: Set<String> {
        Set(known.filter { $0.value.run > 1 && !led.contains($0.key) && areLeadersBlind[$0.key] ?? false }.keys)
    }

    /// What this agent does not reach, or did not until a moment ago. What it leads and reaches it is not blind to.
    var blind: Set<String> {
        let failed = known.filter { name, it in it.failedAt != nil && (it.run == 0 || !led.contains(name)) }
        return Set(failed.keys).subtracting(sees)
    }
}
