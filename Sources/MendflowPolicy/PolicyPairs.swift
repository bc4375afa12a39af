internal import MendflowCore
import MendflowText
internal import MendflowYAML

/// Warnings about pairs of policies that can want the same executions.
enum PolicyPairs {
    static func check(_ policies: [Policy]) -> [Finding] {
        let owners = policies.enumerated().filter { $0.element.mode == .enforce && $0.element.remediation != nil }
            .sorted { one, other in
                if one.element.priority != other.element.priority {
                    return one.element.priority > other.element.priority
                }
                return one.offset < other.offset
            }.map(\.element)
        var findings: [Finding] = []
        for (index, policy) in owners.enumerated() {
            for earlier in owners[..<index] {
                guard let warning = PolicyPairs.warning(earlier, policy) else { continue }
                findings.append(warning)
                // A policy that never owns anything was reported already; a second reason would only confuse.
                if warning.id == "never-owns" { break }
            }
        }
        return findings
    }

    private static func warning(_ earlier: Policy, _ later: Policy) -> Finding? {
        guard let wide = earlier.match, let narrow = later.match, earlier.shares(later) else { return nil }
        let place = later.place
        let start = SourcePosition(line: place.line, column: place.column)
        func finding(_ id: String, _ message: String, _ note: String) -> Finding {
            Finding(
                .warning, id, message, file: place.file, range: SourceRange(at: start), notes: [Finding.Note(note)])
        }
        if earlier.when == nil, !earlier.onExhausted.continues, earlier.covers(later), narrow.implies(wide) {
            return finding(
                "never-owns",
                "\(later.name.inBackticks) can never act: \(earlier.name.inBackticks) owns all that it matches",
                "\(earlier.name.inBackticks) at \(earlier.place) comes first; give this one a higher `priority`")
        }
        guard let example = wide.example(with: narrow) else { return nil }
        if case .bulkStop? = later.remediation {
            return finding(
                "bulk-stop-held",
                "\(later.name.inBackticks) stops one by one while \(earlier.name.inBackticks) owns what its request would stop",
                "for example: \(example); \(earlier.name.inBackticks) at \(earlier.place) comes first and owns it")
        }
        guard earlier.remediation != later.remediation else { return nil }
        return finding(
            "overlap",
            "\(later.name.inBackticks) and \(earlier.name.inBackticks) can want different things of one execution",
            "for example: \(example); \(earlier.name.inBackticks) at \(earlier.place) comes first and owns it")
    }
}

extension Policy {
    /// Whether there is an instance that both may apply to.
    fileprivate func shares(_ other: Policy) -> Bool {
        guard let own = instances, let others = other.instances else { return true }
        return own.contains(where: others.contains)
    }

    /// Whether it applies to every instance that the other one applies to.
    fileprivate func covers(_ other: Policy) -> Bool {
        guard let own = instances else { return true }
        return other.instances.map { $0.allSatisfy(own.contains) } ?? false
    }
}
