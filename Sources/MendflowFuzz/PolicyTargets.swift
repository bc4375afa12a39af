import MendflowCore
import MendflowPolicy
import MendflowWorkspace
import MendflowYAML

extension FuzzTarget {
    /// Policy files: whoever reads a policy out of the record judges by the policy that was in force.
    static let policy = FuzzTarget(
        "policy", seeds: ["policies", "examples/production/policies", "Tests/Fixtures/policies/good"]
    ) { bytes throws(BrokenPromise) in
        let (loaded, again) = (load(bytes), load(bytes))
        try promise(loaded.policies == again.policies, "a file holds the same policies twice")
        try promise(loaded.findings == again.findings, "a file has the same findings twice")
        try Findings.check(loaded.findings, of: bytes)
        guard !loaded.hasErrors else { return }
        try promise(!loaded.policies.isEmpty, "a file without errors holds a policy")
        for policy in loaded.policies {
            let recorded = load(Array(Workspace.file(of: policy.text).utf8))
            guard !recorded.hasErrors, recorded.policies.map(\.text) == [policy.text] else { continue }
            try promise(
                recorded.policies[0].placeless == policy.placeless,
                "a text that is in the record means what it meant in its file: \(policy.name)")
        }
        guard !bytes.starts(with: [0xEF, 0xBB, 0xBF]) else { return }
        let commented = load(Array("# A remark.\n".utf8) + bytes)
        try promise(
            commented.policies.map(\.placeless) == loaded.policies.map(\.placeless),
            "a remark in front of them changes no policies")
    }

    /// `mendflow.yaml`.
    static let configuration = FuzzTarget(
        "configuration", seeds: ["Tests/Fixtures/configurations/good", "examples/production"]
    ) { bytes throws(BrokenPromise) in
        let loaded = ConfigurationLoader().load(bytes: bytes, file: "a.yaml")
        let again = ConfigurationLoader().load(bytes: bytes, file: "a.yaml")
        try promise(loaded.configuration == again.configuration, "a file is the same configuration twice")
        try promise(loaded.findings == again.findings, "a file has the same findings twice")
        try Findings.check(loaded.findings, of: bytes)
        let hasErrors = loaded.findings.contains { $0.severity == .error }
        try promise((loaded.configuration == nil) == hasErrors, "a configuration is used if it has no errors")
        guard let configuration = loaded.configuration else { return }
        try promise(!configuration.instances.isEmpty, "a configuration without errors has an instance")
        let names = configuration.instances.map(\.name)
        try promise(Set(names).count == names.count, "instances have names of their own")
    }

    private static let options = PolicyOptions(
        zones: { ["UTC": .utc, "Europe/Berlin": berlin][$0] }, now: ServerTime(rfc3339: "2026-05-01T00:00:00Z"),
        instances: [PolicyOptions.Instance(name: "production", limits: InstanceLimits())])
    private static let berlin = ZoneTable(name: "Europe/Berlin", firstOffsetSeconds: 3600)

    private static func load(_ bytes: [UInt8]) -> LoadedPolicies {
        PolicyLoader(options).load([PolicyFile(name: "a.yaml", bytes: bytes)])
    }
}

extension Policy {
    /// The policy without where it stands.
    fileprivate var placeless: Policy {
        var policy = self
        policy.place = SourcePlace(file: "", line: 0, column: 0)
        policy.match = match?.placeless
        for index in exceptions.indices {
            policy.exceptions[index].place = nil
            policy.exceptions[index].match = exceptions[index].match.placeless
        }
        for index in expect.indices { policy.expect[index].place = nil }
        policy.demotion?.healRate.place = nil
        return policy
    }
}
