public import MendflowText

/// Writes findings for people: place, message, the line with a caret, then the notes.
///
///     policies/night.yaml:4:5: error: `mach` is not a key of a policy; did you mean `match`? [unknown-key]
///         4 |     mach:
///           |     ^~~~
public struct FindingRenderer: Sendable {
    private let style: TextStyle
    private let width: Int

    /// Makes a renderer that shows at most `width` (from 20) columns of a source line.
    public init(style: TextStyle = .plain, width: Int = 100) {
        self.style = style
        self.width = max(width, 20)
    }

    /// The text of a finding, each line ended; without its source the line and caret are left out.
    public func render(_ finding: Finding, source: SourceText? = nil) -> String {
        let severity = style.painted(finding.severity.rawValue + ":", finding.severity.tone)
        var text = style.painted(Self.place(finding.file, finding.range) + ":", .heading)
        text += " \(severity) \(Self.printable(finding.sentence)) [\(finding.id)]\n"
        if let range = finding.range, let line = source?.line(range.start.line) {
            text += excerpt(finding.shownLine ?? line, range)
        }
        for note in finding.notes {
            let place = note.range.map { Self.place(finding.file, $0) + ":" } ?? "      ="
            let word = style.painted("note:", Severity.note.tone)
            text += "\(style.painted(place, .heading)) \(word) \(Self.printable(note.message))\n"
        }
        return text
    }

    /// The text of several findings in the given order; `sources` by file name.
    public func render(_ findings: [Finding], sources: [String: SourceText] = [:]) -> String {
        findings.map { render($0, source: sources[$0.file]) }.joined()
    }

    /// A count in words: `2 errors, 1 warning, 1 note`; empty where there is none.
    public static func summary(_ findings: [Finding]) -> String {
        [Severity.error, .warning, .note].compactMap { severity in
            let count = findings.count { $0.severity == severity }
            return count == 0 ? nil : "\(count) \(severity.rawValue)\(count == 1 ? "" : "s")"
        }.joined(separator: ", ")
    }

    private static func place(_ file: String, _ range: SourceRange?) -> String {
        let name = printable(file)
        guard let start = range?.start else { return name }
        return "\(name):\(start.line):\(start.column)"
    }
}

extension FindingRenderer {
    private func excerpt(_ line: String, _ range: SourceRange) -> String {
        let caret = range.start.column - 1
        // A line may be a megabyte long, so only the part around the caret that fits is looked at.
        let first = max(0, caret - width)
        var rest = line.unicodeScalars.dropFirst(first)
        let shown = rest.prefix(2 * width)
        rest = rest.dropFirst(2 * width)
        let cells = shown.map(Cell.init)
        var window = visible(cells, around: min(caret - first, cells.count))
        let cutBefore = first > 0 || window.lowerBound > 0
        let cutAfter = !rest.isEmpty || window.upperBound < cells.count
        if window.isEmpty { window = cells.count..<cells.count }

        let text = (cutBefore ? "…" : "") + cells[window].map(\.text).joined() + (cutAfter ? "…" : "")
        let before = cells[window.lowerBound..<min(max(caret - first, window.lowerBound), window.upperBound)]
        let indent = before.reduce(cutBefore ? 1 : 0) { $0 + $1.width }
        var marked = 1
        if range.end.line == range.start.line, range.end.column > range.start.column {
            let end = min(range.end.column - 1 - first, window.upperBound)
            let covered = min(caret - first, end)..<end
            marked = max(1, cells[covered].reduce(0) { $0 + $1.width })
        }
        let number = String(range.start.line)
        let margin = String(repeating: " ", count: max(0, 5 - number.count)) + number
        let blank = String(repeating: " ", count: max(5, number.count))
        let mark = "^" + String(repeating: "~", count: marked - 1)
        return "\(margin) | \(text)\n\(blank) | \(String(repeating: " ", count: indent))\(style.painted(mark, .acts))\n"
    }

    /// The range of cells around the caret that fits into the width.
    private func visible(_ cells: [Cell], around caret: Int) -> Range<Int> {
        var (low, high, used) = (caret, caret, 0)
        while low > 0, used + cells[low - 1].width <= width / 2 {
            low -= 1
            used += cells[low].width
        }
        while high < cells.count, used + cells[high].width <= width {
            used += cells[high].width
            high += 1
        }
        while low > 0, used + cells[low - 1].width <= width {
            low -= 1
            used += cells[low].width
        }
        return low..<high
    }

    /// Text in which nothing is hidden.
    private static func printable(_ text: String) -> String { VisibleText.line(text) }
}

/// What one scalar of a source line looks like on a terminal.
private struct Cell {
    let text: String
    let width: Int

    init(_ scalar: Unicode.Scalar) {
        text = scalar == "\t" ? "    " : VisibleText.line(String(scalar))
        width = text.unicodeScalars.reduce(0) { $0 + DisplayWidth.columns($1) }
    }
}

extension Severity {
    fileprivate var tone: TextTone {
        switch self {
        case .error: .wrong
        case .warning: .held
        case .note: .note
        }
    }
}
