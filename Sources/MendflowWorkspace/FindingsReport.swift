package import MendflowYAML

/// Findings of configuration and policies, rendered for people or programs; nothing of the reader's types leaks out.
public struct FindingsReport: Sendable {
    /// The findings with their source lines and carets, ready to print; empty where there are none.
    public var text: String
    /// One line: `2 errors, 1 warning`.
    public var summary: String
    /// Every finding as id, severity, message, file, line and column.
    public var items: [Item]
    /// Whether there is an error among them.
    public var hasErrors: Bool

    /// One finding.
    public struct Item: Sendable, Hashable, Encodable {
        /// Its parts.
        public var id: String, severity: String, message: String, file: String
        /// Its place, from 1; 0 for a whole file.
        public var line: Int, column: Int
        /// The nearest right spelling.
        public var suggestion: String?
    }

    /// Renders findings; `sources` are the files whose lines may be shown.
    package init(_ findings: [Finding], sources: [String: SourceText], colours: Bool) {
        let renderer = FindingRenderer(style: colours ? .ansi : .plain)
        text = renderer.render(findings, sources: sources)
        summary = FindingRenderer.summary(findings)
        hasErrors = findings.contains { $0.severity == .error }
        items = findings.map {
            Item(
                id: $0.id, severity: $0.severity.rawValue, message: $0.message, file: $0.file,
                line: $0.range?.start.line ?? 0, column: $0.range?.start.column ?? 0, suggestion: $0.suggestion)
        }
    }

    /// The report of a file that cannot even be read, as the failure says.
    public init(unreadable path: String, _ failure: MendflowFailure) {
        let finding = Finding(.error, "unreadable-file", failure.message, file: path, range: nil)
        self.init([finding], sources: [:], colours: false)
    }

    private init(text: String, summary: String, items: [Item], hasErrors: Bool) {
        self.text = text
        self.summary = summary
        self.items = items
        self.hasErrors = hasErrors
    }

    /// These findings and then warnings of another kind.
    package func joined(_ warnings: FindingsReport) -> FindingsReport {
        guard !items.isEmpty else { return warnings }
        guard !warnings.items.isEmpty else { return self }
        return FindingsReport(
            text: text + warnings.text, summary: "\(summary); of the server \(warnings.summary)",
            items: items + warnings.items, hasErrors: hasErrors)
    }
}
