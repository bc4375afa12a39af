internal import MendflowCore
import MendflowText
internal import MendflowYAML

extension PolicyMatch {
    /// More cases, or more policies before it, are not looked at.
    private static let mostCases = 64, mostPolicies = 50

    /// A warning where several policies together own all that this one matches, each a part of it.
    func ownedTogether(by earlier: [PolicyMatch]) -> Finding? {
        let owners = earlier.map(\.policy).filter { $0.ownsBefore(policy) && $0.match != nil }
        guard (2...PolicyMatch.mostPolicies).contains(owners.count),
            let cases = policy.match?.cases(most: PolicyMatch.mostCases), cases.count > 1
        else { return nil }
        var used: [Int] = []
        for one in cases where !one.neverHolds {
            guard let owner = owners.indices.first(where: { owners[$0].match.map(one.implies) ?? false }) else {
                return nil
            }
            if !used.contains(owner) { used.append(owner) }
        }
        guard used.count > 1 else { return nil }
        let names = used.sorted().map { owners[$0].name.inBackticks }
        let places = used.sorted().map { "\(owners[$0].place)" }.joined(separator: " and ")
        let all = "\(names.dropLast().joined(separator: ", ")) and \(names[names.count - 1])"
        return Finding(
            .warning, "never-owns", "\(policy.name.inBackticks) can never act: \(all) together own all that it matches",
            file: policy.place.file,
            range: SourceRange(at: SourcePosition(line: policy.place.line, column: policy.place.column)),
            notes: [Finding.Note("they come first, at \(places); give this one a higher `priority`")])
    }
}
