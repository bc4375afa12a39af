import MendflowText

/// HTML that is put together of texts: what is not marked up is escaped, so that no name of a workflow becomes markup.
struct HTMLText: Sendable, Hashable, ExpressibleByStringInterpolation {
    /// The markup.
    private(set) var markup: String

    private init(markup: String) { self.markup = markup }
    /// Markup of the program's own.
    init(stringLiteral markup: String) { self.markup = markup }
    /// Markup with texts in it.
    init(stringInterpolation pieces: Pieces) { markup = pieces.markup }

    /// One behind another.
    static func + (one: HTMLText, other: HTMLText) -> HTMLText { HTMLText(markup: one.markup + other.markup) }

    /// All of some, one behind another.
    static func all(_ parts: some Sequence<HTMLText>) -> HTMLText {
        HTMLText(markup: parts.map(\.markup).joined(separator: "\n"))
    }

    /// An element with some markup in it.
    static func element(_ name: String, _ attributes: [(String, String)] = [], _ content: HTMLText = "") -> HTMLText {
        let written = attributes.map { " \($0.0)=\"\(escaped($0.1))\"" }.joined()
        return HTMLText(markup: "<\(name)\(written)>\(content.markup)</\(name)>")
    }

    /// A text without anything that a browser takes for markup; what is hidden in it is spelt out.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in VisibleText.line(text).unicodeScalars {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }

    /// Takes up the pieces of interpolated markup.
    struct Pieces: StringInterpolationProtocol {
        fileprivate var markup = ""
        init(literalCapacity: Int, interpolationCount: Int) {}
        mutating func appendLiteral(_ literal: String) { markup += literal }
        /// A text, escaped.
        mutating func appendInterpolation(_ text: some CustomStringConvertible) {
            markup += HTMLText.escaped(text.description)
        }
        /// Markup, as it is.
        mutating func appendInterpolation(_ html: HTMLText) { markup += html.markup }
    }
}
