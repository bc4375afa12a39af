extension [Policy] {
    /// What policies are called now, by what they were called before; left out where another policy bears that name now.
    package var presentNames: [String: String] {
        let names = Set(map(\.name))
        let renamed = compactMap { policy in
            policy.renamedFrom.flatMap { names.contains($0) ? nil : ($0, policy.name) }
        }
        return Dictionary(renamed) { first, _ in first }
    }
}

/// Tells what was decided by a policy's present text from what was by a former one.
package struct FormerTexts: Sendable {
    private let versions: [String: String], renamed: [String: String]

    /// Of policies as they are now.
    package init(_ policies: [Policy]) {
        versions = Dictionary(policies.map { ($0.name, $0.version) }) { first, _ in first }
        renamed = policies.presentNames
    }

    /// Whether a policy is there and has another text by now than the version that decided. Of a policy that is gone this says
    /// nothing.
    package func isFormer(_ version: String?, of policy: String?) -> Bool {
        guard let version, let policy, let present = versions[renamed[policy] ?? policy] else { return false }
        return present != version
    }
}
