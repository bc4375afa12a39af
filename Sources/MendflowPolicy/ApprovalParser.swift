internal import MendflowCore
internal import MendflowYAML

/// Parses `approval`: that what a policy would do waits for a person's yes.
struct ApprovalParser {
    let report: Report

    static let shape = MapShape(what: "`approval`", keys: ["expires", "max_open"], required: ["expires"])
    static let maxOpen = 1...1000

    /// The rule, or nil with findings; `remediation` is the policy's.
    func parse(_ node: YAMLNode, _ remediation: Remediation?) -> ApprovalRule? {
        guard let map = MapReader(node, ApprovalParser.shape, report) else { return nil }
        let expires = map["expires"].flatMap {
            report.period($0, "`expires`", atLeast: .minutes(1), atMost: ApprovalRule.longest, unit: "h")
        }
        let most = map["max_open"].map { report.whole($0, "`max_open`", in: ApprovalParser.maxOpen) }
        guard let expires else { return nil }
        if case .some(nil) = most { return nil }
        if remediation == nil {
            report.warning(
                "no-effect", "tags are written without anybody's yes: `approval` does nothing here", at: node.range)
        }
        return ApprovalRule(expires: expires, maxOpen: (most ?? nil) ?? ApprovalRule.defaultMaxOpen)
    }
}

extension ExpectationParser {
    static let demotionShape = MapShape(
        what: "`else_dry_run`", keys: ["chains", "within"], required: ["chains", "within"])
    /// How many chains have to be settled: of fewer than these a rate says nothing.
    static let chains = 5...100_000

    /// When the policy goes back to dry-run by itself, or nil, with findings where that is written and cannot be.
    func demotion(
        _ node: YAMLNode, _ expected: [PolicyExpectation], _ remediation: Remediation?
    ) -> DemotionRule? {
        guard let written = node["else_dry_run"], let map = MapReader(written, ExpectationParser.demotionShape, report)
        else { return nil }
        let chains = map["chains"].flatMap { report.whole($0, "`chains`", in: ExpectationParser.chains) }
        let within = map["within"].flatMap {
            report.period($0, "`within`", atLeast: .hours(1), atMost: DemotionRule.longest, unit: "d")
        }
        guard let chains, let within else { return nil }
        guard case .retry? = remediation else {
            report.error("no-heal-rate", "only retries heal, and this policy has none", at: written.range)
            return nil
        }
        guard let rate = expected.first(where: { $0.measure == .healRate }) else {
            // A rate that cannot be read was told already.
            if node["heal_rate"] == nil {
                report.error(
                    "no-heal-rate", "`else_dry_run` goes by `heal_rate`, which is not there", at: written.range,
                    notes: ["write how many of a hundred have to heal: heal_rate: {gte: 50}"])
            }
            return nil
        }
        guard rate.holds(100), !rate.holds(0) else {
            report.error(
                "no-heal-rate", "`heal_rate` has to be a lower bound for `else_dry_run` to go by it",
                at: node["heal_rate"]?.range ?? written.range, notes: ["such as heal_rate: {gte: 50}"])
            return nil
        }
        return DemotionRule(healRate: rate, chains: chains, within: within)
    }
}
