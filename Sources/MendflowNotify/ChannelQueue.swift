import MendflowCore
import MendflowLedger
import MendflowPolicy
import MendflowText

/// What a channel still has to tell: pure, so that what is sent follows from the ledger alone.
struct ChannelQueue: Sendable {
    let channel: Configuration.Channel
    private(set) var standing: ChannelStanding
    /// Every record up to this one was read.
    private(set) var read: Int64
    /// What waits, oldest first.
    private(set) var waiting: [Notice] = []
    /// Records that said once more what goes on already; they are done with the next message.
    private var repeated: [Int64] = []
    /// How the asks that wait have ended, by their records.
    private var ends: [Int64: String] = [:]

    /// The most notices that wait in memory; while there are more nothing further is read.
    private static let most = 500
    /// The most notices of one message.
    static let largest = 200

    init(_ channel: Configuration.Channel, _ standing: ChannelStanding) {
        self.channel = channel
        self.standing = standing
        read = standing.through
    }

    /// Whether there is room to read on.
    var hasRoom: Bool { waiting.count < ChannelQueue.most }

    /// Every record up to this one is dealt with, or would be once these are.
    func through(without done: Set<Int64> = []) -> Int64 {
        max(standing.through, (waiting.first { !done.contains($0.record) }?.record ?? read + 1) - 1)
    }

    /// Puts in what a record tells, or takes out what it withdraws.
    mutating func follow(_ finding: NoticeFinding?, of record: Int64) {
        defer { read = max(read, record) }
        switch finding {
        case nil: return
        case .withdraws(let opening): waiting.removeAll { $0.record == opening }
        case .tells(let notice):
            if let opening = notice.opening, notice.event == .approval { note(end: notice.subject, of: opening) }
            guard channel.wants(notice), !standing.isDone(record), !isOwn(notice) else { return }
            // What began before the channel did nobody has heard of.
            if let opening = notice.opening, opening <= standing.start { return }
            if notice.mayRepeat, !isNews(notice) { return repeated.append(record) }
            waiting.append(notice)
        }
    }

    /// Takes in how an ask has ended: whoever is told of it now could not answer any more.
    mutating func note(end: String, of ask: Int64) {
        if waiting.contains(where: { $0.record == ask }) { ends[ask] = end }
    }

    /// That this channel itself could not tell something is not told by it.
    private func isOwn(_ notice: Notice) -> Bool {
        notice.event == .undelivered && notice.topic.contains(":undelivered:\(channel.name):")
    }

    /// Whether what stands for an instance begins where it did not stand, or ends where it was told.
    private func isNews(_ notice: Notice) -> Bool {
        let last = waiting.last { $0.topic == notice.topic }
        let isOpen = last.map { $0.phase == .open } ?? standing.open.contains(notice.topic)
        return notice.phase == .open ? !isOpen : isOpen
    }

    /// Takes in what was written about the channel.
    mutating func follow(_ standing: ChannelStanding) {
        self.standing = standing
        waiting.removeAll { standing.isDone($0.record) }
        ends = ends.filter { !standing.isDone($0.key) }
        repeated.removeAll(where: standing.isDone)
    }

    /// What is to be done at a time.
    enum Next: Sendable {
        /// Nothing before a time; nil where nothing waits.
        case rest(AgentTime?)
        /// These are too old to be told.
        case abandon([Notice])
        /// These ask for what nobody can answer any more, for this reason.
        case drop([Notice], why: String)
        /// These become one message, which has to be written down first.
        case compose([Notice])
        /// This is sent.
        case send([Notice])
    }

    /// What is next: what presses before anything else, and nothing else where there were many messages lately.
    func next(at now: AgentTime, isCrowded: Bool = false) -> Next {
        let expired = waiting.filter { now - $0.at > channel.giveUpAfter }
        if !expired.isEmpty { return .abandon(Array(expired.prefix(ChannelQueue.largest))) }
        if let dead = dead(at: now) { return dead }
        let composed = waiting.filter { standing.composed.contains($0.record) }
        if !composed.isEmpty, !isCrowded || composed.contains(where: \.isPressing) { return .send(composed) }
        let ready = waiting.filter { $0.due <= now && !standing.composed.contains($0.record) }
        let pressing = ready.filter(\.isPressing)
        let due = !pressing.isEmpty || isCrowded ? pressing : ready
        guard let first = due.first else { return .rest(waiting.map(\.due).min()) }
        guard due.count > channel.digestAbove else { return .send([first]) }
        return .compose(Array(due.prefix(ChannelQueue.largest)))
    }

    /// The asks that were over before they could be told, those that were over for the same reason together.
    private func dead(at now: AgentTime) -> Next? {
        func why(_ notice: Notice) -> String? {
            ends[notice.record]
                ?? (notice.answerableUntil.map { $0 <= now } ?? false ? "its time to be answered is over" : nil)
        }
        guard let first = waiting.lazy.compactMap(why).first else { return nil }
        return .drop(Array(waiting.filter { why($0) == first }.prefix(ChannelQueue.largest)), why: first)
    }

    /// The entry that says what became of some notices.
    func entry(
        _ kind: ChannelEntry.Kind, _ notices: [Notice], why: String = "", nextTry: AgentTime? = nil
    ) -> ChannelEntry {
        let isEnd = kind.isEnd
        // Of what was told as begun and as over in one message the end counts; what was given up has not begun for anybody.
        let last = Dictionary(notices.filter { isEnd && $0.mayRepeat }.map { ($0.topic, $0.phase) }) { $1 }
        let opened = kind == .delivered ? last.filter { $0.value == .open }.keys.sorted() : []
        let records = notices.map(\.record)
        return ChannelEntry(
            channel.name, kind, through: through(without: isEnd ? Set(records) : []),
            records: (records + (isEnd ? repeated : [])).sorted(), keys: notices.map(\.key),
            opened: opened, closed: last.filter { $0.value == .over }.keys.sorted(), why: NoticeWords.bounded(why, 300),
            nextTry: nextTry)
    }
}
