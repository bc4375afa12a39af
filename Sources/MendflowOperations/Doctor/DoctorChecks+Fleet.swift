import MendflowCore
import MendflowLedger

// What concerns agents that share a ledger.
extension DoctorChecks {
    /// The farthest that two clocks may be apart before it is said.
    private static let apart = Period.seconds(3)
    /// So often the ledger has to be able to answer while a lease lasts.
    private static let turns: Int64 = 10

    /// Whether they are there, lead what there is to lead, and agree; `names` are the instances that are to be led.
    static func fleet(_ finding: FleetFinding, leading names: [String], lease: Period) -> [Doctor.Check] {
        var checks = [present(finding.fleet)]
        if let doubt = finding.fleet.board.doubt {
            let advice = "docs/operating-at-scale.md says what to do"
            checks.append(.init(.agents, .wrong, "the ledger may lack something: \(doubt); \(advice)"))
        }
        let unled = names.filter { !finding.fleet.lead(of: $0).isHeld }
        if !unled.isEmpty, finding.fleet.isAlive {
            let words = "no agent leads \(unled.joined(separator: ", ")): their logs say why (lease., agent.failed)"
            checks.append(.init(.agents, .wrong, words))
        }
        checks += finding.fleet.agents.filter { !$0.blind.isEmpty }.map { agent in
            let words = "\(agent.name) does not reach the n8n of \(agent.blind.joined(separator: ", "))"
            return .init(.agents, .warning, "\(words): who does leads them; look at its way there and at its key")
        }
        return checks + [clock(finding), latency(finding, lease)] + agreement(finding)
    }

    private static func present(_ fleet: Fleet) -> Doctor.Check {
        let names = fleet.agents.filter(\.isPresent).map(\.name.text)
        switch names.count {
        case 0:
            return .init(.agents, .note, "no agent is there; `mendflow run` starts one; \(AgentElsewhere.unseen)")
        case 1:
            let words = "one agent is there (\(names[0])): nobody takes over where it fails, until another is started"
            return .init(.agents, .ok, words)
        default: return .init(.agents, .ok, "\(names.count) agents are there: \(names.joined(separator: ", "))")
        }
    }

    private static func clock(_ finding: FleetFinding) -> Doctor.Check {
        let way = finding.ahead < .zero ? "behind" : "ahead of"
        guard finding.ahead.magnitude > apart + finding.took else {
            return .init(.agents, .ok, "this machine's clock goes with the ledger's")
        }
        let words =
            "the ledger's clock is \(finding.ahead.magnitude) \(way) this machine's: leases go by the ledger's, "
        let remedy = "times on record by the agents'; let both follow one time server"
        return .init(.agents, .warning, words + remedy)
    }

    private static func latency(_ finding: FleetFinding, _ lease: Period) -> Doctor.Check {
        let words = "the ledger answers within \(finding.took), and a lease lasts \(lease)"
        guard finding.took.milliseconds * turns > lease.milliseconds else { return .init(.agents, .ok, words) }
        let needed = Period(milliseconds: finding.took.milliseconds * turns * 2)
        let remedy =
            "a few slow answers in a row end it; set `cluster: {lease: \(needed)}`, or put them closer together"
        return .init(.agents, .warning, "\(words): \(remedy)")
    }

    /// Whether they go by the same files and are of one version, as far as they have put it on record.
    private static func agreement(_ finding: FleetFinding) -> [Doctor.Check] {
        var checks: [Doctor.Check] = []
        func groups(_ value: (FleetFinding.Word) -> String?) -> [String] {
            let told = finding.told.compactMap { name, word in value(word).map { (name.text, $0) } }
            let groups = Dictionary(grouping: told, by: \.1).values.map { $0.map(\.0).sorted() }
            return groups.map { $0.joined(separator: ", ") }.sorted()
        }
        let files = groups(\.contents), versions = groups(\.version)
        if files.count > 1 {
            let words =
                "agents go by different files (\(files.joined(separator: " | "))): who leads decides by its own; "
            let remedy = "give all of them the same configuration and policies"
            checks.append(.init(.agents, .warning, words + remedy))
        }
        if versions.count > 1 {
            let words = "agents of different versions are there (\(versions.joined(separator: " | ")))"
            checks.append(.init(.agents, .note, "\(words): fine while an upgrade goes on, and no longer"))
        }
        return checks
    }
}
