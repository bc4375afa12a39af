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
    /// Whether records can be sealed in it.
    var canSeal: Bool { get }
    /// Its leases; nil where only one process writes it.
    var leases: (any LeaseTable)? { get }
    /// The same as `tamper` with what is kept of sealed records.
    func tamper(base key: LedgerCell.Key, with cell: LedgerCell?) async throws
    /// All records with the columns that they are found by.
    func rows() async throws -> [LedgerAppend.Record]
    /// Puts other records in the place of all, past every rule.
    func replaceRows(_ rows: [LedgerAppend.Record]) async throws
}

extension StoreUnderTest {
    /// It cannot, unless it says so.
    public var canSeal: Bool { false }
    /// It has none, unless it says so.
    public var leases: (any LeaseTable)? { nil }

    /// A kind of store that cannot seal keeps nothing of the kind.
    public func tamper(base key: LedgerCell.Key, with cell: LedgerCell?) async throws {
        throw LedgerFailure.unusable("nothing is sealed here")
    }
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
    /// Whether it is about stores that can seal.
    private let isOfSealing: Bool

    init(
        _ words: String, ofSealing isOfSealing: Bool = false,
        _ body: @escaping @Sendable (any StoreUnderTest) async throws -> Void
    ) {
        testDescription = words
        self.isOfSealing = isOfSealing
        self.body = body
    }

    /// Checks it on a new ledger, and that the ledger is in order afterwards.
    public func check(on kind: StoreKind) async throws {
        let ledger = try await kind.make()
        guard !isOfSealing || ledger.canSeal else { return }
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
        sealing, sealTampering, sealedHistories, fencing,
    ].flatMap { $0 }
}

private struct MemoryUnderTest: StoreUnderTest {
    let store = MemoryLedgerStore()
    let canSeal = true
    var leases: (any LeaseTable)? { store }

    func open() async throws -> any LedgerStore { store }
    func cells() async throws -> [LedgerCell] { store.cells }
    func tamper(_ key: LedgerCell.Key, with cell: LedgerCell?) async throws { store.tamper(key, with: cell) }
    func tamper(base key: LedgerCell.Key, with cell: LedgerCell?) async throws { store.tamper(base: key, with: cell) }
    func rows() async throws -> [LedgerAppend.Record] {
        var rows: [LedgerAppend.Record] = []
        store.tamper { rows = $0 }
        return rows
    }
    func replaceRows(_ rows: [LedgerAppend.Record]) async throws { store.tamper { $0 = rows } }
}
