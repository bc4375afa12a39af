import MendflowCore
import MendflowLedger
import MendflowText

extension Audit.Entry {
    /// What the record says beside what it is about: in words of its own, else its fields that are short, each by itself.
    public var words: [String] {
        if let told { return told }
        return record.fields.sorted { $0.key < $1.key }.compactMap { name, value in
            Audit.Entry.short(value).map { "\(name)=\($0)" }
        }
    }

    /// What it says in words of its own; nil where its fields are shown as they are.
    private var told: [String]? {
        switch try? LedgerEntry(record).event {
        case .decided(let decided):
            let parts = decided.parts.map { part in
                // The head names the policy where it is only one.
                let policy = record.policy == nil ? part.verdict.policy.map { "[\($0)] " } : nil
                return (policy ?? "") + part.words
            }
            return (decided.isShadow ? ["dry-run"] : []) + [parts.joined(separator: "; ")]
        case .planned(_, let planning):
            return ["behind record \(planning.head), \(planning.pieces.count) new pieces of evidence"]
        default: return nil
        }
    }

    private static func short(_ value: JSONValue) -> String? {
        switch value {
        case .text(let text):
            if text.utf8.count == 24, let time = ServerTime(rfc3339: text) { return time.rfc3339Seconds }
            let line = text.split(separator: "\n", maxSplits: 1).first.map(String.init) ?? ""
            return line.isEmpty ? nil : line == text && text.count <= 100 ? text : "\(line.prefix(60))…"
        case .integer(let number): return String(number)
        case .flag(let flag): return String(flag)
        case .null, .list, .object: return nil
        }
    }
}
