package import MendflowCore
package import MendflowLedger

/// One action on its way, as a state machine: told what happened, it answers what to do next. Every mutation is sent
/// through here: last look, sending written down, request, outcome written down.
package struct ActionRun: Sendable {
    /// The intent as the ledger has it.
    package internal(set) var intent: Intent
    /// The row that it was decided from.
    package let judged: Execution?
    /// What else it was decided from, where that may change before it is sent.
    package let facts: ChangeableFacts
    var state = State.reserved
    /// A key that the server honours, as far as it is known.
    private let witness: KeyWitness?
    /// Whether it asks for a retry once more whose answer was lost.
    package let asksAgain: Bool
    /// For tags the ids that are wanted, by the policies' own names for them.
    private let wantedTags: [String]

    /// How far it has come.
    enum State: Sendable, Hashable {
        case reserved
        case looking
        case readingTags
        /// Whether the server still knows the witness is being asked; no run is seen up to an id.
        case proving(accountedTo: ExecutionID)
        /// Being written down as sending; what is sent then (nil: nothing needs to be).
        case marking(ExecutionRequest?)
        case sending(ExecutionRequest)
        case verifyingTags
        case settling(Settlement)
        case finished
    }

    /// What is to be done next.
    package enum Effect: Sendable {
        /// Look once more, far beyond the highest id for a bulk stop and for what is asked again; then `looked`.
        case look(isFar: Bool)
        /// Read the tags of the execution; then `tags`.
        case readTags
        /// Ask whether the server still knows the intent's witness; then `proved`.
        case prove
        /// Append these entries and say these things; then `appended`. An outcome is kept until it can be written.
        case append([LedgerEvent], isOutcome: Bool, [Remark])
        /// Send the request; then `answered`.
        case send(ExecutionRequest)
        /// Nothing is left to do.
        case finish
        /// Nothing is to be done, and the ledger stays as it is.
        case leave(Remark)
    }

    /// What happened.
    package enum Event: Sendable {
        /// It may begin; `isCancelled` where the agent is about to stop.
        case begin(isCancelled: Bool)
        /// The last look: why not to act, the highest id known, and how much was seen.
        case looked(objection: String?, watermark: ExecutionID?, extent: String)
        /// The tags of the execution; nil where there is no such execution.
        case tags(Result<[AnnotationTag]?, ReadFailure>, watermark: ExecutionID?, extent: String)
        /// What the server answered to a probe of the witness, and when; nil where it was not asked.
        case proved(KeyAnswer?, at: AgentTime)
        /// The entries were written down, or not; how long ago the last look ended; n8n's time, nil where nobody can tell.
        case appended(LedgerFailure?, sinceLook: Period, at: ServerTime?)
        /// n8n's answer, or what stands for it, and when it came, with how far n8n's clock is ahead.
        case answered(WriteAnswer, at: AgentTime, ClockOffset)
    }

    package init(
        _ intent: Intent, judged: Execution?, facts: ChangeableFacts, tagIDs: [String: String],
        witness: KeyWitness? = nil
    ) {
        self.intent = intent
        self.witness = witness
        asksAgain = intent.state == .unresolved
        self.judged = judged
        self.facts = facts
        wantedTags = intent.draft.tags.compactMap { tagIDs[$0] }
    }

    /// How old a last look may be when the request leaves. Where a machine was suspended between the two, much may have
    /// happened since.
    private static let longestSinceLook = Period.minutes(1)

    /// Takes in what happened, and answers what to do next. An event that does not fit the state is a programmer's error.
    package mutating func next(_ event: Event) -> Effect {
        switch (state, event) {
        case (.reserved, .begin(let isCancelled)):
            if isCancelled { return asksAgain ? .finish : settle(Settlement(.void, .notSent(objection: nil))) }
            state = .looking
            return .look(isFar: intent.draft.action == .bulkStop || asksAgain)
        case (.looking, .looked(let objection?, _, _)): return drop(objection)
        case (.looking, .looked(nil, let highest, _)) where asksAgain: return prove(accountedTo: highest)
        case (.proving(let last), .proved(let answer, let now)): return askAgain(answer, at: now, accountedTo: last)
        case (.looking, .looked(nil, let watermark, let extent)):
            guard intent.draft.action == .tag else { return mark(request, watermark, extent) }
            state = .readingTags
            return .readTags
        case (.readingTags, .tags(let found, let watermark, let extent)): return merge(found, watermark, extent)
        case (.marking, .appended(nil, let age, let now)) where age > ActionRun.longestSinceLook:
            return drop("the last look is \(age) old: the machine slept perhaps", isRecorded: true, at: now)
        case (.marking(let request), .appended(nil, _, _)):
            guard let request else { return settle(Settlement(.applied, .tagsPresent), "action.applied") }
            intent.state = .sending
            state = .sending(request)
            return .send(request)
        case (.marking, .appended(.refused(.paused(let reason))?, _, _)): return drop("paused: \(reason)")
        case (.marking, .appended(.refused(.replay(let standing))?, _, _)),
            (.marking, .appended(.refused(.approval(let standing))?, _, _)):
            return drop(standing)
        case (.marking, .appended(let failure?, _, let now)):
            return drop(
                "\(failure)", [Remark(failure, "; \(intent.draft.action.rawValue) is not sent")],
                isRecorded: !failure.leavesRecordsOut, at: now)
        case (.sending(.setTags), .answered(let answer, let now, let clock)): return tagsAnswered(answer, now, clock)
        case (.sending, .answered(let answer, let now, let clock)): return answered(answer, now, clock)
        case (.verifyingTags, .tags(let found, _, _)): return verify(found)
        case (.settling, .appended):
            state = .finished
            return .finish
        default: preconditionFailure("an action in state \(state) was told \(event)")
        }
    }

    var request: ExecutionRequest {
        let draft = intent.draft
        return switch draft.action {
        case .retry: .retry(draft.execution, loadWorkflow: draft.loadWorkflow)
        case .delete: .delete(draft.execution)
        // Without its request it is a stop of the one execution that it names.
        case .bulkStop: draft.bulk.map { .stopMany($0.request) } ?? .stop(draft.execution)
        case .stop: .stop(draft.execution)
        case .tag: .setTags(draft.execution, to: wantedTags)
        }
    }

    private mutating func mark(_ request: ExecutionRequest?, _ watermark: ExecutionID?, _ extent: String) -> Effect {
        state = .marking(request)
        intent.watermark = watermark
        // What was refused for n8n's limit before bears the key that it had.
        if intent.draft.action.bearsKey, intent.key == nil {
            intent.key = RequestKey(intent.id, reservedAt: intent.reservedAt)
        }
        if intent.draft.action == .retry { intent.witness = witness }
        let remark = Remark(
            .info, "action.sending", "sending \(intent.draft.action.rawValue) of \(intent.draft.execution)")
        return .append(
            [
                .sending(
                    IntentRef(intent), watermark: watermark, look: extent, key: intent.key, witness: intent.witness)
            ], isOutcome: false, [remark])
    }

    /// Does not send it after all; `isRecorded` where it is on record already that it was to be sent, or may be.
    private mutating func drop(
        _ objection: String, _ remarks: [Remark] = [], isRecorded: Bool = false, at now: ServerTime? = nil
    ) -> Effect {
        if asksAgain { return dropAsking(objection, isRecorded: isRecorded, at: now) }
        return settle(Settlement(.void, .notSent(objection: objection)), "action.dropped", remarks: remarks)
    }

    /// Writes an outcome.
    mutating func settle(
        _ settlement: Settlement, _ event: String = "action.settled", _ extra: [LedgerEvent] = [],
        remarks: [Remark] = []
    ) -> Effect {
        state = .settling(settlement)
        let draft = intent.draft
        let remark = Remark(
            settlement.state == .unresolved ? .warning : .info, event,
            "\(draft.action.rawValue) of \(draft.execution): \(settlement.state.rawValue)",
            [
                ("action", draft.action.rawValue), ("execution", draft.execution.text), ("policy", draft.policy),
                ("note", settlement.evidence?.summary ?? ""),
            ])
        return .append(extra + [.outcome(IntentRef(intent), settlement)], isOutcome: true, remarks + [remark])
    }
}

// Answers.
extension ActionRun {
    /// The outcome of a retry, a stop or a deletion.
    private mutating func answered(_ answer: WriteAnswer, _ now: AgentTime, _ clock: ClockOffset) -> Effect {
        let serverNow = clock.server(now)
        if asksAgain, let doubt = doubt(answer, at: now, clock.isDisputed ? nil : serverNow) {
            return settle(doubt, "action.unresolved")
        }
        switch answer {
        case .applied(let child, let status): return applied(child, status, serverNow)
        case .ranToItsEnd(let child):
            return applied(child, .error, serverNow, [latch(.outcomeUnknown, child, at: serverNow)])
        case .nothing(let proof, let scope, let status, let message, let retryAfter):
            var extra: [LedgerEvent] = []
            var remarks: [Remark] = []
            // A 404 to a bulk stop is about the workflow that it names, and says nothing of any execution.
            if scope == .execution, intent.draft.action != .bulkStop {
                extra.append(latch(.closed(intent.draft.action), intent.draft.execution, at: serverNow))
            }
            if scope == .action { (extra, remarks) = suspension(message) }
            let settlement = Settlement(
                .void, .proof(proof, status: status, message: message), notBefore: retryAfter.map { now + $0 })
            return settle(settlement, "action.refused", extra, remarks: remarks)
        case .stopped(let count):
            let expected = intent.draft.bulk?.predicted.count ?? 1
            let more = Remark(
                .error, "bulk_stop.more", "n8n stopped \(count) executions where \(expected) were predicted")
            return settle(
                Settlement(.applied, .bulkAnswered(expected: expected, stopped: count)), "action.applied",
                remarks: count > expected ? [more] : [])
        case .failed(let message, let date):
            // What was made later than this proves that nothing ran: `Date` alone may be a proxy's, and lie behind.
            let time = clock.isDisputed ? nil : date.map { max($0, serverNow) }
            return settle(Settlement(.unresolved, .failed(message: message), answeredAt: time), "action.unresolved")
        case .unanswered(let status, let message):
            return settle(
                Settlement(
                    .unresolved, .unanswered(status: status, message: message),
                    answeredAt: clock.isDisputed ? nil : serverNow), "action.unresolved")
        }
    }

    private mutating func applied(
        _ child: ExecutionID?, _ status: ExecutionStatus?, _ now: ServerTime, _ latches: [LedgerEvent] = []
    ) -> Effect {
        var extra = latches
        if let child { extra.append(latch(.child(child), intent.draft.execution, at: now)) }
        // A workflow that keeps no successes leaves no row: this answer is the only sign that the chain is healed.
        if intent.draft.action == .retry, status == .success {
            extra.append(latch(.healed, intent.draft.root, at: now))
        }
        return settle(Settlement(.applied, .answered(status), child: child), "action.applied", extra)
    }

    private func latch(_ fact: Latch.Fact, _ execution: ExecutionID, at time: ServerTime) -> LedgerEvent {
        .latched(intent.draft.instance, Latch(fact, execution, at: time), shadow: false)
    }

    /// The key may not do this kind of action.
    private func suspension(_ message: String) -> ([LedgerEvent], [Remark]) {
        let action = intent.draft.action
        let scopes = action.scopes.joined(separator: " and ")
        let remark = Remark(
            .error, "action.suspended",
            "n8n refuses '\(action.rawValue)' (\(message)): the key needs \(scopes); "
                + "this kind of action is held until mendflow is started again, the rest goes on")
        return ([.suspended(intent.draft.instance, action, reason: "\(message); the key needs \(scopes)")], [remark])
    }
}

// Tags: read, merge, write, verify, for a write replaces the whole set.
extension ActionRun {
    private mutating func merge(
        _ found: Result<[AnnotationTag]?, ReadFailure>, _ watermark: ExecutionID?, _ extent: String
    ) -> Effect {
        switch found {
        case .success(nil): return drop("gone")
        case .success(let present?):
            let ids = present.map(\.id)
            let merged = ids + wantedTags.filter { !ids.contains($0) }
            let isThere = merged.count == ids.count
            return mark(isThere ? nil : .setTags(intent.draft.execution, to: merged), watermark, extent)
        case .failure(let failure):
            guard failure.kind == .forbidden || failure.kind == .unauthorized else { return drop("\(failure)") }
            let (extra, remarks) = suspension(failure.message)
            return settle(
                Settlement(.void, .notSent(objection: "\(failure)")), "action.refused", extra, remarks: remarks)
        }
    }

    private mutating func tagsAnswered(_ answer: WriteAnswer, _ now: AgentTime, _ clock: ClockOffset) -> Effect {
        if case .nothing = answer {
            // A refused tag write says nothing of other actions on the execution, so nothing is closed. It is tried again until
            // it was refused three times.
            guard case .nothing(let proof, .execution, let status, let message, let wait) = answer else {
                return answered(answer, now, clock)
            }
            return answered(
                .nothing(proof: proof, scope: .thisTry, status: status, message: message, retryAfter: wait), now,
                clock)
        }
        state = .verifyingTags
        return .readTags
    }

    private mutating func verify(_ found: Result<[AnnotationTag]?, ReadFailure>) -> Effect {
        switch found {
        case .success(let tags):
            // Writing a set again does nothing twice: what is not there may be written again.
            let ids = tags?.map(\.id) ?? []
            let isThere = wantedTags.allSatisfy(ids.contains)
            return settle(
                isThere ? Settlement(.applied, .tagsVerified) : Settlement(.void, .tagsMissing),
                isThere ? "action.applied" : "action.refused")
        case .failure(let failure):
            return settle(Settlement(.unresolved, .tagsUnverified("\(failure)")), "action.unresolved")
        }
    }
}
