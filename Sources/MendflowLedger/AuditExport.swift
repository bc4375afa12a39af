internal import MendflowCore
import MendflowText

/// The audit log as lines that anybody can check without the ledger: each is one object of canonical JSON with the keys
/// `hash`, `previous` (64 hexadecimal digits each), `record` and `seq`.
///
/// hash = SHA-256(the 32 bytes of `previous`, then the bytes of `record` as canonical JSON). A line is canonical but for
/// one thing: a character that shows nothing by itself is spelt out (`\u200b`), so that nothing in it can be overlooked.
public enum AuditExport {
    /// A record's line, without a line end.
    public static func line(_ record: SealedRecord) -> [UInt8] {
        var line = JSONWriter()
        line.object {
            $0.member("hash", Hex.text(record.hash))
            $0.member("previous", Hex.text(record.previous))
            $0.key("record")
            $0.json(record.bytes)
            $0.key("seq")
            $0.integer(record.sequence)
        }
        return Array(VisibleText.json(line.string).utf8)
    }

    /// The record of a line; throws where the line is not as `line` writes it.
    public static func record(_ line: [UInt8]) throws(CanonicalJSONError) -> SealedRecord {
        guard case .object(let members) = try CanonicalJSON.decode(VisibleText.unspelt(json: line)), members.count == 4,
            case .text(let hash)? = members["hash"], case .text(let previous)? = members["previous"],
            let record = members["record"], case .integer(let sequence)? = members["seq"],
            let hash = AuditHead("0:\(hash)")?.hash, let previous = AuditHead("0:\(previous)")?.hash
        else { throw CanonicalJSONError(0, "no line of an exported audit log") }
        return SealedRecord(
            sequence: sequence, bytes: CanonicalJSON.encode(record), hash: hash, previous: previous)
    }
}

/// Checks an exported audit log line by line, in bounded memory.
public struct AuditExportVerifier: Sendable {
    private var verifier: AuditVerifier
    /// The first thing that is wrong; nothing behind it is looked at.
    public private(set) var fault: AuditFault?

    /// Starts at the first record; `expected` is a head that was kept elsewhere.
    public init(expecting expected: AuditHead? = nil) { verifier = AuditVerifier(expecting: expected) }

    /// Checks the next line.
    public mutating func check(_ line: [UInt8]) {
        guard fault == nil else { return }
        do throws(CanonicalJSONError) {
            if case .failure(let found) = verifier.check(try AuditExport.record(line)) { fault = found }
        } catch {
            fault = AuditFault(verifier.head.sequence + 1, .unreadable(error.description))
        }
    }

    /// The result after the last line.
    public func finish() -> AuditVerification {
        fault.map { verifier.verification($0) } ?? verifier.finish()
    }
}
