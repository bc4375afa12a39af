import MendflowCore
import MendflowLedger
import MendflowLedgerConformance
import Synchronization
import Testing

/// A store between which and its user answers get lost, as the test says.
final class UnreliableStore: LedgerStore {
    enum Fault: Sendable, Hashable {
        /// The append happens, and the answer is lost.
        case answerLost
        /// The append does not happen.
        case notDone
        /// The append does not happen now, and does when something is read the next time.
        case onItsWay
        /// Reading fails.
        case unreadable
    }

    let store: any LedgerStore
    private let faults = Mutex<[Fault]>([])
    private let late = Mutex<[@Sendable () async -> Void]>([])
    private let attempts = Mutex(0)

    init(_ store: any LedgerStore) { self.store = store }

    static let failure = LedgerFailure.unusable("the connection was lost")

    func fail(_ all: Fault...) { faults.withLock { $0 += all } }
    var appends: Int { attempts.withLock { $0 } }

    private func next(_ wanted: Set<Fault>) -> Fault? {
        faults.withLock { faults in
            guard let first = faults.first, wanted.contains(first) else { return nil }
            return faults.removeFirst()
        }
    }

    func append(
        _ entries: [LedgerEntry], expecting head: LedgerHead, fence: FenceToken?
    ) async throws(LedgerFailure) -> LedgerHead {
        attempts.withLock { $0 += 1 }
        switch next([.answerLost, .notDone, .onItsWay]) {
        case .answerLost:
            _ = try await store.append(entries, expecting: head, fence: fence)
            throw Self.failure
        case .onItsWay:
            late.withLock { [store] in
                $0.append { _ = try? await store.append(entries, expecting: head, fence: fence) }
            }
            throw Self.failure
        case .notDone: throw Self.failure
        default: return try await store.append(entries, expecting: head, fence: fence)
        }
    }

    /// Whatever was on its way arrives.
    func arrive() async {
        let waiting = late.withLock { late in
            defer { late = [] }
            return late
        }
        for arrival in waiting { await arrival() }
    }

    private func read() throws(LedgerFailure) { if next([.unreadable]) != nil { throw Self.failure } }

    func load(_ scope: LedgerScope) async throws(LedgerFailure) -> LedgerState {
        try read()
        return try await store.load(scope)
    }
    func records(after sequence: Int64, limit: Int) async throws(LedgerFailure) -> [SealedRecord] {
        try read()
        return try await store.records(after: sequence, limit: limit)
    }
    func records(about: Set<ExecutionID>, instance: InstanceKey) async throws(LedgerFailure) -> [SealedRecord] {
        try await store.records(about: about, instance: instance)
    }
    func verify(expecting: AuditHead?) async throws(LedgerFailure) -> AuditVerification {
        try await store.verify(expecting: expecting)
    }
}

private let everything = LedgerScope(instances: ["production"], since: at(.min))

private func entries(_ id: ExecutionID, _ time: Int64 = 1) -> [LedgerEntry] {
    [LedgerEntry(reservation(draft(id)), at: at(time)), LedgerEntry(decided(id, .act), at: at(time))]
}

@Suite("A ledger whose store does not answer")
struct LedgerFaultTests {
    let memory = MemoryLedgerStore()

    func opened() async throws -> (UnreliableStore, Ledger) {
        let store = UnreliableStore(memory)
        return (store, try await Ledger(store, everything))
    }

    func count() async throws -> Int64 {
        let result = try await memory.verify(expecting: nil)
        #expect(result.isIntact)
        return result.count
    }

    @Test("finds out by itself that what it wrote is there, and writes no more")
    func answerLost() async throws {
        let (store, ledger) = try await opened()
        store.fail(.answerLost)
        #expect(try await ledger.append(entries("5")) == [1, 2])
        #expect(await ledger.state.head.sequence == 2)
        #expect(try await count() == 2)
        #expect(try await ledger.append(entries("6")) == [3, 4])
    }

    @Test("says so where nothing was written, and writes it when it is told again")
    func notDone() async throws {
        let (store, ledger) = try await opened()
        store.fail(.notDone)
        await #expect(throws: UnreliableStore.failure) { try await ledger.append(entries("5")) }
        #expect(try await count() == 0)
        #expect(try await ledger.append(entries("5")) == [1, 2])
        #expect(try await count() == 2)
    }

    @Test("that cannot be read either tells nobody that it wrote, and finds it when the same is told again")
    func unreadable() async throws {
        let (store, ledger) = try await opened()
        store.fail(.answerLost, .unreadable)
        await #expect(throws: UnreliableStore.failure) { try await ledger.append(entries("5")) }
        #expect(try await count() == 2)
        let before = store.appends
        #expect(try await ledger.append(entries("5")) == [1, 2])
        #expect(try await count() == 2 && store.appends == before)
        #expect(await ledger.state.view(of: production, shadow: false).intents.count == 1)
    }

    @Test("whose append arrives late does not write it a second time")
    func onItsWay() async throws {
        let (store, ledger) = try await opened()
        store.fail(.onItsWay)
        await #expect(throws: UnreliableStore.failure) { try await ledger.append(entries("5")) }
        await store.arrive()
        #expect(try await ledger.append(entries("5")) == [1, 2])
        #expect(try await count() == 2)
    }

    @Test("whose append arrives in the middle of the next does not write it a second time")
    func inTheMiddle() async throws {
        let (store, ledger) = try await opened()
        store.fail(.onItsWay)
        await #expect(throws: UnreliableStore.failure) { try await ledger.append(entries("5")) }
        await store.arrive()
        // Others come behind what was on its way, and the state takes in both.
        #expect(try await ledger.append(entries("6")) == [3, 4])
        #expect(try await ledger.append(entries("5")) == [1, 2])
        #expect(try await count() == 4)
    }

    @Test("forgets what can never arrive any more: others stand in its place")
    func tooLate() async throws {
        let (store, ledger) = try await opened()
        store.fail(.onItsWay)
        await #expect(throws: UnreliableStore.failure) { try await ledger.append(entries("5")) }
        #expect(try await ledger.append(entries("6")) == [1, 2])
        await store.arrive()
        #expect(try await ledger.append(entries("5")) == [3, 4])
        #expect(try await count() == 4)
    }

    @Test("takes entries of another time for others")
    func otherTime() async throws {
        let (store, ledger) = try await opened()
        store.fail(.answerLost, .unreadable)
        let first = [LedgerEntry(decided("5", .act), at: at(1))]
        await #expect(throws: UnreliableStore.failure) { try await ledger.append(first) }
        #expect(try await ledger.append([LedgerEntry(decided("5", .act), at: at(2))]) == [2])
        #expect(try await ledger.append(first) == [1])
    }

    @Test("never sends twice: what was reserved without an answer is refused to others")
    func neverTwice() async throws {
        let (store, ledger) = try await opened()
        store.fail(.answerLost, .unreadable)
        await #expect(throws: UnreliableStore.failure) { try await ledger.append(entries("5")) }
        await #expect(throws: LedgerFailure.refused(.alreadyIntended("5"))) { try await ledger.append(entries("5", 9)) }
    }

    @Test("answers what was written even where the state cannot be read behind it, and reads it before it goes on")
    func stateUnreadable() async throws {
        let ledger = try await Ledger(memory, everything)
        let id = IntentID(try await ledger.append([LedgerEntry(reservation(draft("5")), at: at(1))])[0])
        let intent = IntentRef(try #require(await ledger.state.intent(id)))
        try await ledger.append([
            LedgerEntry(.sending(intent, watermark: nil, look: ""), at: at(1)),
            LedgerEntry(.outcome(intent, Settlement(.applied)), at: at(1)),
        ])
        // A part that does not hold the intent whose child is learned: it has to be loaded again.
        let store = UnreliableStore(memory)
        let part = try await Ledger(store, LedgerScope(instances: ["production"]))
        #expect(await part.state.intent(id) == nil)
        store.fail(.unreadable)
        let child = LedgerEntry(.outcome(intent, Settlement(.applied, child: "6")), at: at(2))
        #expect(try await part.append([child]) == [4])
        #expect(try await part.append([LedgerEntry(latched(.healed, "5"), at: at(3))]) == [5])
        #expect(try await count() == 5)
    }

    @Test("asks the closure again with what is there by now")
    func closure() async throws {
        let (store, ledger) = try await opened()
        store.fail(.answerLost)
        let make: @Sendable (LedgerState) throws(LedgerFailure) -> [LedgerEntry] = { state in
            state.intents(in: [.reserved]).isEmpty ? entries("5") : []
        }
        #expect(try await ledger.append(make).entries.count == 2)
        #expect(try await ledger.append(make).entries.isEmpty)
        store.fail(.onItsWay)
        let other: @Sendable (LedgerState) throws(LedgerFailure) -> [LedgerEntry] = { state in
            state.intents(in: [.reserved]).count < 2 ? entries("6") : []
        }
        await #expect(throws: UnreliableStore.failure) { try await ledger.append(other) }
        await store.arrive()
        #expect(try await ledger.append(other).entries.isEmpty)
        #expect(try await count() == 4)
    }

    @Test("that was replaced by another one, longer or shorter, is called damaged instead of being gone by")
    func replaced() async throws {
        let (_, ledger) = try await opened()
        try await ledger.append(entries("5"))
        for length in [1, 3] {
            let other = MemoryLedgerStore()
            let others = (0..<length).map { LedgerEntry(latched(.healed, ExecutionID("\($0)")), at: at(3)) }
            _ = try await other.append(others, expecting: .start, fence: nil)
            var rows: [LedgerAppend.Record] = []
            other.tamper { rows = $0 }
            let store = memory.copy()
            let reader = try await Ledger(store, everything)
            store.tamper { $0 = rows }
            let error = await #expect(throws: LedgerFailure.self) { try await reader.append(entries("6")) }
            guard case .corrupt? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }
}

@Suite("Many who append at once")
struct LedgerConcurrencyTests {
    @Test("lose nothing and write nothing twice, through one ledger and through two", arguments: [1, 2])
    func concurrent(ledgers: Int) async throws {
        let store = MemoryLedgerStore()
        var opened: [Ledger] = []
        for _ in 0..<ledgers { opened.append(try await Ledger(store, everything)) }
        let all = opened
        let numbers = try await withThrowingTaskGroup(of: [Int64].self) { group in
            for number in 0..<50 {
                group.addTask {
                    let id = ExecutionID("\(number)")
                    return try await all[number % all.count].append(entries(id, Int64(number)))
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(numbers.sorted() == Array(1...100))
        let result = try await store.verify(expecting: nil)
        #expect(result.isIntact && result.count == 100)
        for ledger in all {
            let view = try await ledger.refresh().view(of: production, shadow: false)
            #expect(Set(view.intents.map(\.draft.execution)).count == 50 && view.verdicts.count == 50)
        }
    }

    @Test("one of many who want the same gets it", arguments: [1, 3])
    func race(ledgers: Int) async throws {
        let store = MemoryLedgerStore()
        var opened: [Ledger] = []
        for _ in 0..<ledgers { opened.append(try await Ledger(store, everything)) }
        let all = opened
        let won = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<20 {
                group.addTask { (try? await all[number % all.count].append(entries("5", Int64(number)))) != nil }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(won == 1)
        #expect(try await store.verify(expecting: nil).count == 2)
    }
}
