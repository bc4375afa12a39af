import MendflowTestKit
import MendflowYAML
import Testing

@Suite("The text of a file")
struct SourceTextTests {
    private func range(_ line: Int, _ column: Int, _ endLine: Int, _ endColumn: Int) -> SourceRange {
        SourceRange(
            start: SourcePosition(line: line, column: column), end: SourcePosition(line: endLine, column: endColumn))
    }

    @Test("of a stretch counts characters, and joins lines by LF whatever they end with")
    func stretch() {
        let source = SourceText(bytes: Array("\u{FEFF}aäb\r\nçd\r\ref\n".utf8))
        #expect(source.text(of: range(1, 2, 2, 2)) == "äb\nç")
        #expect(source.text(of: range(1, 1, 4, 3)) == "aäb\nçd\n\nef")
        #expect(source.text(of: range(4, 2, 9, 9)) == "f\n")
        #expect(source.text(of: range(2, 2, 2, 2)).isEmpty && source.text(of: range(3, 1, 2, 1)).isEmpty)
    }

    /// Line by line and character by character, as the rule says it.
    private func slowly(_ range: SourceRange, _ source: SourceText) -> String {
        var lines: [String] = []
        guard range.start.line <= range.end.line else { return "" }
        for number in range.start.line...range.end.line {
            guard let line = source.line(number) else { break }
            var scalars = line.unicodeScalars[...]
            if number == range.end.line { scalars = scalars.prefix(max(0, range.end.column - 1)) }
            if number == range.start.line { scalars = scalars.dropFirst(max(0, range.start.column - 1)) }
            lines.append(String(String.UnicodeScalarView(scalars)))
        }
        return lines.joined(separator: "\n")
    }

    @Test("is the same taken line by line, of random bytes and stretches")
    func random() {
        var generator = SplitMix64(seed: 3)
        let pieces: [[UInt8]] = [
            [0x0A], [0x0D], [0x0D, 0x0A], Array("a: b".utf8), Array("ä".utf8), Array("🦊e\u{301}".utf8), [0xC3],
            [0xF0, 0x9F], [0xFF], Array("\u{2028}\u{85}".utf8), [0x20],
        ]
        for _ in 0..<3000 {
            let count = Int.random(in: 0...20, using: &generator)
            let bytes = (0..<count).flatMap { _ in pieces[Int.random(in: 0..<pieces.count, using: &generator)] }
            let source = SourceText(bytes: bytes)
            let places = (0..<4).map { _ in Int.random(in: 1...8, using: &generator) }
            let range = range(places[0], places[1], places[2], places[3])
            #expect(Array(source.text(of: range).utf8) == Array(slowly(range, source).utf8), "\(bytes) \(range)")
        }
    }
}
