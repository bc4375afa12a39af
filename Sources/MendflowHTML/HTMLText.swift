import MendflowText

/// HTML that is put together of the program's own markup and of texts of strangers.
///
/// Only what stands in the sources as a literal is markup, which the compiler sees to: there is no way to make one of these
/// of a string that was read from somewhere. Whatever is put into a literal is escaped, so that no name of a workflow and no
/// error's text becomes an element or leaves the attribute that it stands in. Attributes are written in quotes.
package struct HTMLText: Sendable, Hashable, ExpressibleByStringInterpolation {
    /// The markup.
    package private(set) var markup: String

    private init(markup: String) { self.markup = markup }
    /// Markup of the program's own.
    package init(stringLiteral markup: StaticString) { self.markup = markup.description }
    /// Markup with texts in it.
    package init(stringInterpolation pieces: Pieces) { markup = pieces.markup }

    /// Whether nothing stands in it.
    package var isEmpty: Bool { markup.isEmpty }

    /// One behind another.
    package static func + (one: HTMLText, other: HTMLText) -> HTMLText { HTMLText(markup: one.markup + other.markup) }

    /// All of some, one behind another.
    package static func all(_ parts: some Sequence<HTMLText>) -> HTMLText {
        HTMLText(markup: parts.map(\.markup).joined(separator: "\n"))
    }

    /// Some behind another with something in between.
    package static func all(_ parts: some Sequence<HTMLText>, between separator: HTMLText) -> HTMLText {
        HTMLText(markup: parts.map(\.markup).joined(separator: separator.markup))
    }

    /// A text with its line breaks, for where a browser shows them: in `<pre>`.
    package static func block(_ text: String) -> HTMLText { HTMLText(markup: marked(VisibleText.block(text))) }

    /// A text without anything that a browser takes for markup; what is hidden in it is spelt out.
    private static func escaped(_ text: String) -> String { marked(VisibleText.line(text)) }

    private static func marked(_ text: String) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
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
    package struct Pieces: StringInterpolationProtocol {
        fileprivate var markup = ""
        package init(literalCapacity: Int, interpolationCount: Int) {}
        package mutating func appendLiteral(_ literal: StaticString) { markup += literal.description }
        /// A text, escaped.
        package mutating func appendInterpolation(_ text: some CustomStringConvertible) {
            markup += HTMLText.escaped(text.description)
        }
        /// Markup, as it is.
        package mutating func appendInterpolation(_ html: HTMLText) { markup += html.markup }
    }
}

extension DefaultStringInterpolation {
    /// Markup that is put into a text would be shown as text. The compiler warns of it, and a warning is an error here.
    @available(*, deprecated, message: "say that this is HTMLText: in a String markup is text")
    package mutating func appendInterpolation(_ html: HTMLText) { appendLiteral(html.markup) }
}
