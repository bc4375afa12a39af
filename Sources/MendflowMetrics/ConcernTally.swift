import MendflowCore
import MendflowLedger

/// What somebody should know of, as the records tell: incidents and missing runs that go on, asks that wait for an answer, and
/// policies that went back to dry-run by themselves. One record at a time, beside `LedgerTally`.
struct ConcernTally: Sendable {
    /// What goes on at an instance.
    enum Kind: String, Sendable, Hashable, CaseIterable {
        case incident
        case absence
        case approval
    }
    /// A policy of an instance.
    struct PolicyOf: Sendable, Hashable { var instance: String, policy: String }
    /// What was answered to asks of a policy, or that one was asked.
    struct Asked: Sendable, Hashable { var instance: String, policy: String, event: String }

    private enum Concern: Sendable, Hashable {
        case incident(InstanceKey, String)
        case absence(InstanceKey, AbsenceKey)
        case approval(InstanceKey, ApprovalID)

        var kind: Kind {
            switch self {
            case .incident: .incident
            case .absence: .absence
            case .approval: .approval
            }
        }
        var instance: InstanceKey {
            switch self {
            case .incident(let key, _), .absence(let key, _), .approval(let key, _): key
            }
        }
    }
    private var open: Set<Concern> = []
    /// The version in which a policy went back to dry-run, as long as nobody let it act again.
    private(set) var demoted: [PolicyOf: String] = [:]
    /// What was told, by channel, and whether sending fails there.
    struct Told: Sendable, Hashable { var channel: String, outcome: String }
    private(set) var told: [Told: Int] = [:], failing: [String: Bool] = [:]
    /// Incidents that were found, by instance, and asks.
    private(set) var incidents: [String: Int] = [:], asked: [Asked: Int] = [:]

    /// Begins with what stands in a ledger.
    init(_ state: LedgerState, instances: [InstanceKey]) {
        for channel in state.allChannels { failing[channel.channel] = channel.failingSince != nil }
        for key in instances {
            for name in state.incidents(of: key).keys { open.insert(.incident(key, name)) }
            for (name, absence) in state.absences(of: key) where !absence.isShadow { open.insert(.absence(key, name)) }
            for approval in state.approvals(of: key) where approval.state == .open {
                open.insert(.approval(key, approval.id))
            }
            for standing in state.standings(of: key) where standing.promotion == nil {
                let policy = PolicyOf(instance: key.name, policy: standing.demotion.policy)
                demoted[policy] = standing.demotion.version
            }
        }
    }

    /// How many of a kind go on at an instance.
    func count(_ kind: Kind, of instance: String) -> Int {
        open.count { $0.kind == kind && $0.instance.name == instance }
    }

    /// Takes a record in.
    mutating func note(_ event: LedgerEvent, number: Int64) {
        switch event {
        case .incidentOpened(let key, let incident):
            open.insert(.incident(key, incident.key))
            incidents[key.name, default: 0] += 1
        case .incidentOver(let key, let end): open.remove(.incident(key, end.key))
        case .absenceBegan(let key, let absence):
            if !absence.isShadow { open.insert(.absence(key, absence.key)) }
        case .absenceEnded(let key, let end): open.remove(.absence(key, end.key))
        case .approvalAsked(let ask):
            open.insert(.approval(ask.draft.instance, ApprovalID(number)))
            count(ask.draft.instance, ask.draft.policy, "asked")
        case .approvalAnswered(let ref, let answer):
            open.remove(.approval(ref.instance, ref.id))
            count(ref.instance, ref.topic.policy, answer.isYes ? "given" : "declined")
        case .approvalClosed(let ref, let end):
            open.remove(.approval(ref.instance, ref.id))
            count(ref.instance, ref.topic.policy, end.kind.rawValue)
        case .notified(let entry): note(entry)
        case .demoted(let key, let demotion):
            demoted[PolicyOf(instance: key.name, policy: demotion.policy)] = demotion.version
        case .promoted(let key, let promotion):
            demoted[PolicyOf(instance: key.name, policy: promotion.policy)] = nil
        default: break
        }
    }

    private mutating func note(_ entry: ChannelEntry) {
        switch entry.kind {
        case .failing: failing[entry.channel] = true
        case .delivered, .abandoned, .dropped:
            // What was given up says nothing of whether the next one will be taken.
            if entry.kind == .delivered { failing[entry.channel] = false }
            told[Told(channel: entry.channel, outcome: entry.kind.rawValue), default: 0] += entry.keys.count
        case .began, .composed, .passed: failing[entry.channel] = failing[entry.channel] ?? false
        }
    }

    private mutating func count(_ key: InstanceKey, _ policy: String, _ event: String) {
        asked[Asked(instance: key.name, policy: policy, event: event), default: 0] += 1
    }
}
