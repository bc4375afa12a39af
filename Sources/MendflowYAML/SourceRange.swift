/// A place in a text file.
public struct SourcePosition: Sendable, Hashable, Comparable {
    /// Line, from 1.
    public var line: Int
    /// Column, from 1, counted in Unicode scalars (a tab is one).
    public var column: Int

    /// The first character of a file.
    public static let start = SourcePosition(line: 1, column: 1)

    /// Makes a position; both numbers count from 1.
    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    /// Whether `left` comes before `right` in the file.
    public static func < (left: SourcePosition, right: SourcePosition) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

/// A stretch of a text file, `end` not included.
public struct SourceRange: Sendable, Hashable {
    /// The first character.
    public var start: SourcePosition
    /// The place after the last character; equal to `start` where the stretch is empty.
    public var end: SourcePosition

    /// Makes a range.
    public init(start: SourcePosition, end: SourcePosition) {
        self.start = start
        self.end = end
    }

    /// Makes an empty range at a place.
    public init(at position: SourcePosition) {
        self.init(start: position, end: position)
    }
}
