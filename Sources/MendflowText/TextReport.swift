/// A result for people: lines that a pipe gets as they are, and a terminal in colours and in columns.
public struct TextReport: Sendable, Hashable, ExpressibleByArrayLiteral {
    /// The lines.
    public var lines: [ReportLine]

    /// Makes a report.
    public init(_ lines: [ReportLine]) { self.lines = lines }
    /// Makes a report.
    public init(arrayLiteral lines: ReportLine...) { self.lines = lines }

    /// The lines as one text without a line break at its end; `isAligned` puts all rows into columns, not only those that
    /// always are.
    public func text(_ style: TextStyle = .plain, isAligned: Bool = false) -> String {
        var widths: [String: [Int]] = [:]
        for case (let row?, let cells) in lines.map({ ($0.row, $0.cells) }) where row.isAlways || isAligned {
            var known = widths[row.table] ?? []
            for (column, cell) in cells.enumerated() {
                if column == known.count { known.append(0) }
                known[column] = max(known[column], cell.columns)
            }
            widths[row.table] = known
        }
        return lines.map { line in
            line.written(style, widths: line.row.flatMap { $0.isAlways || isAligned ? widths[$0.table] : nil })
        }.joined(separator: "\n")
    }

    /// One report behind another, an empty line between them.
    public static func joined(_ reports: [TextReport]) -> TextReport {
        TextReport(Array(reports.map(\.lines).joined(separator: [""])))
    }
}

/// A line of a report: a text, or a row of cells that stand below those of the rows of the same table.
public struct ReportLine: Sendable, Hashable, ExpressibleByStringInterpolation {
    fileprivate struct Row: Sendable, Hashable {
        var table: String
        /// How many blanks stand between two cells, at least.
        var gap: Int
        /// Whether its cells are in columns in a pipe too.
        var isAlways: Bool
    }

    fileprivate var indent: Int
    fileprivate var cells: [StyledText]
    fileprivate var row: Row?

    /// A text.
    public init(_ text: StyledText) { (indent, cells, row) = (0, [text], nil) }
    /// A text in no tone.
    public init(stringLiteral text: String) { self.init(StyledText(text)) }
    /// A text of pieces.
    public init(stringInterpolation pieces: StyledText.Pieces) { self.init(StyledText(stringInterpolation: pieces)) }

    /// A heading.
    public static func heading(_ text: String) -> ReportLine { ReportLine(StyledText(text, .heading)) }

    /// A row of a table; a column whose cells are all empty takes no place.
    public static func row(
        of table: String, indent: Int = 2, gap: Int = 2, always: Bool = false, _ cells: [StyledText]
    ) -> ReportLine {
        var line = ReportLine("")
        (line.indent, line.cells, line.row) = (indent, cells, Row(table: table, gap: gap, isAlways: always))
        return line
    }

    fileprivate func written(_ style: TextStyle, widths: [Int]?) -> String {
        var text = String(repeating: " ", count: indent)
        // Blanks are written before what follows them, so that no line ends in any.
        var blanks = 0
        for (column, cell) in cells.enumerated() {
            let (columns, width) = (cell.columns, widths?[column] ?? cell.columns)
            guard width > 0 else { continue }
            if columns > 0 {
                text += String(repeating: " ", count: blanks) + cell.written(style)
                blanks = 0
            }
            blanks += width - columns + (row?.gap ?? 0)
        }
        return text
    }
}
