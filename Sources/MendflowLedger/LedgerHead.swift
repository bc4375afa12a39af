public import MendflowCore

/// The end of the ledger: what the next entry is sealed to.
public struct LedgerHead: Sendable, Hashable {
    /// Number and hash of the last entry.
    public var chain: AuditHead
    /// The time of the last entry: the next one is never dated before it.
    public var at: AgentTime

    /// Makes a head.
    public init(_ chain: AuditHead, at: AgentTime) {
        self.chain = chain
        self.at = at
    }
    /// The head of a ledger without entries.
    public static let start = LedgerHead(.start, at: AgentTime(milliseconds: .min))
    /// Number of the last entry; 0 where there is none.
    public var sequence: Int64 { chain.sequence }

    /// The head that a ledger which ends here has once entries were appended.
    func sealing(_ entries: [LedgerEntry]) -> LedgerHead {
        entries.reduce(self) { head, entry in
            let record = entry.record(after: head.at)
            let sealed = AuditChain.seal(record, after: head.chain)
            return LedgerHead(AuditHead(sequence: sealed.sequence, hash: sealed.hash), at: record.at)
        }
    }
}

/// Why a change is against the ledger's rules. Nothing of what came with it was done.
public enum LedgerRefusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// The never-twice rule: an intent for this execution stands already, or was sent again once.
    case alreadyIntended(ExecutionID)
    /// Nothing is reserved or sent: acting is paused, the database seems to be another one, or a later epoch began.
    case paused(String)
    /// The intent is not in a state that allows the change.
    case wrongState(IntentID, IntentState)
    /// There is no such intent, or it is another one than the entry says.
    case missing(IntentID)
    /// An epoch that is not the next one.
    case wrongEpoch(InstanceKey)
    /// A lost retry is not proven to run once at most if it is asked for again.
    case unproven(IntentID, String)
    /// A replay that is not there, or whose policy's text is not.
    case noReplay(String)
    /// A replay stands in a way that does not allow the change: how it stands.
    case replay(String)
    /// An ask that is not there, or is another one than the entry says.
    case noApproval(ApprovalID)
    /// An ask stands in a way that does not allow the change: how it stands.
    case approval(String)
    /// A policy is in dry-run because it healed too little, or it is not: how it stands.
    case demoted(String)
    /// An absence that goes on already, or one that is over: how it stands.
    case absence(String)
    /// An incident that is there already, is over, or stands in a way that does not allow it: how it stands.
    case incident(String)
    /// Records that cannot be sealed: why.
    case sealing(String)
    /// What a channel is said to be done with, is not so.
    case channel(String)
    /// A decision names a piece of evidence that is not in the ledger.
    case noEvidence(ExecutionID, EvidenceHash)

    /// What was refused, and why.
    public var description: String {
        switch self {
        case .alreadyIntended(let id): "execution \(id) has an intent already; nothing was sent"
        case .paused(let reason): "acting is paused: \(reason)"
        case .wrongState(let id, let state): "intent \(id) is \(state.rawValue)"
        case .missing(let id): "intent \(id) is not in the ledger"
        case .wrongEpoch(let key): "epoch \(key.epoch) of '\(key.name)' does not follow the one that is there"
        case .unproven(let id, let why): "intent \(id) is not asked for again: \(why)"
        case .noReplay(let name): "there is no replay '\(name)' in the ledger"
        case .replay(let standing), .approval(let standing), .demoted(let standing), .absence(let standing),
            .incident(let standing):
            standing
        case .noApproval(let id): "there is no ask \(id) in the ledger"
        case .channel(let what): what
        case .sealing(let why): "nothing is sealed: \(why)"
        case .noEvidence(let id, let hash):
            "the decision about \(id) names evidence \(hash), which is not in the ledger"
        }
    }
}

/// A ledger that cannot do what was asked.
public enum LedgerFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// It is against the rules.
    case refused(LedgerRefusal)
    /// Somebody else has written meanwhile: load what changed, and decide again.
    case moved(LedgerHead)
    /// The agent that writes does not lead the instance any more: what it knows may be old. Nothing was written.
    case fenced(String)
    /// There is no such thing in the ledger.
    case missing(String)
    /// No room left on the device.
    case full(String)
    /// The file is damaged or no ledger.
    case corrupt(String)
    /// Another process holds it.
    case locked(String)
    /// Another version of the program wrote it.
    case otherSchema(found: Int, supported: Int, path: String)
    /// The file or its folder cannot be opened or written.
    case unusable(String)
    /// Where it is kept nobody answers now, and may again in a moment.
    case away(String)
    /// The file that is open is not the one that its name leads to any more: what happened, with its path.
    case displaced(String)

    /// Whether it is certain that nothing of what was to be appended is in the ledger.
    package var leavesRecordsOut: Bool {
        switch self {
        case .refused, .moved, .fenced: true
        default: false
        }
    }

    /// What happened, where, and what to do.
    public var description: String {
        switch self {
        case .refused(let refusal): "\(refusal)"
        case .moved(let head): "the ledger has grown to record \(head.sequence) meanwhile"
        case .fenced(let why): "\(why): nothing is written or sent here until it is led from here again"
        case .missing(let what): "\(what) is not in the ledger"
        case .full(let path): "\(path): no space left on the device; free some. What cannot be written down is not sent"
        case .corrupt(let what): "\(what): the ledger is damaged or no ledger; restore it from a copy"
        case .locked(let path): "\(path): another process holds the ledger"
        case .otherSchema(let found, let supported, let path) where found > supported:
            "\(path): written by a newer mendflow (schema \(found), this one knows \(supported)); use that version"
        case .otherSchema(let found, let supported, let path):
            "\(path): written by an older mendflow (schema \(found), this one writes \(supported)), and it cannot be "
                + "carried over; move it away and run `mendflow init` again"
        case .unusable(let what), .away(let what): what
        case .displaced(let what):
            "\(what) while the ledger was open: nothing more is written or sent. Put the ledger's files back as they were, "
                + "or restore a copy, and start mendflow again"
        }
    }
}
