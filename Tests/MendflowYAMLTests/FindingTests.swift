import MendflowText
import MendflowYAML
import Testing

@Suite("Findings as text")
struct FindingTests {
    private let renderer = FindingRenderer(width: 40)

    private func finding(_ line: Int, _ column: Int, to end: Int, suggestion: String? = nil) -> Finding {
        let range = SourceRange(
            start: SourcePosition(line: line, column: column), end: SourcePosition(line: line, column: end))
        return Finding(.error, "unknown-key", "not a key", file: "p.yaml", range: range, suggestion: suggestion)
    }

    private func source(_ text: String) -> SourceText { SourceText(bytes: Array(text.utf8)) }

    @Test("show the place, the line, a caret under the word, and the notes")
    func plain() {
        var finding = finding(2, 3, to: 7, suggestion: "match")
        finding.notes = [Finding.Note("first here", at: SourceRange(at: .start)), Finding.Note("advice")]
        #expect(
            renderer.render(finding, source: source("a:\n  mach: x\n")) == """
                p.yaml:2:3: error: not a key; did you mean `match`? [unknown-key]
                    2 |   mach: x
                      |   ^~~~
                p.yaml:1:1: note: first here
                      = note: advice

                """)
    }

    @Test("put the caret in the right column after tabs and wide characters")
    func columns() {
        #expect(caret(under: "\tab", column: 2, end: 4) == "    ^~")
        #expect(caret(under: "日本: x", column: 5, end: 6) == "      ^")
        #expect(caret(under: "e\u{301}x", column: 3, end: 4) == " ^")
    }

    @Test("show a window of a long line")
    func window() throws {
        let line = String(repeating: "a", count: 300) + "XY" + String(repeating: "b", count: 300)
        let lines = renderer.render(finding(1, 301, to: 303), source: source(line)).split(separator: "\n")
        let (shown, mark) = (try #require(lines.dropFirst().first), try #require(lines.last))
        #expect(shown.count <= 8 + 42)
        #expect(shown.contains("…aaa") && shown.hasSuffix("b…"))
        let caret = try #require(mark.firstIndex(of: "^"))
        let offset = mark.distance(from: mark.startIndex, to: caret)
        #expect(shown.dropFirst(offset).hasPrefix("XY"))
        #expect(mark.hasSuffix("^~"))
    }

    @Test("point behind the end of a line, and do without a line that is not there")
    func ends() {
        #expect(caret(under: "ab", column: 3, end: 3) == "  ^")
        #expect(
            renderer.render(finding(9, 1, to: 1), source: source("ab"))
                == "p.yaml:9:1: error: not a key [unknown-key]\n")
    }

    @Test("let no control character through to the terminal")
    func controls() {
        var hostile = finding(1, 1, to: 2)
        hostile.message = "\u{1B}[2J\u{202E}"
        let text = renderer.render(hostile, source: source("\u{1B}[31mred\u{202E}"))
        #expect(!text.unicodeScalars.contains("\u{1B}") && !text.unicodeScalars.contains("\u{202E}"))
    }

    @Test("are coloured only where asked for, with the same words")
    func ansi() {
        let coloured = FindingRenderer(style: .ansi).render(finding(1, 1, to: 2))
        #expect(coloured == "\u{1B}[1mp.yaml:1:1:\u{1B}[0m \u{1B}[1;31merror:\u{1B}[0m not a key [unknown-key]\n")
    }

    @Test("are counted in words")
    func summary() {
        let warning = Finding(.warning, "w", "w", file: "a", range: nil)
        #expect(FindingRenderer.summary([finding(1, 1, to: 1), warning, warning]) == "1 error, 2 warnings")
        #expect(FindingRenderer.summary([]) == "")
    }

    @Test("come in the order of their places, each once, the whole file's first")
    func order() {
        let whole = Finding(.note, "n", "n", file: "p.yaml", range: nil)
        let (first, second) = (finding(1, 9, to: 9), finding(2, 1, to: 1))
        #expect(Finding.inOrder([second, first, second, whole]) == [whole, first, second])
    }

    private func caret(under line: String, column: Int, end: Int) -> String {
        let rendered = renderer.render(finding(1, column, to: end), source: source(line))
        return rendered.split(separator: "\n").last.map { String($0.dropFirst("      | ".count)) } ?? ""
    }
}
