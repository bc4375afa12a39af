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
