/// How much a finding weighs.
public enum Severity: String, Sendable, Hashable, CaseIterable {
    /// The file cannot be used.
    case error
    /// The file can be used, but probably says something other than what was meant.
    case warning
    /// Worth knowing.
    case note
}

/// A problem in a user's file: what, where, and how to mend it.
public struct Finding: Sendable, Hashable {
    /// A second place, or a further word.
    public struct Note: Sendable, Hashable {
        /// What is there.
        public var message: String
        /// Where; nil where the note is advice. The file is the finding's.
        public var range: SourceRange?

        /// Makes a note.
        public init(_ message: String, at range: SourceRange? = nil) {
            self.message = message
            self.range = range
        }
    }

    /// How much it weighs.
    public var severity: Severity
    /// The kind of problem, stable, in kebab-case: `duplicate-key`.
    public var id: String
    /// One sentence, without a full stop.
    public var message: String
    /// The file's name as the user gave it.
    public var file: String
    /// Where in the file; nil where the finding is about the file as a whole.
    public var range: SourceRange?
    /// The right spelling nearest to what stands there.
    public var suggestion: String?
    /// Second places and advice.
    public var notes: [Note]
    /// What is shown instead of the source line if the file's own line may hold a secret; nil shows the line itself.
    public var shownLine: String?

    /// Makes a finding.
    public init(
        _ severity: Severity, _ id: String, _ message: String, file: String, range: SourceRange?,
        suggestion: String? = nil, notes: [Note] = []
    ) {
        self.severity = severity
        self.id = id
        self.message = message
        self.file = file
        self.range = range
        self.suggestion = suggestion
        self.notes = notes
    }

    /// The message with the right spelling, where one is near.
    public var sentence: String { message + (suggestion.map { "; did you mean `\($0)`?" } ?? "") }

    /// The line, from 1, where there is a place.
    public var line: Int? { range?.start.line }

    /// The column, from 1 and in Unicode scalars, where there is a place.
    public var column: Int? { range?.start.column }

    /// The findings in the order of their places, each once (what an alias repeats is found repeatedly).
    public static func inOrder(_ findings: [Finding]) -> [Finding] {
        var seen: Set<Finding> = []
        return findings.filter { seen.insert($0).inserted }.enumerated().sorted { left, right in
            let (a, b) = (left.element, right.element)
            if a.file != b.file { return a.file < b.file }
            if a.isClosing != b.isClosing { return b.isClosing }
            let (p, q) = (a.range?.start, b.range?.start)
            if p != q { return (p ?? .fileHead) < (q ?? .fileHead) }
            return left.offset < right.offset
        }.map(\.element)
    }
}

extension Finding {
    /// The id of the finding that stands for those left out.
    public static let tooMany = "too-many-findings"

    /// Whether it is the last one, which only says how many more were left out.
    fileprivate var isClosing: Bool { id == Finding.tooMany }
}

extension SourcePosition {
    /// Before every real position, so that what is about the whole file comes first.
    fileprivate static let fileHead = SourcePosition(line: 0, column: 0)
}
