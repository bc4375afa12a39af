import MendflowEnvironment
import MendflowCommandLine
import MendflowCore
import MendflowLedger
import MendflowOperations
import MendflowText
import MendflowWorkspace

extension CommandContext {
    /// `audit tail`
    func auditTail() async throws(MendflowFailure) -> ExitStatus {
        try await Audit.entries(try workspace(), last: values[Options.count]) { entry in
            console.result(isJSON ? String(decoding: entry.line, as: UTF8.self) : AuditText.line(entry))
        }
        return .done
    }

    /// `audit export`: the bytes as they were sealed, so that anybody can check them.
    func auditExport() async throws(MendflowFailure) -> ExitStatus {
        try await Audit.entries(try workspace()) { console.exact($0.line + [0x0A]) }
        return .done
    }

    /// `audit verify`
    func auditVerify() async throws(MendflowFailure) -> ExitStatus {
        let head = values[Options.head]
        let found: Audit.Verification
        if let file = values[Options.export] {
            found = try Audit.verify(file: file, head: head, environment.files)
        } else {
            found = try await Audit.verify(try workspace(), head: head)
        }
        if isJSON {
            console.json(found)
        } else {
            console.result(AuditText.verification(found))
        }
        return found.intact ? .done : .brokenChain
    }
}

/// Records as text.
enum AuditText {
    static func verification(_ found: Audit.Verification) -> String {
        found.intact
            ? "\(found.records) records, the chain is intact, head \(found.head)"
            : "BROKEN: \(found.fault ?? "")\n\(found.records) records before it are good, up to head \(found.head)"
    }

    /// Number, time, kind, what it is about, and the fields that are short.
    static func line(_ entry: Audit.Entry) -> String {
        let record = entry.record
        var words = ["\(entry.sequence)", record.at.rfc3339, record.kind.rawValue]
        words += [record.instance?.name, record.execution?.text, record.policy.map { "[\($0)]" }].compactMap { $0 }
        for (name, value) in record.fields.sorted(by: { $0.key < $1.key }) {
            if let text = short(value) { words.append("\(name)=\(text)") }
        }
        return Console.oneLine(words.joined(separator: "  "))
    }

    private static func short(_ value: JSONValue) -> String? {
        switch value {
        case .text(let text):
            let line = text.split(separator: "\n", maxSplits: 1).first.map(String.init) ?? ""
            return line.isEmpty ? nil : line == text && text.count <= 100 ? text : "\(line.prefix(60))…"
        case .integer(let number): return String(number)
        case .flag(let flag): return String(flag)
        case .null, .list, .object: return nil
        }
    }
}
