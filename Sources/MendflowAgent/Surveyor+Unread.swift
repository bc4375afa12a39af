import MendflowCore
import MendflowCycle

/// Ids above the highest known that n8n cannot read, as they were asked for last.
struct UnreadAhead: Sendable {
    /// The highest known id then: what is above another one nobody has asked for.
    var highest: ExecutionID?
    /// What n8n answered.
    var why: String
    /// When, in monotonic time.
    var at: Period
}

// What the agent cannot read, and what that holds.
extension Surveyor {
    /// How long an answer about ids above the highest known says something: nobody asks again unless a retry is due.
    private static let remembered = Period.hours(1)

    /// Takes in whether all ids above the highest known could be read, where a poll or a last look has asked for them.
    func noteAhead(_ report: Poller.Report) {
        guard report.lookedAhead || report.unreadAhead > 0 else { return }
        guard report.unreadAhead > 0 else {
            memory.unreadAhead = nil
            return
        }
        let why = report.unreadable.last?.description ?? memory.unreadAhead?.why ?? "n8n cannot read them"
        memory.unreadAhead = UnreadAhead(highest: memory.observed.highest, why: why, at: clock.monotonic())
    }

    /// What this tick could not read; nil where it read all that something is held for. What lasts for longer than it takes
    /// to read on is told, once.
    func gap(_ poll: Poller.Report, after last: ReadingGap?) -> ReadingGap? {
        guard var gap = found(poll, after: last) else { return nil }
        gap.isTold =
            last.map { $0.isTold && gap.goesOn(from: $0) } ?? false
            || gap.lasts(at: clock.now(), interval: configuration.pollInterval)
        return gap
    }

    private func found(_ poll: Poller.Report, after last: ReadingGap?) -> ReadingGap? {
        let now = clock.now()
        if let gap = gapOfRows(poll, since: last.flatMap { $0.part.isData ? nil : $0.since } ?? now) { return gap }
        guard poll.contradiction == nil, memory.contradiction == nil, let data = memory.facts.unansweredData else {
            return nil
        }
        let since = last.flatMap { $0.part.isData ? $0.since : nil } ?? now
        return ReadingGap(.data(data.count), since: since, why: data.why)
    }

    private func gapOfRows(_ poll: Poller.Report, since: AgentTime) -> ReadingGap? {
        // That n8n's database is another one is an alarm of its own.
        guard poll.contradiction == nil, memory.contradiction == nil else { return nil }
        if case .partial(let reasons) = poll.completeness {
            return ReadingGap(.lists, since: since, why: reasons.first ?? "not everything was read")
        }
        if let from = memory.progress.coverage.coveredFrom {
            return ReadingGap(.below(from), since: since, why: whyUnread)
        }
        guard let ahead = memory.unreadAhead, let highest = memory.observed.highest, ahead.highest == highest,
            clock.monotonic() - ahead.at < Surveyor.remembered
        else { return nil }
        return ReadingGap(.above(highest), since: since, why: ahead.why)
    }

    /// Why a part of the list is left for later ticks.
    private var whyUnread: String {
        let pages = paced.pagesPerTick
        return pages < configuration.pagesPerTick
            ? "n8n's limit of reads leaves room for few pages of the list at a look (\(pages))"
            : "there is more than one look reads (\(pages) pages of the list)"
    }
}
