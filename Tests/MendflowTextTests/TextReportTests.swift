import MendflowText
import Testing

@Suite("A report for people")
struct TextReportTests {
    private let report: TextReport = [
        .heading("Actions"), .row(of: "actions", always: true, [StyledText("act", .acts), "注文", "7"]),
        .row(of: "actions", always: true, ["wait", "Order sync", ""]), "a text between, of no table",
        .row(of: "held", gap: 1, ["12", "\("may_repeat", .held), for example 1"]),
        .row(of: "held", gap: 1, ["3", "no_policy"]),
        .row(of: "actions", always: true, ["would act", "e\u{301}", "12"]),
    ]

    @Test("is in a pipe as it always was: rows of tables that are always columns, the others word by word")
    func pipe() {
        #expect(
            report.text() == """
                Actions
                  act        注文        7
                  wait       Order sync
                a text between, of no table
                  12 may_repeat, for example 1
                  3 no_policy
                  would act  e\u{301}           12
                """)
    }

    @Test("has on a terminal all of its tables in columns, by what is drawn and not by letters")
    func columns() {
        let lines = report.text(isAligned: true).split(separator: "\n")
        #expect(lines[4] == "  12 may_repeat, for example 1")
        #expect(lines[5] == "  3  no_policy")
    }

    @Test("has on a terminal its tones, which take no column")
    func tones() {
        let lines = report.text(.ansi, isAligned: true).split(separator: "\n")
        #expect(lines[0] == "\u{1B}[1mActions\u{1B}[0m")
        #expect(lines[1] == "  \u{1B}[32mact\u{1B}[0m        注文        7")
        #expect(lines[4] == "  12 \u{1B}[1;33mmay_repeat\u{1B}[0m, for example 1")
    }

    @Test("lets no text of others colour, break or hide anything", arguments: [TextStyle.plain, .ansi])
    func strangers(style: TextStyle) {
        let name = "a\u{1B}[31m\nact\u{202E}"
        let text = TextReport(["\(name, .held)", .row(of: "t", [StyledText(name), "end"])]).text(style, isAligned: true)
        let lines = text.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines[1] == #"  a\u{1b}[31m\nact\u{202e}  end"#)
        #expect(
            lines[0].replacing("\u{1B}[1;33m", with: "").replacing("\u{1B}[0m", with: "")
                == #"a\u{1b}[31m\nact\u{202e}"#)
    }

    @Test("leaves out a column in which nothing stands, and ends no line in blanks")
    func empty() {
        let report: TextReport = [
            .row(of: "t", indent: 0, ["a", "", "b", ""]), .row(of: "t", indent: 0, ["aa", "", "", ""]),
        ]
        #expect(report.text(isAligned: true) == "a   b\naa")
        #expect(report.text() == "a  b\naa")
    }

    @Test("stands behind another with an empty line between")
    func joined() {
        #expect(TextReport.joined([["a"], ["b", "c"]]).text() == "a\n\nb\nc")
    }
}
