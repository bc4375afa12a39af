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
        return IncidentWatch(
            rules, snapshot, open: open, past: input.pastIncidents, tables: input.policies.tables, since: before)
    }

    /// What opens, and what was seen of it that is worth writing down. Nothing is concluded while the database may be
    /// another one.
    func incidentsToTell(_ watch: IncidentWatch?, _ view: LedgerView, _ input: Input) -> [LedgerEvent] {
        guard let watch, view.alarm == nil else { return [] }
        let (opened, grown) = watch.changes(at: input.agentNow)
        let released = releasedIncidents(watch, input)
        let moved = released.isEmpty ? triedIncidents(watch, input) : released
        let others = grown.filter { grown in !moved.contains { $0.key == grown.key } }
        return (moved + others).map { .incidentMoved(instance, $0) } + opened.map { .incidentOpened(instance, $0) }
    }

    /// Those that hold, where nothing is to be held any more: whoever takes `hold` out of the configuration expects that.
    private func releasedIncidents(_ watch: IncidentWatch, _ input: Input) -> [IncidentMove] {
        guard let rules = input.policies.incidents, !rules.holds else { return [] }
        return input.ledger.incidents(of: instance).values.filter { $0.holding != nil }.sorted { $0.key < $1.key }.map {
            IncidentMove(
                $0.key, .open, watch.extents[$0.key] ?? $0.extent, failedProbes: $0.failedProbes, letsGo: true,
                why: "`incidents` says `hold: true` no more, so that nothing of it is held")
        }
    }

    /// What follows from how the runs ended that were tried, or let go after that.
    private func triedIncidents(_ watch: IncidentWatch, _ input: Input) -> [IncidentMove] {
        let open = input.ledger.incidents(of: instance).values.filter { $0.holding != nil && $0.state != .open }
        guard acts, !open.isEmpty else { return [] }
        let view = input.ledger.view(of: instance, shadow: false, at: input.poll.clockOffset.agent(input.now))
        let snapshot = snapshot(input)
        return open.sorted { $0.key < $1.key }.compactMap { incident in
            let progress = IncidentProgress(incident, view, snapshot)
            let extent = watch.extents[incident.key] ?? incident.extent
            func move(
                _ state: Incident.State, _ failedProbes: Int, since: AgentTime? = nil, _ why: String
            ) -> IncidentMove {
                IncidentMove(incident.key, state, extent, failedProbes: failedProbes, since: since, why: why)
            }
            let (tried, failed) = (incident.probe?.text ?? "", incident.failedProbes)
            if incident.state == .draining {
                let words = "\(progress.failed) of what was let go failed again"
                return progress.isFailing ? move(.open, 1, words) : nil
            }
            return switch progress.probe {
            case .healed: move(.draining, 0, "\(tried) healed")
            case .failed: move(.open, failed + 1, "\(tried) did not heal")
            case .unanswered: move(.open, failed + 1, "no answer came to the retry of \(tried)")
            case .notSent: move(.open, failed, since: incident.sinceUntried, "\(tried) was not sent after all")
            case nil: nil
            }
        }
    }

    /// What is over, by what was seen whole; all, where nobody looks for incidents any more.
    func incidentsThatAreOver(_ watch: IncidentWatch?, _ step: Step, _ input: Input) -> [LedgerEvent] {
        let open = input.ledger.incidents(of: instance)
        guard let watch else {
            return open.values.sorted { $0.key < $1.key }.map {
                .incidentOver(instance, IncidentEnd($0, $0.extent, .unwatched))
            }
        }
        guard step.view.alarm == nil, input.poll.completeness == .complete, input.coverage.unread.isEmpty,
            !input.poll.clockOffset.isDisputed
        else { return [] }
        return watch.quiet.filter { !isLeft($0.key, open[$0.key], step) }.map { .incidentOver(instance, $0) }
    }

    /// Whether a run of an incident is tried, or waits for that, or for the pace at which the others are let go.
    private func isLeft(_ key: String, _ incident: Incident?, _ step: Step) -> Bool {
        if incident?.state == .probing { return true }
        return step.plan.decisions.contains { decision in
            switch decision.verdict {
            case .wait(let action, _, .incident), .act(let action): action.draft.incident == key
            case .wait, .held: false
            }
        }
    }

    /// Says of each incident that it opened, and that it is over.
    func incidentRemarks(_ events: [LedgerEvent]) -> [Remark] {
        events.compactMap { event in
            switch event {
            case .incidentOpened(_, let incident):
                Remark(.warning, "incident.opened", incident.words, [("incident", incident.key)])
            case .incidentMoved(_, let move):
                Remark(
                    .info, "incident.moved",
                    move.why.isEmpty ? "\(move.extent.words) by now" : "\(move.state.rawValue): \(move.why)",
                    [("incident", move.key)])
            case .incidentOver(_, let end):
                Remark(.info, "incident.over", end.words, [("incident", end.key)])
            default: nil
            }
        }
    }
}
