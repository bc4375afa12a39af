import MendflowCore

// Incidents.
extension LedgerState {
    mutating func open(
        _ incident: Incident, _ key: InstanceKey, at time: AgentTime
    ) throws(LedgerRefusal) -> [LedgerCell.Change] {
        if let other = instances[key]?.real.incidents[incident.key] { throw .incident("\(other.key) goes on already") }
        var opened = incident
        (opened.state, opened.since, opened.openedAt) = (.open, time, time)
        (opened.probe, opened.failedProbes) = (nil, 0)
        return put(opened, key, at: time)
    }

    /// What a retry of an incident's run does to it: the first is the one that is tried, and until its end is known there is no
    /// other.
    mutating func tried(_ draft: IntentDraft, at time: AgentTime) throws(LedgerRefusal) -> [LedgerCell.Change] {
        guard let name = draft.incident, !draft.isShadow else { return [] }
        guard var incident = instances[draft.instance]?.real.incidents[name] else {
            throw .incident("\(name) is over, or was never there")
        }
        switch incident.state {
        case .draining: return []
        case .probing: throw .incident("of \(name) execution \(incident.probe?.text ?? "") is tried first")
        case .open:
            (incident.state, incident.since, incident.probe) = (.probing, time, draft.execution)
            return put(incident, draft.instance, at: time)
        }
    }

    mutating func apply(
        _ move: IncidentMove, _ key: InstanceKey, at time: AgentTime
    ) throws(LedgerRefusal) -> [LedgerCell.Change] {
        guard var incident = instances[key]?.real.incidents[move.key] else {
            throw .incident("\(move.key) is over, or was never there")
        }
        guard incident.state.next.contains(move.state) else {
            throw .incident("\(move.key) is \(incident.state.rawValue), and cannot be \(move.state.rawValue) next")
        }
        if incident.state != move.state { incident.since = move.since ?? time }
        (incident.state, incident.extent) = (move.state, move.extent)
        incident.failedProbes = move.failedProbes
        if move.letsGo { incident.holding = nil }
        return put(incident, key, at: time)
    }

    mutating func end(_ end: IncidentEnd, _ key: InstanceKey) throws(LedgerRefusal) -> [LedgerCell.Change] {
        guard instances[key]?.real.incidents[end.key] != nil else {
            throw .incident("\(end.key) is over, or was never there")
        }
        instances[key]?.remove(incident: end.key)
        return [.remove(LedgerCell.Key(.incident, key, end.key))]
    }

    mutating func put(_ incident: Incident, _ key: InstanceKey, at time: AgentTime) -> [LedgerCell.Change] {
        instances[key, default: InstanceLedger(key)].put(incident)
        return [.set(.of(incident, key, at: time))]
    }
}
