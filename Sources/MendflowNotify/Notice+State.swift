import MendflowCore
import MendflowLedger
import MendflowText

// What stands for a whole instance, or for the agent.
extension Notice {
    /// What an entry says by itself.
    static func ofState(_ found: NumberedEntry) -> Notice? {
        switch found.entry.event {
        case .suspended(let key, let action, let reason):
            ofInstance(
                found, key, .suspended, .open, .critical, "suspended:\(key.name):\(key.epoch):\(action.rawValue)",
                NoticeWords.suspended(key.name, action, reason))
        case .restored(let key, let action):
            ofInstance(
                found, key, .suspended, .over, .critical, "suspended:\(key.name):\(key.epoch):\(action.rawValue)",
                NoticeWords.restored(key.name, action))
        case .alarmed(let key, let reason, _):
            ofInstance(
                found, key, .alarm, .open, .critical, "alarm:\(key.name):\(key.epoch)",
                NoticeWords.alarm(key.name, reason))
        case .began(let baseline, .adopted(let who, let reason, let from, .some)):
            ofInstance(
                found, baseline.instance, .alarm, .over, .critical, "alarm:\(baseline.instance.name):\(from)",
                NoticeWords.adopted(baseline.instance, who, reason))
        case .demoted(let key, let demotion):
            ofPolicy(found, key, demotion.policy, .open, NoticeWords.demoted(key.name, demotion))
        case .promoted(let key, let promotion):
            ofPolicy(found, key, promotion.policy, .over, NoticeWords.promoted(key.name, promotion))
        case .incidentOpened(let key, let incident):
            ofInstance(
                found, key, .incident, .open, .warning, "incident:\(key.name):\(key.epoch):\(incident.key)",
                NoticeWords.incident(key.name, incident))
        case .incidentOver(let key, let end):
            ofInstance(
                found, key, .incident, .over, .warning, "incident:\(key.name):\(key.epoch):\(end.key)",
                NoticeWords.incident(key.name, end))
        case .absenceBegan(let key, let absence):
            ofAbsence(found, key, absence.key, .open, NoticeWords.absence(key.name, absence), absence.isShadow)
        case .absenceEnded(let key, let end):
            ofAbsence(found, key, end.key, .over, NoticeWords.absence(key.name, end), end.isShadow)
        case .approvalAsked(let ask): ofAsk(found, ask)
        case .approvalAnswered(let reference, let answer):
            ofAnswer(found, reference, NoticeWords.answered(reference, answer))
        case .approvalClosed(let reference, let end):
            ofAnswer(found, reference, NoticeWords.closed(reference, end), end.isOfYes ? .once : .over)
        case .gap(let key, _, .unwatched(let from, let to)):
            ofInstance(
                found, key, .coverage, .once, .warning, "coverage:\(key.name):\(found.number)",
                NoticeWords.unwatched(key.name, from, to))
        case .gap(let key, _, .unread(let gap)):
            ofInstance(
                found, key, .unread, .open, .warning, unreadTopic(key, ofData: gap.part.isData),
                NoticeWords.unread(key.name, gap))
        case .gap(let key, _, .readAgain(let since, let ofData)):
            ofInstance(
                found, key, .unread, .over, .warning, unreadTopic(key, ofData: ofData),
                NoticeWords.readAgain(key.name, since, ofData: ofData))
        case .replayBegan(let key, let start): ofReplay(found, key, start.name, .info, .open, NoticeWords.replay(start))
        case .replayMoved(let key, let move): ofReplay(found, key, move)
        case .paused(let instance, let reason, let who, let until, let isDoubt):
            ofAgent(
                found, .paused, isDoubt ? .critical : .warning, "paused:\(found.number)", instance,
                isDoubt ? NoticeWords.inDoubt(reason) : NoticeWords.paused(instance, reason, who, until))
        case .resumed(let instance, let who):
            ofAgent(found, .paused, .warning, "paused:\(found.number)", instance, NoticeWords.resumed(instance, who))
        case .lifecycle(let lifecycle): ofLifecycle(found, lifecycle)
        case .notified(let entry) where entry.kind == .abandoned:
            ofAgent(
                found, .undelivered, .critical, "undelivered:\(entry.channel):\(found.number)", nil,
                NoticeWords.undelivered(entry))
        default: nil
        }
    }

    /// What could not be read of a database that is another one since, behind the record that says so; nil for anything else.
    static func ofFormerDatabase(_ found: NumberedEntry, _ past: [NumberedEntry]) -> Notice? {
        guard case .gap(let key, _, .readAgain(_, let ofData)) = found.entry.event else { return nil }
        for earlier in past {
            guard case .began(let baseline, .adopted(_, _, key.epoch, _)) = earlier.entry.event,
                baseline.instance.name == key.name
            else { continue }
            return ofInstance(
                found, key, .unread, .over, .warning, unreadTopic(key, ofData: ofData),
                NoticeWords.left(key.name, by: baseline.instance.epoch, ofData: ofData))
        }
        return nil
    }

    private static func ofInstance(
        _ found: NumberedEntry, _ key: InstanceKey, _ event: NoticeEvent, _ phase: Phase, _ level: NoticeLevel,
        _ topic: String, _ words: (subject: String, text: String)
    ) -> Notice {
        var notice = Notice(
            event, phase, level, topic: topic, record: found.number, at: found.entry.at, subject: words.subject,
            text: words.text)
        notice.instance = key.name
        return notice
    }

    private static func ofReplay(
        _ found: NumberedEntry, _ key: InstanceKey, _ name: String, _ level: NoticeLevel, _ phase: Phase,
        _ words: (subject: String, text: String), topic: String? = nil
    ) -> Notice {
        var notice = ofInstance(
            found, key, .replay, phase, level, topic ?? "replay:\(key.name):\(key.epoch):\(name)", words)
        notice.policy = name
        return notice
    }

    private static func ofReplay(_ found: NumberedEntry, _ key: InstanceKey, _ move: ReplayMove) -> Notice {
        let words = NoticeWords.replay(key.name, move)
        switch move.state {
        case .ended, .aborted: return ofReplay(found, key, move.name, .info, .over, words)
        // Whoever pauses one by hand knows; what pauses by itself needs somebody.
        case .paused, .running:
            let level: NoticeLevel = move.state == .paused && move.by.isEmpty ? .warning : .info
            return ofReplay(
                found, key, move.name, level, .once, words,
                topic: "replay:\(key.name):\(key.epoch):\(move.name):\(found.number)")
        }
    }

    private static func ofAgent(
        _ found: NumberedEntry, _ event: NoticeEvent, _ level: NoticeLevel, _ topic: String, _ instance: String?,
        _ words: (subject: String, text: String)
    ) -> Notice {
        var notice = Notice(
            event, .once, level, topic: topic, record: found.number, at: found.entry.at, subject: words.subject,
            text: words.text)
        notice.instance = instance
        return notice
    }

    private static func ofLifecycle(_ found: NumberedEntry, _ lifecycle: Lifecycle) -> Notice? {
        switch lifecycle {
        case .started(let started):
            ofAgent(
                found, .agent, started.unconfirmed.isEmpty ? .info : .warning, "agent:\(found.number)", nil,
                NoticeWords.started(started))
        case .stopped(let why, _, _):
            ofAgent(found, .agent, .info, "agent:\(found.number)", nil, ("the agent stopped", "Why: \(why)"))
        case .reloaded(let reload):
            // Also read anew where only something else changed, or nothing.
            reload.hasSamePolicies
                ? nil
                : ofAgent(found, .policies, .info, "policies:\(found.number)", nil, NoticeWords.reloaded(reload))
        case .silenced, .hinted, .confirmed, .restored: nil
        }
    }
}

// Policies that ask first, those that went back to dry-run, and workflows that did not run.
extension Notice {
    private static func ofPolicy(
        _ found: NumberedEntry, _ key: InstanceKey, _ policy: String, _ phase: Phase,
        _ words: (subject: String, text: String)
    ) -> Notice {
        var notice = ofInstance(
            found, key, .demoted, phase, .critical, "demoted:\(key.name):\(key.epoch):\(policy)", words)
        notice.policy = policy
        return notice
    }

    private static func ofAbsence(
        _ found: NumberedEntry, _ key: InstanceKey, _ absence: AbsenceKey, _ phase: Phase,
        _ words: (subject: String, text: String), _ isShadow: Bool
    ) -> Notice {
        var notice = ofInstance(
            found, key, .absence, phase, .warning,
            "absence:\(key.name):\(key.epoch):\(absence.policy):\(absence.workflow)\(isShadow ? ":dry-run" : "")", words
        )
        (notice.policy, notice.workflow, notice.isDryRun) = (absence.policy, absence.workflow, isShadow)
        return notice
    }

    private static func ofAsk(_ found: NumberedEntry, _ ask: ApprovalAsk) -> Notice {
        let draft = ask.draft
        var notice = ofInstance(
            found, draft.instance, .approval, .open, .warning, "approval:\(draft.instance.name):\(found.number)",
            NoticeWords.asked(ApprovalID(found.number), ask))
        (notice.execution, notice.workflow, notice.policy) = (draft.execution, draft.workflow, draft.policy)
        (notice.isDryRun, notice.answerableUntil) = (draft.isShadow, ask.expiresAt)
        return notice
    }

    private static func ofAnswer(
        _ found: NumberedEntry, _ reference: ApprovalRef, _ words: (subject: String, text: String),
        _ phase: Phase = .over
    ) -> Notice {
        var notice = ofInstance(
            found, reference.instance, .approval, phase, .warning,
            "approval:\(reference.instance.name):\(reference.id.number)", words)
        (notice.execution, notice.policy) = (reference.topic.execution, reference.topic.policy)
        notice.opening = reference.id.number
        return notice
    }
}
