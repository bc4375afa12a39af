package import MendflowCore
package import MendflowLedger
package import Testing

/// The instance that most rules speak of.
package let production = InstanceKey(name: "production", epoch: 1)

/// A time by its milliseconds.
package func at<T: Moment>(_ milliseconds: Int64) -> T { T(milliseconds: milliseconds) }

/// What is to be done to an execution, with everything else as it does not matter.
package func draft(
    _ execution: ExecutionID, _ action: ActionKind = .retry, in instance: InstanceKey = production,
    shadow: Bool = false
) -> IntentDraft {
    IntentDraft(
        instance: instance, action: action, execution: execution, root: "1", workflow: "w1", policy: "p",
        policyVersion: "v", isShadow: shadow)
}

/// The entry that reserves it.
package func reservation(_ draft: IntentDraft, supersedes: IntentID? = nil) -> LedgerEvent {
    .reserved(
        Reservation(
            draft: draft, request: "POST /retry", attempts: 3, due: at(1), start: nil, risk: nil,
            supersedes: supersedes))
}

/// A decision about an execution by one policy.
package func decided(
    _ execution: ExecutionID, _ phase: LedgerView.RecordedVerdict.Phase, in instance: InstanceKey = production,
    shadow: Bool = false
) -> LedgerEvent {
    let verdict = LedgerView.RecordedVerdict.Part(policy: "p", version: "v", status: .error, phase: phase)
    let part = DecidedExecution.Part(
        verdict: verdict, label: phase.rawValue, request: nil, until: nil, why: nil, takenFrom: nil, bulkHeld: nil)
    return .decided(
        DecidedExecution(
            instance: instance, execution: execution, root: execution, isShadow: shadow, now: at(1), parts: [part],
            evidence: nil))
}

/// A fact that is latched.
package func latched(
    _ fact: Latch.Fact, _ execution: ExecutionID, since: Int64 = 1, shadow: Bool = false
) -> LedgerEvent {
    .latched(production, Latch(fact, execution, at: at(since)), shadow: shadow)
}

/// The first epoch of an instance.
package func initialised(_ instance: InstanceKey = production) -> LedgerEvent {
    .began(
        InstanceBaseline(
            instance: instance, url: "https://n8n.example.com", since: at(1), highest: "99",
            fingerprints: [
                .init(id: "99", workflow: "w", startedAt: at(1)), .init(id: "98", workflow: "v", startedAt: nil),
            ], at: at(2)),
        instance.epoch == 1
            ? .initialised(by: "me")
            : .adopted(by: "me", reason: "restored", from: instance.epoch - 1, alarm: nil))
}

/// One handle on a ledger, with what tests do to it.
package struct TestLedger {
    package let home: any StoreUnderTest
    package let store: any LedgerStore

    package init(_ home: any StoreUnderTest) async throws {
        self.home = home
        store = try await home.open()
    }

    package func head() async throws -> LedgerHead { try await store.load(LedgerScope(instances: [])).head }

    /// Appends events behind whatever is there, and answers their numbers.
    @discardableResult
    package func append(_ events: [LedgerEvent], at time: Int64 = 1) async throws -> [Int64] {
        let head = try await head()
        let entries = events.map { LedgerEntry($0, at: AgentTime(milliseconds: time)) }
        let end = try await store.append(entries, expecting: head, fence: nil)
        #expect(end.sequence == head.sequence + Int64(events.count))
        return Array(head.sequence + 1..<end.sequence + 1)
    }

    @discardableResult
    package func append(_ event: LedgerEvent, at time: Int64 = 1) async throws -> Int64 {
        try await append([event], at: time)[0]
    }

    /// Expects that events are refused, and that nothing of the ledger is another afterwards.
    package func expect(
        _ refusal: LedgerRefusal, of events: [LedgerEvent], at time: Int64 = 1,
        _ location: SourceLocation = #_sourceLocation
    ) async throws {
        let before = try await contents()
        await #expect(throws: LedgerFailure.refused(refusal), sourceLocation: location) {
            try await append(events, at: time)
        }
        #expect(try await contents() == before, sourceLocation: location)
    }

    /// Everything that is stored.
    package func contents() async throws -> Contents {
        Contents(cells: try await home.cells(), records: try await store.records(after: 0, limit: .max))
    }

    package struct Contents: Equatable {
        var cells: [LedgerCell]
        var records: [SealedRecord]
    }

    @discardableResult
    package func reserve(_ draft: IntentDraft, at time: Int64 = 1) async throws -> IntentID {
        IntentID(try await append(reservation(draft), at: time))
    }

    package func intent(_ id: IntentID) async throws -> Intent? {
        try await store.load(LedgerScope(instances: [], intents: [id])).intent(id)
    }

    package func reference(_ id: IntentID) async throws -> IntentRef {
        IntentRef(try #require(try await intent(id)))
    }

    package func send(_ id: IntentID, watermark: ExecutionID? = nil, at time: Int64 = 1) async throws {
        try await append(.sending(reference(id), watermark: watermark, look: "3 rows"), at: time)
    }

    package func settle(_ id: IntentID, _ settlement: Settlement, at time: Int64 = 1) async throws {
        try await append(.outcome(reference(id), settlement), at: time)
    }

    /// Brings a fresh intent into a state, by the steps that lead there.
    package func intent(_ state: IntentState, of execution: ExecutionID, at time: Int64 = 1) async throws -> IntentID {
        let id = try await reserve(draft(execution, shadow: state == .shadow), at: time)
        if state == .shadow || state == .reserved { return id }
        if state != .void { try await send(id, at: time) }
        switch state {
        case .reserved, .shadow, .sending: break
        case .void, .applied, .unresolved, .ineffective: try await settle(id, Settlement(state), at: time)
        case .superseded:
            try await settle(id, Settlement(.unresolved), at: time)
            try await append(reservation(draft(execution), supersedes: id), at: time)
        }
        return id
    }

    /// What planning sees of an instance: all of it, or what was touched since a time and some chains.
    package func view(
        _ instance: InstanceKey = production, since: Int64 = .min, shadow: Bool = false, chains: Set<ExecutionID> = []
    ) async throws -> LedgerView {
        let scope = LedgerScope.instance(instance.name, since: at(since), chains: chains)
        return try await store.load(scope).view(of: instance, shadow: shadow)
    }
}

extension LedgerView {
    /// Dry-run's view of nothing: nobody is asked there.
    package static var ofDryRun: LedgerView {
        var view = LedgerView()
        view.asksNobody = true
        return view
    }
}
