public import MendflowCore
public import MendflowText

/// One row of what the entries add up to, in the form in which every store keeps it.
///
/// Cells are a projection: they follow from the entries alone, and are kept so that nobody has to read all entries to know
/// how things stand. `LedgerState` makes them of entries and is made of them again.
public struct LedgerCell: Sendable, Hashable {
    /// What a cell is about.
    public enum Table: String, Sendable, Hashable, CaseIterable {
        /// Of an execution: an intent; a latched fact; the owner of its chain; the last decision; its row, while it is
        /// live; where a piece of evidence about it stands.
        case intent, latch, owner, verdict, live, evidence
        /// Of an execution: the newest ask for approval of an action on it.
        case approval
        /// Of an instance: the last tick's numbers, and what it recognises the database by.
        case tick, marks
        /// Of an instance: refused kinds of actions, an alarm, learned tags, the epoch's baseline and first fingerprints.
        case suspension, alarm, tag, baseline, origin
        /// Of an instance: how a replay stands; how a policy stands that went back to dry-run.
        case replay, standing
        /// Of an instance: a workflow that did not run; failures that belong together.
        case absence, incident
        /// Of an instance: where a piece of evidence stands that is about no single execution.
        case setting
        /// Of the whole agent: pauses, and texts of policies.
        case pause, policy
        /// Of the whole agent: how a channel stands by which people are told of things.
        case channel
        /// Of the whole agent: records that were sealed.
        case segment

        /// Whether its cells are about executions, of which there are many.
        public var isOfExecution: Bool {
            switch self {
            case .intent, .latch, .owner, .verdict, .live, .evidence, .approval: true
            case .tick, .marks, .suspension, .alarm, .tag, .baseline, .origin, .replay, .standing, .absence, .incident,
                .setting, .pause, .policy, .channel, .segment:
                false
            }
        }
    }

    /// What makes a cell the one that it is.
    public struct Key: Sendable, Hashable, Comparable {
        /// What it is about.
        public var table: Table
        /// The instance's name, and its epoch; empty and 0 for the whole agent.
        public var instance: String, epoch: Int
        /// What tells it from others of the table.
        public var name: String

        /// Makes a key.
        public init(_ table: Table, _ instance: InstanceKey?, _ name: String) {
            self.table = table
            self.instance = instance?.name ?? ""
            epoch = instance?.epoch ?? 0
            self.name = name
        }

        /// Makes a key of columns.
        init(table: Table, instance: String, epoch: Int, name: String) {
            self.table = table
            self.instance = instance
            self.epoch = epoch
            self.name = name
        }

        /// The instance and its epoch; nil for the whole agent.
        public var instanceKey: InstanceKey? { epoch == 0 ? nil : InstanceKey(name: instance, epoch: epoch) }

        /// Compares texts by their bytes, as databases do: to Swift, two spellings of one letter are equal.
        public static func == (one: Key, other: Key) -> Bool {
            one.table == other.table && one.epoch == other.epoch && one.name.utf8.elementsEqual(other.name.utf8)
                && one.instance.utf8.elementsEqual(other.instance.utf8)
        }

        /// Orders by table, instance, epoch, name, each by its bytes, as databases do.
        public static func < (one: Key, other: Key) -> Bool {
            // Not `!=`, which compares enumerations by their texts.
            if !(one.table == other.table) { return one.table.rawValue < other.table.rawValue }
            if one.instance != other.instance {
                return one.instance.utf8.lexicographicallyPrecedes(other.instance.utf8)
            }
            if one.epoch != other.epoch { return one.epoch < other.epoch }
            return one.name.utf8.lexicographicallyPrecedes(other.name.utf8)
        }

        /// Of table and instance takes in what is cheap to take in: few keys differ in nothing else.
        public func hash(into hasher: inout Hasher) {
            hasher.combine(table.rawValue.utf8.first)
            hasher.combine(epoch)
            hasher.combine(name)
        }
    }

    /// What makes it the one that it is.
    public var key: Key
    /// The execution that it is about, and one that belongs to the same chain: by them chains are found.
    public var subject: ExecutionID?, link: ExecutionID?
    /// When it was last changed, by which what is long over is left out.
    public var at: AgentTime
    /// Whether an outcome is still to come, or never came.
    public var isOpen: Bool
    /// No two cells may hold the same text here: the never-twice rule, once more.
    public var exclusive: String?
    /// What it says.
    public var value: JSONValue

    /// Makes a cell.
    public init(
        _ key: Key, subject: ExecutionID? = nil, link: ExecutionID? = nil, at: AgentTime, isOpen: Bool = false,
        exclusive: String? = nil, value: JSONValue
    ) {
        self.key = key
        self.subject = subject
        self.link = link
        self.at = at
        self.isOpen = isOpen
        self.exclusive = exclusive
        self.value = value
    }

    /// What an entry does to a cell.
    public enum Change: Sendable, Hashable {
        /// The cell is this from now on.
        case set(LedgerCell)
        /// There is no such cell any more.
        case remove(Key)
    }
}

/// What no two intents of an instance may hold at once: the never-twice rule.
struct Claim: Hashable, Sendable {
    enum Kind: String { case retry, resent, shadow }
    var kind: Kind
    var execution: ExecutionID

    /// What an intent claims: a retry that may have been sent, one that was sent again, or dry-run's, each once; nil where
    /// it stands in nobody's way.
    init?(_ intent: Intent) {
        guard intent.draft.action == .retry else { return nil }
        switch intent.state {
        case .void: return nil
        case .superseded: kind = .resent
        case .shadow: kind = .shadow
        case .reserved, .sending, .applied, .unresolved, .ineffective: kind = .retry
        }
        execution = intent.draft.execution
    }

    init(_ kind: Kind, _ execution: ExecutionID) {
        self.kind = kind
        self.execution = execution
    }

    /// The claim as a cell tells it.
    func text(in instance: InstanceKey) -> String {
        [kind.rawValue, instance.name, String(instance.epoch), execution.text].joined(separator: "\u{1F}")
    }
}

extension LedgerCell {
    static func of(_ intent: Intent) -> LedgerCell {
        LedgerCell(
            Key(.intent, intent.draft.instance, intent.id.description), subject: intent.draft.execution,
            link: intent.child, at: max(intent.reservedAt, intent.settledAt ?? intent.reservedAt),
            isOpen: intent.state.isOpen || intent.state == .unresolved,
            exclusive: Claim(intent)?.text(in: intent.draft.instance), value: intent.stored)
    }

    static func of(_ latch: Latch, _ instance: InstanceKey, shadow: Bool, at time: AgentTime) -> LedgerCell {
        var members = Members()
        members.set("latch", latch.name)
        members.set("since", latch.at)
        members.set("policy", latch.parts.owner)
        members.set("value", latch.parts.child)
        members.set("shadow", shadow)
        return LedgerCell(
            Key(.latch, instance, name(latch, shadow)), subject: latch.execution,
            link: latch.parts.child, at: time, value: members.value)
    }

    /// Where a piece of evidence stands. It is found by its execution as one end of a link, which costs an index less.
    static func of(_ piece: EvidencePiece, _ hash: EvidenceHash, _ key: InstanceKey, entry: Int64, at time: AgentTime)
        -> LedgerCell
    {
        LedgerCell(
            Key(piece.execution == nil ? .setting : .evidence, key, hash.description), link: piece.execution, at: time,
            value: .object(["entry": .integer(entry)]))
    }

    static func name(_ latch: Latch, _ shadow: Bool) -> String {
        [
            shadow ? "s" : "", latch.name, latch.execution.text, latch.parts.owner ?? "", latch.parts.child?.text ?? "",
        ]
        .joined(separator: "\u{1F}")
    }

    /// Whether a latch of that name is dry-run's.
    static func isShadow(latchNamed name: String) -> Bool { name.hasPrefix("s\u{1F}") }

    static func name(_ execution: ExecutionID, _ shadow: Bool) -> String {
        (shadow ? "s\u{1F}" : "\u{1F}") + execution.text
    }
}
