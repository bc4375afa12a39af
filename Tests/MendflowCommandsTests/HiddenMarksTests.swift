import MendflowCore
import MendflowLedger
import MendflowReview
import MendflowText
import Testing

@testable import MendflowCommands
@testable import MendflowOperations

/// A name that looks like another one, or turns what stands behind it, is seen for what it is wherever it is shown.
@Suite("Marks that show nothing")
struct HiddenMarksTests {
    private static let marks = "\u{61C}\u{200B}\u{200D}\u{202E}\u{2028}\u{2060}\u{2066}\u{FEFF}\u{E0041}\u{85}\u{7}"
    private static let name = "Order\(marks) sync"

    private func hidden(in text: String) -> [Unicode.Scalar] {
        text.unicodeScalars.filter { $0 != "\n" && VisibleText.isHidden($0, behind: nil) }
    }

    private func expectShown(_ report: TextReport, _ json: some Encodable) throws {
        for text in [report.text(), report.text(isAligned: true), try Console.jsonText(json)] {
            #expect(hidden(in: text).isEmpty, "\(text)")
            #expect(text.contains("200b") && text.lowercased().contains("202e"), "\(text)")
        }
        #expect(try Console.jsonText(json).contains(#"\udb40\udc41"#))
    }

    @Test("are spelt out by plan")
    func plan() throws {
        var report = FixedWorld.report
        report.entries[0].workflowName = Self.name
        report.header.paused = Self.name
        try expectShown(PlanText.render(report, all: true), PlanJSON(report, all: true, findings: []))
        try expectShown(PlanText.render(report, all: true, explains: true), PlanJSON(report, all: true, findings: []))
    }

    @Test("are spelt out by explain")
    func explain() throws {
        var found = try #require(FixedWorld.explanation("101"))
        found.workflowName = Self.name
        found.error?.message = Self.name
        try expectShown(ExplanationText.render(found), ExplanationJSON(found))
    }

    @Test("are spelt out by status and inbox")
    func standing() throws {
        var status = FixedWorld.status
        status.record?.paused = Self.name
        try expectShown(StatusText.render([status]), StatusJSON([status]))
        var inbox = FixedWorld.inbox
        inbox.unresolved = [FixedWorld.unresolved(Self.name)]
        try expectShown(InboxText.render(inbox), InboxJSON(inbox))
    }

    @Test("are spelt out by audit tail and audit export")
    func audit() {
        let record = AuditRecord(
            .command, instance: nil, at: FixedWorld.agentNoon, fields: ["reason": .text(Self.name)])
        let line = AuditExport.line(AuditChain.seal(record, after: .start))
        let entry = Audit.Entry(sequence: 1, record: record, line: line)
        for text in [AuditText.line(entry), String(decoding: line, as: UTF8.self)] {
            #expect(hidden(in: text).isEmpty && text.contains("200b"), "\(text)")
        }
    }

    @Test("are spelt out in messages")
    func messages() {
        #expect(hidden(in: Console.clean(Self.name)).isEmpty && hidden(in: Console.oneLine(Self.name)).isEmpty)
    }
}
