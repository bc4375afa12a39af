internal import MendflowCore
import MendflowText

/// The end of the audit chain: what the next record is sealed to. Logged at intervals, so that a cut tail shows.
public struct AuditHead: Sendable, Hashable, CustomStringConvertible {
    /// Number of the last record; 0 where there is none.
    public var sequence: Int64
    /// Hash of the last record, 32 bytes; zeros where there is none.
    public var hash: [UInt8]

    /// Makes a head.
    public init(sequence: Int64, hash: [UInt8]) {
        self.sequence = sequence
        self.hash = hash
    }
    /// The head of a chain without records.
    public static let start = AuditHead(sequence: 0, hash: [UInt8](repeating: 0, count: 32))

    /// Reads `NUMBER:HEX`, as `description` writes it; nil for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let sequence = Int64(parts[0]), sequence >= 0, let hash = Hex.bytes(parts[1]),
            hash.count == 32
        else { return nil }
        self.sequence = sequence
        self.hash = hash
    }
    /// The number, a colon, and the hash in hexadecimal digits.
    public var description: String { "\(sequence):\(Hex.text(hash))" }
}

/// The hash chain of the audit log: hash = SHA-256(previous hash, canonical bytes).
public enum AuditChain {
    /// Numbers a record, and ties it to the one before.
    public static func seal(_ record: AuditRecord, after head: AuditHead) -> SealedRecord {
        let bytes = CanonicalRecord(sequence: head.sequence + 1, record: record).bytes
        let hash = SHA256.digest(head.hash, bytes)
        return SealedRecord(sequence: head.sequence + 1, bytes: bytes, hash: hash, previous: head.hash)
    }

    /// Checks records that follow `head`: each is unchanged, in its place, and tied to the one before. A chain that was
    /// cut, or written anew from some record on, shows only against an `expected` head that was kept elsewhere.
    public static func verify(
        _ records: [SealedRecord], after head: AuditHead = .start, expecting expected: AuditHead? = nil
    ) -> AuditVerification {
        var verifier = AuditVerifier(after: head, expecting: expected)
        let numbers = Set(records.map(\.sequence))
        for record in records {
            if record.sequence > verifier.head.sequence + 1, numbers.contains(verifier.head.sequence + 1) {
                return verifier.verification(AuditFault(verifier.head.sequence + 1, .reordered))
            }
            if case .failure(let fault) = verifier.check(record) { return verifier.verification(fault) }
        }
        return verifier.finish()
    }
}

/// Checks a chain record by record, in bounded memory.
public struct AuditVerifier: Sendable {
    /// The last record that was found good.
    public private(set) var head: AuditHead
    private let start: Int64
    private let expected: AuditHead?

    /// Starts after a head; `expected` is a head that was kept elsewhere, of any age.
    public init(after head: AuditHead = .start, expecting expected: AuditHead? = nil) {
        self.head = head
        self.expected = expected
        start = head.sequence
    }

    /// Checks the next record, and answers what it says; after a failure nothing more can be checked.
    public mutating func check(_ record: SealedRecord) -> Result<AuditRecord, AuditFault> {
        let next = head.sequence + 1
        if record.sequence > next { return .failure(AuditFault(next, .removed)) }
        if record.sequence < next { return .failure(AuditFault(record.sequence, .reordered)) }
        guard SHA256.digest(record.previous, record.bytes) == record.hash else {
            return .failure(AuditFault(next, .changed))
        }
        let canonical: CanonicalRecord
        do { canonical = try CanonicalRecord(bytes: record.bytes) } catch {
            return .failure(AuditFault(next, .unreadable(error.description)))
        }
        guard canonical.sequence == next else { return .failure(AuditFault(next, .reordered)) }
        guard record.previous == head.hash else { return .failure(AuditFault(next, .unlinked)) }
        if let expected, expected.sequence == next, expected.hash != record.hash {
            return .failure(AuditFault(next, .rewritten))
        }
        head = AuditHead(sequence: next, hash: record.hash)
        return .success(canonical.record)
    }

    /// The result after the last record.
    public func finish() -> AuditVerification {
        guard let expected, expected.sequence > head.sequence else { return verification(nil) }
        return verification(AuditFault(head.sequence + 1, .cut(expected: expected.sequence)))
    }

    /// The result up to here, with a fault that was found by other means.
    public func verification(_ fault: AuditFault?) -> AuditVerification {
        AuditVerification(head: head, count: head.sequence - start, fault: fault)
    }
}
