internal import MendflowCore
import MendflowText
internal import MendflowYAML

extension PolicyMatch {
    /// More cases, or more policies before it, are not looked at.
    private static let mostCases = 64, mostPolicies = 50

    /// Whether whatever a case holds for is this policy's, before another one's.
    private func owns(_ one: Condition, before later: Policy) -> Bool {
        guard let match = policy.match, one.implies(match) else { return false }
        return policy.ownsBefore(later)
    }

    /// A warning where several policies together own all that this one matches, each a part of it.
    func ownedTogether(by earlier: [Int], of owners: [PolicyMatch]) -> Finding? {
        guard (2...PolicyMatch.mostPolicies).contains(earlier.count),
            let cases = policy.match?.cases(most: PolicyMatch.mostCases), cases.count > 1
        else { return nil }
        var used: [Int] = []
        // Most policies end at their first case, so nothing is prepared for the others.
        for one in cases {
            guard let owner = earlier.first(where: { owners[$0].owns(one, before: policy) }) else {
                if one.neverHolds { continue }
                return nil
            }
            if !used.contains(owner) { used.append(owner) }
        }
        guard used.count > 1 else { return nil }
        let names = used.sorted().map { owners[$0].policy.name.inBackticks }
        let places = used.sorted().map { "\(owners[$0].policy.place)" }.joined(separator: " and ")
        let all = "\(names.dropLast().joined(separator: ", ")) and \(names[names.count - 1])"
        return Finding(
            .warning, "never-owns", "\(policy.name.inBackticks) can never act: \(all) together own all that it matches",
            file: policy.place.file,
            range: SourceRange(at: SourcePosition(line: policy.place.line, column: policy.place.column)),
            notes: [Finding.Note("they come first, at \(places); give this one a higher `priority`")])
    }
}
