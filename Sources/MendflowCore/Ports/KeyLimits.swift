/// How many requests of a kind an API key may still send, as its server told last (n8n facts 7.5).
public struct KeyLimit: Sendable, Hashable {
    /// How many a window holds, and how many of them are left.
    public var limit: Int, remaining: Int
    /// When the window ends, in monotonic time.
    public var ends: Period

    /// Makes a limit.
    public init(limit: Int, remaining: Int, ends: Period) {
        self.limit = limit
        self.remaining = remaining
        self.ends = ends
    }

    /// What is kept for acting and for seeing what came of it: a quarter.
    private var kept: Int { max(1, limit / 4) }

    /// How many of what can wait may be sent now.
    public func room(at now: Period) -> Int { max(0, (now < ends ? remaining : limit) - kept) }

    /// How long what can wait has to; nil where there is room.
    public func wait(at now: Period) -> Period? { room(at: now) > 0 || now >= ends ? nil : ends - now }

    /// The same when one more was sent. Of a window that begins with it nobody has told yet: it lasts as long as windows
    /// were seen to.
    public func taken(at now: Period, window: Period) -> KeyLimit {
        now < ends
            ? KeyLimit(limit: limit, remaining: max(0, remaining - 1), ends: ends)
            : KeyLimit(limit: limit, remaining: limit - 1, ends: now + window)
    }

    /// How long everything has to wait, acting too; nil where something is left.
    public func emptyFor(at now: Period) -> Period? { remaining > 0 || now >= ends ? nil : ends - now }
}

/// The limits of an API key: reads and what changes something are counted apart. Nil where the server tells none.
public struct KeyLimits: Sendable, Hashable {
    /// Reads.
    public var reads: KeyLimit?
    /// What changes something.
    public var writes: KeyLimit?

    /// Makes limits; none unless told otherwise.
    public init(reads: KeyLimit? = nil, writes: KeyLimit? = nil) {
        self.reads = reads
        self.writes = writes
    }

    /// What is left, for people; nil where the server limits nothing.
    public func words(at now: Period) -> String? {
        let parts = [("reads", reads), ("writes", writes)].compactMap { name, limit in
            limit.map { limit in
                let left =
                    now < limit.ends ? "\(limit.remaining) of \(limit.limit)" : "\(limit.limit) of \(limit.limit)"
                return "\(left) \(name)"
                    + (now < limit.ends ? " for \(Period.seconds((limit.ends - now).milliseconds / 1000))" : "")
            }
        }
        return parts.isEmpty ? nil : "n8n limits this key: left are " + parts.joined(separator: ", ")
    }
}
