import MendflowCore
import MendflowCycle
import MendflowLedger

/// What an agent makes of its hints beside looking at what they are about.
struct Hearing: Sendable {
    /// Where hints about the instance wait; nil where nobody takes any in.
    let inbox: HintInbox?
    /// What a person rings who wants a look at once; nil where nobody can.
    private let bell: Bell?
    /// How often it had rung when the last tick began.
    private var heeded = 0
    /// When the last tick began, in monotonic time.
    var tickedAt: Period?
    /// How long nothing is decided otherwise unless something happens, as the last tick knew it; nil where it does not.
    var quiet: Period?
    /// Whether something that hints told of is to be looked at again soon.
    var hasMore = false
    /// When it was put on record last that hints arrive, and with which version of n8n.
    var recorded: (at: AgentTime, release: String?)?
    /// How many hints were lost when that was said last.
    var lost = 0

    /// The least time from the begin of one tick to that of another that a hint wakes: what comes meanwhile is looked at with it.
    static let gap = Period.seconds(1)
    /// How long a silence of hints may be for them to count as arriving.
    static let patience = Period.minutes(10)
    /// How often it is put on record that they arrive.
    static let recordInterval = Period.hours(1)

    init(_ inbox: HintInbox?, _ bell: Bell?) { (self.inbox, self.bell) = (inbox, bell) }

    /// What rang so far is heeded by the tick that begins.
    mutating func heed() { heeded = bell?.rung ?? 0 }

    /// Waits until the bell rings, or there is a hint where hints count, or some time has passed; whether something is a
    /// reason to look.
    func waits(atMost period: Period, _ clock: any AgentClock, forHints: Bool) async throws -> Bool {
        let (inbox, bell, heeded) = (forHints ? inbox : nil, bell, heeded)
        guard inbox != nil || bell != nil else {
            try await clock.sleep(for: period)
            return false
        }
        return try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await clock.sleep(for: period)
                return false
            }
            if let inbox {
                group.addTask {
                    await inbox.arrival()
                    return true
                }
            }
            if let bell {
                group.addTask {
                    await bell.isRung(beyond: heeded)
                    return true
                }
            }
            let isThere = try await group.next() ?? false
            group.cancelAll()
            return isThere
        }
    }
}

extension InstanceAgent {
    /// Time from one tick to the next. While hints tell of what happens, and nothing is decided otherwise by time alone, a quiet
    /// instance is looked at four times less often, every two minutes at the least (docs/decisions/0047-hints.md).
    var pause: Period {
        let usual = pace.pause
        if hearing.hasMore { return min(usual, Hearing.gap) }
        guard let quiet = hearing.quiet, usual == pace.configuration.pollInterval, let hints = hearing.inbox,
            hints.hasHeard(within: Hearing.patience, at: clock.now())
        else { return usual }
        let longest = max(usual, min(Period(milliseconds: 4 * usual.milliseconds), .minutes(2)))
        return max(usual, min(longest, quiet))
    }

    /// Takes in what hints told of since the last tick.
    func hear() async {
        hearing.tickedAt = clock.monotonic()
        (hearing.quiet, hearing.hasMore) = (nil, false)
        guard let hints = hearing.inbox else { return }
        for heard in await surveyor.hear(hints.drain()) { hints.note(heard.result, heard.source) }
        let counts = hints.counts
        await record(counts)
        guard counts.dropped > hearing.lost else { return }
        let message =
            "hints were dropped, \(counts.dropped - hearing.lost) of them, because too many waited; polls find what they told of"
        hearing.lost = counts.dropped
        audience.tell([Remark(.warning, "hints.dropped", message)])
    }

    /// Takes in what a tick that was written down knows of the time after it.
    func noteQuiet(_ survey: Survey, _ step: Step) async {
        hearing.hasMore = await surveyor.hasHinted && survey.failures.isEmpty
        let isBusy = step.view.intents.contains { $0.state.isOpen || $0.state == .unresolved }
        guard survey.completeness == .complete, !survey.hasMore, await surveyor.isSwept, !isBusy,
            !step.decided.hasCapped, step.plan.actions.isEmpty, step.dryRunPlan.actions.isEmpty
        else { return }
        hearing.quiet = step.decided.holdsUntil.map { $0 - survey.now }
    }

    /// Puts on record that hints arrive, so that `doctor` and `status` can tell: rarely, and when n8n has another version.
    private func record(_ counts: HintInbox.Counts) async {
        guard let last = counts.lastAt else { return }
        if let recorded = hearing.recorded, recorded.at + Hearing.recordInterval > last,
            recorded.release == counts.release
        {
            return
        }
        hearing.recorded = (last, counts.release)
        let arrived = HintsArrived(
            surveyor.instance.name, last: last, received: counts.received,
            lastHour: counts.tally.inLastHour(at: clock.now()), release: counts.release)
        await append(
            [.lifecycle(.hinted(arrived))], isOutcome: false,
            [Remark(.info, "hints.arrive", "hints arrive" + (counts.release.map { " from n8n \($0)" } ?? ""))])
    }

    /// Waits for a tick's time, for a hint that is a reason to look, or until a person wants a look; whether there was one.
    func restOrHear(until next: Period) async throws -> Bool {
        let left = next - clock.monotonic()
        guard try await hearing.waits(atMost: left, clock, forHints: !pace.isFailing) else { return false }
        let earliest = min(next, (hearing.tickedAt ?? .zero) + Hearing.gap)
        try await clock.sleep(for: earliest - clock.monotonic())
        return true
    }
}
