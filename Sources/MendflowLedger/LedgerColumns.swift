internal import MendflowCore

/// What a database keeps of a record beside its sealed bytes, so that it can be found; compared by bytes.
public struct RecordColumns: Sendable {
    /// When it was written, in milliseconds.
    public var at: Int64
    /// The instance and its epoch, the execution, and the root of the chain that it is about.
    public var instance: String?, epoch: Int64?, execution: String?, root: String?

    /// Makes columns of what a row holds.
    public init(at: Int64, instance: String?, epoch: Int64?, execution: String?, root: String?) {
        self.at = at
        self.instance = instance
        self.epoch = epoch
        self.execution = execution
        self.root = root
    }

    /// The columns of a record.
    public init(_ record: AuditRecord) {
        self.init(
            at: record.at.milliseconds, instance: record.instance?.name, epoch: record.instance.map { Int64($0.epoch) },
            execution: record.execution?.text, root: record.root?.text)
    }

    /// The first column that is not as in another row; nil where all are.
    func difference(from other: RecordColumns) -> String? {
        if at != other.at { return "at" }
        if !same(instance, other.instance) { return "instance" }
        if epoch != other.epoch { return "epoch" }
        if !same(execution, other.execution) { return "execution" }
        return same(root, other.root) ? nil : "root"
    }
}

/// A cell as a database keeps it, column by column; compared by bytes.
public struct CellColumns: Sendable {
    /// Table, instance, epoch and name: the primary key. Instance and epoch are empty and 0 for the whole agent.
    public var table: String, instance: String, epoch: Int64, name: String
    /// The execution it is about, and one of the same chain.
    public var subject: String?, link: String?
    /// When it was last changed, in milliseconds; 1 where an outcome is to come or never came, else 0.
    public var at: Int64, open: Int64
    /// What no other cell may hold.
    public var exclusive: String?
    /// What it says, as canonical JSON.
    public var value: [UInt8]

    /// Makes columns of what a row holds.
    public init(
        table: String, instance: String, epoch: Int64, name: String, subject: String?, link: String?, at: Int64,
        open: Int64, exclusive: String?, value: [UInt8]
    ) {
        self.table = table
        self.instance = instance
        self.epoch = epoch
        self.name = name
        self.subject = subject
        self.link = link
        self.at = at
        self.open = open
        self.exclusive = exclusive
        self.value = value
    }

    /// The columns of a cell.
    public init(_ cell: LedgerCell) {
        self.init(
            table: cell.key.table.rawValue, instance: cell.key.instance, epoch: Int64(cell.key.epoch),
            name: cell.key.name, subject: cell.subject?.text, link: cell.link?.text, at: cell.at.milliseconds,
            open: cell.isOpen ? 1 : 0, exclusive: cell.exclusive, value: CanonicalJSON.encode(cell.value))
    }

    /// The cell; throws `corrupt` where this is none.
    public func cell() throws(LedgerFailure) -> LedgerCell {
        guard let key, open == 0 || open == 1 else { throw .corrupt("a cell of table \(table), \(name)") }
        do throws(CanonicalJSONError) {
            return LedgerCell(
                key, subject: subject.map { ExecutionID($0) }, link: link.map { ExecutionID($0) },
                at: AgentTime(milliseconds: at), isOpen: open == 1, exclusive: exclusive,
                value: try CanonicalJSON.decode(value))
        } catch { throw .corrupt("\(table) \(name): \(error.description)") }
    }

    /// The key; nil where there is no such table.
    var key: LedgerCell.Key? {
        guard let table = LedgerCell.Table(rawValue: table) else { return nil }
        return LedgerCell.Key(table: table, instance: instance, epoch: Int(epoch), name: name)
    }

    /// Whether everything but the key is the same, to the byte.
    func says(_ other: CellColumns) -> Bool {
        same(subject, other.subject) && same(link, other.link) && at == other.at && open == other.open
            && same(exclusive, other.exclusive) && value == other.value
    }
}

/// Whether two texts have the same bytes: to Swift, two spellings of one letter are equal.
private func same(_ one: String?, _ other: String?) -> Bool {
    guard let one, let other else { return one == nil && other == nil }
    return one.utf8.elementsEqual(other.utf8)
}
