package import MendflowCore
import MendflowLedger

// Incidents.
extension RandomEvents {
    private mutating func traits() -> IncidentTraits {
        IncidentTraits(
            Set(some(3) { $0.pick(IncidentRules.Trait.allCases) }), errorClass: maybe { $0.pick(ErrorClass.allCases) },
            nodeType: maybe { $0.text() }, host: maybe { $0.text() })
    }
    private mutating func extent() -> Incident.Extent {
        Incident.Extent(
            firstSeen: time(), lastSeen: time(), failures: below(99), members: ranges(),
            workflows: some(3) { $0.text() })
    }
    mutating func incidentKey() -> String { Incident.key(of: ExecutionID("\(1 + below(3))")) }
    package mutating func incident() -> Incident {
        var incident = Incident(
            key: incidentKey(), traits: traits(), extent: extent(),
            holding: maybe {
                Incident.Holding(
                    probeAfter: Period(milliseconds: $0.number()),
                    pace: IncidentPace(amount: $0.below(9), per: Period(milliseconds: $0.number())))
            }, at: time())
        incident.state = pick(Incident.State.allCases)
        incident.since = time()
        (incident.probe, incident.failedProbes) = (maybe { $0.execution() }, below(5))
        return incident
    }
    package mutating func incidentMove() -> IncidentMove {
        IncidentMove(
            incidentKey(), pick(Incident.State.allCases), extent(), failedProbes: below(5), since: maybe { $0.time() },
            letsGo: below(2) == 0, why: text())
    }
    package mutating func incidentEnd() -> IncidentEnd {
        IncidentEnd(
            key: incidentKey(), traits: traits(), extent: extent(), openedAt: time(),
            pick(IncidentEnd.Cause.allCases))
    }
}
