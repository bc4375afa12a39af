import MendflowCore
import MendflowLedger

/// Goes through a ledger and notes what people were told or asked of: incidents, runs that were missed, approvals, and
/// policies that went back to dry-run.
struct ConcernReading {
    private var missed: [ActivityReport.Missed] = []
    private var incidents: [ActivityReport.Happened] = []
    private var asks = ActivityReport.Asks()
    private var demotions: [ActivityReport.Dated<Demotion>] = [], promotions: [ActivityReport.Dated<Promotion>] = []

    mutating func note(_ event: LedgerEvent, at time: AgentTime) {
        switch event {
        case .approvalAsked: asks.asked += 1
        case .approvalAnswered(_, let answer): if answer.isYes { asks.approved += 1 } else { asks.declined += 1 }
        case .approvalClosed(_, let end): if end.kind == .expired { asks.expired += 1 } else { asks.withdrawn += 1 }
        case .demoted(_, let demotion): demotions.append(.init(at: time, what: demotion))
        case .promoted(_, let promotion): promotions.append(.init(at: time, what: promotion))
        case .incidentOpened(let key, let incident):
            incidents.append(ActivityReport.Happened(at: time, instance: key.name, incident: incident))
        case .incidentMoved(let key, let move):
            guard let place = place(key, move.key) else { break }
            (incidents[place].incident.state, incidents[place].incident.extent) = (move.state, move.extent)
        case .incidentOver(let key, let end):
            guard let place = place(key, end.key) else { break }
            (incidents[place].incident.extent, incidents[place].overAt) = (end.extent, time)
        case .absenceBegan(let key, let absence):
            missed.append(ActivityReport.Missed(at: time, instance: key.name, absence: absence))
        case .absenceEnded(let key, let end):
            if let place = missed.lastIndex(where: { $0.instance == key.name && $0.absence.key == end.key }) {
                (missed[place].endedAt, missed[place].end) = (time, end)
            }
        default: break
        }
    }

    /// Where an incident stands that goes on.
    private func place(_ instance: InstanceKey, _ key: String) -> Int? {
        incidents.lastIndex { $0.instance == instance.name && $0.incident.key == key && $0.overAt == nil }
    }

    func tell(_ report: inout ActivityReport) {
        (report.asks, report.demotions, report.promotions) = (asks, demotions, promotions)
        (report.missed, report.incidents) = (missed, incidents)
    }
}
