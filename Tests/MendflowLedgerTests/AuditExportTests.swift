import MendflowCore
import MendflowLedger
import MendflowText
import Testing

@Suite("An exported audit log")
struct AuditExportTests {
    /// Three records in a chain, with characters that JSON and terminals are particular about.
    static let records: [SealedRecord] = {
        var head = AuditHead.start
        return ["a", "quote \" and \\ and \u{85}\u{9F} and ü", "c"].map { text in
            let record = AuditRecord(
                .decision, instance: nil, at: AgentTime(milliseconds: 1), fields: ["note": .text(text)])
            let sealed = AuditChain.seal(record, after: head)
            head = AuditHead(sequence: sealed.sequence, hash: sealed.hash)
            return sealed
        }
    }()

    func verify(_ lines: [[UInt8]], expecting head: AuditHead? = nil) -> AuditVerification {
        var verifier = AuditExportVerifier(expecting: head)
        for line in lines { verifier.check(line) }
        return verifier.finish()
    }

    var lines: [[UInt8]] { Self.records.map { AuditExport.line($0) } }

    @Test("holds every record's exact bytes, and hashes that anybody can compute again")
    func exact() throws {
        for record in Self.records {
            #expect(try AuditExport.record(AuditExport.line(record)) == record)
            #expect(SHA256.digest(record.previous + record.bytes) == record.hash)
        }
        #expect(
            String(decoding: lines[0], as: UTF8.self).hasPrefix(
                #"{"hash":"\#(Hex.text(Self.records[0].hash))","previous":"\#(String(repeating: "0", count: 64))","#))
    }

    @Test("spells out what shows nothing by itself, and is checked against what was hashed all the same")
    func hidden() throws {
        let text = "zero\u{200B}width \u{202E}turned\u{FEFF} tag\u{E0041} \u{7F} not\\u200b one ü"
        let record = AuditRecord(
            .decision, instance: nil, at: AgentTime(milliseconds: 1), fields: ["note": .text(text)])
        let sealed = AuditChain.seal(record, after: .start)
        let line = AuditExport.line(sealed)
        let shown = String(decoding: line, as: UTF8.self)
        #expect(
            shown.contains(#""zero\u200bwidth \u202eturned\ufeff tag\udb40\udc41 \u007f not\\u200b one ü""#), "\(shown)"
        )
        #expect(try AuditExport.record(line) == sealed)
        #expect(verify([line]).isIntact)
        #expect(!verify([Array(shown.replacing(#"\u202e"#, with: #"\u202d"#).utf8)]).isIntact)
    }

    @Test("is intact as it was written, up to the head that was kept")
    func intact() {
        let head = AuditHead(sequence: 3, hash: Self.records[2].hash)
        #expect(verify(lines).isIntact && verify(lines, expecting: head).isIntact)
        #expect(verify(lines).head == head)
    }

    @Test("names the first record that was changed, removed, moved, cut off or is no record")
    func broken() {
        var changed = lines
        changed[1] = Array(String(decoding: lines[1], as: UTF8.self).replacing("ü", with: "u").utf8)
        #expect(verify(changed).fault == AuditFault(2, .changed))
        #expect(verify([lines[0], lines[2]]).fault == AuditFault(2, .removed))
        #expect(verify([lines[0], lines[2], lines[1]]).fault?.sequence == 2)
        #expect(verify([lines[0], Array("{}".utf8), lines[2]]).fault?.sequence == 2)
        let head = AuditHead(sequence: 3, hash: Self.records[2].hash)
        #expect(verify(Array(lines.dropLast()), expecting: head).fault == AuditFault(3, .cut(expected: 3)))
    }
}
