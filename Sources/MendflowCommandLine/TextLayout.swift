public import MendflowText

/// How help is laid out.
public struct HelpFormat: Sendable {
    /// Columns of the terminal; less than 40 is taken as 40.
    public let width: Int
    /// Whether headings are bold.
    public let style: TextStyle

    /// A format, 80 columns and plain unless said otherwise.
    public init(width: Int = 80, style: TextStyle = .plain) {
        self.width = max(40, width)
        self.style = style
    }
}

/// Lines of at most `width` columns where words allow it, each indented.
func wrapped(_ text: String, width: Int, indent: Int = 0) -> [String] {
    let margin = String(repeating: " ", count: indent)
    var lines: [String] = []
    var line = ""
    for word in text.split(whereSeparator: \.isWhitespace) {
        if !line.isEmpty, indent + line.count + 1 + word.count > width {
            lines.append(margin + line)
            line = ""
        }
        line += (line.isEmpty ? "" : " ") + word
    }
    if !line.isEmpty { lines.append(margin + line) }
    return lines
}

/// A part of a discussion.
enum Passage: Equatable {
    /// To be wrapped.
    case paragraph(String)
    /// To be printed as it stands.
    case verbatim([String])
}

/// Paragraphs are parted by empty lines; a line that begins with a space stands for itself.
func passages(of text: String) -> [Passage] {
    var found: [Passage] = []
    var isParted = true
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).map({ String($0) }) {
        if line.allSatisfy(\.isWhitespace) {
            isParted = true
            continue
        }
        let isVerbatim = line.first == " "
        switch (found.last, isParted) {
        case (.paragraph(let begun), false) where !isVerbatim:
            found[found.count - 1] = .paragraph(begun + " " + line)
        case (.verbatim(let begun), false) where isVerbatim:
            found[found.count - 1] = .verbatim(begun + [line])
        default:
            found.append(isVerbatim ? .verbatim([line]) : .paragraph(line))
        }
        isParted = false
    }
    return found
}
