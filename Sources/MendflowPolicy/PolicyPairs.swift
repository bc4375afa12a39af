internal import MendflowCore
import MendflowText
internal import MendflowYAML

/// Warnings about pairs of policies that can want the same executions, those in dry-run included.
///
/// What it costs is bounded: pairs that a status or a workflow's name keeps apart are never looked at, and of the others no
/// more than `mostPairs`; no more than `mostShown` findings of a kind are shown, and the number of the rest.
struct PolicyPairs {
    /// Findings of a kind that are shown.
    static let mostShown = 20
    /// Pairs that are compared.
    static let mostPairs = 20_000

    private var shown: [String: Int] = [:]
    private var findings: [Finding] = []
    private var hidden = 0
    private var left = PolicyPairs.mostPairs
    private var isCut = false

    /// The findings about some policies; exceptions that have ended by `now` protect nothing and are left out.
    static func check(_ policies: [Policy], now: ServerTime?) -> [Finding] {
        var pairs = PolicyPairs()
        pairs.compareOwners(policies)
        pairs.left = mostPairs
        pairs.compareExceptions(policies, now)
        return pairs.findings + pairs.closing(policies)
    }

    /// Policies with a remediation, each with those before it, in the order in which they own.
    private mutating func compareOwners(_ policies: [Policy]) {
        let owners = policies.enumerated().filter { $0.element.mode != .off && $0.element.remediation != nil }
            .sorted { one, other in
                if one.element.priority != other.element.priority {
                    return one.element.priority > other.element.priority
                }
                return one.offset < other.offset
            }.map { PolicyMatch($0.element) }
        var index = ConditionIndex()
        for (position, later) in owners.enumerated() {
            let candidates = index.candidates(for: later.profile)
            var isOwned = false
            for earlier in candidates {
                guard takePair() else { return }
                guard let warning = PolicyPairs.warning(owners[earlier], later) else { continue }
                add(warning)
                // A policy that never owns anything was reported already; a second reason would only confuse.
                isOwned = warning.id == "never-owns"
                if isOwned { break }
            }
            if !isOwned, let warning = later.ownedTogether(by: candidates, of: owners) { add(warning) }
            index.add(position, later.profile)
        }
    }

    /// Policies whose exceptions hold nothing because they are not enforced, each with the enforced ones that may act on
    /// what it excepts.
    private mutating func compareExceptions(_ policies: [Policy], _ now: ServerTime?) {
        let acting = policies.filter { $0.mode == .enforce && $0.remediation != nil }.map { PolicyMatch($0) }
        var index = ConditionIndex()
        for (position, policy) in acting.enumerated() { index.add(position, policy.profile) }
        for policy in policies where policy.mode != .enforce {
            for exception in policy.exceptions {
                if let until = exception.until, let now, until <= now { continue }
                let excepted = ConditionProfile(.all([policy.match ?? .all([]), exception.match]))
                for position in index.candidates(for: excepted) {
                    guard takePair() else { return }
                    let other = acting[position]
                    guard other.policy.shares(policy), other.profile.meets(excepted) else { continue }
                    add(PolicyPairs.idle(exception, of: policy, other.policy))
                    break
                }
            }
        }
    }

    private mutating func takePair() -> Bool {
        isCut = isCut || left == 0
        left -= 1
        return left >= 0
    }

    private mutating func add(_ finding: Finding) {
        shown[finding.id, default: 0] += 1
        if shown[finding.id, default: 0] <= PolicyPairs.mostShown {
            findings.append(finding)
        } else {
            hidden += 1
        }
    }

    /// How many are not shown, and that not all pairs were compared.
    private func closing(_ policies: [Policy]) -> [Finding] {
        guard let file = policies.map(\.place.file).max(), hidden > 0 || isCut else { return [] }
        let most = isCut ? "; of all pairs \(PolicyPairs.mostPairs) were compared" : ""
        return [
            Finding(
                .note, Finding.tooMany, "\(hidden) more about pairs of policies are not shown\(most)", file: file,
                range: nil)
        ]
    }
}

/// A policy with its match prepared.
struct PolicyMatch {
    let policy: Policy
    let profile: ConditionProfile

    init(_ policy: Policy) {
        self.policy = policy
        profile = ConditionProfile(policy.match ?? .all([]))
    }
}

extension PolicyPairs {
    private static func warning(_ first: PolicyMatch, _ second: PolicyMatch) -> Finding? {
        let (earlier, later) = (first.policy, second.policy)
        guard let wide = earlier.match, let narrow = later.match, earlier.shares(later),
            first.profile.meets(second.profile)
        else { return nil }
        func finding(_ id: String, _ message: String, _ note: String) -> Finding {
            let shadow = [earlier, later].filter { $0.mode == .dryRun }.map(\.name.inBackticks)
            let verb = shadow.count == 1 ? "is" : "are"
            let yet =
                shadow.isEmpty
                ? [] : ["\(shadow.joined(separator: " and ")) \(verb) in dry-run: it will be so once enforced"]
            return Finding(
                .warning, id, message, file: later.place.file, range: SourceRange(at: later.place.start),
                notes: ([note] + yet).map { Finding.Note($0) })
        }
        if earlier.ownsBefore(later), narrow.implies(wide) {
            return finding(
                "never-owns",
                "\(later.name.inBackticks) can never act: \(earlier.name.inBackticks) owns all that it matches",
                "\(earlier.name.inBackticks) at \(earlier.place) comes first; give this one a higher `priority`")
        }
        let isBulk = if case .bulkStop? = later.remediation { true } else { false }
        // Different priorities are somebody's word which of them goes first.
        guard isBulk || (earlier.remediation != later.remediation && earlier.priority == later.priority),
            let example = wide.example(with: narrow),
            // What the example does not look at: that every way of an `any` contradicts the other one.
            Condition.all([wide, narrow]).contradiction == nil
        else { return nil }
        if isBulk {
            return finding(
                "bulk-stop-held",
                "\(later.name.inBackticks) stops one by one while \(earlier.name.inBackticks) owns what its request would stop",
                "for example: \(example); \(earlier.name.inBackticks) at \(earlier.place) comes first and owns it")
        }
        return finding(
            "overlap",
            "\(later.name.inBackticks) and \(earlier.name.inBackticks) can want different things of one execution",
            "for example: \(example); \(earlier.name.inBackticks) at \(earlier.place) comes first and owns it")
    }

    private static func idle(_ exception: PolicyException, of policy: Policy, _ other: Policy) -> Finding {
        func finding(_ id: String, _ message: String, _ note: String) -> Finding {
            let place = exception.place ?? policy.place
            return Finding(
                .warning, id, message, file: place.file, range: SourceRange(at: place.start),
                notes: [Finding.Note(note)])
        }
        let state = policy.mode == .off ? "switched off" : "in dry-run"
        return finding(
            "not-enforced",
            "this exception keeps nothing from \(other.name.inBackticks): \(policy.name.inBackticks) is \(state)",
            "enforce it, or put the condition under `protect` in mendflow.yaml, which holds every policy")
    }
}

extension SourcePlace {
    fileprivate var start: SourcePosition { SourcePosition(line: line, column: column) }
}

extension Policy {
    /// Whether there is an instance that both may apply to.
    fileprivate func shares(_ other: Policy) -> Bool {
        guard let own = instances, let others = other.instances else { return true }
        return own.contains(where: others.contains)
    }

    /// Whether what both match is this one's alone, for good, as far as that does not depend on what they match: one in
    /// dry-run keeps nothing from one that is enforced.
    func ownsBefore(_ later: Policy) -> Bool {
        mode >= later.mode && when == nil && !onExhausted.continues && covers(later)
    }

    /// Whether it applies to every instance that the other one applies to.
    fileprivate func covers(_ other: Policy) -> Bool {
        guard let own = instances else { return true }
        return other.instances.map { $0.allSatisfy(own.contains) } ?? false
    }
}
