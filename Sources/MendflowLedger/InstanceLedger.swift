import MendflowCore
import MendflowText

/// What the ledger holds of one instance in one epoch. Views are kept as they grow, so that nobody has to fold them anew.
struct InstanceLedger: Sendable {
    let key: InstanceKey
    /// What enforce sees, and what dry-run sees: everything.
    private(set) var real = LedgerView(), withShadow = LedgerView()
    private(set) var tick: TickState?
    private(set) var suspended: [ActionKind: String] = [:]
    private(set) var alarm: String?
    private(set) var learnedTags: [String: String] = [:]
    /// Pieces of evidence that are written, and where.
    private(set) var evidence: [EvidenceHash: EvidencePlace] = [:]
    private var start: InstanceBaseline?
    private var origin: [InstanceBaseline.Fingerprint] = []
    private var holders: [Claim: IntentID] = [:]
    /// The present times of latches, by their cells' names.
    private var latchedAt: [String: ServerTime] = [:]
    private var ownedAt: [ExecutionID: AgentTime] = [:]
    private var shadowOwners: [ExecutionID: (policy: String, at: AgentTime)] = [:]
    /// Executions about which dry-run has a verdict of its own, which dry-run compares with first.
    private var shadowVerdicts: Set<ExecutionID> = []

    init(_ key: InstanceKey) { self.key = key }

    /// The epoch's baseline; nil where it was not loaded, or never written.
    var baseline: InstanceBaseline? {
        guard var baseline = start else { return nil }
        baseline.fingerprints = origin
        return baseline
    }
}

/// Where a piece of evidence stands: the number of its record, and whether it is about no single execution.
struct EvidencePlace: Sendable, Hashable { var entry: Int64, isSetting: Bool }

extension InstanceLedger {
    /// The same without what dry-run has written until now.
    var withoutDryRun: InstanceLedger {
        var ledger = self
        ledger.withShadow = real
        ledger.shadowOwners = [:]
        ledger.shadowVerdicts = []
        ledger.holders = holders.filter { intent($0.value)?.draft.isShadow == false }
        ledger.latchedAt = latchedAt.filter { !LedgerCell.isShadow(latchNamed: $0.key) }
        return ledger
    }
}

// Forgetting.
extension InstanceLedger {
    /// Forgets what was done before a time to chains that are not among some; what is open or unresolved stays.
    mutating func forget(before time: AgentTime, but some: Set<ExecutionID>) {
        let asked = real.approvals.values.filter { $0.state == .open }.flatMap(\.chain)
        let chains = some.union(asked)
        let isKept = { (intent: Intent) in
            intent.reservedAt >= time || intent.state.isOpen || intent.state == .unresolved
                || chains.contains(intent.draft.root)
        }
        real.forget(before: time, isKept, but: chains)
        withShadow.forget(before: time, isKept, but: chains)
        holders = holders.filter { intent($0.value) != nil }
        ownedAt = ownedAt.filter { chains.contains($0.key) }
        shadowOwners = shadowOwners.filter { chains.contains($0.key) }
    }
}

extension LedgerView {
    fileprivate mutating func forget(
        before time: AgentTime, _ isKept: (Intent) -> Bool, but chains: Set<ExecutionID>
    ) {
        approvals = approvals.filter { topic, approval in
            approval.since >= time || approval.state == .open || chains.contains(topic.execution)
                || chains.contains(approval.ask.draft.root)
        }
        let left = intents.filter(isKept)
        guard left.count < intents.count else { return }
        intents = left
        let kept = chains.union(left.flatMap { [$0.draft.root, $0.draft.execution] })
        healed.formIntersection(kept)
        gone.formIntersection(kept)
        exhausted = exhausted.filter { kept.contains($0.key) }
        closed = closed.filter { kept.contains($0.key) }
        children = children.filter { kept.contains($0.key) }
        personRetried = personRetried.filter { kept.contains($0.key) }
        owners = owners.filter { kept.contains($0.key) }
    }
}

// Intents.
extension InstanceLedger {
    func intent(_ id: IntentID) -> Intent? {
        let place = withShadow.place(of: id)
        return place.isThere ? withShadow.intents[place.index] : nil
    }

    /// The intent that claims what no other may.
    func holder(of claim: Claim) -> IntentID? { holders[claim] }

    /// Takes an intent in, in the place of an older state of it.
    mutating func put(_ intent: Intent) {
        if let old = self.intent(intent.id).flatMap(Claim.init), holders[old] == intent.id { holders[old] = nil }
        if let claim = Claim(intent) { holders[claim] = intent.id }
        withShadow.put(intent)
        if !intent.draft.isShadow { real.put(intent) }
    }
}

// Replays.
extension InstanceLedger {
    mutating func put(_ replay: Replay) {
        real.replays[replay.name] = replay
        withShadow.replays[replay.name] = replay
    }
}

// Asks for approval, and policies that went back to dry-run.
extension InstanceLedger {
    mutating func put(_ approval: Approval) {
        real.approvals[approval.ask.topic] = approval
        withShadow.approvals[approval.ask.topic] = approval
    }

    mutating func put(_ standing: PolicyStanding) {
        real.standings[standing.demotion.policy] = standing
        withShadow.standings[standing.demotion.policy] = standing
    }
}

// Absences.
extension InstanceLedger {
    mutating func put(_ absence: Absence) {
        if !absence.isShadow { real.absences[absence.key] = absence }
        withShadow.absences[absence.key] = absence
    }

    mutating func remove(absence key: AbsenceKey) {
        real.absences[key] = nil
        withShadow.absences[key] = nil
    }
}

// Incidents.
extension InstanceLedger {
    mutating func put(_ incident: Incident) {
        real.incidents[incident.key] = incident
        withShadow.incidents[incident.key] = incident
    }

    mutating func remove(incident key: String) {
        real.incidents[key] = nil
        withShadow.incidents[key] = nil
    }
}

// Facts.
extension InstanceLedger {
    /// Takes in an event that no rule refuses; none of another kind.
    mutating func apply(_ event: LedgerEvent, at time: AgentTime) -> [LedgerCell.Change] {
        switch event {
        case .latched(_, let latch, let shadow): apply(latch, shadow: shadow, at: time)
        case .owned(_, let root, let policy, let shadow): [own(root, policy, shadow: shadow, at: time)]
        case .decided(let decided): [apply(decided, at: time)]
        case .tick(_, let patch): apply(patch, at: time)
        case .suspended(_, let action, let reason): [suspend(action, reason, at: time)]
        case .restored(_, let action): [suspend(action, nil, at: time)]
        case .learnedTag(_, let name, let id): [learn(name, id, at: time)]
        case .alarmed(_, let reason, _): raiseAlarm(reason, at: time)
        default: preconditionFailure("no fact about an instance")
        }
    }

    /// The first time counts; of a person's retry the newest end does, for others yield until then.
    private mutating func apply(_ latch: Latch, shadow: Bool, at time: AgentTime) -> [LedgerCell.Change] {
        let name = LedgerCell.name(latch, shadow)
        if let before = latchedAt[name] {
            guard case .personRetried = latch.fact, latch.at > before else { return [] }
        }
        note(latch, name, shadow)
        return [.set(.of(latch, key, shadow: shadow, at: time))]
    }

    private mutating func note(_ latch: Latch, _ name: String, _ shadow: Bool) {
        latchedAt[name] = latch.at
        if !shadow { real.apply(latch) }
        withShadow.apply(latch)
    }

    private mutating func own(
        _ root: ExecutionID, _ policy: String, shadow: Bool, at time: AgentTime
    ) -> LedgerCell.Change {
        note(owner: policy, of: root, shadow: shadow, at: time)
        var members = Members(["policy": .text(policy)])
        members.set("shadow", shadow)
        return .set(
            LedgerCell(
                LedgerCell.Key(.owner, key, LedgerCell.name(root, shadow)), subject: root, at: time,
                value: members.value))
    }

    /// Of the real owner and dry-run's the later counts in dry-run, by the times that cells keep.
    private mutating func note(owner policy: String, of root: ExecutionID, shadow: Bool, at time: AgentTime) {
        if shadow {
            shadowOwners[root] = (policy, time)
        } else {
            real.owners[root] = policy
            ownedAt[root] = time
        }
        if let dry = shadowOwners[root], ownedAt[root].map({ $0 <= dry.at }) ?? true {
            withShadow.owners[root] = dry.policy
            withShadow.shadowOwned.insert(root)
        } else {
            withShadow.owners[root] = real.owners[root]
            withShadow.shadowOwned.remove(root)
        }
    }

    /// A piece that is there already stays where it stands.
    mutating func apply(_ planning: Planning, entry: Int64, at time: AgentTime) -> [LedgerCell.Change] {
        planning.pieces.compactMap { piece in
            let hash = piece.hash
            guard evidence[hash] == nil else { return nil }
            evidence[hash] = EvidencePlace(entry: entry, isSetting: piece.execution == nil)
            return .set(.of(piece, hash, key, entry: entry, at: time))
        }
    }

    /// Forgets the pieces that stand in the first records: who needs one again writes it again.
    mutating func dropEvidence(upTo last: Int64) -> [LedgerCell.Change] {
        let dropped = evidence.filter { $0.value.entry <= last }
        for hash in dropped.keys { evidence[hash] = nil }
        return dropped.sorted { $0.key < $1.key }.map { hash, place in
            .remove(LedgerCell.Key(place.isSetting ? .setting : .evidence, key, hash.description))
        }
    }

    private mutating func apply(_ decided: DecidedExecution, at time: AgentTime) -> LedgerCell.Change {
        note(decided.verdict, about: decided.execution, shadow: decided.isShadow)
        var members = Members()
        members.set("parts", decided.parts.map { $0.verdict.members.value })
        members.set("shadow", decided.isShadow)
        return .set(
            LedgerCell(
                LedgerCell.Key(.verdict, key, LedgerCell.name(decided.execution, decided.isShadow)),
                subject: decided.execution, at: time, value: members.value))
    }

    private mutating func note(
        _ verdict: LedgerView.RecordedVerdict, about execution: ExecutionID, shadow: Bool
    ) {
        if shadow {
            shadowVerdicts.insert(execution)
        } else {
            real.verdicts[execution] = verdict
        }
        if shadow || !shadowVerdicts.contains(execution) { withShadow.verdicts[execution] = verdict }
    }

    private mutating func suspend(_ action: ActionKind, _ reason: String?, at time: AgentTime) -> LedgerCell.Change {
        suspended[action] = reason
        let key = LedgerCell.Key(.suspension, key, action.rawValue)
        return reason.map { .set(LedgerCell(key, at: time, value: .object(["reason": .text($0)]))) } ?? .remove(key)
    }

    /// Another spelling of the same letters is the same tag, under the name that was learned first.
    private mutating func learn(_ name: String, _ id: String, at time: AgentTime) -> LedgerCell.Change {
        learnedTags[name] = id
        let name = learnedTags.index(forKey: name).map { learnedTags.keys[$0] } ?? name
        return .set(LedgerCell(LedgerCell.Key(.tag, key, name), at: time, value: .object(["id": .text(id)])))
    }

    /// The first alarm of an epoch counts.
    private mutating func raiseAlarm(_ reason: String, at time: AgentTime) -> [LedgerCell.Change] {
        guard alarm == nil else { return [] }
        alarm = reason
        return [.set(LedgerCell(LedgerCell.Key(.alarm, key, ""), at: time, value: .object(["reason": .text(reason)])))]
    }

    mutating func begin(_ baseline: InstanceBaseline, at time: AgentTime) -> [LedgerCell.Change] {
        var first = baseline
        first.fingerprints = []
        (start, origin) = (first, baseline.fingerprints)
        var members = Members()
        first.write(into: &members)
        var marks = Members()
        marks.set("fingerprints", origin.map(\.stored))
        return [
            .set(LedgerCell(LedgerCell.Key(.baseline, key, ""), at: time, value: members.value)),
            .set(LedgerCell(LedgerCell.Key(.origin, key, ""), at: time, value: marks.value)),
        ]
    }

    private mutating func apply(_ patch: TickPatch, at time: AgentTime) -> [LedgerCell.Change] {
        var state = tick ?? TickState.none
        tick = nil
        state.apply(patch, at: time)
        var changes: [LedgerCell.Change] = [
            .set(LedgerCell(LedgerCell.Key(.tick, key, ""), at: time, value: state.numbers))
        ]
        if patch.changesMarks {
            changes.append(.set(LedgerCell(LedgerCell.Key(.marks, key, ""), at: time, value: state.marks)))
        }
        tick = state
        changes += patch.live.map { live in
            let id = live.execution.id
            return .set(LedgerCell(LedgerCell.Key(.live, key, id.text), subject: id, at: time, value: live.stored))
        }
        return changes + patch.ended.map { .remove(LedgerCell.Key(.live, key, $0.text)) }
    }
}

// Loading.
extension InstanceLedger {
    /// Takes in cells of this instance, as a store keeps them.
    mutating func load(_ cells: [LedgerCell]) throws(LedgerFailure) {
        var live: [TickState.Live] = []
        for cell in cells {
            do throws(MalformedRecord) {
                if cell.key.table == .live { live.append(try TickState.Live(cell.value)) } else { try load(cell) }
            } catch { throw .corrupt("\(cell.key.table.rawValue) \(cell.key.name): \(error.description)") }
        }
        guard !live.isEmpty else { return }
        tick = tick ?? TickState.none
        tick?.replaceLive(live, ended: [])
    }

    private mutating func load(_ cell: LedgerCell) throws(MalformedRecord) {
        var fields = try Fields(cell.value)
        switch cell.key.table {
        case .intent: return put(try Intent(cell.value))
        case .latch: try loadLatch(cell, &fields)
        case .owner:
            guard let root = cell.subject else { throw MalformedRecord("an owner of nothing") }
            let policy = try fields.text("policy")
            note(owner: policy, of: root, shadow: try fields.flag("shadow"), at: cell.at)
        case .verdict:
            guard let execution = cell.subject else { throw MalformedRecord("a verdict about nothing") }
            let parts = try fields.all("parts", LedgerView.RecordedVerdict.Part.init)
            note(LedgerView.RecordedVerdict(parts), about: execution, shadow: try fields.flag("shadow"))
        case .tick:
            tick = tick ?? TickState.none
            try tick?.loadNumbers(&fields, at: cell.at)
        case .marks:
            tick = tick ?? TickState.none
            try tick?.loadMarks(&fields)
        case .suspension:
            guard let action = ActionKind(rawValue: cell.key.name) else { throw MalformedRecord("no such action") }
            suspended[action] = try fields.text("reason")
        case .alarm: alarm = try fields.text("reason")
        case .tag: learnedTags[cell.key.name] = try fields.text("id")
        case .evidence, .setting:
            guard let hash = EvidenceHash(cell.key.name) else { throw MalformedRecord("no name of evidence") }
            evidence[hash] = EvidencePlace(
                entry: try fields.number("entry"), isSetting: cell.key.table == .setting)
        case .baseline: start = try InstanceBaseline(key, &fields)
        case .replay: put(try Replay(cell: cell, &fields))
        case .approval: put(try Approval(cell: cell, &fields))
        case .standing: put(try PolicyStanding(cell: cell, &fields))
        case .absence: put(try Absence(&fields))
        case .incident: put(try Incident(&fields))
        case .origin: origin = try fields.all("fingerprints", InstanceBaseline.Fingerprint.init)
        case .live, .pause, .policy, .channel, .segment: throw MalformedRecord("a cell of no instance")
        }
        try fields.finish()
    }

    private mutating func loadLatch(_ cell: LedgerCell, _ fields: inout Fields) throws(MalformedRecord) {
        guard let execution = cell.subject else { throw MalformedRecord("a latch on nothing") }
        let parts = Latch.Parts(owner: try fields.textIfAny("policy"), child: try fields.idIfAny("value"))
        let latch = try Latch(try fields.text("latch"), parts, of: execution, at: try fields.time("since"))
        note(latch, cell.key.name, try fields.flag("shadow"))
    }
}

extension LedgerView {
    /// Where an intent stands, or where it would have to stand.
    fileprivate func place(of id: IntentID) -> (index: Int, isThere: Bool) {
        var (low, high) = (0, intents.count)
        while low < high {
            let middle = (low + high) / 2
            if intents[middle].id < id { low = middle + 1 } else { high = middle }
        }
        return (low, low < intents.count && intents[low].id == id)
    }

    /// Takes an intent in, in the place of an older state of it.
    fileprivate mutating func put(_ intent: Intent) {
        let place = place(of: intent.id)
        if place.isThere { intents[place.index] = intent } else { intents.insert(intent, at: place.index) }
    }
}
