internal import MendflowCore

/// The ledger as one agent or command sees it: the state of the part that it works with, kept up with the store.
///
/// Everything that is appended is judged twice by the same rules: by the store inside its transaction, and here, where the
/// state has to come to the same head.
public actor Ledger {
    /// Where it is kept.
    public nonisolated let store: any LedgerStore
    /// What is known of it; `refresh` takes in what others have written since.
    public private(set) var state: LedgerState
    private var scope: LedgerScope
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
        await takeTurn()
        defer { passTurn() }
        try await catchUp()
        return state
    }

    /// Loads another part in the place of this one: what has become too old is forgotten, what is asked for is there.
    @discardableResult
    public func reload(_ scope: LedgerScope) async throws(LedgerFailure) -> LedgerState {
        await takeTurn()
        defer { passTurn() }
        self.scope = scope
        state = try await store.load(scope)
        return state
    }

    /// Appends entries, all or none, and answers the number of each. What others have written meanwhile is taken in first,
    /// and the entries are judged behind it.
    ///
    /// - Throws: `refused` where an entry is against the rules as the ledger stands now, or why it could not be written.
    @discardableResult
    public func append(_ entries: [LedgerEntry]) async throws(LedgerFailure) -> [Int64] {
        guard !entries.isEmpty else { return [] }
        await takeTurn()
        defer { passTurn() }
        while true {
            let first = state.head.sequence + 1
            do throws(LedgerFailure) {
                let head = try await store.append(entries, expecting: state.head, fence: nil)
                try await follow(entries, to: head)
                return Array(first..<first + Int64(entries.count))
            } catch .moved {
                try await catchUp()
            }
        }
    }

    /// Appends what a closure makes of the state as it stands, and answers that state with the entries; the closure is asked
    /// again where others have written meanwhile.
    @discardableResult
    public func append(
        _ make: @Sendable (LedgerState) throws(LedgerFailure) -> [LedgerEntry]
    ) async throws(LedgerFailure) -> (before: LedgerState, entries: [LedgerEntry]) {
        await takeTurn()
        defer { passTurn() }
        while true {
            try await catchUp()
            let (before, entries) = (state, try make(state))
            guard !entries.isEmpty else { return (before, []) }
            do throws(LedgerFailure) {
                let head = try await store.append(entries, expecting: state.head, fence: nil)
                try await follow(entries, to: head)
                return (before, entries)
            } catch .moved {
                continue
            }
        }
    }

    /// Takes in what was just written here, without reading it back.
    private func follow(_ entries: [LedgerEntry], to head: LedgerHead) async throws(LedgerFailure) {
        var next = state
        if (try? next.append(entries)) != nil, next.head == head {
            state = next
        } else {
            // The store judges by more than was loaded here.
            try await catchUp()
        }
    }

    private func catchUp() async throws(LedgerFailure) {
        while true {
            let records = try await store.records(after: state.head.sequence, limit: Ledger.pageSize)
            do throws(LedgerFailure) {
                for record in records { try state.take(record) }
            } catch .refused {
                // It speaks of something old that was not loaded.
                state = try await store.load(scope)
                return
            }
            guard records.count == Ledger.pageSize else { return }
        }
    }

    private func takeTurn() async {
        while isBusy { await withCheckedContinuation { waiting.append($0) } }
        isBusy = true
    }

    private func passTurn() {
        isBusy = false
        if !waiting.isEmpty { waiting.removeFirst().resume() }
    }
}
