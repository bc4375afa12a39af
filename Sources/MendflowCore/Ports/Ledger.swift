/// One change of the ledger. What is committed together happens together or not at all.
public enum LedgerChange: Sendable, Hashable {
    /// Writes an intent down; refused as `alreadyIntended` where the never-twice rule forbids it.
    case reserve(IntentDraft)
    /// The request of an intent may be on its way from now on.
    case sending(IntentID, watermark: ExecutionID?)
    /// Writes an intent's outcome.
    case settle(IntentID, Settlement)
    /// Latches a fact; a shadow one counts in dry-run only.
    case latch(InstanceKey, Latch, shadow: Bool)
    /// Fixes a chain's owner; a shadow one counts in dry-run only.
    case own(InstanceKey, root: ExecutionID, policy: String, shadow: Bool)
    /// Keeps the last recorded verdict about a leaf, apart for dry-run.
    case verdict(InstanceKey, ExecutionID, LedgerView.RecordedVerdict, shadow: Bool)
    /// Keeps a tick's state.
    case tick(InstanceKey, TickState)
    /// Suspends a kind of action on an instance, with n8n's words; nil lifts it.
    case suspend(InstanceKey, ActionKind, reason: String?)
    /// Pauses acting on an instance, or on all (nil), with the operator's reason; nil resumes.
    case pause(instance: String?, reason: String?)
    /// Stops acting on an instance for good: its database seems to be another one. A new epoch lifts it.
    case alarm(InstanceKey, reason: String)
    /// Keeps the id of an annotation tag that an execution bore.
    case learnTag(InstanceKey, name: String, id: String)
    /// Writes an instance's baseline.
    case baseline(InstanceBaseline)
    /// Keeps a policy's text by its version.
    case policyText(version: String, name: String, text: String)
}

/// A ledger that cannot do what was asked.
public enum LedgerFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// The never-twice rule: an intent for this execution stands already.
    case alreadyIntended(ExecutionID)
    /// Acting is paused: nothing is reserved or sent. The pause is read inside the transaction.
    case paused(String)
    /// The intent is not in a state that allows the change.
    case wrongState(IntentID, String)
    /// There is no such thing in the ledger.
    case missing(String)
    /// No room left on the device.
    case full(String)
    /// The file is damaged or no ledger.
    case corrupt(String)
    /// Another process holds it.
    case locked(String)
    /// A newer version of the program wrote it.
    case newerSchema(found: Int, supported: Int, path: String)
    /// The file or its folder cannot be opened or written.
    case unusable(String)

    /// What happened, where, and what to do.
    public var description: String {
        switch self {
        case .alreadyIntended(let id): "execution \(id) has an intent already; nothing was sent"
        case .paused(let reason): "acting is paused: \(reason)"
        case .wrongState(let id, let state): "intent \(id) is \(state)"
        case .missing(let what): "\(what) is not in the ledger"
        case .full(let path): "\(path): no space left on the device; free some. What cannot be written down is not sent"
        case .corrupt(let what): "\(what): the ledger is damaged or no ledger; restore it from a copy"
        case .locked(let path): "\(path): another process holds the ledger"
        case .newerSchema(let found, let supported, let path):
            "\(path): written by a newer mendflow (schema \(found), this one knows \(supported)); use that version"
        case .unusable(let what): what
        }
    }
}

/// The ledger: synchronous, owned by one actor, each commit one transaction with its audit records (semantics 37).
public protocol Ledger: AnyObject {
    /// Makes all changes and appends all records, or nothing. Answers the ids of the intents reserved, in order.
    @discardableResult
    func commit(_ changes: [LedgerChange], audit: [AuditRecord], at time: Timestamp) throws(LedgerFailure) -> [IntentID]
    /// The view of one instance. Intents older than `since` are left out unless open or unresolved; latches, owners and
    /// verdicts are those of chains that something was written about since then, that such an intent belongs to, or
    /// that hold one of `chains`, each chain whole however old its beginning is. `shadow` takes the shadow intents,
    /// owners, latches and verdicts of dry-run in as well.
    func view(
        of instance: InstanceKey, since: Timestamp, shadow: Bool, chains: Set<ExecutionID>
    ) throws(LedgerFailure) -> LedgerView
    /// The instance's baseline; nil before `init`.
    func baseline(of name: String) throws(LedgerFailure) -> InstanceBaseline?
    /// The state of the last tick; nil before the first.
    func tickState(of instance: InstanceKey) throws(LedgerFailure) -> TickState?
    /// One intent.
    func intent(_ id: IntentID) throws(LedgerFailure) -> Intent?
    /// Intents in a state, oldest first; of all instances where `instance` is nil.
    func intents(in states: Set<IntentState>, instance: InstanceKey?) throws(LedgerFailure) -> [Intent]
    /// Number and hash of the last audit record; (0, 32 zero bytes) where there is none.
    func head() throws(LedgerFailure) -> (sequence: Int64, hash: [UInt8])
    /// Audit records from a number on, oldest first, at most `limit`.
    func records(from sequence: Int64, limit: Int) throws(LedgerFailure) -> [SealedRecord]
    /// Audit records about one execution or one chain, oldest first.
    func records(about executions: Set<ExecutionID>, instance: InstanceKey) throws(LedgerFailure) -> [SealedRecord]
}

extension Ledger {
    /// The view without chains that only the caller can know of.
    public func view(of instance: InstanceKey, since: Timestamp, shadow: Bool) throws(LedgerFailure) -> LedgerView {
        try view(of: instance, since: since, shadow: shadow, chains: [])
    }
}
