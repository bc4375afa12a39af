public import MendflowCore
import MendflowText

extension LedgerEntry {
    /// The entry as a record, the form in which it is hashed, stored and shown, behind one that is dated `last`: dated no
    /// earlier than that, with the clock's own time apart where it was behind.
    public func record(after last: AgentTime) -> AuditRecord {
        var record = record
        if at < last { (record.at, record.clock) = (last, at) }
        return record
    }

    private var record: AuditRecord {
        switch event {
        case .reserved(let reservation): reserved(reservation)
        case .sending(let intent, let watermark, let look, let key, let witness):
            about(.sending, intent) { members in
                members.set("watermark", watermark)
                members.set("look", look)
                members.set("key", key?.text)
                members.set("witness", value: witness?.stored)
            }
        case .asked(let intent, let proof): about(.asking, intent, proof.write)
        case .probing(let key, let probe): make(.probe, key, probe.write)
        case .probed(let key, let probe, let answer):
            make(.probe, key) { members in
                probe.write(into: &members)
                members.set("answer", value: answer.stored)
            }
        case .outcome(let intent, let settlement): about(.outcome, intent, settlement.write)
        case .resolved(let intent, let ran, let who, let reason):
            about(.command, intent) { members in
                members.set("command", "resolve")
                members.set("ran", ran)
                members.set("who", who)
                members.set("reason", reason)
            }
        case .planned(let key, let planning): make(.planning, key, planning.write)
        case .decided(let decided): self.decided(decided)
        case .latched, .owned, .suspended, .restored, .learnedTag, .gap, .alarmed: fact
        case .tick(let key, let patch): make(.tick, key, patch.write)
        case .began(let baseline, let beginning): began(baseline, beginning)
        case .replayBegan(let key, let replay): make(.replay, key, policy: replay.name, replay.write)
        case .replayMoved(let key, let move): make(.replay, key, policy: move.name, move.write)
        case .approvalAsked(let ask): asked(ask)
        case .approvalAnswered(let reference, let answer): about(reference, answer.write)
        case .approvalClosed(let reference, let end): about(reference, end.write)
        case .demoted(let key, let demotion): make(.standing, key, policy: demotion.policy, demotion.write)
        case .promoted(let key, let promotion): make(.standing, key, policy: promotion.policy, promotion.write)
        case .incidentOpened(let key, let incident): of(key, "opened", incident.write)
        case .incidentMoved(let key, let move): of(key, "moved", move.write)
        case .incidentOver(let key, let end): of(key, "over", end.write)
        case .absenceBegan(let key, let absence):
            make(.absence, key, execution: absence.last, policy: absence.key.policy, absence.write)
        case .absenceEnded(let key, let end):
            make(.absence, key, execution: end.run, policy: end.key.policy, end.write)
        case .paused, .resumed, .policy, .lifecycle: ofAgent
        case .notified(let entry): make(.notice, nil, entry.write)
        case .sealed(let segment): make(.sealed, nil, segment.write)
        }
    }

    private func asked(_ ask: ApprovalAsk) -> AuditRecord {
        let draft = ask.draft
        return make(
            .approval, draft.instance, execution: draft.execution, root: draft.root, policy: draft.policy, ask.write)
    }

    private func about(_ reference: ApprovalRef, _ write: (inout Members) -> Void) -> AuditRecord {
        let topic = reference.topic
        return make(
            .approval, reference.instance, execution: topic.execution, root: reference.root, policy: topic.policy
        ) { members in
            members.set("ask", reference.id.number)
            members.set("action", topic.action)
            write(&members)
        }
    }

    private func make(
        _ kind: AuditKind, _ instance: InstanceKey?, execution: ExecutionID? = nil, root: ExecutionID? = nil,
        policy: String? = nil, _ write: (inout Members) -> Void
    ) -> AuditRecord {
        var members = Members()
        write(&members)
        return AuditRecord(
            kind, instance: instance, at: at, execution: execution, root: root, policy: policy, fields: members.all)
    }

    private func of(_ key: InstanceKey, _ what: String, _ write: (inout Members) -> Void) -> AuditRecord {
        make(.incident, key) { members in
            members.set("what", what)
            write(&members)
        }
    }

    private func about(_ kind: AuditKind, _ intent: IntentRef, _ write: (inout Members) -> Void) -> AuditRecord {
        make(kind, intent.instance, execution: intent.execution, root: intent.root, policy: intent.policy) { members in
            members.set("intent", intent.id.number)
            members.set("action", intent.action)
            write(&members)
        }
    }

    private func reserved(_ reservation: Reservation) -> AuditRecord {
        let draft = reservation.draft
        return make(
            .reserved, draft.instance, execution: draft.execution, root: draft.root, policy: draft.policy
        ) { members in
            draft.write(into: &members)
            members.set("request", reservation.request)
            members.set("attempts", reservation.attempts)
            members.set("due", reservation.due)
            members.set("start", reservation.start)
            members.set("repeat_risk", reservation.risk)
            members.set("supersedes", reservation.supersedes?.number)
        }
    }

    private func decided(_ decided: DecidedExecution) -> AuditRecord {
        // A reader looks for the policy in the head; several stand in the parts.
        let policies = Set(decided.parts.compactMap(\.verdict.policy))
        return make(
            .decision, decided.instance, execution: decided.execution, root: decided.root,
            policy: policies.count == 1 ? policies.first : nil
        ) { members in
            members.set("shadow", decided.isShadow)
            members.set("now", decided.now)
            members.set("parts", decided.parts.map(\.stored))
            decided.evidence?.write(into: &members)
        }
    }

    private var fact: AuditRecord {
        switch event {
        case .latched(let key, let latch, let shadow):
            make(.latch, key, execution: latch.execution, policy: latch.parts.owner) { members in
                members.set("latch", latch.name)
                members.set("value", latch.parts.child)
                members.set("since", latch.at)
                members.set("shadow", shadow)
            }
        case .owned(let key, let root, let policy, let shadow):
            make(.owner, key, root: root, policy: policy) { $0.set("shadow", shadow) }
        case .suspended(let key, let action, let reason):
            make(.suspension, key) { members in
                members.set("action", action)
                members.set("reason", reason)
            }
        case .restored(let key, let action): make(.suspension, key) { $0.set("action", action) }
        case .learnedTag(let key, let name, let id):
            make(.tag, key) { members in
                members.set("name", name)
                members.set("id", id)
            }
        case .gap(let key, let execution, let gap): make(.coverageGap, key, execution: execution, gap.write)
        case .alarmed(let key, let reason, let execution):
            make(.epoch, key, execution: execution) { members in
                members.set("what", "alarm")
                members.set("why", reason)
            }
        default: preconditionFailure("no fact about an instance")
        }
    }

    private func began(_ baseline: InstanceBaseline, _ beginning: Beginning) -> AuditRecord {
        make(.epoch, baseline.instance) { members in
            baseline.write(into: &members)
            switch beginning {
            case .initialised(let who):
                members.set("what", "init")
                members.set("who", who)
            case .adopted(let who, let reason, let from, let alarm):
                members.set("what", "adopted")
                members.set("who", who)
                members.set("reason", reason)
                members.set("from_epoch", from)
                members.set("alarm", alarm)
            }
        }
    }

    private var ofAgent: AuditRecord {
        switch event {
        case .paused(let instance, let reason, let who, let until, let isDoubt):
            make(.command, nil) { members in
                members.set("command", "pause")
                members.set("instance", instance)
                members.set("reason", reason)
                members.set("who", who)
                members.set("until", until)
                members.set("doubt", isDoubt)
            }
        case .resumed(let instance, let who):
            make(.command, nil) { members in
                members.set("command", "resume")
                members.set("instance", instance)
                members.set("who", who)
            }
        case .policy(let text):
            make(.policy, nil, policy: text.name) { members in
                members.set("version", text.version)
                members.set("text", text.text)
                members.set("place", text.place)
            }
        case .lifecycle(let lifecycle):
            make(.lifecycle, nil) { members in lifecycle.store(&members) }
        default: preconditionFailure("no event of the agent")
        }
    }
}

extension DecidedExecution.Part {
    var stored: JSONValue {
        var members = verdict.members
        members.set("verdict", label == verdict.phase.rawValue ? nil : label)
        members.set("request", request)
        members.set("until", until)
        members.set("words", why)
        members.set("taken_from", takenFrom)
        members.set("bulk_stop_held", bulkHeld)
        return members.value
    }
}

extension LedgerView.RecordedVerdict.Part {
    var members: Members {
        var members = Members()
        members.set("policy", policy)
        members.set("version", version)
        members.set("status", status)
        members.set("phase", phase)
        return members
    }
}

extension CoverageGap {
    func write(into members: inout Members) {
        switch self {
        case .vanished: members.set("gap", "vanished")
        case .missing(let ids):
            members.set("gap", "missing")
            members.set("ids", ids.description)
        case .unwatched(let from, let to):
            members.set("gap", "unwatched")
            members.set("from", from)
            members.set("to", to)
        case .unread(let gap):
            members.set("gap", "unread")
            gap.write(into: &members)
        case .readAgain(let since, let ofData):
            members.set("gap", "read_again")
            members.set("since", since)
            members.set("of_data", ofData)
        }
    }
}

extension TickPatch {
    func write(into members: inout Members) {
        members.set("tick", tick)
        members.set("accounted", accounted)
        members.set("covered_from", coveredFrom)
        members.set("swept_at", sweptAt)
        members.set("covered_since", coveredSince)
        members.set("looked_at", lookedAt)
        members.set("rows", rows)
        members.set(clockOffset)
        members.set(setBack)
        members.set(gap)
        members.set("live", live.map(\.stored))
        members.set("ended", ended.map(\.text))
        members.set("missing", missing)
        members.set("missing_floor", missingFloor.map(String.init))
        members.set("sightings", value: sightings.map { .list($0.map(\.stored)) })
        members.set("fingerprints", value: fingerprints.map { .list($0.map(\.stored)) })
    }
}
