import MendflowCore
public import MendflowEnvironment
public import MendflowLedger
public import MendflowWorkspace

/// `ledger copy`: takes a ledger over into another place, of another kind as well.
public enum LedgerCopy {
    /// How far it is.
    public enum Progress: Sendable, Hashable {
        /// The ledger that is copied is checked.
        case checking
        /// So many records are there, of so many.
        case copied(Int64, of: Int64)
    }

    /// What came of it.
    public struct Outcome: Sendable, Hashable {
        /// Whether it was copied. Where it was not, the ledger itself is not as it was written.
        public var isCopied: Bool
        /// What was found in the copy, or in the ledger.
        public var found: AuditVerification
    }

    private static let page = 500

    /// Copies a ledger that is in order and on which no agent acts to where there is none, and checks the copy.
    public static func run(
        _ environment: Environment, from source: String, to target: String,
        progress: @escaping @Sendable (Progress) -> Void
    ) async throws(MendflowFailure) -> Outcome {
        let ledgers = environment.ledgers
        guard source != target else { throw MendflowFailure(.failed, "\(source) would be copied to itself") }
        guard let keeper = ledgers.keeper(of: target) else {
            throw LedgerUpkeep.unkeepable(target)
        }
        do throws(LedgerFailure) {
            let store = try await ledgers.open(source, .read)
            let hold = try await right(to: source, ledgers)
            defer { withExtendedLifetime(hold) {} }
            progress(.checking)
            let found = try await store.verify(expecting: nil)
            guard found.isIntact else { return Outcome(isCopied: false, found: found) }
            let (base, last) = (try await store.base(), found.head.sequence)
            let sealed = found.segments.max { $0.last < $1.last }.map { SealedBase(base, $0) }
            let copied = try await keeper.fill(behind: sealed) { (after) throws(LedgerFailure) in
                let records = try await store.records(after: after, limit: page)
                guard records.last.map({ $0.sequence <= last }) ?? (after == last) else {
                    throw .unusable("\(source) was written to meanwhile; nothing was copied. Copy it again")
                }
                progress(.copied(after + Int64(records.count), of: last))
                return records
            }
            guard copied.isIntact, copied.head == found.head else {
                throw .unusable(
                    "the copy is not what was copied, and was given up: \(copied.fault.map { "\($0)" } ?? "")")
            }
            if let old = try ledgers.leases(of: source), let new = try ledgers.leases(of: target) {
                try await new.outlast(try await old.board().leases.mapValues(\.epoch))
            }
            return Outcome(isCopied: true, found: copied)
        } catch .missing(let what) where what == source {
            throw NamedFile.failure("\(source): there is no such ledger", of: source, environment.files)
        } catch { throw MendflowFailure(ledger: error) }
    }

    /// Makes sure that no agent acts on a ledger; where agents share it, none may be there.
    private static func right(
        to source: String, _ ledgers: any LedgerLocker
    ) async throws(LedgerFailure) -> (any LedgerHold)? {
        guard let leases = try ledgers.leases(of: source) else { return try ledgers.lock(source) }
        guard let agent = try await leases.board().present.first else { return nil }
        throw .locked("\(source): \(agent.name) (\(agent.place))")
    }
}
