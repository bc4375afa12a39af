import MendflowCore
package import MendflowLedger
import Testing

private let extent = Incident.Extent(
    firstSeen: at(1), lastSeen: at(4), failures: 60, members: IDRanges([41...100]), workflows: ["Order sync"])

private let traits = IncidentTraits([.errorClass, .host], errorClass: .crash)

private func incident(_ state: Incident.State = .open, holds: Bool = true) -> Incident {
    let holding = Incident.Holding(probeAfter: .minutes(5), pace: IncidentPace(amount: 10, per: .minutes(1)))
    var incident = Incident(
        key: "incident-41", traits: traits, extent: extent, holding: holds ? holding : nil, at: at(1))
    incident.state = state
    return incident
}

/// That sixty runs crashed together.
package func incidentOpened() -> LedgerEvent { .incidentOpened(production, incident()) }

private func moved(_ state: Incident.State, failedProbes: Int = 0, since: AgentTime? = nil) -> LedgerEvent {
    var more = extent
    more.failures = 70
    return .incidentMoved(
        production,
        IncidentMove("incident-41", state, more, failedProbes: failedProbes, since: since, why: "more were seen"))
}

private let letGo = LedgerEvent.incidentMoved(
    production, IncidentMove("incident-41", .open, extent, letsGo: true, why: "nothing is held any more"))

private let over = LedgerEvent.incidentOver(production, IncidentEnd(incident(), extent))

/// A retry that an incident lets go.
private func ofIncident(_ execution: ExecutionID, shadow: Bool = false) -> IntentDraft {
    var draft = draft(execution, shadow: shadow)
    draft.incident = "incident-41"
    return draft
}

extension StoreRule {
    static let incidents: [StoreRule] = [
        StoreRule("of an incident one run is tried, and until its end is known no other, whichever process wants it") {
            home in
            let ledger = try await TestLedger(home)
            try await ledger.append([initialised(), incidentOpened()])
            try await ledger.reserve(ofIncident("41", shadow: true), at: 3)
            try await ledger.reserve(ofIncident("42"), at: 5)
            let known = try #require(try await ledger.view().incidents["incident-41"])
            #expect(known.state == .probing && known.probe == "42" && known.since == at(5))
            let tried = LedgerRefusal.incident("of incident-41 execution 42 is tried first")
            try await ledger.expect(tried, of: [reservation(ofIncident("43"))], at: 6)
            try await ledger.append(moved(.open, failedProbes: 1), at: 7)
            try await ledger.reserve(ofIncident("43"), at: 8)
            try await ledger.append(moved(.draining), at: 9)
            for id in ["44", "45"] { try await ledger.reserve(ofIncident(ExecutionID(id)), at: 10) }
            try await ledger.append(over, at: 11)
            let gone = LedgerRefusal.incident("incident-41 is over, or was never there")
            try await ledger.expect(gone, of: [reservation(ofIncident("46"))], at: 12)
            try await ledger.reserve(draft("46"), at: 13)
        },
        StoreRule("an incident opens once, and is over once") { home in
            let ledger = try await TestLedger(home)
            let gone = LedgerRefusal.incident("incident-41 is over, or was never there")
            try await ledger.append(initialised())
            try await ledger.expect(gone, of: [moved(.open)])
            try await ledger.expect(gone, of: [over])
            try await ledger.append(incidentOpened())
            try await ledger.expect(.incident("incident-41 goes on already"), of: [incidentOpened()])
            try await ledger.append([moved(.open), over])
            try await ledger.expect(gone, of: [moved(.open)])
            try await ledger.expect(gone, of: [over])
            try await ledger.append(incidentOpened())
        },
        StoreRule("an incident that is let go holds nothing any more, however it stood") { home in
            let ledger = try await TestLedger(home)
            try await ledger.append(initialised())
            for earlier in [[], [moved(.probing)], [moved(.probing), moved(.draining)]] {
                try await ledger.append([incidentOpened()] + earlier + [letGo])
                let known = try #require(try await ledger.view().incidents["incident-41"])
                #expect(known.state == .open && known.holding == nil)
                try await ledger.append(over)
            }
        },
        StoreRule("the others of an incident are let go only after one was tried") { home in
            let ledger = try await TestLedger(home)
            try await ledger.append([initialised(), incidentOpened()])
            let refused = LedgerRefusal.incident("incident-41 is open, and cannot be draining next")
            try await ledger.expect(refused, of: [moved(.draining)])
            try await ledger.append([moved(.probing), moved(.open, failedProbes: 1), moved(.probing), moved(.draining)])
            try await ledger.expect(
                .incident("incident-41 is draining, and cannot be probing next"), of: [moved(.probing)])
            try await ledger.append([moved(.open), moved(.open), over])
        },
        StoreRule("a retry of an incident that was not sent takes nothing of the time for which it stood open") {
            home in
            let ledger = try await TestLedger(home)
            try await ledger.append([initialised(), incidentOpened()])
            try await ledger.reserve(ofIncident("42"), at: 5)
            try await ledger.append(moved(.open, since: at(2)), at: 7)
            let known = try #require(try await ledger.view().incidents["incident-41"])
            #expect(known.state == .open && known.since == at(2))
            try await ledger.reserve(ofIncident("43"), at: 8)
            try await ledger.append(moved(.open, failedProbes: 1), at: 9)
            #expect(try await ledger.view().incidents["incident-41"]?.since == at(9))
        },
        StoreRule("an incident is known however little of the ledger is loaded, with the time since which it stands so")
        {
            home in
            let ledger = try await TestLedger(home)
            try await ledger.append([initialised(), incidentOpened()], at: 5)
            try await ledger.append(moved(.probing), at: 7)
            try await ledger.append(moved(.probing), at: 9)
            let known = try #require(try await ledger.view(since: 100).incidents["incident-41"])
            #expect(known.openedAt == at(5) && known.since == at(7) && known.state == .probing)
            #expect(known.extent.failures == 70 && known.holding == incident().holding && known.traits == traits)
        },
    ]
}
