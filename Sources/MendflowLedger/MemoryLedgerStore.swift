public import MendflowCore
private import Synchronization

/// A ledger in memory, for tests, simulation and backtests: everything that was appended is kept as long as the store is.
public final class MemoryLedgerStore: LedgerStore {
    private let contents: Mutex<Contents>
    /// The store's clock, by which leases end.
    private let now: @Sendable () -> AgentTime

    /// Makes an empty ledger. `now` is the clock by which leases end; where nobody shares the ledger there is no need of one.
    public init(now: @escaping @Sendable () -> AgentTime = { AgentTime(milliseconds: 0) }) {
        contents = Mutex(Contents())
        self.now = now
    }

    /// Makes a ledger of entries.
    public init(_ entries: [LedgerEntry]) throws(LedgerFailure) {
        var start = Contents()
        _ = try start.append(entries, expecting: .start)
        contents = Mutex(start)
        now = { AgentTime(milliseconds: 0) }
    }

    private init(_ copy: Contents, now: @escaping @Sendable () -> AgentTime) {
        contents = Mutex(copy)
        self.now = now
    }

    /// The same ledger in another store, as a copy of a file would be.
    public func copy() -> MemoryLedgerStore { MemoryLedgerStore(contents.withLock { $0 }, now: now) }

    /// The state of all of it, at once; with a time only of what is open and of what was done since then.
    public func everything(
        since: AgentTime = AgentTime(milliseconds: .min)
    ) throws(LedgerFailure) -> LedgerState {
        try access { (contents) throws(LedgerFailure) in
            try contents.state(LedgerScope(since: since), head: contents.head)
        }
    }

    /// The state of a part of the ledger, and its head.
    public func load(_ scope: LedgerScope) async throws(LedgerFailure) -> LedgerState {
        try access { (contents) throws(LedgerFailure) in try contents.state(scope, head: contents.head) }
    }

    /// Appends entries, all or none, and answers the new head.
    public func append(
        _ entries: [LedgerEntry], expecting head: LedgerHead, fence: FenceToken?
    ) async throws(LedgerFailure) -> LedgerHead {
        let now = now()
        return try access { (contents) throws(LedgerFailure) in
            if let fence { try contents.board(at: now).admit(fence) }
            return try contents.append(entries, expecting: head)
        }
    }

    /// Records behind a number, oldest first.
    public func records(after sequence: Int64, limit: Int) async throws(LedgerFailure) -> [SealedRecord] {
        contents.withLock { contents in
            contents.records.dropFirst(Int(max(0, sequence - contents.floor))).prefix(max(0, limit)).map(\.sealed)
        }
    }

    /// Records about some executions or their chains, oldest first.
    public func records(
        about executions: Set<ExecutionID>, instance: InstanceKey
    ) async throws(LedgerFailure) -> [SealedRecord] {
        let wanted = Set(executions.map(\.text))
        return contents.withLock { contents in
            contents.records.filter { record in
                let columns = record.columns
                return columns.instance == instance.name && columns.epoch == Int64(instance.epoch)
                    && [columns.execution, columns.root].contains { $0.map(wanted.contains) ?? false }
            }.map(\.sealed)
        }
    }

    /// Checks every record and everything that is kept beside them.
    public func verify(expecting expected: AuditHead?) async throws(LedgerFailure) -> AuditVerification {
        let contents = contents.withLock { $0 }
        var verifier = LedgerVerifier(
            expecting: expected, base: contents.base.values.map { CellColumns($0) },
            segments: contents.cells.filter { $0.key.table == .segment }.map { CellColumns($0) })
        for record in contents.records where !verifier.check(record.sealed, record.columns) { break }
        for cell in contents.cells { verifier.compare(CellColumns(cell)) }
        return verifier.finish()
    }

    /// Appends the record of it and drops what was sealed.
    public func seal(
        _ sealing: LedgerSealing, expecting head: LedgerHead, fence: FenceToken?
    ) async throws(LedgerFailure) -> LedgerHead {
        let now = now()
        return try access { (contents) throws(LedgerFailure) in
            if let fence { try contents.board(at: now).admit(fence) }
            return try contents.seal(sealing, expecting: head)
        }
    }

    /// The cells as they stood behind the last sealed record.
    public func base() async throws(LedgerFailure) -> [LedgerCell] { Array(contents.withLock { $0.base }.values) }

    /// Changes what is kept of sealed records behind the ledger's back. Only tests do.
    public func tamper(base key: LedgerCell.Key, with cell: LedgerCell?) {
        contents.withLock { $0.base[key] = cell }
    }

    /// Changes a cell behind the ledger's back, as a person with an editor would. Only tests do.
    public func tamper(_ key: LedgerCell.Key, with cell: LedgerCell?) { contents.withLock { $0.set(key, cell) } }

    /// Changes the records behind the ledger's back. Only tests do.
    public func tamper(_ change: (inout [LedgerAppend.Record]) -> Void) { contents.withLock { change(&$0.records) } }

    /// All cells, in order.
    public var cells: [LedgerCell] { contents.withLock { $0.cells } }

    fileprivate func board<T>(knowing known: AuditHead = .start, _ use: (inout LeaseBoard) -> T) -> T {
        let now = now()
        return contents.withLock { contents in
            var board = contents.board(at: now)
            if !contents.holds(known) { board.doubt = .lost(known) }
            let result = use(&board)
            (contents.leases, contents.agents) = (board.leases, board.agents)
            return result
        }
    }

    private func access<T>(_ body: (inout Contents) throws(LedgerFailure) -> T) throws(LedgerFailure) -> T {
        try contents.withLock { (contents) -> Result<T, LedgerFailure> in
            do throws(LedgerFailure) { return .success(try body(&contents)) } catch { return .failure(error) }
        }.get()
    }
}

/// What is stored, with what stands for a database's indexes.
private struct Contents: Sendable {
    var records: [LedgerAppend.Record] = []
    var leases: [String: Lease] = [:], agents: [AgentName: AgentPresence] = [:]
    /// The cells as they stood behind the last sealed record.
    var base: [LedgerCell.Key: LedgerCell] = [:]
    private var kept: [LedgerCell.Key: KeptCell] = [:]
    private var holders: [String: KeptCell] = [:]
    /// Cells by the executions that they are about or link to, and those of the other tables.
    private var about: [ExecutionID: Set<KeptCell>] = [:]
    private var others: Set<KeptCell> = [], live: Set<KeptCell> = [], open: Set<KeptCell> = []

    mutating func append(
        _ entries: [LedgerEntry], expecting expected: LedgerHead
    ) throws(LedgerFailure) -> LedgerHead {
        guard head.chain == expected.chain else { throw .moved(head) }
        var state = try state(judging: entries, head: head)
        let done: LedgerAppend
        do throws(LedgerRefusal) { done = try state.append(entries) } catch { throw .refused(error) }
        records += done.records
        for change in done.changes {
            switch change {
            case .set(let cell): set(cell.key, cell)
            case .remove(let key): set(key, nil)
            }
        }
        return done.head
    }

    func board(at now: AgentTime) -> LeaseBoard {
        LeaseBoard(now: now, leases: leases, agents: agents, head: head.chain)
    }

    /// Whether a record stands where an agent has seen it.
    func holds(_ known: AuditHead) -> Bool {
        // Of what was sealed nobody can tell more than that there was such a record.
        if known.sequence <= floor { return true }
        let place = Int(known.sequence - floor) - 1
        return records.indices.contains(place) && records[place].sealed.hash == known.hash
    }

    mutating func seal(_ sealing: LedgerSealing, expecting head: LedgerHead) throws(LedgerFailure) -> LedgerHead {
        let last = sealing.segment.last
        let cut = records.first { $0.sealed.sequence == last }
        guard self.head.chain == head.chain else { throw .moved(self.head) }
        try sealing.check(first: records.first?.sealed, cut: cut?.sealed)
        let end = try append([sealing.entry], expecting: head)
        for change in sealing.changes {
            switch change {
            case .set(let cell): base[cell.key] = cell
            case .remove(let key): base[key] = nil
            }
        }
        records.removeAll { $0.sealed.sequence <= last }
        return end
    }

    /// The number of the last record that is not there any more.
    var floor: Int64 { (records.first?.sealed.sequence ?? 1) - 1 }

    var head: LedgerHead {
        guard let last = records.last else { return .start }
        let chain = AuditHead(sequence: last.sealed.sequence, hash: last.sealed.hash)
        return LedgerHead(chain, at: AgentTime(milliseconds: last.columns.at))
    }

    /// All cells, in order.
    var cells: [LedgerCell] { found(kept.values) }

    mutating func set(_ key: LedgerCell.Key, _ cell: LedgerCell?) {
        if let old = kept.removeValue(forKey: key) {
            if let held = old.cell.exclusive, holders[held] == old { holders[held] = nil }
            for id in old.cell.ends { about[id]?.remove(old) }
            others.remove(old)
            live.remove(old)
            open.remove(old)
        }
        guard let cell else { return }
        let new = KeptCell(cell)
        kept[key] = new
        if let held = cell.exclusive { holders[held] = new }
        for id in cell.ends { about[id, default: []].insert(new) }
        if !key.table.isOfExecution { others.insert(new) }
        if key.table == .live { live.insert(new) }
        if cell.isOpen { open.insert(new) }
    }
}

/// A cell that several indexes hold: it is not copied for any of them, nor to be put in order.
private final class KeptCell: Hashable, Sendable {
    let cell: LedgerCell

    init(_ cell: LedgerCell) { self.cell = cell }

    static func == (one: KeptCell, other: KeptCell) -> Bool { one === other }
    func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

extension Contents: LedgerCells {
    private func found(
        _ cells: some Sequence<KeptCell>, _ isWanted: (LedgerCell) -> Bool = { _ in true }
    ) -> [LedgerCell] { cells.filter { isWanted($0.cell) }.sorted { $0.cell.key < $1.cell.key }.map(\.cell) }

    func cells(of tables: Set<LedgerCell.Table>, instance: String?) throws(LedgerFailure) -> [LedgerCell] {
        func isWanted(_ cell: LedgerCell) -> Bool {
            tables.contains(cell.key.table) && (instance == nil || cell.key.instance == instance)
        }
        if tables.contains(where: { $0.isOfExecution && $0 != .live }) { return found(kept.values, isWanted) }
        return found(tables.contains(.live) ? others.union(live) : others, isWanted)
    }

    func cells(_ keys: Set<LedgerCell.Key>) throws(LedgerFailure) -> [LedgerCell] {
        found(keys.compactMap { kept[$0] })
    }

    func cells(holding exclusives: Set<String>) throws(LedgerFailure) -> [LedgerCell] {
        found(exclusives.compactMap { holders[$0] })
    }

    func cells(of instance: InstanceKey, since: AgentTime) throws(LedgerFailure) -> [LedgerCell] {
        found(kept.values) { $0.subject != nil && $0.key.instanceKey == instance && $0.at >= since }
    }

    func cells(of instance: InstanceKey, about ids: Set<ExecutionID>) throws(LedgerFailure) -> [LedgerCell] {
        found(Set(ids.flatMap { about[$0] ?? [] })) { $0.key.instanceKey == instance }
    }

    func openIntents(instance: String?) throws(LedgerFailure) -> [LedgerCell] {
        found(open) { instance == nil || $0.key.instance == instance }
    }

    func instances(ofEntries numbers: Set<Int64>) throws(LedgerFailure) -> [Int64: InstanceKey] {
        var found: [Int64: InstanceKey] = [:]
        for number in numbers where number > floor && number <= head.sequence {
            let columns = records[Int(number - floor) - 1].columns
            guard let name = columns.instance, let epoch = columns.epoch else { continue }
            found[number] = InstanceKey(name: name, epoch: Int(epoch))
        }
        return found
    }
}

extension LedgerCell {
    /// The executions that it is found by.
    fileprivate var ends: [ExecutionID] { [subject, link].compactMap { $0 } }
}

/// The leases of a ledger in memory: those who share it live in one process, as simulated ones do.
extension MemoryLedgerStore: LeaseTable {
    /// Takes an agent's turn.
    public func turn(_ wish: LeaseWish) async throws(LedgerFailure) -> LeaseTurn {
        board(knowing: wish.knows) { board in
            let turn = LeaseTurn(wish, on: board)
            board = turn.board
            return turn
        }
    }

    /// Who holds what, and who is there.
    public func board() async throws(LedgerFailure) -> LeaseBoard { boardNow }

    /// The same, without waiting.
    public var boardNow: LeaseBoard { board { $0 } }

    /// Nothing: what agents know of it is theirs.
    public func settleDoubt() async throws(LedgerFailure) {}

    /// Nothing: who waits for a lease asks again.
    public func returns() -> AsyncStream<Void> { AsyncStream { $0.finish() } }
}
