/// A policy's text of some time, as far as its names go.
package struct PastPolicy: Sendable, Hashable {
    /// The hash of the text, the name in it, and the name that it says the policy had before.
    package var version: String, name: String, renamedFrom: String?

    /// Makes one.
    package init(version: String, name: String, renamedFrom: String?) {
        self.version = version
        self.name = name
        self.renamedFrom = renamedFrom
    }
}

extension [Policy] {
    /// What policies are called now, by what they were called before; left out where another policy bears that name now.
    package var presentNames: [String: String] { presentNames([]) }

    /// The same over several renames: a policy says which name it had last, and `past`, the texts of policies in the order
    /// in which they came into force, what that one had been called before.
    package func presentNames(_ past: [PastPolicy]) -> [String: String] {
        let names = Set(map(\.name))
        // What came after a name that is not borne any more.
        var next: [String: String] = [:]
        var seen: Set<String> = []
        for text in past {
            // A policy bears that name again.
            next[text.name] = nil
            seen.insert(text.version)
            guard let former = text.renamedFrom, former != text.name else { continue }
            next[former] = text.name
            // Named back since, by the very text that it had before: no record says that once more.
            if !names.contains(text.name), contains(where: { $0.name == former && seen.contains($0.version) }) {
                (next[text.name], next[former]) = (former, nil)
            }
        }
        for policy in self { if let former = policy.renamedFrom { next[former] = policy.name } }
        return Dictionary(
            next.keys.compactMap { name in present(name, next, names).map { (name, $0) } },
            uniquingKeysWith: { one, _ in one })
    }

    /// The name that a policy has now that was called otherwise; nil where that leads nowhere, or another one is called so now.
    private func present(_ name: String, _ next: [String: String], _ names: Set<String>) -> String? {
        guard !names.contains(name) else { return nil }
        var (last, passed) = (name, Set([name]))
        while let after = next[last], passed.insert(after).inserted {
            // One that was renamed since leads on, whatever is called so now.
            if names.contains(after), next[after] == nil { return after }
            last = after
        }
        return nil
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
