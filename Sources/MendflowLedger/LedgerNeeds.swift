public import MendflowCore

/// What the rules need to judge some entries by: a few cells, found by their keys, however much there is. It follows
/// `LedgerRules` event by event.
struct LedgerNeeds {
    /// The cells.
    var keys: Set<LedgerCell.Key> = []
    /// What no two intents may claim, as cells tell it.
    var claims: Set<String> = []
    /// Instances all of whose epochs are looked at, and those all of whose learned tags are.
    var baselines: Set<String> = [], tags: Set<String> = []
    /// Whether all that is open is looked at, with all evidence and what was sealed.
    var allOpen = false

    init(_ entries: [LedgerEntry]) {
        for entry in entries { add(entry.event) }
    }

    private mutating func add(_ event: LedgerEvent) {
        switch event {
        case .reserved(let reservation): add(reservation)
        case .sending(let intent, _, _, _, _), .asked(let intent, _):
            gate(intent.instance)
            replay(intent.policy, intent.instance)
            add(intent)
            keys.insert(
                .approval(ApprovalTopic(intent.execution, intent.action, intent.policy), intent.instance))
        case .outcome(let intent, let settlement):
            add(intent)
            if intent.action == .retry, settlement.state == .applied {
                claims.insert(Claim(.retry, intent.execution).text(in: intent.instance))
            }
        case .resolved(let intent, _, _, _): add(intent)
        case .latched(let key, let latch, let shadow):
            keys.insert(LedgerCell.Key(.latch, key, LedgerCell.name(latch, shadow)))
        case .tick(let key, let patch): if patch.changesMarks { keys.insert(LedgerCell.Key(.marks, key, "")) }
        case .learnedTag(let key, _, _): tags.insert(key.name)
        case .alarmed(let key, _, _): keys.insert(LedgerCell.Key(.alarm, key, ""))
        case .began(let baseline, _): baselines.insert(baseline.instance.name)
        case .policy(let text): keys.insert(LedgerCell.Key(.policy, nil, text.version))
        case .planned(let key, let planning): for piece in planning.pieces { evidence(piece.hash, key) }
        case .decided(let decided): for hash in decided.evidence?.hashes ?? [] { evidence(hash, decided.instance) }
        case .paused(let name, _, _, _, _): keys.insert(LedgerCell.Key(.pause, nil, name ?? ""))
        case .probing(let key, _): gate(key)
        case .replayBegan(let key, let begun):
            gate(key)
            replay(begun.name, key)
            keys.insert(LedgerCell.Key(.policy, nil, begun.version))
        case .replayMoved(let key, let move): replay(move.name, key)
        case .approvalAsked(let ask):
            gate(ask.draft.instance)
            keys.insert(.approval(ask.topic, ask.draft.instance))
        case .approvalAnswered(let reference, _):
            baselines.insert(reference.instance.name)
            keys.insert(.approval(reference.topic, reference.instance))
        case .approvalClosed(let reference, _): keys.insert(.approval(reference.topic, reference.instance))
        case .demoted(let key, let demotion): keys.insert(LedgerCell.Key(.standing, key, demotion.policy))
        case .promoted(let key, let promotion): keys.insert(LedgerCell.Key(.standing, key, promotion.policy))
        case .incidentOpened(let key, let incident): keys.insert(LedgerCell.Key(.incident, key, incident.key))
        case .incidentMoved(let key, let move): keys.insert(LedgerCell.Key(.incident, key, move.key))
        case .incidentOver(let key, let end): keys.insert(LedgerCell.Key(.incident, key, end.key))
        case .absenceBegan(let key, let absence):
            keys.insert(LedgerCell.Key(.absence, key, LedgerCell.name(absence.key)))
        case .absenceEnded(let key, let end): keys.insert(LedgerCell.Key(.absence, key, LedgerCell.name(end.key)))
        case .notified(let entry): keys.insert(LedgerCell.Key(.channel, nil, entry.channel))
        case .sealed: allOpen = true
        case .owned, .gap, .suspended, .restored, .resumed, .lifecycle, .probed: break
        }
    }

    private mutating func add(_ reservation: Reservation) {
        let draft = reservation.draft
        if !draft.isShadow {
            gate(draft.instance)
            replay(draft.policy, draft.instance)
            keys.insert(LedgerCell.Key(.standing, draft.instance, draft.policy))
            if draft.consent != nil {
                keys.insert(.approval(ApprovalTopic(draft.execution, draft.action, draft.policy), draft.instance))
            }
            if let incident = draft.incident { keys.insert(LedgerCell.Key(.incident, draft.instance, incident)) }
        }
        if let replaced = reservation.supersedes {
            keys.insert(LedgerCell.Key(.intent, draft.instance, replaced.description))
        }
        for kind in [Claim.Kind.retry, .resent, .shadow] where draft.action == .retry {
            claims.insert(Claim(kind, draft.execution).text(in: draft.instance))
        }
    }

    private mutating func add(_ intent: IntentRef) {
        keys.insert(LedgerCell.Key(.intent, intent.instance, intent.id.description))
    }

    private mutating func evidence(_ hash: EvidenceHash, _ key: InstanceKey) {
        for table in [LedgerCell.Table.evidence, .setting] {
            keys.insert(LedgerCell.Key(table, key, hash.description))
        }
    }

    /// How the replay of a name stands, where it is one.
    private mutating func replay(_ name: String, _ key: InstanceKey) {
        if Replay.number(in: name) != nil { keys.insert(LedgerCell.Key(.replay, key, name)) }
    }

    /// What may forbid to let anything out.
    private mutating func gate(_ key: InstanceKey) {
        keys.formUnion([
            LedgerCell.Key(.pause, nil, ""), LedgerCell.Key(.pause, nil, key.name), LedgerCell.Key(.alarm, key, ""),
        ])
        baselines.insert(key.name)
    }
}

extension LedgerCells {
    /// Loads all that the rules need to judge some entries.
    public func state(judging entries: [LedgerEntry], head: LedgerHead) throws(LedgerFailure) -> LedgerState {
        let needs = LedgerNeeds(entries)
        var state = LedgerState(head: head, names: nil)
        if !needs.keys.isEmpty { try state.load(try cells(needs.keys)) }
        if !needs.claims.isEmpty { try state.load(try cells(holding: needs.claims)) }
        for name in needs.baselines.sorted() { try state.load(try cells(of: [.baseline], instance: name)) }
        for name in needs.tags.sorted() { try state.load(try cells(of: [.tag], instance: name)) }
        if needs.allOpen {
            try state.load(try cells(of: [.segment, .evidence, .setting], instance: nil))
            try state.load(try openIntents(instance: nil))
        }
        return state
    }
}

extension LedgerEvent {
    /// The instance and epoch that it is about; nil for the whole agent.
    public var instance: InstanceKey? {
        switch self {
        case .reserved(let reservation): reservation.draft.instance
        case .sending(let intent, _, _, _, _), .asked(let intent, _), .outcome(let intent, _),
            .resolved(let intent, _, _, _):
            intent.instance
        case .decided(let decided): decided.instance
        case .planned(let key, _), .latched(let key, _, _), .owned(let key, _, _, _), .tick(let key, _),
            .gap(let key, _, _),
            .suspended(let key, _, _), .restored(let key, _), .learnedTag(let key, _, _), .alarmed(let key, _, _),
            .probing(let key, _), .probed(let key, _, _), .replayBegan(let key, _), .replayMoved(let key, _),
            .absenceBegan(let key, _), .absenceEnded(let key, _), .incidentOpened(let key, _),
            .incidentMoved(let key, _), .incidentOver(let key, _):
            key
        case .began(let baseline, _): baseline.instance
        case .approvalAsked(let ask): ask.draft.instance
        case .approvalAnswered(let reference, _), .approvalClosed(let reference, _): reference.instance
        case .demoted(let key, _), .promoted(let key, _): key
        case .paused, .resumed, .policy, .lifecycle, .notified, .sealed: nil
        }
    }
}
