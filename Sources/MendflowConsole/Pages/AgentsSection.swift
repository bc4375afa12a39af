import MendflowCore
import MendflowHTML
import MendflowLedger
import MendflowOperations

/// The agents that share the ledger, and what each of them leads; nothing where one has it to itself.
struct AgentsSection {
    let state: PresentState

    var html: HTMLText {
        guard let fleet = state.fleet else { return "" }
        let doubt: HTMLText =
            fleet.board.doubt.map { doubt -> HTMLText in
                .notice("<p><strong>The ledger may lack something</strong>: \(doubt.description)</p>", .bad)
            } ?? ""
        let rows = fleet.agents.map { agent -> [HTMLText] in
            [
                "\(agent.name.text)",
                agent.isPresent ? .badge("there", .good) : .badge("gone", .wait),
                .countdown(agent.isPresent ? agent.since : agent.ends, from: fleet.now),
                "\(agent.leads.joined(separator: ", "))\(fleet.teller == agent.name ? " (and the messages)" : "")\(AgentsSection.blind(agent))",
                "\(agent.place)",
            ]
        }
        let table = Table(
            "The agents that share the ledger", ["Agent", "How it stands", "Since", "Leads", "Where it runs"], rows)
        return "<section id=\"agents\"><h2>Agents</h2>\(doubt)\(table.html)</section>"
    }

    private static func blind(_ agent: Fleet.Agent) -> HTMLText {
        agent.blind.isEmpty ? "" : " \(HTMLText.badge("does not reach \(agent.blind.joined(separator: ", "))", .bad))"
    }

    /// Who leads an instance and since when, or who did last.
    static func words(_ lead: InstanceLead) -> HTMLText {
        guard let last = lead.last else { return .badge("nobody yet", .bad) }
        guard lead.isHeld else {
            return "\(HTMLText.badge("nobody", .bad)) since \(HTMLText.countdown(last.ends, from: lead.now))"
        }
        return
            "\(last.holder.text) since \(HTMLText.countdown(last.since, from: lead.now)), lease \(last.epoch)"
    }
}
