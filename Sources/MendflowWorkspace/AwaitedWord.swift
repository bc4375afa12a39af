/// What waits for a person's word, and behind which record such a word counts: pure.
struct AwaitedWord: Sendable {
    /// A reading of the files of which something waits.
    struct Waiting: Sendable {
        /// What the files say, as text.
        var contents: String
        /// The record behind which a word about it may stand.
        var from: Int64
    }
    var waiting: Waiting?
    /// The record of what this agent read last: a word behind it counts for what it reads next. Nil where that is not known.
    var lastRecord: Int64?

    /// It was looked for a word about what waited then, up to a record; answers whether there is one. Of two instances that ask
    /// at once the first takes it.
    mutating func heard(_ isConfirmed: Bool, of asked: Waiting, upTo last: Int64) -> Bool {
        guard let still = waiting, still.contents == asked.contents else { return false }
        if !isConfirmed { waiting?.from = max(still.from, last) }
        return isConfirmed
    }

    /// A change was put on record: what it holds back waits from there on.
    mutating func recorded(_ change: ReloadChange, at record: Int64) {
        if !change.losses.isEmpty { waiting = Waiting(contents: change.contents, from: record) }
        lastRecord = record
    }
}
