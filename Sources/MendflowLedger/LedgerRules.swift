import MendflowCore

// What each event does, and when it is refused. An event is judged whole before it changes anything. A rule that looks at
// one more cell has to name it in `LedgerNeeds`, or a store judges as if that cell were not there.
extension LedgerState {
    mutating func apply(_ entry: LedgerEntry, number: Int64) throws(LedgerRefusal) -> [LedgerCell.Change] {
        let time = entry.at
        if let key = entry.event.instance, key.epoch < 1 { throw .wrongEpoch(key) }
        switch entry.event {
        case .reserved(let reservation): return try reserve(reservation, IntentID(number), at: time)
        case .sending(let intent, let watermark, _, let key, let witness):
            return try send(intent, watermark, key, witness, at: time)
        case .asked(let intent, let proof): return try ask(intent, proof, at: time)
        case .probing(let key, _):
            try refuseWhilePaused(key, at: time)
            return []
        case .outcome(let intent, let settlement): return try settle(intent, settlement, at: time)
        case .resolved(let intent, let ran, let who, let reason):
            let found = try present(intent)
            guard found.state == .unresolved else { throw .wrongState(found.id, found.state) }
            return try settle(
                intent, Settlement(ran ? .applied : .void, .resolved(by: who, reason: reason)), at: time)
        case .began(let baseline, let beginning): return try begin(baseline, beginning, at: time)
        case .replayBegan(let key, let replay): return try begin(replay, key, at: time)
        case .replayMoved(let key, let move): return try apply(move, key, at: time)
        case .approvalAsked(let ask): return try begin(ask, ApprovalID(number), at: time)
        case .approvalAnswered(let reference, let answer): return try apply(answer, reference, at: time)
        case .approvalClosed(let reference, let end): return try apply(end, reference, at: time)
        case .demoted(let key, let demotion): return try apply(demotion, key, at: time)
        case .promoted(let key, let promotion): return try apply(promotion, key, at: time)
        case .absenceBegan(let key, let absence): return try begin(absence, key, at: time)
        case .absenceEnded(let key, let end): return try self.end(end, key)
        case .incidentOpened(let key, let incident): return try open(incident, key, at: time)
        case .incidentMoved(let key, let move): return try apply(move, key, at: time)
        case .incidentOver(let key, let end): return try self.end(end, key)
        case .paused(let name, let reason, let who, let until, let isDoubt):
            let name = name?.isEmpty == true ? nil : name
            return pause(Pause(instance: name, reason: reason, by: who, at: time, until: until, isDoubt: isDoubt))
        case .resumed(let name, _): return resume(name)
        case .policy(let text): return keep(text, at: time)
        case .notified(let entry): return try apply(entry, at: time)
        case .sealed(let segment): return try seal(segment, number: number)
        case .gap, .lifecycle, .probed: return []
        case .latched(let key, _, _), .owned(let key, _, _, _), .tick(let key, _), .suspended(let key, _, _),
            .restored(let key, _), .learnedTag(let key, _, _), .alarmed(let key, _, _):
            return instances[key, default: InstanceLedger(key)].apply(entry.event, at: time)
        case .planned(let key, let planning):
            return instances[key, default: InstanceLedger(key)].apply(planning, entry: number, at: time)
        case .decided(let decided):
            if let unknown = unknownEvidence(of: decided) { throw .noEvidence(decided.execution, unknown) }
            return instances[decided.instance, default: InstanceLedger(decided.instance)].apply(entry.event, at: time)
        }
    }
}

// Intents.
extension LedgerState {
    private mutating func reserve(
        _ reservation: Reservation, _ id: IntentID, at time: AgentTime
    ) throws(LedgerRefusal) -> [LedgerCell.Change] {
        let draft = reservation.draft
        if !draft.isShadow {
            try refuseWhilePaused(draft.instance, at: time)
            try refuseUnlessRuns(draft.policy, draft.instance)
            try refuseUnlessConsented(draft, at: nil)
            try refuseOfDemoted(draft)
        }
        var replaced: Intent?
        if let old = reservation.supersedes { replaced = try superseded(old, by: draft, at: time) }
        let intent = Intent(id: id, draft: draft, state: draft.isShadow ? .shadow : .reserved, reservedAt: time)
        try refuseTwice(intent, beside: replaced?.id)
        let probed = try tried(draft, at: time)
        return [replaced, intent].compactMap { $0.map { .set(put($0)) } } + probed
    }

    /// The unresolved intent that a re-send replaces: of the same action on the same execution, once.
    private func superseded(
        _ id: IntentID, by draft: IntentDraft, at time: AgentTime
    ) throws(LedgerRefusal) -> Intent {
        guard var intent = instances[draft.instance]?.intent(id), !draft.isShadow,
            intent.draft.execution == draft.execution, intent.draft.action == draft.action
        else { throw .missing(id) }
        guard intent.state == .unresolved else { throw .wrongState(id, intent.state) }
        intent.settle(Settlement(.superseded, .sentAgain), at: time)
        try refuseTwice(intent, beside: id)
        return intent
    }

    private func refuseTwice(_ intent: Intent, beside other: IntentID?) throws(LedgerRefusal) {
        guard let claim = Claim(intent), let holder = instances[intent.draft.instance]?.holder(of: claim) else {
            return
        }
        if holder != other { throw .alreadyIntended(intent.draft.execution) }
    }

    private mutating func send(
        _ reference: IntentRef, _ watermark: ExecutionID?, _ key: RequestKey?, _ witness: KeyWitness?,
        at time: AgentTime
    ) throws(LedgerRefusal) -> [LedgerCell.Change] {
        try refuseWhilePaused(reference.instance, at: time)
        try refuseUnlessRuns(reference.policy, reference.instance)
        var intent = try present(reference)
        try refuseUnlessConsented(intent.draft, at: time)
        guard intent.state == .reserved else { throw .wrongState(intent.id, intent.state) }
        intent.state = .sending
        intent.sendingAt = time
        intent.watermark = watermark
        intent.key = key
        intent.witness = witness
        return [.set(put(intent))]
    }

    /// Its key, its watermark and the time at which it left stay: what is asked for again is the same request.
    private mutating func ask(
        _ reference: IntentRef, _ proof: AskingProof, at time: AgentTime
    ) throws(LedgerRefusal) -> [LedgerCell.Change] {
        try refuseWhilePaused(reference.instance, at: time)
        try refuseUnlessRuns(reference.policy, reference.instance)
        var intent = try present(reference)
        try refuseUnlessConsented(intent.draft, at: time)
        guard intent.state == .unresolved else { throw .wrongState(intent.id, intent.state) }
        if let objection = proof.objection(to: intent, at: time) { throw .unproven(intent.id, objection) }
        intent.state = .sending
        intent.asked += 1
        intent.askedAt = time
        return [.set(put(intent))]
    }

    private mutating func settle(
        _ reference: IntentRef, _ settlement: Settlement, at time: AgentTime
    ) throws(LedgerRefusal) -> [LedgerCell.Change] {
        var intent = try present(reference)
        let turnsOutDone = intent.mayTurnOutDone(settlement)
        guard settlement.state != .superseded,
            intent.state.outcomes.contains(settlement.state) || intent.mayTurnOutUndone(settlement)
                || turnsOutDone
        else {
            throw .wrongState(intent.id, intent.state)
        }
        let claim = Claim(.retry, intent.draft.execution)
        if turnsOutDone, instances[intent.draft.instance]?.holder(of: claim) != nil {
            throw .alreadyIntended(intent.draft.execution)
        }
        intent.settle(settlement, at: time)
        return [.set(put(intent))]
    }

    private func present(_ reference: IntentRef) throws(LedgerRefusal) -> Intent {
        guard let intent = instances[reference.instance]?.intent(reference.id), IntentRef(intent) == reference else {
            throw .missing(reference.id)
        }
        return intent
    }

    private mutating func put(_ intent: Intent) -> LedgerCell {
        instances[intent.draft.instance, default: InstanceLedger(intent.draft.instance)].put(intent)
        return .of(intent)
    }

    /// The kill switch, an alarm and the epoch are looked at wherever something would be let out.
    func refuseWhilePaused(_ key: InstanceKey, at time: AgentTime) throws(LedgerRefusal) {
        if let reason = instances[key]?.alarm ?? pause(on: key.name, at: time)?.words { throw .paused(reason) }
        if let newest = baseline(of: key.name)?.instance.epoch, newest > key.epoch {
            throw .paused("epoch \(newest) began; this agent still works in epoch \(key.epoch)")
        }
    }
}

extension Intent {
    /// Whether an outcome tells that the run which counted as its child was a person's: n8n's own answer proves that the
    /// request did nothing.
    fileprivate func mayTurnOutUndone(_ settlement: Settlement) -> Bool {
        guard hasDoubtfulChild, settlement.state == .void, case .proof? = settlement.evidence else { return false }
        return true
    }

    /// Whether an outcome tells that a retry ran of which n8n refused a copy for its limit of requests: of two that were
    /// sent for one on the way, its answer was about the other.
    fileprivate func mayTurnOutDone(_ settlement: Settlement) -> Bool {
        guard draft.action == .retry, state == .void, case .proof(.throttled, _, _)? = evidence,
            settlement.state == .applied, settlement.child != nil, case .child? = settlement.evidence
        else { return false }
        return true
    }
}

// Replays.
extension LedgerState {
    /// A replay that is paused or over lets nothing out any more, from the moment on at which that is written.
    private func refuseUnlessRuns(_ policy: String, _ key: InstanceKey) throws(LedgerRefusal) {
        guard Replay.number(in: policy) != nil else { return }
        guard let replay = instances[key]?.real.replays[policy] else { throw .noReplay(policy) }
        guard replay.isRunning else { throw .replay(replay.standing) }
    }

    private mutating func begin(
        _ start: ReplayStart, _ key: InstanceKey, at time: AgentTime
    ) throws(LedgerRefusal) -> [LedgerCell.Change] {
        try refuseWhilePaused(key, at: time)
        guard Replay.number(in: start.name) != nil, policies[start.version] != nil else { throw .noReplay(start.name) }
        if let other = instances[key]?.real.replays[start.name] { throw .replay(other.standing) }
        return put(Replay(start, at: time), key)
    }

    private mutating func apply(
        _ move: ReplayMove, _ key: InstanceKey, at time: AgentTime
    ) throws(LedgerRefusal) -> [LedgerCell.Change] {
        guard var replay = instances[key]?.real.replays[move.name] else { throw .noReplay(move.name) }
        guard replay.state.next.contains(move.state) else { throw .replay(replay.standing) }
        (replay.state, replay.movedBy, replay.why, replay.since) = (move.state, move.by, move.why, time)
        return put(replay, key)
    }

    private mutating func put(_ replay: Replay, _ key: InstanceKey) -> [LedgerCell.Change] {
        instances[key, default: InstanceLedger(key)].put(replay)
        return [.set(.of(replay, key))]
    }
}

// What did not happen.
extension LedgerState {
    /// People are told once of each: while it goes on there is no other of the same policy and workflow.
    private mutating func begin(
        _ absence: Absence, _ key: InstanceKey, at time: AgentTime
    ) throws(LedgerRefusal) -> [LedgerCell.Change] {
        if let open = instances[key]?.withShadow.absences[absence.key] { throw .absence(open.words) }
        instances[key, default: InstanceLedger(key)].put(absence)
        return [.set(.of(absence, key, at: time))]
    }

    private mutating func end(
        _ end: AbsenceEnd, _ key: InstanceKey
    ) throws(LedgerRefusal) -> [LedgerCell.Change] {
        guard let open = instances[key]?.withShadow.absences[end.key], open.isShadow == end.isShadow else {
            throw .absence("nothing is missed of '\(end.workflowName)' by \(end.key.policy)")
        }
        instances[key]?.remove(absence: end.key)
        return [.remove(LedgerCell.Key(.absence, key, LedgerCell.name(end.key)))]
    }
}

// Epochs, pauses, policies, evidence.
extension LedgerState {
    /// The first piece that a decision names and that is not in the ledger.
    private func unknownEvidence(of decided: DecidedExecution) -> EvidenceHash? {
        guard let hashes = decided.evidence?.hashes else { return nil }
        // One by one: taking a set from a set goes through all that was ever written.
        let known = instances[decided.instance]?.evidence ?? [:]
        return hashes.filter { known[$0] == nil }.min()
    }

    private mutating func begin(
        _ baseline: InstanceBaseline, _ beginning: Beginning, at time: AgentTime
    ) throws(LedgerRefusal) -> [LedgerCell.Change] {
        let key = baseline.instance
        let last = self.baseline(of: key.name)?.instance.epoch ?? 0
        let follows =
            switch beginning {
            case .initialised: last == 0
            case .adopted(_, _, let from, _): last == from && from > 0
            }
        guard follows, key.epoch == last + 1 else { throw .wrongEpoch(key) }
        return instances[key, default: InstanceLedger(key)].begin(baseline, at: time)
    }

    /// A pause that holds longer stays: who pauses for an hour does not end what somebody else has stopped for good.
    private mutating func pause(_ pause: Pause) -> [LedgerCell.Change] {
        if let standing = pauses[pause.instance ?? ""], standing.outlasts(pause) || standing.isDoubt && !pause.isDoubt {
            return []
        }
        pauses[pause.instance ?? ""] = pause
        return [.set(.of(pause))]
    }

    private mutating func resume(_ name: String?) -> [LedgerCell.Change] {
        pauses[name ?? ""] = nil
        return [.remove(LedgerCell.Key(.pause, nil, name ?? ""))]
    }

    private mutating func keep(_ text: PolicyText, at time: AgentTime) -> [LedgerCell.Change] {
        guard policies[text.version] == nil else { return [] }
        policies[text.version] = text
        return [.set(.of(text, at: time))]
    }
}
