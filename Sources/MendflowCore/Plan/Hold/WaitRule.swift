/// One time that has to come before an action that nothing holds is due.
struct WaitRule: Sendable {
    /// The reason that decisions tell.
    let reason: Reason
    /// What is waited for, in one sentence for docs/holds.md.
    let sentence: String
    /// The time that has to come; nil where nothing is waited for.
    let until: @Sendable (Proposal, PreparedAction) -> ServerTime?

    init(
        _ reason: Reason, _ sentence: String, _ until: @escaping @Sendable (Proposal, PreparedAction) -> ServerTime?
    ) {
        self.reason = reason
        self.sentence = sentence
        self.until = until
    }
}

/// Why an action waits, and until when; nil where that depends on what becomes of others.
struct Wait {
    var reason: Reason
    var until: ServerTime?

    /// Of several that hold an action the one that holds it longest: the latest time, or the first where none is known.
    static func longest(_ waits: [Wait]) -> Wait? {
        let timed = waits.filter { $0.until != nil }
        return timed.reduce(timed.first ?? waits.first) { longest, wait in
            guard let end = wait.until, let known = longest?.until else { return longest }
            return end > known ? wait : longest
        }
    }
}

extension [WaitRule] {
    /// What an action waits for: the latest of the times that have not come; nil where all have.
    func pending(_ proposal: Proposal, _ action: PreparedAction) -> Wait? {
        var latest: (until: ServerTime, reason: Reason)?
        for rule in self {
            guard let until = rule.until(proposal, action), !proposal.context.validity.hasCome(until) else { continue }
            if let latest, until <= latest.until { continue }
            latest = (until, rule.reason)
        }
        return latest.map { Wait(reason: $0.reason, until: $0.until) }
    }
}

/// An action as it would be done, with why it is not due earlier.
struct PreparedAction {
    var action: ProposedAction
    var dueReason: Reason

    /// The verdict where an action waits for something, or for nothing.
    consuming func verdict(_ wait: Wait?) -> Verdict {
        guard let wait else { return .act(action) }
        if let until = wait.until { action.due = max(action.due, until) }
        return .wait(action, until: wait.until, wait.reason)
    }
}

extension WaitRule {
    /// n8n or a proxy refused the action a moment ago.
    static let refusedRecently = WaitRule(
        .refusedRecently, "n8n or a proxy refused it a moment ago: one, two minutes, or as long as they asked for."
    ) { proposal, _ in proposal.refusedUntil(Backoff()) }
}

extension WaitRule {
    /// The last look before sending found a reason not to send it.
    static let droppedRecently = WaitRule(
        .droppedRecently, "The last look before sending objected a moment ago: one minute, two, four, up to an hour."
    ) { proposal, _ in proposal.context.intents.droppedUntil(proposal.kind, proposal.subject.row.id) }

    /// In queue mode a run that n8n called crashed may be given another end when its job turns out to be stalled.
    static let settling = WaitRule(
        .settling, "It was seen to crash less than `settling` ago, and n8n may still give it another end."
    ) { proposal, _ in proposal.settledAt }
}

extension Proposal {
    /// When a crashed run is taken for crashed; nil for what is final already.
    var settledAt: ServerTime? {
        let row = subject.row
        guard row.status == .crashed else { return nil }
        // Where nobody looked before, the end that n8n tells has to do: it is the run's last sign of life.
        let since = context.snapshot.firstSeen[row.id] ?? row.endedAt
        return since.map { $0 + context.set.settling }
    }
}

extension PlanningContext {
    /// When a policy's hours allow acting next; nil where they do now.
    func outsideWindow(_ shared: SharedPolicy) -> Wait? {
        let guards = shared.policy.guards
        let windows = guards.notDuring + guards.activeDuring
        guard !windows.isEmpty else { return nil }
        if windowsSeen.insert(shared.position).inserted {
            for change in windows.compactMap({ $0.nextChange(after: now) }) { validity.changesAll(at: change) }
        }
        return guards.outsideWindow(at: now)
    }
}

extension PlanningContext {
    /// What is waited for in the end: where the policy's hours do not allow acting at the time that is waited for, the next
    /// time at which they do.
    func withHours(_ wait: Wait, _ shared: SharedPolicy) -> Wait {
        guard let until = wait.until, let closed = shared.policy.guards.outsideWindow(at: until) else { return wait }
        return closed
    }
}

extension Guards {
    fileprivate func outsideWindow(at now: ServerTime) -> Wait? {
        if let blocking = notDuring.first(where: { $0.contains(now) }) {
            return Wait(reason: .outsideWindow, until: blocking.end(containing: now))
        }
        guard !activeDuring.isEmpty, !activeDuring.contains(where: { $0.contains(now) }) else { return nil }
        return Wait(reason: .outsideWindow, until: activeDuring.compactMap { $0.nextStart(after: now) }.min())
    }
}
