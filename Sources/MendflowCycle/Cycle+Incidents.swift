import MendflowCore
import MendflowLedger

// Failures that belong together: found before anything is planned, and over after that.
extension Cycle {
    /// What belongs together; nil where nobody looks for that.
    func incidents(_ input: Input) -> IncidentWatch? {
        guard let rules = input.policies.incidents else { return nil }
        let (open, snapshot) = (input.ledger.incidents(of: instance), snapshot(input))
        let before = input.previous?.incidents
        if let before, before.holds(snapshot, rules, open: open) { return before }
        return IncidentWatch(rules, snapshot, open: open, tables: input.policies.tables, since: before)
    }

    /// What opens, and what was seen of it that is worth writing down. Nothing is concluded while the database may be
    /// another one.
    func incidentsToTell(_ watch: IncidentWatch?, _ view: LedgerView, _ input: Input) -> [LedgerEvent] {
        guard let watch, view.alarm == nil else { return [] }
        let (opened, grown) = watch.changes(at: input.agentNow)
        return grown.map { .incidentMoved(instance, $0) } + opened.map { .incidentOpened(instance, $0) }
    }

    /// What is over, by what was seen whole; all, where nobody looks for incidents any more.
    func incidentsThatAreOver(_ watch: IncidentWatch?, _ view: LedgerView, _ input: Input) -> [LedgerEvent] {
        let open = input.ledger.incidents(of: instance)
        guard let watch else {
            return open.values.sorted { $0.key < $1.key }.map {
                .incidentOver(instance, IncidentEnd($0, $0.extent, .unwatched))
            }
        }
        guard view.alarm == nil, input.poll.completeness == .complete, input.coverage.unread.isEmpty,
            !input.poll.clockOffset.isDisputed
        else { return [] }
        return watch.quiet.map { .incidentOver(instance, $0) }
    }

    /// Says of each incident that it opened, and that it is over.
    func incidentRemarks(_ events: [LedgerEvent]) -> [Remark] {
        events.compactMap { event in
            switch event {
            case .incidentOpened(_, let incident):
                Remark(.warning, "incident.opened", incident.words, [("incident", incident.key)])
            case .incidentMoved(_, let move):
                Remark(.info, "incident.moved", "\(move.extent.words) by now", [("incident", move.key)])
            case .incidentOver(_, let end):
                Remark(.info, "incident.over", end.words, [("incident", end.key)])
            default: nil
            }
        }
    }
}
