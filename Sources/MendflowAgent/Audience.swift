import MendflowCore
import MendflowCycle

/// Whoever is told what an agent does. Nothing of it changes what the agent does.
struct Audience: Sendable {
    private let speech: Speech
    private let observer: (any AgentObserver)?
    private let onRest: @Sendable () -> Void

    /// Makes it of the log, of whoever shows that the agent lives, and of who is told when there is nothing to do until the
    /// next tick.
    init(_ speech: Speech, _ observer: (any AgentObserver)?, onRest: @escaping @Sendable () -> Void) {
        self.speech = speech
        self.observer = observer
        self.onRest = onRest
    }

    func tell(_ remarks: [Remark]) { speech.tell(remarks) }

    func tell(_ remark: Remark) { speech.tell([remark]) }

    func begins() async { await observer?.begins() }

    func ended(_ report: TickReport, of surveyor: Surveyor) async {
        guard let observer else { return }
        var report = report
        report.unreadRanges = await surveyor.unreadRanges
        report.gap = await surveyor.gap
        report.limits = surveyor.reader.keyLimits
        await observer.ended(report)
    }

    /// There is nothing to do.
    func isAtRest() { onRest() }

    /// The next tick is due at a moment of monotonic time, or later where the server asked for it.
    func rests(until next: Period, silentUntil silence: Period?) async {
        await observer?.rests(until: max(next, silence ?? next), isAsked: silence.map { $0 > next } ?? false)
    }
}
