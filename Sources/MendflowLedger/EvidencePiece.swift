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
        guard text.utf8.count == 32 else { return nil }
        var words: (UInt64, UInt64) = (0, 0)
        for digit in text.utf8 {
            let value: UInt8
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = digit - UInt8(ascii: "a") + 10
            default: return nil
            }
            words = (words.0 << 4 | words.1 >> 60, words.1 << 4 | UInt64(value))
        }
        (high, low) = words
    }

    /// 32 hexadecimal digits.
    public var description: String {
        unsafe String(unsafeUninitializedCapacity: 32) { digits in
            for place in 0..<32 {
                let value = UInt8(truncatingIfNeeded: (place < 16 ? high : low) >> UInt64(60 - place % 16 * 4)) & 15
                unsafe digits[place] = value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
            }
            return 32
        }
    }

    /// Orders as the digits do.
    public static func < (one: EvidenceHash, other: EvidenceHash) -> Bool {
        (one.high, one.low) < (other.high, other.low)
    }
}
