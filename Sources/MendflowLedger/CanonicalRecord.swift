internal import MendflowCore
import MendflowText

/// A record with its number, as one object of canonical JSON: what is stored and hashed.
///
/// Keys: `v` (2), `sequence`, `kind`, `at` (milliseconds), `fields`; and where they are known `clock` (milliseconds),
/// `instance` with `epoch`, `execution`, `root`, `policy`. A key without a value is left out, never null.
public struct CanonicalRecord: Sendable, Hashable {
    /// The version of this shape.
    public static let version: Int64 = 2
    /// The record's number, from 1.
    public var sequence: Int64
    /// The record.
    public var record: AuditRecord

    /// Numbers a record.
    public init(sequence: Int64, record: AuditRecord) {
        self.sequence = sequence
        self.record = record
    }

    /// The bytes that are stored and hashed.
    public var bytes: [UInt8] {
        var members: JSONObject = [
            "v": .integer(CanonicalRecord.version), "sequence": .integer(sequence), "kind": .text(record.kind.rawValue),
            "at": .integer(record.at.milliseconds), "fields": .object(record.fields),
        ]
        if let instance = record.instance {
            members["instance"] = .text(instance.name)
            members["epoch"] = .integer(Int64(instance.epoch))
        }
        if let clock = record.clock { members["clock"] = .integer(clock.milliseconds) }
        if let execution = record.execution { members["execution"] = .text(execution.text) }
        if let root = record.root { members["root"] = .text(root.text) }
        if let policy = record.policy { members["policy"] = .text(policy) }
        return CanonicalJSON.encode(.object(members))
    }

    /// Reads stored bytes; refuses what is not canonical, of another version, or holds a key too many or too few.
    public init(bytes: [UInt8]) throws(CanonicalJSONError) {
        guard case .object(let members) = try CanonicalJSON.decode(bytes) else {
            throw CanonicalJSONError(0, "no object")
        }
        guard members["v"] == .integer(CanonicalRecord.version) else {
            throw CanonicalJSONError(0, "not version \(CanonicalRecord.version) of the record")
        }
        guard case .integer(let sequence)? = members["sequence"], case .text(let word)? = members["kind"],
            let kind = AuditKind(rawValue: word), case .integer(let at)? = members["at"],
            case .object(let fields)? = members["fields"]
        else { throw CanonicalJSONError(0, "sequence, kind, at or fields is missing or wrong") }
        var record = AuditRecord(kind, instance: nil, at: AgentTime(milliseconds: at), fields: fields)
        if let clock = members["clock"] {
            guard case .integer(let clock) = clock else { throw CanonicalJSONError(0, "clock is no number") }
            record.clock = AgentTime(milliseconds: clock)
        }
        if let name = try CanonicalRecord.text("instance", of: members) {
            guard case .integer(let epoch)? = members["epoch"], epoch > 0 else {
                throw CanonicalJSONError(0, "an instance without its epoch")
            }
            record.instance = InstanceKey(name: name, epoch: Int(epoch))
        }
        record.execution = try CanonicalRecord.text("execution", of: members).map { ExecutionID($0) }
        record.root = try CanonicalRecord.text("root", of: members).map { ExecutionID($0) }
        record.policy = try CanonicalRecord.text("policy", of: members)
        try CanonicalRecord.refuseUnknown(members, beside: record)
        self.init(sequence: sequence, record: record)
    }

    private static func text(_ key: String, of members: JSONObject) throws(CanonicalJSONError) -> String? {
        switch members[key] {
        case nil: return nil
        case .text(let text): return text
        default: throw CanonicalJSONError(0, "\(key) is no text")
        }
    }

    /// Refuses a key that the record has not taken up.
    private static func refuseUnknown(
        _ members: JSONObject, beside record: AuditRecord
    ) throws(CanonicalJSONError) {
        var known = ["v", "sequence", "kind", "at", "fields"]
        if record.clock != nil { known.append("clock") }
        if record.instance != nil { known += ["instance", "epoch"] }
        if record.execution != nil { known.append("execution") }
        if record.root != nil { known.append("root") }
        if record.policy != nil { known.append("policy") }
        guard known.count < members.count else { return }
        throw CanonicalJSONError(0, "unknown keys: \(members.keys.filter { !known.contains($0) })")
    }
}
