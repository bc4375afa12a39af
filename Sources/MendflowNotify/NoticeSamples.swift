package import MendflowCore
import MendflowLedger
import MendflowText

/// Notices as they would be made of records, to look at and to try a channel with.
package enum NoticeSamples {
    /// What each event looks like, at a time, for an instance.
    package static func all(at now: AgentTime, instance: String) -> [Notice] {
        let sample = Sample(now: now, key: InstanceKey(name: instance, epoch: 1))
        return NoticeEvent.allCases.flatMap(sample.notices)
    }
}

private struct Sample {
    let now: AgentTime, key: InstanceKey

    private var draft: IntentDraft {
        IntentDraft(
            instance: key, action: .retry, execution: "4711", root: "4711", workflow: "12", policy: "retry-order-sync",
            policyVersion: "")
    }

    private var intent: IntentRef { IntentRef(IntentID(93), draft) }

    private var reserved: NumberedEntry {
        NumberedEntry(
            93,
            LedgerEntry(
                .reserved(
                    Reservation(
                        draft: draft, request: "", attempts: 3, due: ServerTime(milliseconds: now.milliseconds),
                        start: nil, risk: nil, supersedes: nil)), at: now))
    }

    private var unanswered: NumberedEntry {
        entry(
            .outcome(intent, Settlement(.unresolved, .unanswered(status: 502, message: "Bad Gateway"))), 95,
            at: now - Notice.grace - .minutes(1))
    }

    private func entry(_ event: LedgerEvent, _ number: Int64, at time: AgentTime? = nil) -> NumberedEntry {
        NumberedEntry(number, LedgerEntry(event, at: time ?? now))
    }

    private func notice(_ found: NumberedEntry, past: [NumberedEntry] = []) -> [Notice] {
        guard case .tells(let notice) = Notice.of(found, in: LedgerName.sample, past: past) else { return [] }
        return [notice]
    }

    private func incident(_ time: ServerTime) -> Incident {
        Incident(
            key: Incident.key(of: "4711"),
            traits: IncidentTraits([.errorClass, .host], errorClass: .transient, host: "crm.example.com"),
            extent: Incident.Extent(
                firstSeen: time - .minutes(5), lastSeen: time, failures: 62, members: IDRanges(),
                workflows: ["Order sync"]),
            at: now)
    }

    func notices(_ event: NoticeEvent) -> [Notice] {
        let time = ServerTime(milliseconds: now.milliseconds)
        let exhausted = entry(
            .latched(key, Latch(.exhausted(policy: intent.policy), "4711", at: time), shadow: false), 97)
        switch event {
        case .unresolved:
            return notice(unanswered, past: [reserved])
                + notice(
                    entry(.outcome(intent, Settlement(.applied, .child("4713", .success, isDoubtful: false))), 99),
                    past: [reserved, unanswered])
        case .exhausted:
            return notice(exhausted, past: [reserved])
                + notice(
                    entry(.latched(key, Latch(.healed, "4711", at: time), shadow: false), 99),
                    past: [reserved, exhausted])
        case .approval:
            let ask = ApprovalAsk(
                draft: draft, request: "POST /executions/4711/retry", attempts: 3, errorClass: .transient,
                workflowName: "Order sync", expiresAt: now + .hours(4))
            let reference = ApprovalRef(
                id: ApprovalID(97), instance: key, topic: ask.topic, root: draft.root)
            let yes = ApprovalAnswer(isYes: true, by: "ana", note: "the CRM is up again")
            return notice(entry(.approvalAsked(ask), 97)) + notice(entry(.approvalAnswered(reference, yes), 99))
        case .demoted:
            let demotion = Demotion(
                policy: intent.policy, version: "v", expected: ">= 50", rate: 20, healed: 4, settled: 20,
                since: now - .days(2))
            let promotion = Promotion(policy: intent.policy, version: "v", by: "ana", reason: "the CRM is up again")
            return notice(entry(.demoted(key, demotion), 97)) + notice(entry(.promoted(key, promotion), 99))
        case .incident:
            let incident = incident(time)
            return notice(entry(.incidentOpened(key, incident), 97))
                + notice(entry(.incidentOver(key, IncidentEnd(incident, incident.extent)), 99))
        case .absence:
            let absence = Absence(
                AbsenceKey("nightly-ran", "7"), version: "v", workflowName: "Nightly", within: .hours(26), since: time,
                last: "4690", lastStatus: .success, lastEnded: time - .hours(26))
            return notice(entry(.absenceBegan(key, absence), 97))
        case .suspended:
            return notice(entry(.suspended(key, .retry, reason: "403: the key needs execution:retry"), 99))
        case .alarm:
            let why = "execution 4711 is of another workflow than it was"
            return notice(entry(.alarmed(key, reason: why, execution: "4711"), 99))
        case .coverage: return notice(entry(.gap(key, execution: nil, .unwatched(from: time - .days(3), to: time)), 99))
        case .unread:
            let gap = ReadingGap(
                .above("4711"), since: now - .minutes(3), why: "GET /executions/4712: 500 Internal Server Error")
            return notice(entry(.gap(key, execution: nil, .unread(gap)), 97))
                + notice(entry(.gap(key, execution: nil, .readAgain(since: gap.since, ofData: false)), 99))
        case .paused:
            return notice(entry(.paused(instance: nil, reason: "maintenance", by: "ana", until: now + .hours(2)), 99))
        case .replay:
            return notice(
                entry(.replayMoved(key, ReplayMove("replay-3", .paused, by: "", why: "5 retries failed")), 99))
        case .policies:
            let policies = [intent.policy: InForce.Policy(version: "v", mode: .enforce)]
            let reload = FilesReloaded(InForce(contents: "", policies: policies), why: .changed)
            return notice(entry(.lifecycle(.reloaded(reload)), 99))
        case .agent:
            let started = AgentStarted(InForce(contents: ""), version: "0.1.0", mode: .enforce)
            return notice(entry(.lifecycle(.started(started)), 99))
        case .undelivered:
            let given = ChannelEntry("another", .abandoned, through: 90, records: [88], why: "the webhook answered 410")
            return notice(entry(.notified(given), 99))
        }
    }
}

extension LedgerName {
    fileprivate static let sample = LedgerName([0, 0, 0, 0])
}
