import MendflowCore
import MendflowLedger
import MendflowOperations
import MendflowReview
import MendflowText

/// The agents that share a ledger, as text.
enum FleetText {
    static func render(_ fleet: Fleet) -> TextReport {
        let agents = fleet.agents
        let present = agents.count(where: \.isPresent)
        var lines: [ReportLine] = [
            "\("agents", .heading): \(present.words("agent shares", "agents share")) the ledger"
        ]
        if let doubt = fleet.board.doubt { lines.append("  \(StyledText("LEDGER:", .wrong)) \(doubt.description)") }
        lines += agents.map { agent in
            let stands: StyledText =
                agent.isPresent
                ? "there since \(agent.since.rfc3339Seconds)"
                : StyledText("not heard of since \(agent.ends.rfc3339Seconds)", .held)
            let leads = agent.leads.isEmpty ? "leads nothing" : "leads \(agent.leads.joined(separator: ", "))"
            let blind: StyledText =
                agent.blind.isEmpty ? "" : StyledText("; does not reach \(agent.blind.joined(separator: ", "))", .wrong)
            let tells = fleet.teller == agent.name ? "; sends the messages" : ""
            return .row(
                of: "agents", always: true,
                ["\(agent.name.text)", stands, agent.isPresent ? "\(leads)\(tells)\(blind)" : "", "\(agent.place)"])
        }
        return TextReport(lines)
    }

    /// Who leads an instance and since when, or who did last.
    static func words(_ lead: InstanceLead) -> StyledText {
        guard let last = lead.last else { return StyledText("nobody yet", .wrong) }
        guard lead.isHeld else {
            return StyledText(
                "nobody since \(last.ends.rfc3339Seconds); \(last.holder) did last, lease \(last.epoch)", .wrong)
        }
        return "\(last.holder.text) since \(last.since.rfc3339Seconds), lease \(last.epoch)"
    }
}
