public import MendflowCore
public import MendflowText

/// The kinds of records.
public enum AuditKind: String, Sendable, Hashable, CaseIterable {
    /// A planning whose decisions follow, with the evidence that is new; a decision about an execution changed.
    case planning, decision
    /// An intent was written down; its request may have left; its outcome.
    case reserved, sending, outcome
    /// A lost retry is asked for again under its key; what tells whether a server honours keys, and what it answered.
    case asking, probe
    /// A latch closed.
    case latch
    /// A policy owns a chain.
    case owner
    /// n8n refuses the key a kind of action, or it is tried again.
    case suspension
    /// The id of an annotation tag was learned.
    case tag
    /// The counts of a tick.
    case tick
    /// An operator's command.
    case command
    /// A replay began, or stands otherwise.
    case replay
    /// A person is asked whether something may be done, answered, or the ask ended.
    case approval
    /// A policy went back to dry-run by itself, or a person let it act again.
    case standing
    /// A workflow did not run as a policy wants it to, or did at last.
    case absence
    /// Failures belong together, more of them do, or that is over.
    case incident
    /// The text of a policy, once by version.
    case policy
    /// Something that could not be seen.
    case coverageGap = "coverage_gap"
    /// n8n's database seems to be another one, or an operator adopted it.
    case epoch
    /// The agent started or stopped.
    case lifecycle
    /// A channel by which people are told of things.
    case notice
    /// Records before this one were written to a file and dropped.
    case sealed
}

/// One entry of the audit log before it is sealed into the chain.
public struct AuditRecord: Sendable, Hashable {
    /// What kind of entry it is.
    public var kind: AuditKind
    /// The instance it is about; nil for the whole agent.
    public var instance: InstanceKey?
    /// When it was written; never before the record in front of it.
    public var at: AgentTime
    /// What the clock showed where that was before `at`; nil where it was not.
    public var clock: AgentTime?
    /// The execution it is about.
    public var execution: ExecutionID?
    /// The chain it is about.
    public var root: ExecutionID?
    /// The policy it is about.
    public var policy: String?
    /// Everything else.
    public var fields: JSONObject

    /// Makes a record.
    public init(
        _ kind: AuditKind, instance: InstanceKey?, at: AgentTime, clock: AgentTime? = nil,
        execution: ExecutionID? = nil, root: ExecutionID? = nil, policy: String? = nil,
        fields: JSONObject = [:]
    ) {
        self.kind = kind
        self.instance = instance
        self.at = at
        self.clock = clock
        self.execution = execution
        self.root = root
        self.policy = policy
        self.fields = fields
    }
}

/// An entry of the audit log as it was sealed.
public struct SealedRecord: Sendable, Hashable {
    /// Its number, from 1, without gaps.
    public var sequence: Int64
    /// The exact bytes that were hashed: canonical JSON (semantics 56).
    public var bytes: [UInt8]
    /// SHA-256 of the previous hash and the bytes; 32 bytes.
    public var hash: [UInt8]
    /// The hash before it; 32 zero bytes for the first.
    public var previous: [UInt8]

    /// Makes a sealed record.
    public init(sequence: Int64, bytes: [UInt8], hash: [UInt8], previous: [UInt8]) {
        self.sequence = sequence
        self.bytes = bytes
        self.hash = hash
        self.previous = previous
    }

    /// What the bytes say.
    ///
    /// - Throws: `corrupt` where they are no entry of a ledger.
    public func entry() throws(LedgerFailure) -> LedgerEntry {
        do throws(CanonicalJSONError) { return try LedgerEntry(try CanonicalRecord(bytes: bytes).record) } catch {
            throw .corrupt("record \(sequence): \(error.description)")
        }
    }
}
