import MendflowCore

extension InstanceAgent {
    /// Carries one action out: last look, sending, request, outcome. Every mutation leaves through here.
    func perform(_ started: TickReport.Started) async {
        let intent = started.intent
        guard let writer else { return }
        do throws(AgentKilled) {
            try await step(.reserved, intent)
            if Task.isCancelled { return settle(intent, Settlement(.void, note: Proof.neverSent.description)) }
            if let objection = await lastLook(intent) {
                return settle(intent, Settlement(.void, note: "\(Proof.neverSent): \(objection)"), "action.dropped")
            }
            try await step(.looked, intent)
            var sent = intent
            if intent.draft.action == .tag {
                try await performTags(sent, writer)
                return
            }
            guard markSending(&sent) else { return }
            try await step(.sending, sent)
            let answer = await send(intent.draft, writer)
            try await step(.answered, sent)
            record(answer, of: sent)
            try await step(.settled, sent)
        } catch {
            isKilled = true
        }
    }

    private func send(_ draft: IntentDraft, _ writer: any ExecutionWriter) async -> WriteAnswer {
        switch draft.action {
        case .retry: await writer.retry(draft.execution, loadWorkflow: draft.loadWorkflow)
        case .delete: await writer.delete(draft.execution)
        case .bulkStop:
            // Without its request it is a stop of the one execution that it names.
            if let bulk = draft.bulk { await writer.stopMany(bulk.request) } else { await writer.stop(draft.execution) }
        case .stop: await writer.stop(draft.execution)
        case .tag:
            .nothing(
                proof: .neverSent, scope: .thisTry, status: nil, message: "tags are written apart", retryAfter: nil)
        }
    }

    private func step(_ step: ActingStep, _ intent: Intent) async throws(AgentKilled) {
        if isKilled { throw AgentKilled() }
        try await hook?(step, intent)
    }

    /// Writes down that the request may leave; a pause that came meanwhile stops it here.
    private func markSending(_ intent: inout Intent) -> Bool {
        let now = clock.now()
        intent.watermark = book.highest
        intent.sendingAt = now
        do throws(LedgerFailure) {
            try ledger.commit(
                [.sending(intent.id, watermark: book.highest)],
                audit: [.sending(intent, watermark: book.highest, look: look?.extent ?? "complete", at: now)], at: now)
            emit(.info, "action.sending", "sending \(intent.draft.action.rawValue) of \(intent.draft.execution)")
            return true
        } catch .paused(let reason) {
            settle(intent, Settlement(.void, note: "\(Proof.neverSent): paused: \(reason)"), "action.dropped")
        } catch {
            emit(.error, "ledger.failed", "\(error); \(intent.draft.action.rawValue) is not sent")
            settle(intent, Settlement(.void, note: "\(Proof.neverSent): \(error)"), "action.dropped")
        }
        return false
    }

    /// Writes the outcome of a retry or a stop.
    private func record(_ answer: WriteAnswer, of intent: Intent) {
        let now = clock.now()
        switch answer {
        case .applied(let child, let status): recordApplied(intent, child, status, now)
        case .nothing(let proof, let scope, let status, let message, let retryAfter):
            var extra: [LedgerChange] = []
            // The workflow of a bulk stop is none of its executions.
            if scope == .execution, intent.draft.action != .bulkStop {
                let latch = Latch(
                    .closed, intent.draft.execution, policy: intent.draft.action.rawValue, at: now)
                extra.append(.latch(instance, latch, shadow: false))
            }
            if scope == .action { extra.append(suspension(intent.draft.action, message)) }
            let words = [proof.description, status.map(String.init), message].compactMap { $0 }.joined(separator: ": ")
            settle(
                intent, Settlement(.void, note: words, notBefore: retryAfter.map { now + $0 }), "action.refused", extra)
        case .stopped(let count):
            let expected = intent.draft.bulk?.predicted.count ?? 1
            settle(intent, Settlement(.applied, note: "\(expected) predicted, \(count) stopped"), "action.applied")
            if count > expected {
                emit(.error, "bulk_stop.more", "n8n stopped \(count) executions where \(expected) were predicted")
            }
        case .failed(let message, let time):
            settle(intent, Settlement(.unresolved, note: message, answeredAt: time), "action.unresolved")
        case .unanswered(let status, let message):
            let words = [status.map(String.init), message].compactMap { $0 }.joined(separator: ": ")
            settle(intent, Settlement(.unresolved, note: words), "action.unresolved")
        }
    }

    func suspension(_ action: ActionKind, _ message: String) -> LedgerChange {
        emit(
            .error, "action.suspended",
            "n8n refuses '\(action.rawValue)' (\(message)): the key needs \(action.scopes.joined(separator: " and ")); "
                + "this kind of action is held until mendflow is started again, the rest goes on")
        return .suspend(
            instance, action, reason: "\(message); the key needs \(action.scopes.joined(separator: " and "))")
    }

    private func recordApplied(_ intent: Intent, _ child: ExecutionID?, _ status: ExecutionStatus?, _ now: Timestamp) {
        var extra: [LedgerChange] = []
        if let child {
            let latch = Latch(.child, intent.draft.execution, value: child.text, at: now)
            extra.append(.latch(instance, latch, shadow: false))
        }
        // A workflow that keeps no successes leaves no row: this answer is the only sign that the chain is healed.
        if intent.draft.action == .retry, status == .success {
            extra.append(.latch(instance, Latch(.healed, intent.draft.root, at: now), shadow: false))
        }
        if intent.draft.action == .delete { book.noteMissing(intent.draft.execution) }
        settle(
            intent, Settlement(.applied, child: child, note: status.map { "answered: \($0.rawValue)" }),
            "action.applied",
            extra)
    }

    /// Writes an outcome. Where a tick saw the child meanwhile, the answer only adds what it knows more.
    func settle(
        _ intent: Intent, _ settlement: Settlement, _ event: String = "action.settled", _ extra: [LedgerChange] = []
    ) {
        guard !isKilled else { return }
        old[intent.draft.execution] = nil
        let now = clock.now()
        var changes = extra
        var audit: [AuditRecord] = extra.compactMap { change in
            if case .latch(_, let latch, _) = change { .latched(latch, instance: instance, at: now) } else { nil }
        }
        if settlement.state == .applied || !isApplied(intent.id) {
            changes.append(.settle(intent.id, settlement))
            audit.append(.outcome(intent, settlement, at: now))
        }
        guard commit(changes, audit) != nil else {
            guard !isKilled else { return }
            unwritten.append((changes, audit))
            return emit(
                .error, "outcome.unwritten",
                "\(intent.draft.action.rawValue) of \(intent.draft.execution) is \(settlement.state.rawValue), which could "
                    + "not be written down; it is tried again")
        }
        emit(
            settlement.state == .unresolved ? .warning : .info, event,
            "\(intent.draft.action.rawValue) of \(intent.draft.execution): \(settlement.state.rawValue)",
            [
                ("execution", intent.draft.execution.text), ("policy", intent.draft.policy),
                ("note", settlement.note ?? ""),
            ])
    }

    private func isApplied(_ id: IntentID) -> Bool {
        do { return try ledger.intent(id)?.state == .applied } catch {
            emit(.error, "ledger.failed", "\(error)")
            return false
        }
    }

    /// Reads, merges, writes and verifies: PUT replaces the whole set.
    private func performTags(_ intent: Intent, _ writer: any ExecutionWriter) async throws(AgentKilled) {
        let execution = intent.draft.execution
        let wanted = intent.draft.tags.compactMap { policies.tagIDs[$0] }
        let present: [AnnotationTag]
        do {
            guard let found = try await reader.tags(of: execution) else {
                return settle(intent, Settlement(.void, note: "\(Proof.neverSent): gone"), "action.dropped")
            }
            present = found
            keepTags(found)
        } catch {
            if error.kind == .forbidden || error.kind == .unauthorized {
                return settle(
                    intent, Settlement(.void, note: "\(Proof.neverSent): \(error)"), "action.refused",
                    [suspension(.tag, error.message)])
            }
            return settle(intent, Settlement(.void, note: "\(Proof.neverSent): \(error)"), "action.dropped")
        }
        let ids = present.map(\.id)
        let merged = ids + wanted.filter { !ids.contains($0) }
        var sent = intent
        if merged.count == ids.count {
            guard markSending(&sent) else { return }
            return settle(sent, Settlement(.applied, note: "were there already"), "action.applied")
        }
        guard markSending(&sent) else { return }
        try await step(.sending, sent)
        let answer = await writer.setTags(of: execution, to: merged)
        try await step(.answered, sent)
        await recordTags(answer, sent, wanted)
        try await step(.settled, sent)
    }

    private func recordTags(_ answer: WriteAnswer, _ intent: Intent, _ wanted: [String]) async {
        if case .nothing(_, .action, _, let message, _) = answer {
            return settle(intent, Settlement(.void, note: message), "action.refused", [suspension(.tag, message)])
        }
        if case .nothing(let proof, _, let status, let message, let retryAfter) = answer {
            let words = [proof.description, status.map(String.init), message].compactMap { $0 }.joined(separator: ": ")
            let notBefore = retryAfter.map { clock.now() + $0 }
            return settle(intent, Settlement(.void, note: words, notBefore: notBefore), "action.refused")
        }
        do {
            let now = try await reader.tags(of: intent.draft.execution)?.map(\.id) ?? []
            // Writing a set again does nothing twice: what is not there may be written again.
            let isThere = wanted.allSatisfy(now.contains)
            let settlement =
                isThere
                ? Settlement(.applied, note: "verified")
                : Settlement(.void, note: "the tags are not there after the write")
            tags[intent.draft.execution] = nil
            settle(intent, settlement, isThere ? "action.applied" : "action.refused")
        } catch {
            settle(intent, Settlement(.unresolved, note: "written, not verified: \(error)"), "action.unresolved")
        }
    }
}
