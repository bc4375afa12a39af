import MendflowCore
import MendflowLedger
import MendflowOperations

/// The agents that share a ledger, as JSON. Times are those of the ledger's store.
struct FleetJSON: Encodable {
    struct Agent: Encodable {
        var name: String, place: String, present: Bool, since: String, ends: String, leads: [String]
        var blind: [String]?
    }

    var now: String, agents: [Agent], messages: String?, doubt: String?

    init(_ fleet: Fleet) {
        now = fleet.now.rfc3339
        agents = fleet.agents.map { agent in
            Agent(
                name: agent.name.text, place: agent.place, present: agent.isPresent, since: agent.since.rfc3339,
                ends: agent.ends.rfc3339, leads: agent.leads, blind: agent.blind.isEmpty ? nil : agent.blind)
        }
        messages = fleet.teller?.text
        doubt = fleet.board.doubt?.description
    }
}
