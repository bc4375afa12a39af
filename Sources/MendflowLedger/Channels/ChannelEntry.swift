public import MendflowCore

/// What happens to a channel by which people are told of what the ledger says.
public struct ChannelEntry: Sendable, Hashable {
    /// What happens.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// The channel is used for the first time: what stands in the ledger before is not told.
        case began
        /// Several notices are put into one message, which stays the same however often it is sent.
        case composed
        /// A try to send a message has failed; when it is tried again stands there.
        case failing
        /// Notices were told.
        case delivered
        /// Notices were given up.
        case abandoned
        /// Notices were left out: by the time that they could be told, what they ask for was settled or too late.
        case dropped
        /// There was nothing to tell for a long time.
        case passed

        /// Whether the channel is done with the notices then.
        public var isEnd: Bool { self == .delivered || self == .abandoned || self == .dropped }
    }
    /// The channel's name.
    public var channel: String
    /// What happens.
    public var kind: Kind
    /// The records of the notices that it is about, with those that told the same again, and the notices' keys.
    public var records: [Int64], keys: [String]
    /// Topics of whole instances that were told as begun, and as over: what goes on is not told again.
    public var opened: [String], closed: [String]
    /// Every record up to this one is dealt with.
    public var through: Int64
    /// Why, where something failed.
    public var why: String
    /// When it is tried again, where a try has failed.
    public var nextTry: AgentTime?

    /// Makes an entry.
    public init(
        _ channel: String, _ kind: Kind, through: Int64, records: [Int64] = [], keys: [String] = [],
        opened: [String] = [], closed: [String] = [], why: String = "", nextTry: AgentTime? = nil
    ) {
        self.channel = channel
        self.kind = kind
        self.through = through
        self.records = records
        self.keys = keys
        self.opened = opened
        self.closed = closed
        self.why = why
        self.nextTry = nextTry
    }
}

/// How a channel stands, as the ledger tells.
public struct ChannelStanding: Sendable, Hashable {
    /// Its name, and when it began.
    public var channel: String, begunAt: AgentTime
    /// What stands in the ledger up to this record is not told.
    public var start: Int64
    /// Every record up to this one is dealt with, and these behind it.
    public var through: Int64, done: [Int64] = []
    /// The records that were put into one message which is not told yet.
    public var composed: [Int64] = []
    /// The topics that were told as begun and not as over.
    public var open: [String] = []
    /// Since when sending fails, why the last try did, and when the next one is made; nil where it does not.
    public var failingSince: AgentTime?, why = "", nextTry: AgentTime?
    /// How many notices were told and given up, and when one was last.
    public var delivered: Int64 = 0, abandoned: Int64 = 0, deliveredAt: AgentTime?, abandonedAt: AgentTime?

    init(_ entry: ChannelEntry, at time: AgentTime) {
        channel = entry.channel
        begunAt = time
        start = entry.through
        through = entry.through
    }

    /// A standing of all that a cell keeps.
    init(channel: String, begunAt: AgentTime, start: Int64, through: Int64) {
        self.channel = channel
        self.begunAt = begunAt
        self.start = start
        self.through = through
    }

    /// Whether a record is dealt with.
    public func isDone(_ record: Int64) -> Bool { record <= through || done.contains(record) }

    /// Takes an entry in.
    mutating func apply(_ entry: ChannelEntry, at time: AgentTime) {
        switch entry.kind {
        case .began: return
        case .composed: composed = entry.records
        case .failing:
            failingSince = failingSince ?? time
            (why, nextTry) = (entry.why, entry.nextTry)
        case .delivered:
            (failingSince, nextTry, why, composed) = (nil, nil, "", [])
            delivered += Int64(entry.keys.count)
            deliveredAt = time
        case .abandoned:
            composed = []
            abandoned += Int64(entry.keys.count)
            (abandonedAt, nextTry, why) = (time, nil, entry.why)
        // What else was put into one message with them is told without them.
        case .dropped: composed.removeAll(where: entry.records.contains)
        case .passed: break
        }
        through = entry.through
        if entry.kind.isEnd { done += entry.records }
        open = Set(open + entry.opened).subtracting(entry.closed).sorted()
        done = done.filter { $0 > through }.sorted()
    }
}

extension LedgerState {
    /// How a channel stands; nil where it has not begun.
    public func channel(_ name: String) -> ChannelStanding? { channels[name] }

    /// All channels that ever began, by name.
    public var allChannels: [ChannelStanding] { channels.values.sorted { $0.channel < $1.channel } }

    mutating func apply(_ entry: ChannelEntry, at time: AgentTime) throws(LedgerRefusal) -> [LedgerCell.Change] {
        guard var standing = channels[entry.channel] else {
            guard entry.kind == .began else { throw .channel("channel '\(entry.channel)' has not begun") }
            return put(ChannelStanding(entry, at: time))
        }
        // Begun by two processes at once: the first counts.
        guard entry.kind != .began else { return [] }
        guard entry.through >= standing.through else {
            throw .channel("channel '\(entry.channel)' is at record \(standing.through) already")
        }
        if let told = entry.records.first(where: standing.isDone) {
            throw .channel("channel '\(entry.channel)' is done with record \(told) already")
        }
        standing.apply(entry, at: time)
        return put(standing)
    }

    private mutating func put(_ standing: ChannelStanding) -> [LedgerCell.Change] {
        channels[standing.channel] = standing
        return [.set(.of(standing))]
    }
}
