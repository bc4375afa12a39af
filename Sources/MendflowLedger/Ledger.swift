internal import MendflowCore

/// The ledger as one agent or command sees it: the state of the part that it works with, kept up with the store.
///
/// What is appended is judged by the store inside its transaction, by the same rules as here; the state goes along without
/// being read back. Whoever waits for an answer that never comes does not know whether the entries were written: they are
/// looked for by their hash, at once and again when the same entries are appended anew, so that nothing is written twice.
public actor Ledger {
    /// Where it is kept.
    public nonisolated let store: any LedgerStore
    /// What is known of it; `refresh` takes in what others have written since.
    public private(set) var state: LedgerState
    private var scope: LedgerScope
    /// Whether the state has to be loaded anew before it is gone by.
    private var isStale = false
    private var unanswered: Unanswered?
    /// Whether somebody is reading or writing, and those who wait for their turn.
    private var isBusy = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    private static let pageSize = 500

    /// Opens a part of a ledger.
    public init(_ store: any LedgerStore, _ scope: LedgerScope) async throws(LedgerFailure) {
        self.store = store
        self.scope = scope
        state = try await store.load(scope)
    }

    /// Takes in what others have written since, and answers the state.
    @discardableResult
    public func refresh() async throws(LedgerFailure) -> LedgerState {
        await waitForTurn()
        defer { passTurn() }
        try await catchUp()
        return state
    }

    /// Loads another part in the place of this one: what has become too old is forgotten, what is asked for is there.
    @discardableResult
    public func reload(_ scope: LedgerScope) async throws(LedgerFailure) -> LedgerState {
        await waitForTurn()
        defer { passTurn() }
        let loaded = try await store.load(scope)
        (self.scope, state, isStale) = (scope, loaded, false)
        return state
    }

    /// Appends entries, all or none, and answers the number of each. What others have written meanwhile is taken in first,
    /// and the entries are judged behind it.
    ///
    /// - Throws: `refused` where an entry is against the rules as the ledger stands now, or why it could not be written.
    ///   After any other failure than `refused` and `fenced` the same entries, with their times, may be appended again:
    ///   they are not written twice.
    @discardableResult
    public func append(_ entries: [LedgerEntry]) async throws(LedgerFailure) -> [Int64] {
        guard !entries.isEmpty else { return [] }
        await waitForTurn()
        defer { passTurn() }
        if isStale { try await catchUp() }
        if unanswered?.entries == entries, let first = try await answer() { return numbers(first, entries) }
        while true {
            if let first = try await write(entries) { return numbers(first, entries) }
        }
    }

    private func numbers(_ first: Int64, _ entries: [LedgerEntry]) -> [Int64] {
        Array(first..<first + Int64(entries.count))
    }

    /// Appends what a closure makes of the state as it stands, and answers that state with the entries; the closure is asked
    /// again where others have written meanwhile.
    @discardableResult
    public func append(
        _ make: @Sendable (LedgerState) throws(LedgerFailure) -> [LedgerEntry]
    ) async throws(LedgerFailure) -> (before: LedgerState, entries: [LedgerEntry]) {
        await waitForTurn()
        defer { passTurn() }
        while true {
            try await catchUp()
            let (before, entries) = (state, try make(state))
            if entries.isEmpty { return (before, []) }
            if try await write(entries) != nil { return (before, entries) }
        }
    }
}

// Writing.
extension Ledger {
    /// Entries of which nobody knows whether they were written.
    private struct Unanswered {
        var entries: [LedgerEntry]
        /// The number of the first, and the head that the ledger had behind the last, if they were.
        var first: Int64, head: AuditHead

        init(_ entries: [LedgerEntry], behind head: LedgerHead) {
            self.entries = entries
            first = head.sequence + 1
            self.head = head.sealing(entries).chain
        }
    }

    /// Appends entries behind the state's head, and answers the number of the first; nil where others have written
    /// meanwhile, which is taken in then.
    private func write(_ entries: [LedgerEntry]) async throws(LedgerFailure) -> Int64? {
        let before = state.head
        do throws(LedgerFailure) {
            let end = try await store.append(entries, expecting: before, fence: nil)
            // What stands in another's place now can never be written any more.
            if unanswered?.first == before.sequence + 1 { unanswered = nil }
            await follow(entries, to: end)
            return before.sequence + 1
        } catch .moved {
            try await catchUp()
            guard state.head != before else {
                throw .corrupt("the ledger does not end at or behind record \(before.sequence), which was read of it")
            }
            return nil
        } catch .refused(let refusal) {
            throw .refused(refusal)
        } catch .fenced(let why) {
            throw .fenced(why)
        } catch {
            unanswered = Unanswered(entries, behind: before)
            if let first = try? await answer() { return first }
            throw error
        }
    }

    /// Looks whether the unanswered entries are there, by the hash of the last, and answers the number of the first.
    private func answer() async throws(LedgerFailure) -> Int64? {
        guard let wanted = unanswered else { return nil }
        let found = try await store.records(after: wanted.head.sequence - 1, limit: 1).first
        // Where there is nothing yet, they may still be on their way.
        if found != nil { unanswered = nil }
        guard found?.sequence == wanted.head.sequence, found?.hash == wanted.head.hash else { return nil }
        await catchUpLater()
        return wanted.first
    }
}

// Reading.
extension Ledger {
    /// Takes in what was just written here, without reading it back.
    private func follow(_ entries: [LedgerEntry], to end: LedgerHead) async {
        if !state.follow(entries, to: end) { await catchUpLater() }
    }

    /// Loads the state anew, now or, where that fails, before it is gone by again: what was written is written.
    private func catchUpLater() async {
        isStale = true
        _ = try? await catchUp()
    }

    private func catchUp() async throws(LedgerFailure) {
        while !isStale {
            let records = try await store.records(after: state.head.sequence, limit: Ledger.pageSize)
            if let first = records.first, first.sequence > state.head.sequence + 1 {
                // What was written since was sealed meanwhile: it is read from what it added up to.
                let loaded = try await store.load(scope)
                guard loaded.floor + 1 == first.sequence else {
                    throw .corrupt("record \(state.head.sequence + 1), which is not there")
                }
                state = loaded
                continue
            }
            do throws(LedgerFailure) {
                for record in records { try state.follow(record) }
            } catch .refused {
                // It speaks of something old that was not loaded.
                isStale = true
            }
            if !isStale, records.count < Ledger.pageSize { return }
        }
        state = try await store.load(scope)
        isStale = false
    }

    private func waitForTurn() async {
        if isBusy { return await withCheckedContinuation { waiting.append($0) } }
        isBusy = true
    }

    /// The longest waiting goes next; nobody who comes meanwhile gets in front of it.
    private func passTurn() {
        if waiting.isEmpty { isBusy = false } else { waiting.removeFirst().resume() }
    }
}
