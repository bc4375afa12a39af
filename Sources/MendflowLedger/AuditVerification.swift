import MendflowText

/// The first thing that is wrong with an audit log.
public struct AuditFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// What can be wrong with a record.
    public enum Problem: Sendable, Hashable {
        /// The bytes, the hash or the previous hash is not what was sealed.
        case changed
        /// The record is not there, and later ones are.
        case removed
        /// Another record stands in its place.
        case reordered
        /// It was sealed to another record than the one before it: that one was replaced.
        case unlinked
        /// The chain is whole, but it is not the one whose head was kept: it was written anew.
        case rewritten
        /// The log ends before the head that was kept.
        case cut(expected: Int64)
        /// The bytes are no canonical record.
        case unreadable(String)
        /// A column of the store says something else than the bytes.
        case column(String)
        /// It is against the rules behind the records before it.
        case against(String)
        /// Something stands in the ledger that no record speaks of: its table and name.
        case unrecorded(String, String)
        /// Something in the ledger is not what the records add up to: its table and name.
        case different(String, String)
        /// Something that the records add up to is not there: its table and name.
        case lost(String, String)
        /// Rows that are no part of the chain.
        case extra(Int64)
        /// What the sealed records add up to is not what is kept of it: why.
        case base(String)
        /// Records up to this one are not there, from that one on, and none says that they were sealed.
        case unsealed(first: Int64)
        /// A file that records were sealed into is not there, or not as it was written: its name, and why.
        case segment(String, String)
        /// The store's tables, indexes or triggers are not those that the program made.
        case schema(String)
        /// The store's own check finds that its parts do not fit together, in its words: an index, say, that hides rows.
        case damaged(String)
    }
    /// The number of the first bad record.
    public var sequence: Int64
    /// What is wrong with it.
    public var problem: Problem

    /// Makes a fault.
    public init(_ sequence: Int64, _ problem: Problem) {
        self.sequence = sequence
        self.problem = problem
    }

    /// What is wrong, in a sentence.
    public var description: String {
        switch problem {
        case .changed: "record \(sequence) was changed: its hash does not fit its bytes"
        case .removed: "record \(sequence) was removed: later ones are there"
        case .reordered: "record \(sequence) is out of place: another one stands there"
        case .unlinked: "record \(sequence) does not follow the one before it, which was replaced"
        case .rewritten: "record \(sequence) has another hash than the head that was kept: the log was written anew"
        case .cut(let expected): "the log ends before record \(sequence); the head that was kept is \(expected)"
        case .unreadable(let why): "record \(sequence) cannot be read: \(why)"
        case .column(let name): "record \(sequence): column \(name) was changed; the sealed bytes say something else"
        case .against(let why): "record \(sequence) is against the rules: \(why)"
        case .unrecorded(let table, let name):
            "\(table) \(name) stands in the ledger, and no record up to \(sequence) speaks of it"
        case .different(let table, let name):
            "\(table) \(name) is not in the ledger as the records up to \(sequence) say"
        case .lost(let table, let name):
            "\(table) \(name) is not in the ledger; records up to \(sequence) speak of it"
        case .extra(let count):
            "\(count.words("row", "rows")) of the log \(count == 1 ? "is" : "are") no part of the chain of \(sequence.words("record", "records"))"
        case .base(let why): "what the ledger keeps of the sealed records up to \(sequence) was changed: \(why)"
        case .unsealed(let first): "records \(first) to \(sequence) were removed: no record says that they were sealed"
        case .segment(let file, let why): "\(file), which holds record \(sequence): \(why)"
        case .schema(let what): "\(what) of the ledger was changed"
        case .damaged(let words): "the ledger's parts do not fit together: \(words)"
        }
    }
}

/// The result of checking an audit log.
public struct AuditVerification: Sendable, Hashable {
    /// The last record that was found good.
    public var head: AuditHead
    /// How many records were found good.
    public var count: Int64
    /// The first thing that is wrong; nil where the log is intact.
    public var fault: AuditFault?
    /// What was sealed before the records that were checked, the oldest first.
    public var segments: [LedgerSegment] = []
    /// Whether their files were read and checked, too.
    public var areSegmentsRead = false
    /// The one in which the head lies that was kept elsewhere, and which was not read; nil where the head was found.
    public var expectedIn: LedgerSegment?

    /// Makes a result.
    public init(head: AuditHead, count: Int64, fault: AuditFault?) {
        self.head = head
        self.count = count
        self.fault = fault
    }
    /// Whether nothing is wrong.
    public var isIntact: Bool { fault == nil }
}
