public import MendflowCore
import MendflowText

/// What all decisions of one planning were made from, and the evidence that stands here for the first time. Records of
/// decisions follow it, and belong to the newest one of their instance.
public struct Planning: Sendable, Hashable {
    /// The number of the last entry of the ledger that planning knew, before what it was appended with.
    public var head: Int64
    /// How many entries it was appended with were known to it as well, and how many stand between those and this one.
    public var reconciled: Int, between: Int
    /// Whether the agent acts; where not, decisions of enforced and dry-run policies are recorded together.
    public var acts: Bool
    /// Whether only what is older than the look-back was judged, by the policies that delete.
    public var deletesOld: Bool
    /// The moment, how far n8n's clock was ahead, and what ended before is left alone.
    public var clockOffset: ClockOffset
    public var now: ServerTime, baseline: ServerTime
    /// How much was seen, and the highest id known.
    public var completeness: Completeness, coverage: Coverage, highest: ExecutionID?
    /// Actions for which the server had no request.
    public var notOffered: Set<ActionKind>
    /// What was counted over all rows, for any execution: as `CountedFacts` has it.
    public var oldestSeen: ExecutionID?, seesDefaultSuccesses: Bool, oldestKnownCreation: ServerTime?
    /// The policies in force, by the hash of their list.
    public var policies: EvidenceHash
    /// A digest of the configuration beside them: limits, protections, error classes, modes. Nil where there was none.
    public var terms: String?
    /// Evidence that the ledger did not hold before.
    public var pieces: [EvidencePiece]

    /// Where planning stood when it was made of a state of the ledger.
    public struct Place: Sendable, Hashable {
        /// As `Planning` has them.
        public var head: Int64, reconciled: Int, between: Int
        /// Makes a place.
        public init(head: Int64, reconciled: Int, between: Int) {
            self.head = head
            self.reconciled = reconciled
            self.between = between
        }
    }

    /// Makes the record of a planning.
    public init(
        _ snapshot: Snapshot, at place: Place, acts: Bool, deletesOld: Bool, policies: EvidenceHash,
        terms: String?, pieces: [EvidencePiece]
    ) {
        (head, reconciled, between) = (place.head, place.reconciled, place.between)
        self.acts = acts
        self.deletesOld = deletesOld
        (now, clockOffset, baseline) = (snapshot.now, snapshot.clockOffset, snapshot.baseline)
        (completeness, coverage, highest) = (snapshot.completeness, snapshot.coverage, snapshot.highest)
        notOffered = snapshot.notOffered
        oldestSeen = snapshot.counted?.oldestSeen
        seesDefaultSuccesses = snapshot.counted?.seesDefaultSuccesses ?? false
        oldestKnownCreation = snapshot.counted?.oldestKnownCreation
        self.policies = policies
        self.terms = terms
        self.pieces = pieces
    }

    /// A snapshot of that moment that shows nothing yet.
    func snapshot(of instance: InstanceKey, judging judged: Set<ExecutionID>) -> Snapshot {
        var snapshot = Snapshot(
            instance: instance, now: now, clockOffset: clockOffset, baseline: baseline, coverage: coverage)
        snapshot.completeness = completeness
        snapshot.highest = highest
        snapshot.notOffered = notOffered
        snapshot.counted = CountedFacts(
            judged: judged, oldestSeen: oldestSeen, seesDefaultSuccesses: seesDefaultSuccesses,
            oldestKnownCreation: oldestKnownCreation)
        return snapshot
    }
}

extension EvidencePiece {
    /// The versions of the policies that were in force, in their order; empty where this is no list of policies.
    public var policyVersions: [String] { listedPolicies.map(\.version) }

    /// The versions of those whose file was gone (`Policy.orphaned`).
    public var orphanVersions: Set<String> { Set(listedPolicies.filter(\.isOrphan).map(\.version)) }

    private var listedPolicies: [(version: String, isOrphan: Bool)] {
        guard case .object(let members) = value, case .list(let policies)? = members["policies"] else { return [] }
        return policies.compactMap { policy in
            guard case .object(let members) = policy, case .text(let version)? = members["version"] else { return nil }
            return (version, members["orphan"] == .flag(true))
        }
    }
}

extension PolicySet {
    /// The policies in force as evidence: names, versions and modes in their order, and which of them had lost their file.
    /// Their texts are in the ledger by version.
    public var evidence: EvidencePiece {
        EvidencePiece(
            .object([
                "policies": .list(
                    policies.map { policy in
                        var members: JSONObject = [
                            "name": .text(policy.name), "version": .text(policy.version),
                            "mode": .text(policy.mode.rawValue),
                        ]
                        if policy.isOrphan { members["orphan"] = .flag(true) }
                        return .object(members)
                    })
            ]), about: nil)
    }
}
