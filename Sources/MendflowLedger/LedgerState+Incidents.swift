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

    mutating func apply(
        _ move: IncidentMove, _ key: InstanceKey, at time: AgentTime
    ) throws(LedgerRefusal) -> [LedgerCell.Change] {
        guard var incident = instances[key]?.real.incidents[move.key] else {
            throw .incident("\(move.key) is over, or was never there")
        }
        guard incident.state.next.contains(move.state) else {
            throw .incident("\(move.key) is \(incident.state.rawValue), and cannot be \(move.state.rawValue) next")
        }
        if incident.state != move.state { incident.since = time }
        (incident.state, incident.extent) = (move.state, move.extent)
        incident.failedProbes = move.failedProbes
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
