public import MendflowLedger
public import Testing

/// A ledger in one kind of store, empty at first, as this suite sees it: from in front, as any program does, and from
/// behind, as a person with an editor does.
public protocol StoreUnderTest: Sendable {
    /// Opens the ledger as one more process would; a kind of store that only one can open answers the same each time.
    func open() async throws -> any LedgerStore
    /// All cells.
    func cells() async throws -> [LedgerCell]
    /// Puts a cell in the place of another, or removes it, past every rule.
    func tamper(_ key: LedgerCell.Key, with cell: LedgerCell?) async throws
    /// All records with the columns that they are found by.
    func rows() async throws -> [LedgerAppend.Record]
    /// Puts other records in the place of all, past every rule.
    func replaceRows(_ rows: [LedgerAppend.Record]) async throws
}

/// A kind of store: what makes a new ledger in it.
public struct StoreKind: Sendable, CustomTestStringConvertible {
    /// The kind's name.
    public var testDescription: String
    /// Makes an empty ledger.
    public var make: @Sendable () async throws -> any StoreUnderTest

    /// Names a kind.
    public init(_ name: String, _ make: @escaping @Sendable () async throws -> any StoreUnderTest) {
        testDescription = name
        self.make = make
    }

    /// The store in memory.
    public static let memory = StoreKind("in memory") { MemoryUnderTest() }
}

/// One thing that every store does; a test of each store checks all of them.
public struct StoreRule: Sendable, CustomTestStringConvertible {
    /// What it is, in words.
    public let testDescription: String
    private let body: @Sendable (any StoreUnderTest) async throws -> Void

    init(_ words: String, _ body: @escaping @Sendable (any StoreUnderTest) async throws -> Void) {
        testDescription = words
        self.body = body
    }

    /// Checks it on a new ledger, and that the ledger is in order afterwards.
    public func check(on kind: StoreKind) async throws {
        let ledger = try await kind.make()
        try await body(ledger)
        let result = try await ledger.open().verify(expecting: nil)
        #expect(result.isIntact, "\(result.fault?.description ?? "")")
    }

    /// All rules.
    public static let all = [
        intents, intentStates, doubtfulChildren, operatorsWords, secondRetries, neverTwice, gates, pauses, replays,
        approvals, absences, incidents, channels,
        epochs,
        views, facts, evidence,
        openChains, scopes, appending, tampering, histories, twoLedgers,
    ].flatMap { $0 }
}

private struct MemoryUnderTest: StoreUnderTest {
    let store = MemoryLedgerStore()

    func open() async throws -> any LedgerStore { store }
    func cells() async throws -> [LedgerCell] { store.cells }
    func tamper(_ key: LedgerCell.Key, with cell: LedgerCell?) async throws { store.tamper(key, with: cell) }
    func rows() async throws -> [LedgerAppend.Record] {
        var rows: [LedgerAppend.Record] = []
        store.tamper { rows = $0 }
        return rows
    }
    func replaceRows(_ rows: [LedgerAppend.Record]) async throws { store.tamper { $0 = rows } }
}
