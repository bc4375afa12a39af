import MendflowCore
package import MendflowLedger

/// A history out of a seed: entries as an agent and operators could write them, on few executions, so that they meet; among
/// them many that the rules refuse. The state takes them in one by one, without any store.
package struct RandomHistory {
    /// What the entries so far add up to.
    package private(set) var state = LedgerState()
    /// The entries that it begins with.
    package private(set) var beginning: [LedgerEntry] = []
    package var random: RandomEvents
    private var clock: Int64 = 1_000_000
    private var planned: [InstanceKey: [EvidencePiece]] = [:]

    package static let names = ["production", "test"]

    package init(seed: UInt64) {
        random = RandomEvents(seed: seed)
        for name in RandomHistory.names {
            let entry = LedgerEntry(began(name), at: AgentTime(milliseconds: clock))
            if append(entry) == nil { beginning.append(entry) }
        }
    }

    /// The next entry that the rules allow, and those before it that they refused, with the reasons.
    package mutating func next() -> (entry: LedgerEntry, refused: [(LedgerEntry, LedgerRefusal)]) {
        var refused: [(LedgerEntry, LedgerRefusal)] = []
        while true {
            clock += Int64(random.below(25)) - (random.oneIn(40) ? 900 : 5)
            let entry = LedgerEntry(event(), at: AgentTime(milliseconds: clock))
            guard let refusal = append(entry) else { return (entry, refused) }
            refused.append((entry, refusal))
        }
    }

    /// Takes in an entry that was written by other means.
    package mutating func take(_ entry: LedgerEntry) { _ = append(entry) }

    private mutating func append(_ entry: LedgerEntry) -> LedgerRefusal? {
        do throws(LedgerRefusal) {
            _ = try state.append([entry])
            return nil
        } catch { return error }
    }

    /// The present epoch of an instance; an older one now and then.
    private mutating func key() -> InstanceKey {
        let name = random.pick(RandomHistory.names)
        let newest = state.baseline(of: name)?.instance.epoch ?? 1
        return InstanceKey(name: name, epoch: random.oneIn(15) ? max(1, newest - 1) : newest)
    }

    private mutating func id() -> ExecutionID { ExecutionID("\(1 + random.below(16))") }

    private mutating func event() -> LedgerEvent {
        switch random.below(40) {
        case 0..<9: reserve()
        case 9..<15: send()
        case 15..<21: settle()
        case 21..<25: latch()
        case 25..<27: .owned(key(), root: id(), policy: random.pick(["p", "q"]), shadow: random.oneIn(3))
        case 27..<30: decide()
        case 30..<33: tick()
        case 33..<39: rare()
        default: resolve()
        }
    }

    private mutating func reserve() -> LedgerEvent {
        var draft = random.draft()
        draft.instance = key()
        draft.execution = id()
        draft.root = random.oneIn(2) ? draft.execution : id()
        draft.action = random.oneIn(3) ? random.pick(ActionKind.allCases) : .retry
        draft.isShadow = random.oneIn(4)
        if random.oneIn(8) { draft.policy = random.replayName() }
        var reservation = random.reservation()
        let unresolved = state.intents(in: [.unresolved], of: draft.instance)
        reservation.supersedes = nil
        if !unresolved.isEmpty, random.oneIn(2) {
            let old = random.pick(unresolved)
            reservation.supersedes = old.id
            if !random.oneIn(6) { (draft.execution, draft.action) = (old.draft.execution, old.draft.action) }
        }
        reservation.draft = draft
        return .reserved(reservation)
    }

    private mutating func intent(_ states: Set<IntentState>) -> IntentRef {
        let states = random.oneIn(8) ? Set(IntentState.allCases) : states
        let found = state.intents(in: states)
        guard !found.isEmpty, !random.oneIn(30) else { return IntentRef(IntentID(3), random.draft()) }
        return IntentRef(random.pick(found))
    }

    private mutating func send() -> LedgerEvent {
        .sending(intent([.reserved]), watermark: random.oneIn(2) ? id() : nil, look: random.text())
    }

    private mutating func settle() -> LedgerEvent {
        var settlement = random.settlement()
        settlement.child = random.oneIn(2) ? id() : nil
        return .outcome(intent([.reserved, .sending, .sending, .applied, .unresolved]), settlement)
    }

    private mutating func resolve() -> LedgerEvent {
        .resolved(intent([.unresolved]), ran: random.oneIn(2), by: random.text(), reason: random.text())
    }

    private mutating func latch() -> LedgerEvent {
        var latch = random.latch()
        latch.execution = id()
        switch latch.fact {
        case .exhausted: latch.fact = .exhausted(policy: random.pick(["p", "q"]))
        case .child: latch.fact = .child(id())
        case .personRetried: latch.fact = .personRetried(id())
        case .healed, .closed, .gone, .outcomeUnknown, .ranNothing: break
        }
        return .latched(key(), latch, shadow: random.oneIn(4))
    }

    private mutating func decide() -> LedgerEvent {
        let key = key()
        guard let piece = planned[key]?.last, !random.oneIn(3) else {
            let planning = random.planning()
            planned[key, default: []] += planning.pieces
            return .planned(key, planning)
        }
        var decided = random.decision()
        (decided.instance, decided.execution, decided.root) = (key, id(), id())
        // Now and then it names what is not there.
        if !random.oneIn(6) { decided.evidence = DecisionEvidence(enforced: .joint(piece.hash)) }
        return .decided(decided)
    }

    private mutating func tick() -> LedgerEvent {
        let key = key()
        let before = state.tick(of: key)
        var after =
            before
            ?? TickState(
                tick: 0, at: AgentTime(milliseconds: 0), accounted: nil, sweptAt: nil, rows: 0, live: [],
                clockOffset: .zero)
        after.tick += 1
        if random.oneIn(2) { after.live = random.some(4) { $0.live() } }
        if random.oneIn(2) { after.missing = random.ranges() }
        if random.oneIn(3) { after.fingerprints = random.some(2) { $0.fingerprint() } }
        if random.oneIn(3) { after.sightings = random.some(2) { .init(id: $0.execution(), at: $0.time()) } }
        return .tick(key, TickPatch(from: before, to: after))
    }

    private mutating func began(_ name: String) -> LedgerEvent {
        var baseline = random.baseline()
        let last = state.baseline(of: name)?.instance.epoch ?? 0
        baseline.instance = InstanceKey(name: name, epoch: last + 1)
        return .began(
            baseline, last == 0 ? .initialised(by: "me") : .adopted(by: "me", reason: "r", from: last, alarm: nil))
    }

    private mutating func rare() -> LedgerEvent {
        switch random.below(46) {
        case 0:
            .paused(
                instance: random.pick([nil, "production", "test"]), reason: random.text(), by: random.text(),
                until: random.oneIn(2) ? nil : AgentTime(milliseconds: clock + Int64(random.below(400))))
        case 1..<6: .resumed(instance: random.pick([nil, "production", "test"]), by: random.text())
        case 6..<9: .suspended(key(), random.pick(ActionKind.allCases), reason: random.text())
        case 9..<11: .restored(key(), random.pick(ActionKind.allCases))
        case 11..<14: .learnedTag(key(), name: random.pick(["a", "\u{E9}", "e\u{301}"]), id: random.text())
        case 14..<17:
            .policy(PolicyText(version: random.pick(["v1", "v2"]), name: "p", text: random.text(), place: "f"))
        case 17: random.oneIn(5) ? .alarmed(key(), reason: random.text(), execution: nil) : random.event(.gap)
        case 24..<26: .replayBegan(key(), random.replayStart(version: random.pick(["v1", "v2"])))
        case 26..<28:
            .replayMoved(
                key(), ReplayMove(random.replayName(), random.pick(Replay.State.allCases), by: "me", why: random.text())
            )
        case 28..<34: approval()
        case 34..<36: standing()
        case 36..<38: .absenceBegan(key(), random.absence())
        case 38..<40: .absenceEnded(key(), random.absenceEnd())
        case 40..<42: .incidentOpened(key(), random.incident())
        case 42..<45: .incidentMoved(key(), random.incidentMove())
        case 45: .incidentOver(key(), random.incidentEnd())
        case 18: random.oneIn(3) ? began(random.pick(RandomHistory.names)) : random.event(.lifecycle)
        default: random.event(.gap)
        }
    }
}

extension RandomHistory {
    /// An ask, or an answer to one that is there, mostly to one that is open.
    private mutating func approval() -> LedgerEvent {
        let asked = state.approvals().filter { $0.state == .open || random.oneIn(4) }
        guard !asked.isEmpty, !random.oneIn(3) else {
            var ask = random.ask()
            (ask.draft.instance, ask.draft.execution, ask.draft.policy) = (key(), id(), random.pick(["p", "q"]))
            ask.draft.root = random.oneIn(2) ? ask.draft.execution : id()
            ask.draft.isShadow = false
            ask.expiresAt = AgentTime(milliseconds: clock + Int64(random.below(400)))
            return .approvalAsked(ask)
        }
        var reference = ApprovalRef(random.pick(asked))
        if random.oneIn(9) { reference.id = ApprovalID(reference.id.number + 1) }
        guard random.oneIn(3) else { return .approvalAnswered(reference, random.approvalAnswer()) }
        return .approvalClosed(
            reference, ApprovalEnd(random.pick(ApprovalEnd.Kind.allCases), why: random.text()))
    }

    private mutating func standing() -> LedgerEvent {
        var demotion = random.demotion()
        (demotion.policy, demotion.version) = (random.pick(["p", "q"]), random.pick(["v1", "v2"]))
        if random.oneIn(2) { return .demoted(key(), demotion) }
        return .promoted(
            key(), Promotion(policy: demotion.policy, version: demotion.version, by: "me", reason: random.text()))
    }
}
