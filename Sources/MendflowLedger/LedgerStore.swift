public import MendflowCore

/// Where a ledger is kept. Nothing here assumes one process, one file, or an answer without delay.
///
/// A store judges nothing by itself: inside the transaction of an append it loads what `LedgerState` needs to judge the
/// entries, lets it judge, and keeps what it answers. All stores pass one conformance suite.
public protocol LedgerStore: Sendable {
    /// The state of a part of the ledger, and its head; all from one moment.
    func load(_ scope: LedgerScope) async throws(LedgerFailure) -> LedgerState

    /// Appends entries, all or none, and answers the new head.
    ///
    /// - Throws: `moved` where the ledger does not end at `head` any more, `refused` where an entry is against the rules,
    ///   `fenced` where the lease that `fence` names is over or ends too soon, judged inside the append's own transaction, or
    ///   why it could not be written. After any other failure than these three nobody knows whether it was: load, and see.
    func append(
        _ entries: [LedgerEntry], expecting head: LedgerHead, fence: FenceToken?
    ) async throws(LedgerFailure) -> LedgerHead

    /// Seals: all of `sealing` or nothing of it, in one transaction, and answers the new head. The state judges the entry, and
    /// `sealing.check` what is dropped.
    ///
    /// - Throws: as `append`.
    func seal(
        _ sealing: LedgerSealing, expecting head: LedgerHead, fence: FenceToken?
    ) async throws(LedgerFailure) -> LedgerHead

    /// The cells as they stood behind the last sealed record, in no order; none where nothing was sealed.
    func base() async throws(LedgerFailure) -> [LedgerCell]

    /// Records behind a number, oldest first, at most `limit`; those that were sealed are passed over.
    func records(after sequence: Int64, limit: Int) async throws(LedgerFailure) -> [SealedRecord]

    /// Records about some executions, or about chains that start with one of them, oldest first.
    func records(
        about executions: Set<ExecutionID>, instance: InstanceKey
    ) async throws(LedgerFailure) -> [SealedRecord]

    /// Checks every record, and compares all that is kept beside them with what they add up to. `expected` is a head that
    /// was kept elsewhere, of any age: a cut tail shows only against one.
    func verify(expecting expected: AuditHead?) async throws(LedgerFailure) -> AuditVerification
}

extension LedgerStore {
    /// A kind of store that cannot seal keeps everything.
    public func seal(
        _ sealing: LedgerSealing, expecting head: LedgerHead, fence: FenceToken?
    ) async throws(LedgerFailure) -> LedgerHead {
        throw .unusable("records cannot be sealed in this kind of ledger")
    }

    /// Nothing was sealed.
    public func base() async throws(LedgerFailure) -> [LedgerCell] { [] }
}
