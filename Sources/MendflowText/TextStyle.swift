/// Whether text carries terminal styling.
public enum TextStyle: Sendable, Hashable {
    /// Letters only.
    case plain
    /// ANSI escape sequences.
    case ansi

    /// A text in its tone; it must hold nothing that a terminal obeys.
    public func painted(_ text: String, _ tone: TextTone?) -> String {
        guard self == .ansi, let tone, !text.isEmpty else { return text }
        return "\u{1B}[\(tone.code)m\(text)\u{1B}[0m"
    }
}

/// Why a word stands out. Few do: where all is coloured nothing is.
public enum TextTone: Sendable, Hashable, CaseIterable {
    /// What the lines below are about.
    case heading
    /// What is done, or would be.
    case acts
    /// What is held, or waits, or is to be looked at.
    case held
    /// What is wrong.
    case wrong
    /// What is only to be known.
    case note

    fileprivate var code: String {
        switch self {
        case .heading: "1"
        case .acts: "32"
        case .held: "1;33"
        case .wrong: "1;31"
        case .note: "1;36"
        }
    }
}

/// A text, words of which may stand out: `"held as \(reason, .held)"`.
public struct StyledText: Sendable, Hashable, ExpressibleByStringInterpolation {
    fileprivate struct Piece: Sendable, Hashable {
        var text: String
        var tone: TextTone?
    }

    fileprivate var pieces: [Piece]

    /// A text, as a whole in one tone or in none.
    public init(_ text: String, _ tone: TextTone? = nil) { pieces = [Piece(text: text, tone: tone)] }
    /// A text in no tone.
    public init(stringLiteral text: String) { self.init(text) }
    /// A text of pieces.
    public init(stringInterpolation pieces: Pieces) { self.pieces = pieces.pieces }

    /// One text behind another.
    public static func + (one: StyledText, other: StyledText) -> StyledText {
        var text = one
        text.pieces += other.pieces
        return text
    }

    /// Whether there is nothing in it.
    public var isEmpty: Bool { pieces.allSatisfy(\.text.isEmpty) }
    /// How many columns it takes.
    var columns: Int { pieces.reduce(0) { $0 + DisplayWidth.columns(VisibleText.line($1.text)) } }

    /// As it is written: on one line, with nothing in it that is hidden.
    func written(_ style: TextStyle) -> String {
        pieces.map { style.painted(VisibleText.line($0.text), $0.tone) }.joined()
    }

    /// Takes up the pieces of an interpolated text.
    public struct Pieces: StringInterpolationProtocol {
        fileprivate var pieces: [Piece] = []
        /// Begins without any.
        public init(literalCapacity: Int, interpolationCount: Int) {}
        /// Letters of the program's own.
        public mutating func appendLiteral(_ literal: String) { pieces.append(Piece(text: literal, tone: nil)) }
        /// A value as it describes itself.
        public mutating func appendInterpolation(_ value: some CustomStringConvertible) {
            pieces.append(Piece(text: value.description, tone: nil))
        }
        /// A value that may stand out.
        public mutating func appendInterpolation(_ value: some CustomStringConvertible, _ tone: TextTone?) {
            pieces.append(Piece(text: value.description, tone: tone))
        }
        /// A text with its tones.
        public mutating func appendInterpolation(_ text: StyledText) { pieces += text.pieces }
    }
}
