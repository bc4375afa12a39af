/// The policies in order, with everything else of the configuration that decisions depend on.
public struct PolicySet: Sendable {
    /// The policies by priority, file and position; those that are off or for other instances left out.
    public let policies: [Policy]
    /// The instance's name.
    public let instance: String
    /// What no policy may act on.
    public let protections: [Protection]
    /// Caps of the instance.
    public let limits: InstanceLimits
    /// How long a run that was seen to crash is left alone, since n8n may still give it another end.
    public let settling: Period
    /// When failures belong together; nil where nobody looks for that. No decision goes by it: what holds stands in the ledger.
    public var incidents: IncidentRules?
    /// A digest of the configuration that it comes of: what was decided by another one may come out otherwise by this one.
    /// Nil where there is none.
    public var terms: String?
    /// Ids of annotation tags by name.
    public private(set) var tagIDs: [String: String]
    /// The tables that classify errors and risks.
    public let tables: JudgementTables
    /// The present names of renamed policies, by their former names; left out where another policy bears the former now.
    private let renamed: [String: String]
    /// Positions in `policies` by the status of the rows that they can match.
    let byStatus: StatusTable<[Int]>
    /// What matching worked out of the policies at earlier plans.
    let indexes = MatchIndexKeeper()
    /// Those that take part in each pass.
    private let enforced: JudgedPolicies, dryRun: JudgedPolicies
    /// The same policies, each in one place that many decisions share.
    let shared: [SharedPolicy]
    /// Whether each has a remediation, and so can own.
    let owns: [Bool]
    /// Whether each deletes.
    let deletes: [Bool]
    /// Lengths of time that conditions compare with what grows with time.
    let timeLimits: [Period]
    /// The longest time that guards look back over.
    public let longestWindow: Period
    /// Whether a policy deletes, and whether one is in dry-run.
    public let deletesSome: Bool, hasDryRun: Bool
    /// The policies that look for what did not happen, and those in force that go back to dry-run where they do not heal.
    package let absencePolicies: [Policy], measuredPolicies: [Policy]

    /// Makes a set; policies are ordered here, so that no caller can forget it.
    public init(
        policies: [Policy], instance: String, protections: [Protection] = [],
        limits: InstanceLimits = InstanceLimits(), settling: Period = .minutes(5), tagIDs: [String: String] = [:],
        tables: JudgementTables
    ) {
        let ordered = policies.enumerated()
            .filter { $0.element.mode != .off && ($0.element.instances?.contains(instance) ?? true) }
            .sorted { one, other in
                if one.element.priority != other.element.priority {
                    return one.element.priority > other.element.priority
                }
                if one.element.place.file != other.element.place.file {
                    return one.element.place.file < other.element.place.file
                }
                return one.offset < other.offset
            }
            .map { item in
                var policy = item.element
                policy.match = policy.match?.cheapestFirst
                return policy
            }
        let statuses = ordered.map { $0.match?.statuses }
        byStatus = StatusTable { status in
            // What did not happen is no execution's.
            ordered.indices.filter { ordered[$0].absence == nil && statuses[$0]?.contains(status) ?? true }
        }
        enforced = JudgedPolicies(ordered, byStatus: byStatus, .enforced)
        dryRun = JudgedPolicies(ordered, byStatus: byStatus, .dryRun)
        renamed = ordered.presentNames
        self.policies = ordered
        self.instance = instance
        shared = ordered.enumerated().map { SharedPolicy($0.element, at: $0.offset) }
        owns = ordered.map { $0.remediation != nil }
        deletes = ordered.map { $0.remediation == .delete }
        timeLimits = PolicySet.limits(ordered, protections)
        longestWindow = PolicySet.longestWindow(ordered, limits)
        deletesSome = deletes.contains(true)
        hasDryRun = ordered.contains { $0.mode == .dryRun }
        absencePolicies = ordered.filter { $0.absence != nil }
        measuredPolicies = ordered.filter { $0.mode == .enforce && $0.demotion != nil }
        self.protections = protections
        self.limits = limits
        self.settling = settling
        self.tagIDs = tagIDs
        self.tables = tables
    }

    /// The policies that take part in a pass.
    func judged(_ pass: Planner.Pass) -> JudgedPolicies { pass == .enforced ? enforced : dryRun }

    /// Whether a policy can match executions of a status.
    public func watches(_ status: ExecutionStatus) -> Bool { !byStatus[status].isEmpty }

    /// Whether what no list shows has to be asked for because a policy looks at live runs of a status.
    package func needsHidden(_ status: ExecutionStatus) -> Bool {
        watches(status) || status == .waiting && absencePolicies.contains { $0.counts(status) }
    }

    /// The same with the deleting policies, which are the only ones that look at what is older than the look-back, and the
    /// exceptions of all others.
    public var deletionsOnly: PolicySet {
        var set = PolicySet(
            policies: policies.compactMap { policy in
                if policy.remediation == .delete { return policy }
                return policy.exceptions.isEmpty ? nil : policy.exceptionsOnly
            }, instance: instance, protections: protections,
            limits: limits, settling: settling, tagIDs: tagIDs, tables: tables)
        set.terms = terms
        return set
    }

    /// The same with further policies; the set itself where there are none.
    public func including(_ more: [Policy]) -> PolicySet { more.isEmpty ? self : renewed(policies + more) }

    /// The same with a memory of its own for what matching works out, which plans that are made at once would take from each
    /// other.
    package var apart: PolicySet { renewed(policies) }

    private func renewed(_ policies: [Policy]) -> PolicySet {
        var set = PolicySet(
            policies: policies, instance: instance, protections: protections, limits: limits, settling: settling,
            tagIDs: tagIDs, tables: tables)
        (set.incidents, set.terms) = (incidents, terms)
        return set
    }

    /// Adds ids of tags that were learned; what the configuration says goes before.
    public mutating func learn(_ tags: [String: String]) { tagIDs.merge(tags) { configured, _ in configured } }

    /// Whether it is another one's copy, with the same tags known.
    package func isSame(as other: PolicySet) -> Bool { indexes === other.indexes && tagIDs == other.tagIDs }

    /// A policy's present name.
    func present(_ name: String) -> String { renamed.isEmpty ? name : renamed[name] ?? name }

    /// How long after a first failure any policy may still retry.
    var longestGiveUp: Period { policies.compactMap(\.guards.giveUpAfter).max() ?? .zero }

    private static func longestWindow(_ policies: [Policy], _ limits: InstanceLimits) -> Period {
        let caps = limits.maxActions.compactMap { if case .window(let period) = $0.per { period } else { nil } }
        let measured = policies.compactMap(\.demotion?.within)
        return (caps + measured + policies.map(\.guards.longestWindow)).max() ?? .zero
    }
}

/// A policy in one place, so that a decision does not copy it; equal by value.
final class SharedPolicy: Sendable, Hashable {
    let policy: Policy
    /// Its position in the set; -1 where it is of none.
    let position: Int
    /// What its remediation does; nil where it has none.
    let remediation: ActionDefinition?

    init(_ policy: Policy, at position: Int = -1) {
        self.policy = policy
        self.position = position
        remediation = policy.remediation?.kind.definition
    }

    static func == (one: SharedPolicy, other: SharedPolicy) -> Bool {
        one === other || one.policy == other.policy
    }
    func hash(into hasher: inout Hasher) { hasher.combine(policy) }
}
