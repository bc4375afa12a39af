/// What an operation could not do, and what to do about it.
public struct MendflowFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of failure it is; commands turn it into an exit code.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// What was asked for does not exist or does not fit.
        case usage
        /// The configuration or a policy has errors.
        case findings
        /// A file that was named is not there, cannot be read, or is not what it has to be.
        case file
        /// The instance cannot be reached, is not n8n, or refuses the key.
        case unreachable
        /// Another agent holds the ledger.
        case held
        /// The ledger is not as it was written: a record, or what is kept beside them.
        case broken
        /// The ledger's file was removed, replaced or linked while it was in use.
        case displaced
        /// Anything else.
        case failed
    }
    /// What kind of failure it is.
    public var kind: Kind
    /// What happened, where, and what to do.
    public var message: String
    /// What stands behind it, where that is asked about.
    public var cause: Cause?

    /// What a failure can come from that somebody asks about.
    public enum Cause: Sendable, Hashable {
        /// An instance's key: n8n answers, and does not take it, or it cannot be had.
        case key
        /// The ledger's database did not answer, which may pass by itself.
        case ledgerAway
    }

    /// Makes a failure.
    public init(_ kind: Kind, _ message: String, cause: Cause? = nil) {
        self.kind = kind
        self.message = message
        self.cause = cause
    }
    /// Whether it is because of an instance's key.
    public var isOfKey: Bool { cause == .key }
    /// The message.
    public var description: String { message }
}
