public import MendflowCore
public import MendflowText

/// A piece of evidence that many decisions may speak of: a row, an execution's data, a workflow, the policies in force.
///
/// It stands in the ledger once, in the record of the planning that used it first. Decisions name it by its hash.
public struct EvidencePiece: Sendable, Hashable {
    /// The execution that it is about; nil where it is about the whole instance.
    public var execution: ExecutionID?
    /// What was seen.
    public var value: JSONValue

    /// Makes a piece.
    public init(_ value: JSONValue, about execution: ExecutionID?) {
        self.execution = execution
        self.value = value
    }

    /// What decisions name it by.
    public var hash: EvidenceHash { EvidenceHash(of: value) }
}

/// The name of a piece of evidence: the first 16 bytes of the SHA-256 of its canonical bytes.
///
/// It need not stand against forgers: the pieces are in the chain of records, which has whole hashes.
public struct EvidenceHash: Sendable, Hashable, Comparable, CustomStringConvertible {
    private let high: UInt64, low: UInt64

    /// The name of a value.
    public init(of value: JSONValue) {
        let digest = SHA256.digest(CanonicalJSON.encode(value))
        high = digest[..<8].reduce(0) { $0 << 8 | UInt64($1) }
        low = digest[8..<16].reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Reads 32 hexadecimal digits; nil for anything else, capital letters included.
    public init?(_ text: String) {
        guard text.utf8.count == 32, let bytes = Hex.bytes(text) else { return nil }
        high = bytes[..<8].reduce(0) { $0 << 8 | UInt64($1) }
        low = bytes[8...].reduce(0) { $0 << 8 | UInt64($1) }
        guard description == text else { return nil }
    }

    /// 32 hexadecimal digits.
    public var description: String {
        Hex.text([high, low].flatMap { word in stride(from: 56, through: 0, by: -8).map { UInt8(word >> $0 & 0xFF) } })
    }

    /// Orders as the digits do.
    public static func < (one: EvidenceHash, other: EvidenceHash) -> Bool {
        (one.high, one.low) < (other.high, other.low)
    }
}
